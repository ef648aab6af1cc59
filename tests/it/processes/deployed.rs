//! What the units, the image and the compose file say.

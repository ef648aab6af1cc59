//! Time as the product may know it: an instant for clocks that run, a day or a quarter hour for what is kept, and which clock is believed.

mod calendar;
mod trusted;

pub use calendar::{Day, InvalidDay, Quarter, Timestamp};
pub use trusted::{Clock, Confirmed, Leap, Moment, Standing};

//! The credentials file: TOML, a table `[[root]]` for each version of the root, the oldest first.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::{Credentials, InvalidCredentials, RootVersion};
use crate::seal::keys::Seed;

const HEADER: &str = "# The server's own secrets. None of them opens a report, but together with the database they tell who works here.\n\
     # Keep this file at mode 0600, and keep a copy in a safe: without it nobody can log in with a passphrase.\n\
     # `kapea credentials rotate` adds a version below. Earlier ones stay: they open what was made in their time.\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    root: Vec<Root>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    made: String,
    value: Secret,
}

/// Wiped when it is dropped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Root {
    fn read(&self, number: u32) -> Result<RootVersion, InvalidCredentials> {
        let wrong = InvalidCredentials::Version(number);
        let made = self.made.parse().map_err(|_| wrong)?;
        let bytes = BASE64URL_NOPAD.decode(self.value.0.as_bytes());
        let bytes = bytes.map(Zeroizing::new).map_err(|_| wrong)?;
        let root = bytes.as_slice().try_into().map_err(|_| wrong)?;
        Ok(RootVersion::of(number, made, Seed::from_bytes(root)))
    }
}

impl Credentials {
    /// The text of the credentials file. The file must have mode 0600.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4_096));
        text.push_str(HEADER);
        for version in self.iter() {
            let (made, value) = (
                version.made.to_string(),
                Zeroizing::new(BASE64URL_NOPAD.encode(version.root.expose())),
            );
            for part in [
                "\n[[root]]\nmade = \"",
                &made,
                "\"\nvalue = \"",
                &value,
                "\"\n",
            ] {
                text.push_str(part);
            }
        }
        text
    }

    /// Reads the text of the credentials file.
    ///
    /// # Errors
    /// [`InvalidCredentials`] if it is not what [`Credentials::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, InvalidCredentials> {
        let file: File = toml::from_str(text).map_err(|_| InvalidCredentials::Form)?;
        let mut versions = (1..)
            .zip(&file.root)
            .map(|(number, root)| root.read(number));
        let first = versions.next().ok_or(InvalidCredentials::Form)??;
        versions.try_fold(Self::first(first), |mut read, version| {
            let next = version?;
            read.earlier.push(std::mem::replace(&mut read.newest, next));
            Ok(read)
        })
    }
}

//! A backup as one age file that is written and read as a stream: it may be larger than the memory.

use std::io::{self, BufRead, Read, Write};

use age::stream::{StreamReader, StreamWriter};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SealError;
use super::keys::{Identity, Recipient, Seed};
use crate::domain::suite::Suite;

/// What is written into it is sealed. Not whole before [`BackupWriter::finish`].
pub struct BackupWriter<W: Write>(StreamWriter<W>);

impl<W: Write> BackupWriter<W> {
    /// Begins a file that each of these opens.
    ///
    /// # Errors
    /// [`io::Error`] of what it is written to; of kind `InvalidInput` if there is nobody who could open it.
    pub fn new(recipients: &[Recipient], to: W) -> io::Result<Self> {
        let all = recipients.iter().map(|one| {
            let key: &dyn age::Recipient = one.key();
            key
        });
        let encryptor = age::Encryptor::with_recipients(all);
        let encryptor = encryptor.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(Self(encryptor.wrap_output(to)?))
    }

    /// Writes what is left. Gives what it was written to.
    ///
    /// # Errors
    /// [`io::Error`] of what it is written to.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for BackupWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What is in a backup, as far as it is as it was sealed: reading fails where it was changed or cut.
pub struct BackupReader<R: Read>(StreamReader<R>);

impl<R: BufRead> BackupReader<R> {
    /// Opens a backup with one of these keys.
    ///
    /// # Errors
    /// [`SealError::NotOpened`] if none of them opens it, or it is no age file.
    pub fn new(keys: &[Identity], from: R) -> Result<Self, SealError> {
        let keys = keys.iter().map(|one| {
            let key: &dyn age::Identity = one.key();
            key
        });
        let opened = age::Decryptor::new_buffered(from).and_then(|file| file.decrypt(keys));
        opened.map(Self).map_err(|_| SealError::NotOpened)
    }
}

impl<R: Read> Read for BackupReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// The keys in what `age-keygen` has written: a line each, remarks after `#`.
///
/// # Errors
/// [`SealError::InvalidKey`] if a line is none, or there is none.
pub fn keys_of_file(text: &str) -> Result<Vec<Identity>, SealError> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = lines.map(key).collect::<Result<Vec<_>, _>>()?;
    (!keys.is_empty())
        .then_some(keys)
        .ok_or(SealError::InvalidKey)
}

fn key(line: &str) -> Result<Identity, SealError> {
    let _sound: age::x25519::Identity = line.parse().map_err(|_| SealError::InvalidKey)?;
    let (_, bytes) = bech32::decode(line).map_err(|_| SealError::InvalidKey)?;
    let bytes = Zeroizing::new(bytes);
    let seed = bytes.as_slice().try_into().map(Seed::from_bytes);
    let seed = seed.map_err(|_| SealError::InvalidKey)?;
    Ok(Identity::from_seed(Suite::X25519, &seed))
}

/// Reads on, and keeps the digest and the length of what went through.
pub struct Digesting<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Digesting<T> {
    /// Of what comes from here on.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// SHA-256 in hexadecimal, and bytes.
    pub fn finish(self) -> (String, u64) {
        let digest = data_encoding::HEXLOWER.encode(&self.hash.finalize());
        (digest, self.bytes)
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn sealed(to: &[Recipient], text: &[u8]) -> Vec<u8> {
        let mut writer = BackupWriter::new(to, Vec::new()).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn opened(keys: &[Identity], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let mut reader = BackupReader::new(keys, sealed).ok()?;
        reader.read_to_end(&mut text).ok()?;
        Some(text)
    }

    #[test]
    fn each_of_its_readers_opens_it_and_nobody_else_and_no_changed_byte_is_passed_over() {
        let [one, two, other] = [(); 3].map(|()| Identity::generate(Suite::X25519));
        let text = vec![7; 200_000];
        let file = sealed(&[one.recipient(), two.recipient()], &text);
        let keys = [one, two, other].map(|key| {
            let text = key.to_age_string();
            let text = format!("# of a test\n\n{}\n", text.expose_secret());
            keys_of_file(&text).unwrap()
        });
        assert_eq!(opened(&keys[0], &file).as_ref(), Some(&text));
        assert_eq!(opened(&keys[1], &file).as_ref(), Some(&text));
        assert_eq!(opened(&keys[2], &file), None);
        for at in [300, 70_000, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert_eq!(opened(&keys[0], &changed), None, "{at}");
            assert_eq!(opened(&keys[0], &file[..at]), None, "{at}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = Identity::generate(Suite::X25519);
        let text = key.to_age_string();
        let text = text.expose_secret();
        let recipient = key.recipient().to_string();
        let wrong = text.replacen(text.get(20..21).unwrap(), "1", 1);
        for text in [
            "",
            "# nothing",
            &recipient,
            &wrong,
            text.get(..40).unwrap(),
            "AGE-SECRET-KEY-1",
        ] {
            assert!(keys_of_file(text).is_err(), "{text}");
        }
    }
}

//! No lock-in: everything opens with age itself, given the key from a grant. And what is not ours to open is refused before it is tried.

use std::io::Read;
use std::iter;

use age::secrecy::{ExposeSecret, SecretString};
use bech32::{Bech32, Hrp};

use super::*;
use crate::domain::sealed::{NotSealed, Object};

fn decrypt(identity: &str, bytes: &[u8]) -> Vec<u8> {
    let identity: age::x25519::Identity = identity.parse().unwrap();
    let key: &dyn age::Identity = &identity;
    let mut plaintext = Vec::new();
    age::Decryptor::new(bytes)
        .unwrap()
        .decrypt(iter::once(key))
        .unwrap()
        .read_to_end(&mut plaintext)
        .unwrap();
    plaintext
}

fn encrypt(recipients: &[&dyn age::Recipient]) -> Vec<u8> {
    use std::io::Write;
    let mut bytes = Vec::new();
    let mut writer = age::Encryptor::with_recipients(recipients.iter().copied())
        .unwrap()
        .wrap_output(&mut bytes)
        .unwrap();
    writer.write_all(b"text").unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn age_opens_the_report_with_the_key_from_the_grant() {
    let fixture = Fixture::new();
    let team = fixture.team.identity().to_age_string();
    let grant = decrypt(team.expose_secret(), fixture.submission.grant.as_bytes());
    assert_eq!(&grant[..5], b"GRT1\x01");
    assert_eq!(&grant[5..21], fixture.submission.report.as_bytes());
    // The last 32 bytes are the secret; Bech32 makes the text that age reads.
    let prefix = Hrp::parse("AGE-SECRET-KEY-").unwrap();
    let key = bech32::encode_upper::<Bech32>(prefix, &grant[53..]).unwrap();
    assert_eq!(
        key,
        *fixture
            .grant()
            .identities()
            .next()
            .unwrap()
            .to_age_string()
            .expose_secret()
    );
    let object = decrypt(&key, fixture.answers().sealed.as_bytes());
    assert_eq!(&object[64..64 + ANSWERS.len()], ANSWERS);
}

#[test]
fn files_with_one_recipient_alone_are_taken() {
    let one = age::x25519::Identity::generate().to_public();
    let two = age::x25519::Identity::generate().to_public();
    let passphrase = age::scrypt::Recipient::new(SecretString::from("x".to_owned()));
    // Grease is random, so often enough that it occurs.
    for _ in 0..32 {
        assert!(Sealed::<Object>::parse(encrypt(&[&one])).is_ok());
    }
    for bytes in [encrypt(&[&one, &two]), {
        let mut cheap = passphrase;
        cheap.set_work_factor(2);
        encrypt(&[&cheap])
    }] {
        assert_eq!(Sealed::<Object>::parse(bytes), Err(NotSealed));
    }
}

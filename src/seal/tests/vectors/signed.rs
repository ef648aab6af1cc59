//! Records that somebody signs: the fields are given, the bytes are the signature.

use super::{Format, Given, Made, Read, changed, hex, refused};
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::seal::keys::{Seed, Signature, SigningKey, StaffKeys, VerifyKey};
use crate::seal::shred;

pub(super) fn formats() -> Vec<Format> {
    vec![Format::bytes("destruction", read_destruction, destructions)]
}

/// The keys of whoever has a number in these vectors: the seed is that number 32 times.
pub(super) fn signer(number: u8) -> SigningKey {
    SigningKey::from_seed(&Seed::from_bytes([number; 32]))
}

pub(super) fn keys(number: u8) -> StaffKeys {
    StaffKeys::from_seed(&Seed::from_bytes([number; 32]))
}

pub(super) fn key(given: &Given, name: &str) -> VerifyKey {
    given.text(name).parse().unwrap()
}

pub(super) fn signature(bytes: &[u8]) -> Result<Signature, String> {
    let bytes = bytes.try_into().map_err(|_| "Length".to_owned())?;
    Ok(Signature::from_bytes(bytes))
}

/// A signature that fits is the only one: Ed25519's is a function of key and message.
pub(super) fn signed(message: &[u8], signature: &Signature) -> Read {
    Read {
        says: vec![format!("signs {}", hex(message))],
        again: Some(signature.as_bytes().to_vec()),
    }
}

/// The good vector, and what is wrong with any signature. Each field is changed to another value under the same signature.
pub(super) fn faults(
    given: &Given,
    signature: &Signature,
    changes: Vec<(&'static str, Given)>,
    refused: &'static str,
) -> Vec<Made> {
    let good = signature.as_bytes().as_slice();
    let bad = |name, bytes: &[u8], refused| Made::bad(name, given, bytes, refused);
    let mut vectors = vec![
        Made::good("good", given, good),
        bad("cut", &good[..63], "Length"),
        bad("trailing-byte", &[good, &[0]].concat(), "Length"),
        bad(
            "another-signature",
            &changed(good, |bytes| bytes[0] ^= 1),
            refused,
        ),
        // RFC 8032: S and S + L sign the same, and only the first counts.
        bad("s-beyond-the-order", &beyond(good), refused),
    ];
    for (name, given) in changes {
        vectors.push(Made::bad(name, &given, good, refused));
    }
    vectors
}

/// The second spelling of a signature: the group's order (RFC 8032, 5.1) added to its second half, little-endian.
pub(super) fn beyond(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    changed(signature, |bytes| {
        let mut carry = 0;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
            let [high, low] = (u16::from(*byte) + u16::from(order) + carry).to_be_bytes();
            (*byte, carry) = (low, u16::from(high));
        }
    })
}

fn statement(given: &Given) -> Vec<u8> {
    shred::statement(
        ReportId::from_bytes(given.bytes("report")),
        given.number("objects"),
        &given.bytes("commitment"),
        Day::from_number(given.number("day")),
    )
}

fn read_destruction(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let (statement, signature) = (statement(given), signature(bytes)?);
    let verified = key(given, "audit-key").verify(&statement, &signature);
    verified.or_else(refused)?;
    Ok(signed(&statement, &signature))
}

fn destructions() -> Vec<Made> {
    let given = Given::default()
        .hex("report", &[1; 16])
        .with("objects", 4)
        .hex("commitment", &[2; 32])
        .with("day", 20_780)
        .with("audit-key", signer(5).verify_key());
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let changes = vec![
        ("another-report", given.clone().hex("report", &[9; 16])),
        ("another-count", with("objects", &5)),
        (
            "another-commitment",
            given.clone().hex("commitment", &[9; 32]),
        ),
        ("another-day", with("day", &20_781)),
        ("another-signer", with("audit-key", &signer(9).verify_key())),
    ];
    let signature = signer(5).sign(&statement(&given));
    faults(&given, &signature, changes, "BadSignature")
}

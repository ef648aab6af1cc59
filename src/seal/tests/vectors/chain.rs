//! Who may receive: charters, as [`super::signed`] has other records.

use super::signed::{faults, key, signature, signed, signer};
use super::{Format, Given, Made, Read, refused};
use crate::domain::ids::TeamId;
use crate::seal::chain::{Charter, Custodian, CustodianPins, SignedCharter, charter_in_force};

pub(super) fn formats() -> Vec<Format> {
    vec![Format::bytes("charter", read_charter, charters)]
}

fn charter(given: &Given) -> Charter {
    Charter {
        channel: given.text("channel").to_owned(),
        team: TeamId::from_bytes(given.bytes("team")),
        first: key(given, "first"),
        sequence: given.number("sequence"),
    }
}

/// The whole way to the key.
fn read_charter(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let charter = charter(given);
    let signature = signature(bytes)?;
    let message = charter.to_bytes();
    let charter = SignedCharter {
        charter,
        signatures: vec![(key(given, "custodian"), signature)],
    };
    let pins = CustodianPins {
        threshold: 1,
        custodians: vec![Custodian::new(String::new(), key(given, "pinned"))],
    };
    charter_in_force(&pins, "public", &[charter]).or_else(refused)?;
    Ok(signed(&message, &signature))
}

fn charters() -> Vec<Made> {
    let custodian = signer(5).verify_key();
    let given = Given::default()
        .with("channel", "public")
        .hex("team", &[1; 16])
        .with("first", signer(4).verify_key())
        .with("sequence", 7)
        .with("custodian", custodian)
        .with("pinned", custodian);
    let signature = charter(&given).sign(&signer(5));
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let changes = vec![
        ("another-team", given.clone().hex("team", &[9; 16])),
        ("another-first-key", with("first", &signer(9).verify_key())),
        ("another-sequence", with("sequence", &8)),
        (
            "another-custodian",
            with("custodian", &signer(9).verify_key()),
        ),
        (
            "custodian-not-pinned",
            with("pinned", &signer(9).verify_key()),
        ),
    ];
    let mut vectors = faults(&given, &signature, changes, "WrongSigner");
    let of_key = |given: &Given| charter(given).sign(&signer(5)).as_bytes().to_vec();
    let other = with("channel", &"other");
    vectors.push(Made::bad(
        "another-channel",
        &other,
        of_key(&other),
        "WrongChannel",
    ));
    vectors
}

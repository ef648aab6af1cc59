//! Proofs of reports' rows.

use crate::seal::secret::Secret;

use super::{Format, Given, Made, Read, changed};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::suite::Suite;
use crate::seal::MacKeys;
use crate::seal::keys::{Identity, Seed, SigningKey};
use crate::seal::state::{Decided, Resting, Row, StateRecord, is_signed};

pub(super) fn formats() -> Vec<Format> {
    vec![Format::bytes("state", read, proofs)]
}

fn keys() -> MacKeys {
    MacKeys(vec![Secret::of(&[1; 32])])
}

fn report() -> Identity {
    Identity::from_seed(Suite::X25519, &Seed::from_bytes([0xbb; 32]))
}

/// The row that is given, with the keys of the report 1111….
fn record<'a>(given: &'a Given, recipient: &'a str) -> StateRecord<'a> {
    StateRecord {
        decided: Decided {
            report: ReportId::from_bytes([0x11; 16]),
            recipient,
            standing: given.text("standing"),
            urgency: "U2",
            retention: "no_action",
            retain_until: Some(given.number("last-day")),
            review_day: None,
            hold: false,
            restricted: false,
            rest: rest(given.number("look-again")),
        },
        row: Row {
            channel: "main",
            day: 20_780,
            state: given.text("standing"),
            due: 1_795_392_000,
            card: ObjectId::from_bytes([0x22; 16]),
            version: given.number("version"),
            objects: 4,
            contents: [0x33; 32],
            holders: &[0x44; 16],
            state_key: *report().state_key().verify_key().as_bytes(),
        },
    }
}

/// Somebody's until then; nobody's, where it is 0.
const fn rest(look_again: i64) -> Resting<'static> {
    match look_again {
        0 => Resting {
            look_again: None,
            assignees: &[],
        },
        until => Resting {
            look_again: Some(until),
            assignees: &[0x55; 16],
        },
    }
}

fn given() -> Given {
    Given::default()
        .with("standing", "no_action")
        .with("last-day", 21_000)
        .with("version", 7)
        .with("look-again", 0)
}

fn read(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let recipient = report().recipient();
    let record = record(given, recipient.as_str());
    if !record.is_proven(&keys(), bytes) {
        return Err("NotProven".to_owned());
    }
    let signature = record.signature(bytes);
    Ok(Read {
        says: vec![format!("signed {}", is_signed(bytes))],
        again: Some(record.prove(&keys(), signature.as_ref())),
    })
}

fn proofs() -> Vec<Made> {
    let (given, recipient) = (given(), report().recipient());
    let record = record(&given, recipient.as_str());
    let signature = record.sign(&report().state_key());
    let signed = record.prove(&keys(), Some(&signature));
    let stranger = record.sign(&SigningKey::from_seed(&Seed::from_bytes([3; 32])));
    let other_server = MacKeys(vec![Secret::of(&[2; 32])]);
    let bad = |name, given: &Given, proof: Vec<u8>| Made::bad(name, given, proof, "NotProven");
    let row = |key: &str, value: &str| given.clone().with(key, value);
    let resting = row("look-again", "1795392900");
    let resting_proof = {
        let record = self::record(&resting, recipient.as_str());
        let signature = record.sign(&report().state_key());
        record.prove(&keys(), Some(&signature))
    };
    vec![
        Made::good("good", &given, signed.clone()),
        Made::good("good-unsigned", &given, record.prove(&keys(), None)),
        Made::good("good-resting", &resting, resting_proof.clone()),
        bad(
            "another-look",
            &row("look-again", "1795393800"),
            resting_proof,
        ),
        bad("not-resting", &resting, signed.clone()),
        bad("empty", &given, Vec::new()),
        bad("cut", &given, changed(&signed, |bytes| bytes.truncate(95))),
        bad(
            "signature-cut-off",
            &given,
            changed(&signed, |bytes| bytes.truncate(32)),
        ),
        bad("another-standing", &row("standing", "open"), signed.clone()),
        bad(
            "another-last-day",
            &row("last-day", "20900"),
            signed.clone(),
        ),
        bad("another-version", &row("version", "6"), signed.clone()),
        bad(
            "by-a-stranger",
            &given,
            record.prove(&keys(), Some(&stranger)),
        ),
        bad(
            "of-another-server",
            &given,
            record.prove(&other_server, Some(&signature)),
        ),
    ]
}

//! Statements of ledgers, and ledgers: a line a statement.

mod offices;
mod statements;
mod teams;

use std::fs;
use std::path::PathBuf;

use super::{Format, Given, Read, Vector, folder, hex, names, refused};
use crate::domain::clock::Quarter;
use crate::domain::ids::LedgerId;
use crate::ledger::office::{OfficeBody, OfficeState};
use crate::ledger::replay::{Ledger, State, Trust};
use crate::ledger::statement::{Body, Head, Signed};
use crate::ledger::team::{TeamBody, TeamState};
use crate::ledger::tests::{lines, python};
use crate::seal::chain::{Custodian, CustodianPins};
use crate::seal::keys::VerifyKey;

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::bytes("statement", read_statement, statements::all),
        Format::text("team-ledger", read_team, teams::all),
        Format::text("office-ledger", read_office, offices::all),
    ]
}

fn ledger(given: &Given) -> LedgerId {
    LedgerId::from_bytes(given.bytes("ledger"))
}

fn read_statement(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    match given.text("of") {
        "team" => read_one::<TeamBody>(given, bytes),
        _ => read_one::<OfficeBody>(given, bytes),
    }
}

fn read_one<B: Body + std::fmt::Debug>(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let signed = Signed::<B>::parse(bytes).or_else(refused)?;
    let before = Head {
        sequence: given.number("sequence-before"),
        digest: given.bytes("digest-before"),
    };
    signed.follows(ledger(given), before).or_else(refused)?;
    let by = given.text("signed-by").split_whitespace();
    let by: Vec<VerifyKey> = by.map(|key| key.parse().unwrap()).collect();
    signed.signed_by(&by).or_else(refused)?;
    let said = &signed.statement;
    Ok(Read {
        says: vec![
            format!("author {}", said.author),
            format!("at {}", said.at.seconds()),
            format!("body {:?}", said.body),
            format!("digest {}", hex(&signed.head.digest)),
        ],
        again: Some(signed.to_bytes()),
    })
}

/// A line in hexadecimal for each statement.
fn of_lines(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let line = |line: &[u8]| {
        data_encoding::HEXLOWER
            .decode(line.strip_suffix(b"\n")?)
            .ok()
    };
    let lines: Option<_> = lines.map(line).collect();
    lines.ok_or_else(|| "Lines".to_owned())
}

fn to_lines(kept: &[Vec<u8>]) -> Vec<u8> {
    let lines: String = kept.iter().map(|kept| hex(kept) + "\n").collect();
    lines.into_bytes()
}

fn read_ledger<S: State>(
    given: &Given,
    bytes: &[u8],
    recovery: Option<VerifyKey>,
    says: impl Fn(&S) -> Vec<String>,
) -> Result<Read, String> {
    let kept = of_lines(bytes)?;
    let trust = Trust::Nothing {
        is_recovery_key: &|key| Some(*key) == recovery,
        until: Quarter::from_seconds(given.number("until")),
    };
    let mut found = Ledger::<S>::default();
    found.extend(ledger(given), &kept, None, trust);
    if let Some(fault) = found.fault {
        return Err(format!("{} {fault:?}", found.head.sequence + 1));
    }
    Ok(Read {
        says: found.state.as_ref().map(says).unwrap_or_default(),
        again: Some(to_lines(&kept)),
    })
}

fn read_team(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let recovery = given.text("recovery-key").parse().ok();
    read_ledger::<TeamState>(given, bytes, recovery, lines::of_team)
}

fn read_office(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    read_ledger::<OfficeState>(given, bytes, None, |state| {
        lines::of_office(state, &pins(given), given.text("channel"))
    })
}

/// `threshold`, and for each custodian their key, and the one before with its last day.
fn pins(given: &Given) -> CustodianPins {
    let custodian = |number: usize| {
        let text = given.text(["custodian-1", "custodian-2", "custodian-3"][number]);
        let mut parts = text.split(' ');
        let mut key = || parts.next().map(|key| key.parse::<VerifyKey>().unwrap());
        let (own, previous) = (key().unwrap(), key());
        Custodian {
            earlier: previous
                .zip(parts.next().map(|day| day.parse().unwrap()))
                .into_iter()
                .collect(),
            ..Custodian::new(number.to_string(), own)
        }
    };
    CustodianPins {
        threshold: given.number("threshold"),
        custodians: (0..3).map(custodian).collect(),
    }
}

#[test]
fn python_reads_every_ledger_as_it_says() {
    let names = |format: &str| {
        let folder = folder().join(format);
        names(&folder)
            .into_iter()
            .map(move |name| folder.join(name))
    };
    let files: Vec<PathBuf> = names("team-ledger").chain(names("office-ledger")).collect();
    for (file, found) in files.iter().zip(python::read(&files)) {
        let vector = Vector::of_file(&fs::read(file).unwrap(), true);
        let (end, says) = found.split_last().unwrap();
        let expected = match &vector.gives {
            Ok(gives) => {
                assert!(end.starts_with("head "), "{}: {end}", file.display());
                gives.as_slice()
            }
            Err(refused) => {
                assert_eq!(*end, format!("refused {refused}"), "{}", file.display());
                &[]
            }
        };
        assert_eq!(says, expected, "{}", file.display());
    }
}

//! What must hold of any bytes as statements and as ledgers, as in [`crate::seal::fuzzing`].

use data_encoding::HEXLOWER;

use super::office::OfficeBody;
use super::replay::{Ledger, Trust};
use super::statement::{Body, PublicKeys, Signed};
use super::team::{TeamBody, TeamState};
use crate::domain::clock::Quarter;
use crate::domain::ids::LedgerId;

/// A statement is whole, or refused; and of one sort of ledger alone.
pub fn statement(bytes: &[u8]) {
    assert!(!(is_whole::<TeamBody>(bytes) && is_whole::<OfficeBody>(bytes)));
}

fn is_whole<B: Body>(bytes: &[u8]) -> bool {
    let read = Signed::<B>::parse(bytes);
    if let Ok(signed) = &read {
        assert_eq!(signed.to_bytes(), bytes);
    }
    read.is_ok()
}

/// A ledger, a line in hexadecimal for each statement. What holds for whoever trusts nothing holds for whoever has seen it before; what it
/// comes to makes sense whoever signed it; and it comes to the same in two parts.
pub fn ledger(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().map(|line| HEXLOWER.decode(line.as_bytes()));
    let Ok(kept) = lines.collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let first = kept.first().and_then(|first| Signed::parse(first).ok());
    let Some(id) = first.map(|first: Signed<TeamBody>| first.statement.ledger) else {
        return;
    };
    let checked = replayed(id, &[&kept], CHECKED);
    let seen = replayed(id, &[&kept], Trust::Witnessed);
    assert!(checked.head.sequence <= seen.head.sequence);
    seen.state.as_ref().into_iter().for_each(must_make_sense);
    let known = usize::try_from(checked.head.sequence).unwrap_or_default();
    let (one, other) = (kept.get(..known), kept.get(known.saturating_sub(1)..));
    let parts = [one.unwrap_or_default(), other.unwrap_or_default()];
    let again = replayed(id, &parts, CHECKED);
    assert_eq!(
        (again.head, &again.state, again.fault),
        (checked.head, &checked.state, checked.fault)
    );
}

const CHECKED: Trust<'static> = Trust::Nothing {
    is_recovery_key: &|_| true,
    until: Quarter::from_seconds(i64::MAX),
};

fn replayed(id: LedgerId, parts: &[&[Vec<u8>]], trust: Trust<'_>) -> Ledger<TeamState> {
    let mut ledger = Ledger::default();
    for part in parts {
        ledger.extend(id, part, None, trust);
    }
    ledger
}

/// Nobody has a key of somebody else's, or one that was there before; nobody waits who is in; and no wish is of somebody who is not, or of
/// what holds already.
fn must_make_sense(state: &TeamState) {
    for (one, number) in state.generations().zip(1..) {
        assert_eq!(one.number, number);
    }
    must_differ(state.generations().map(|generation| &generation.keys));
    must_differ(state.members.values().map(|member| &member.keys));
    for member in state.members.keys() {
        assert_eq!(state.words_for(*member), 0);
    }
    let now = state.at.start();
    if let Some(wish) = state.wish(now) {
        assert!(state.members.contains_key(&wish.by));
        assert!(!wish.rules.is_at_least(state.rules(now)));
    }
}

fn must_differ<'a>(keys: impl Iterator<Item = &'a PublicKeys>) {
    let mut before: Vec<&PublicKeys> = Vec::new();
    for keys in keys {
        assert!(!before.iter().any(|other| keys.have_in_common(other)));
        before.push(keys);
    }
}

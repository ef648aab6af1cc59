//! Random words of custodians: a model asks each beginning of what was said anew, and Python reads it all.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{CHANNEL, Found, UNTIL, Word, charter, found_on, key, next, office, pins};
use crate::domain::clock::Day;
use crate::ledger::office::OfficeBody;
use crate::ledger::statement::Head;
use crate::ledger::tests::python::{self, Exported};
use crate::ledger::tests::{LEDGER, lines};
use crate::seal::chain::{Custodian, CustodianPins};

/// What was said on which day.
type Dated = (Day, Word);

/// Whose key this is on that day. Of a custodian's two keys the earlier one counts until its day.
fn whose(pins: &CustodianPins, (day, (by, _)): &Dated) -> Option<usize> {
    let by = key(*by);
    let is_theirs = |custodian: &Custodian| {
        let earlier = custodian.earlier.first();
        custodian.key == by || (earlier.is_some_and(|(key, _)| *key == by) && *day == UNTIL)
    };
    pins.custodians.iter().position(is_theirs)
}

/// Who is for a choice: whose last word it is, if they gave it after `from`.
fn voices(pins: &CustodianPins, said: &[Dated], from: usize, choice: u8) -> usize {
    let is_for = |custodian: &usize| {
        let is_theirs = |word: &Dated| whose(pins, word) == Some(*custodian);
        let last = said.iter().rposition(is_theirs);
        last.is_some_and(|last| last >= from && said[last].1.1 == choice)
    };
    (0..pins.custodians.len()).filter(is_for).count()
}

/// The same, asked anew of every beginning of what was said.
fn expected(pins: &CustodianPins, said: &[Dated]) -> Found {
    let counts: Vec<Dated> = said
        .iter()
        .copied()
        .filter(|word| whose(pins, word).is_some())
        .collect();
    let threshold = pins.threshold;
    let is_possible = threshold > 0 && threshold <= pins.custodians.len();
    // Where each decision was made, and what.
    let mut decided: Vec<(usize, u8)> = Vec::new();
    for n in 1..=counts.len() {
        let choice = counts[n - 1].1.1;
        let last = decided.last().copied();
        let from = last.map_or(0, |(at, _)| at);
        let is_another = last.is_none_or(|(_, current)| current != choice);
        if is_possible && is_another && voices(pins, &counts[..n], from, choice) >= threshold {
            decided.push((n, choice));
        }
    }
    let newest = counts.last().map(|(_, (_, choice))| {
        // Words count since the decision before; for what was decided, also those that decided it.
        let mut earlier = decided.iter().rev();
        let last = earlier.next().copied();
        let from = match last {
            Some((_, current)) if current == *choice => earlier.next().map_or(0, |(at, _)| *at),
            Some((at, _)) => at,
            None => 0,
        };
        (*choice, voices(pins, &counts, from, *choice))
    });
    let mut choices: Vec<u8> = decided.into_iter().map(|(_, choice)| choice).collect();
    (choices.pop(), choices, newest)
}

/// The words as `docs/ledger.py` reads them, signed.
fn exported(pins: &CustodianPins, said: &[Dated]) -> Exported {
    let (mut head, mut kept) = (Head::default(), Vec::new());
    for (day, (by, choice)) in said {
        let body = OfficeBody::Charter(charter(*choice), key(*by));
        let signed = next(head, *day, body, &[*by]);
        head = signed.head;
        kept.push(signed.to_bytes());
    }
    let mut given = vec![
        ("of", "office".to_owned()),
        ("ledger", LEDGER.to_string()),
        ("channel", CHANNEL.to_owned()),
        ("threshold", pins.threshold.to_string()),
    ];
    for custodian in &pins.custodians {
        let before = custodian
            .earlier
            .first()
            .map(|(key, until)| format!(" {key} {until}"));
        let name = ["custodian-1", "custodian-2", "custodian-3", "custodian-4"][given.len() - 4];
        given.push((
            name,
            custodian.key.to_string() + &before.unwrap_or_default(),
        ));
    }
    let mut says = lines::of_office(&office(said), pins, CHANNEL);
    says.push(python::end(head));
    Exported { given, kept, says }
}

#[test]
fn python_decides_the_same() {
    let strategy = (any_pins(), words());
    let mut runner = TestRunner::deterministic();
    let mut any = || strategy.new_tree(&mut runner).unwrap().current();
    let exported: Vec<Exported> = (0..150)
        .map(|_| any())
        .map(|(pins, said)| exported(&pins, &said))
        .collect();
    python::must_agree(&exported);
}

fn any_pins() -> impl Strategy<Value = CustodianPins> {
    let changed = prop::collection::vec(1_u8..5, 0..3);
    let all = (0_usize..5, 1_u8..5, changed);
    all.prop_map(|(threshold, of, changed)| pins(threshold, of, &changed))
}

/// Custodians with either key, and a stranger; from some word on a day later.
fn words() -> impl Strategy<Value = Vec<Dated>> {
    let who = prop::sample::select(vec![1, 2, 3, 4, 51, 52, 53, 9]);
    let said = prop::collection::vec((who, 7_u8..10), 0..16);
    (said, 0_usize..16).prop_map(|(said, later)| {
        let said = said.into_iter().enumerate();
        said.map(|(n, word)| (UNTIL.plus(i64::from(n >= later)), word))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decisions_are_what_the_model_says(pins in any_pins(), said in words()) {
        prop_assert_eq!(found_on(&pins, &said), expected(&pins, &said));
    }
}

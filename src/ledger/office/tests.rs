//! What custodians' words come to.

mod histories;

use super::{Charter, OfficeBody, OfficeState, RecoveryKey};
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{KeyId, TeamId};
use crate::ledger::Refused;
use crate::ledger::replay::{Ledger, Trust};
use crate::ledger::statement::{Head, Signed, Statement};
use crate::ledger::tests::{LEDGER, NOTHING, applied, keys, person, public};
use crate::seal::chain::{Custodian, CustodianPins};
use crate::seal::keys::VerifyKey;

const CHANNEL: &str = "public";
/// The last day on which earlier keys count.
const UNTIL: Day = Day::from_number(20_000);
/// A custodian's earlier key has this number more than theirs.
const EARLIER: u8 = 50;

fn key(number: u8) -> VerifyKey {
    keys(number).verify_key()
}

/// Custodians 1 to `of`. Those named have had another key before.
fn pins(threshold: usize, of: u8, changed: &[u8]) -> CustodianPins {
    let custodian = |number: u8| Custodian {
        name: number.to_string(),
        key: key(number),
        earlier: changed
            .contains(&number)
            .then(|| (key(number + EARLIER), UNTIL))
            .into_iter()
            .collect(),
    };
    CustodianPins {
        threshold,
        custodians: (1..=of).map(custodian).collect(),
    }
}

fn charter(choice: u8) -> Charter {
    Charter {
        channel: CHANNEL.to_owned(),
        team: TeamId::from_bytes([choice; 16]),
        root: [choice; 32],
    }
}

fn next(head: Head, day: Day, body: OfficeBody, by: &[u8]) -> Signed<OfficeBody> {
    let at = Quarter::from_seconds(day.start().seconds());
    let statement = Statement::after((LEDGER, head), (person(1), at), body);
    let by: Vec<_> = by.iter().map(|number| keys(*number).signing()).collect();
    statement.sign(&by).unwrap()
}

/// Who has said which choice on which day, first to last. Whether signatures hold is another test's.
fn office(said: &[(Day, Word)]) -> OfficeState {
    let mut ledger = Ledger::default();
    for (day, (by, choice)) in said {
        let body = OfficeBody::Charter(charter(*choice), key(*by));
        let signed = next(ledger.head, *day, body, &[]);
        ledger.take(LEDGER, &signed, Trust::Witnessed).unwrap();
    }
    ledger.state.unwrap_or(OfficeState {
        at: Quarter::from_seconds(0),
        words: Vec::new(),
    })
}

/// By whom, and which choice.
type Word = (u8, u8);

/// The choice that counts, those that did, the newest one and how many are for it.
type Found = (Option<u8>, Vec<u8>, Option<(u8, usize)>);

/// All on one day.
fn found(pins: &CustodianPins, said: &[Word]) -> Found {
    let said: Vec<(Day, Word)> = said.iter().map(|word| (UNTIL, *word)).collect();
    found_on(pins, &said)
}

fn found_on(pins: &CustodianPins, said: &[(Day, Word)]) -> Found {
    let state = office(said);
    let decision = state.charter(pins, CHANNEL);
    let choice = |charter: &Charter| charter.root[0];
    (
        decision.current.map(choice),
        decision.before.into_iter().map(choice).collect(),
        decision
            .open
            .last()
            .map(|(charter, by)| (choice(charter), by.len())),
    )
}

#[test]
fn enough_custodians_decide_and_fewer_change_nothing() {
    let two_of_three = pins(2, 3, &[]);
    let cases: [(&str, &[Word], Found); 13] = [
        ("nobody", &[], (None, vec![], None)),
        ("one", &[(1, 7)], (None, vec![], Some((7, 1)))),
        ("one twice", &[(1, 7), (1, 7)], (None, vec![], Some((7, 1)))),
        ("two", &[(1, 7), (2, 7)], (Some(7), vec![], Some((7, 2)))),
        (
            "two of two minds",
            &[(1, 7), (2, 8)],
            (None, vec![], Some((8, 1))),
        ),
        (
            "a stranger",
            &[(1, 7), (9, 7)],
            (None, vec![], Some((7, 1))),
        ),
        (
            "half of another",
            &[(1, 7), (2, 7), (1, 8)],
            (Some(7), vec![], Some((8, 1))),
        ),
        (
            "another",
            &[(1, 7), (2, 7), (1, 8), (3, 8)],
            (Some(8), vec![7], Some((8, 2))),
        ),
        (
            "one comes back",
            &[(1, 7), (2, 7), (1, 8), (3, 8), (1, 7)],
            (Some(8), vec![7], Some((7, 1))),
        ),
        (
            "two come back",
            &[(1, 7), (2, 7), (1, 8), (3, 8), (1, 7), (2, 7)],
            (Some(7), vec![7, 8], Some((7, 2))),
        ),
        (
            "a third agrees",
            &[(1, 7), (2, 7), (3, 7)],
            (Some(7), vec![], Some((7, 3))),
        ),
        // Whoever has taken back a word is not counted for it, so that one custodian alone does not make up the number.
        (
            "a word taken back",
            &[(1, 7), (2, 7), (1, 8), (1, 7), (3, 8)],
            (Some(7), vec![], Some((8, 1))),
        ),
        (
            "a word given to another",
            &[(1, 8), (1, 9), (2, 8)],
            (None, vec![], Some((8, 1))),
        ),
    ];
    for (name, said, expected) in cases {
        assert_eq!(found(&two_of_three, said), expected, "{name}");
    }
}

#[test]
fn thresholds_that_cannot_be_met_decide_nothing() {
    let said = [(1, 7), (2, 7), (3, 7)];
    for (threshold, expected) in [
        (0, None),
        (1, Some(7)),
        (3, Some(7)),
        (4, None),
        (usize::MAX, None),
    ] {
        assert_eq!(
            found(&pins(threshold, 3, &[]), &said).0,
            expected,
            "{threshold}"
        );
    }
    assert_eq!(found(&pins(0, 0, &[]), &said).0, None);
}

#[test]
fn an_earlier_key_counts_until_its_day_and_for_the_same_person() {
    let pins = pins(2, 3, &[1]);
    let old = 1 + EARLIER;
    for (said, on_its_day, after) in [
        ([(old, 7), (2, 7)], Some(7), None),
        ([(old, 7), (1, 7)], None, None),
        ([(1, 7), (2, 7)], Some(7), Some(7)),
        ([(3 + EARLIER, 7), (2, 7)], None, None),
    ] {
        assert_eq!(found(&pins, &said).0, on_its_day, "{said:?}");
        let later: Vec<_> = said.iter().map(|it| (UNTIL.plus(1), *it)).collect();
        assert_eq!(found_on(&pins, &later).0, after, "{said:?}");
    }
    // A person's word with one key takes back what they said with the other.
    assert_eq!(found(&pins, &[(old, 7), (1, 8), (2, 7)]).0, None);
}

#[test]
fn that_a_key_has_lapsed_brings_nothing_back() {
    let pins = pins(2, 3, &[1]);
    let mut said: Vec<(Day, Word)> = [(1, 7), (2, 7), (1 + EARLIER, 8), (3, 8)]
        .map(|word| (UNTIL, word))
        .to_vec();
    assert_eq!(found_on(&pins, &said).0, Some(8));
    said.push((UNTIL.plus(400), (2, 9)));
    assert_eq!(found_on(&pins, &said).0, Some(8));
}

#[test]
fn channels_and_recovery_keys_are_decided_each_for_itself() {
    let pins = pins(1, 1, &[]);
    let recovery = RecoveryKey {
        key: KeyId::from_bytes([3; 16]),
        keys: public(3),
    };
    let other = Charter {
        channel: "other".to_owned(),
        ..charter(8)
    };
    let mut ledger = Ledger::<OfficeState>::default();
    let bodies = [
        OfficeBody::Charter(charter(7), key(1)),
        OfficeBody::Recovery(recovery.clone(), key(1)),
        OfficeBody::Charter(other.clone(), key(1)),
    ];
    for body in bodies {
        let signed = next(ledger.head, UNTIL, body, &[1]);
        ledger.take(LEDGER, &signed, NOTHING).unwrap();
    }
    let state = ledger.state.unwrap();
    let main = state.charter(&pins, CHANNEL);
    assert_eq!((main.current, main.number), (Some(&charter(7)), 1));
    let elsewhere = state.charter(&pins, "other");
    assert_eq!((elsewhere.current, elsewhere.number), (Some(&other), 3));
    assert_eq!(state.charter(&pins, "nowhere").current, None);
    assert_eq!(state.recovery(&pins).current, Some(&recovery));
}

#[test]
fn a_word_is_signed_with_the_key_that_it_names_and_of_a_time_that_can_be() {
    let body = || OfficeBody::Charter(charter(7), key(1));
    let outcome = |before: Option<OfficeState>, day: Day, by: &[u8]| {
        let signed = next(Head::default(), day, body(), by);
        applied(before.as_ref(), &signed, NOTHING).map(drop)
    };
    assert_eq!(outcome(None, UNTIL, &[1]), Ok(()));
    for by in [&[][..], &[2], &[1, 1], &[1, 2], &[2, 1]] {
        assert_eq!(
            outcome(None, UNTIL, by),
            Err(Refused::WrongSigner),
            "{by:?}"
        );
    }
    let before = Some(office(&[(UNTIL, (1, 7))]));
    assert_eq!(outcome(before.clone(), UNTIL, &[1]), Ok(()));
    let earlier = outcome(before, UNTIL.plus(-1), &[1]);
    assert_eq!(earlier, Err(Refused::BackDated));
    let later = outcome(None, Day::from_number(30_000), &[1]);
    assert_eq!(later, Err(Refused::FromTheFuture));
    let bytes = next(Head::default(), UNTIL, body(), &[1]).to_bytes();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        let read = Signed::parse(&flipped).and_then(|signed| {
            signed.follows(LEDGER, Head::default())?;
            applied::<OfficeState>(None, &signed, NOTHING)
        });
        assert!(read.is_err(), "byte {at}");
    }
}

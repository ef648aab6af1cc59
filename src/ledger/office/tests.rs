//! What custodians' words come to.

mod histories;

use super::{Charter, OfficeBody, OfficeState, RecoveryKey, apply};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};
use crate::ledger::Refused;
use crate::ledger::statement::{Head, Signed, Statement};
use crate::ledger::tests::{LEDGER, keys, person, public, quarter};
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
        previous: changed
            .contains(&number)
            .then(|| (key(number + EARLIER), UNTIL)),
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

fn next(head: Head, body: OfficeBody, by: &[u8]) -> Signed<OfficeBody> {
    let statement = Statement::after((LEDGER, head), (person(1), quarter(1)), body);
    let by: Vec<_> = by.iter().map(|number| keys(*number).signing()).collect();
    statement.sign(&by).unwrap()
}

/// Who has said which choice, first to last. Whether signatures hold is another test's.
fn office(said: &[Word]) -> OfficeState {
    let mut state = OfficeState::default();
    let mut head = Head::default();
    for (by, choice) in said {
        let signed = next(head, OfficeBody::Charter(charter(*choice), key(*by)), &[]);
        head = signed.head;
        state = apply(state, &signed, true).unwrap();
    }
    state
}

/// By whom, and which choice.
type Word = (u8, u8);

/// The choice that counts, those that did, the newest one and how many are for it.
type Found = (Option<u8>, Vec<u8>, Option<(u8, usize)>);

fn found(pins: &CustodianPins, said: &[Word]) -> Found {
    let state = office(said);
    let decision = state.charter(pins, CHANNEL);
    let choice = |charter: &Charter| charter.root[0];
    (
        decision.current.map(choice),
        decision.before.into_iter().map(choice).collect(),
        decision
            .newest
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
    let (on, after) = (pins.clone().on(UNTIL), pins.on(UNTIL.plus(1)));
    let old = 1 + EARLIER;
    for (said, at_once, later) in [
        ([(old, 7), (2, 7)], Some(7), None),
        ([(old, 7), (1, 7)], None, None),
        ([(1, 7), (2, 7)], Some(7), Some(7)),
        ([(3 + EARLIER, 7), (2, 7)], None, None),
    ] {
        assert_eq!(found(&on, &said).0, at_once, "{said:?}");
        assert_eq!(found(&after, &said).0, later, "{said:?}");
    }
    // With the new key the word is given anew.
    assert_eq!(found(&after, &[(old, 7), (2, 7), (1, 7)]).0, Some(7));
    // A person's word with one key takes back what they said with the other.
    assert_eq!(found(&on, &[(old, 7), (1, 8), (2, 7)]).0, None);
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
    let mut state = OfficeState::default();
    let bodies = [
        OfficeBody::Charter(charter(7), key(1)),
        OfficeBody::Recovery(recovery.clone(), key(1)),
        OfficeBody::Charter(other.clone(), key(1)),
    ];
    for body in bodies {
        state = apply(state, &next(Head::default(), body, &[1]), false).unwrap();
    }
    assert_eq!(state.charter(&pins, CHANNEL).current, Some(&charter(7)));
    assert_eq!(state.charter(&pins, "other").current, Some(&other));
    assert_eq!(state.charter(&pins, "nowhere").current, None);
    assert_eq!(state.recovery(&pins).current, Some(&recovery));
}

#[test]
fn a_word_is_signed_with_the_key_that_it_names() {
    let body = || OfficeBody::Charter(charter(7), key(1));
    let outcome = |by: &[u8]| {
        apply(
            OfficeState::default(),
            &next(Head::default(), body(), by),
            false,
        )
        .map(|_| ())
    };
    assert_eq!(outcome(&[1]), Ok(()));
    for by in [&[][..], &[2], &[1, 1], &[1, 2], &[2, 1]] {
        assert_eq!(outcome(by), Err(Refused::WrongSigner), "{by:?}");
    }
    let bytes = next(Head::default(), body(), &[1]).to_bytes();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        let read = Signed::parse(&flipped).and_then(|signed| {
            signed.follows(LEDGER, Head::default())?;
            apply(OfficeState::default(), &signed, false)
        });
        assert!(read.is_err(), "byte {at}");
    }
}

//! The office's ledger: what custodians say, and what it comes to.

use super::super::{Given, Made};
use super::to_lines;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};
use crate::ledger::office::{Charter, OfficeBody, RecoveryKey};
use crate::ledger::statement::{Head, Statement};
use crate::ledger::tests::{Book, LEDGER, founding, keys, person, public, quarter};

fn office_given() -> Given {
    let key = |number| keys(number).verify_key();
    let until = Day::from_number(20_000);
    Given::default()
        .with("of", "office")
        .hex("ledger", LEDGER.as_bytes())
        .with("channel", "public")
        .with("threshold", 2)
        .with("custodian-1", format!("{} {} {until}", key(1), key(51)))
        .with("custodian-2", key(2))
        .with("custodian-3", key(3))
        .with("until", 2_000_000_000)
}

/// Who says which choice: below ten a charter, from there on a recovery key.
fn office(said: &[(u8, u8)]) -> Vec<Vec<u8>> {
    let said: Vec<_> = said.iter().map(|said| (1, *said)).collect();
    dated(&said)
}

/// The same, each in a quarter hour.
fn dated(said: &[(u32, (u8, u8))]) -> Vec<Vec<u8>> {
    let mut head = Head::default();
    let mut next = |(at, (by, choice)): &(u32, (u8, u8))| {
        let key = keys(*by).verify_key();
        let body = if *choice < 10 {
            let charter = Charter {
                channel: if *choice < 5 { "other" } else { "public" }.to_owned(),
                team: TeamId::from_bytes([*choice; 16]),
                root: [*choice; 32],
            };
            OfficeBody::Charter(charter, key)
        } else {
            let recovery = RecoveryKey {
                key: KeyId::from_bytes([*choice; 16]),
                keys: public(*choice),
            };
            OfficeBody::Recovery(recovery, key)
        };
        let statement = Statement::after((LEDGER, head), (person(*by), quarter(*at)), body);
        let signed = statement.sign(&[keys(*by).signing()]).unwrap();
        head = signed.head;
        signed.to_bytes()
    };
    said.iter().map(&mut next).collect()
}

pub(super) fn all() -> Vec<Made> {
    let given = office_given();
    // The last quarter hour in which an earlier key counts.
    let last = 20_001 * 96 - 1;
    let at = |name, said: &[(u32, (u8, u8))]| Made::good(name, &given, to_lines(&dated(said)));
    let good =
        |name, given: &Given, said: &[(u8, u8)]| Made::good(name, given, to_lines(&office(said)));
    let both = [(1, 7), (2, 7)];
    let bad = |name, list: &[Vec<u8>], why| Made::bad(name, &given, to_lines(list), why);
    let mut list = office(&both);
    let [first, second] = [list[0].clone(), list[1].clone()];
    let named = list[1].len() - 1;
    list[1][named] ^= 1;
    let mut foreign = Book::new(LEDGER);
    foreign.say(1, 0, founding(true));
    vec![
        good(
            "good",
            &given,
            &[(1, 7), (2, 7), (3, 11), (2, 11), (1, 8), (3, 8), (2, 4)],
        ),
        good(
            "good-half-signed",
            &given,
            &[(1, 7), (2, 7), (1, 8), (3, 11)],
        ),
        good(
            "good-taken-back",
            &given,
            &[(1, 7), (2, 7), (1, 8), (1, 7), (3, 8)],
        ),
        good(
            "good-coming-back",
            &given,
            &[(1, 7), (2, 7), (1, 8), (3, 8), (1, 7), (2, 7)],
        ),
        good("good-one-person-with-two-keys", &given, &[(1, 7), (51, 7)]),
        at(
            "good-earlier-key-on-its-last-day",
            &[(last, (51, 7)), (last + 1, (2, 7))],
        ),
        at(
            "good-earlier-key-on-the-day-after",
            &[(last + 1, (51, 7)), (last + 1, (2, 7))],
        ),
        at(
            "good-nothing-comes-back",
            &[
                (1, (1, 7)),
                (1, (2, 7)),
                (last, (51, 8)),
                (last, (3, 8)),
                (last + 9_600, (2, 9)),
            ],
        ),
        good("good-with-a-strangers-word", &given, &[(1, 7), (9, 7)]),
        good(
            "good-threshold-too-high",
            &given.clone().with("threshold", 4),
            &[(1, 7), (2, 7), (3, 7)],
        ),
        bad("signature-changed", &list, "2 WrongSigner"),
        bad(
            "statement-back-dated",
            &dated(&[(2, (1, 7)), (1, (2, 7))]),
            "2 BackDated",
        ),
        bad(
            "statement-from-the-future",
            &dated(&[(3_000_000, (1, 7))]),
            "1 FromTheFuture",
        ),
        bad("statement-missing", &[second], "1 OutOfOrder"),
        bad("statement-twice", &[first.clone(), first], "2 OutOfOrder"),
        bad(
            "statement-of-a-team",
            &foreign.to_bytes(),
            "1 UnknownKind(1)",
        ),
    ]
}

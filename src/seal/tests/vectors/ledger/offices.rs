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
        .with("day", until)
}

/// Who says which choice: below ten a charter, from there on a recovery key.
fn office(said: &[(u8, u8)]) -> Vec<Vec<u8>> {
    let mut head = Head::default();
    let mut next = |(by, choice): &(u8, u8)| {
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
        let statement = Statement::after((LEDGER, head), (person(*by), quarter(1)), body);
        let signed = statement.sign(&[keys(*by).signing()]).unwrap();
        head = signed.head;
        signed.to_bytes()
    };
    said.iter().map(&mut next).collect()
}

pub(super) fn all() -> Vec<Made> {
    let given = office_given();
    let day_after = given.clone().with("day", Day::from_number(20_001));
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
        good(
            "good-earlier-key-on-its-last-day",
            &given,
            &[(51, 7), (2, 7)],
        ),
        good(
            "good-earlier-key-on-the-day-after",
            &day_after,
            &[(51, 7), (2, 7)],
        ),
        good("good-with-a-strangers-word", &given, &[(1, 7), (9, 7)]),
        good(
            "good-threshold-too-high",
            &given.clone().with("threshold", 4),
            &[(1, 7), (2, 7), (3, 7)],
        ),
        bad("signature-changed", &list, "2 WrongSigner"),
        bad("statement-missing", &[second], "1 OutOfOrder"),
        bad("statement-twice", &[first.clone(), first], "2 OutOfOrder"),
        bad(
            "statement-of-a-team",
            &foreign.to_bytes(),
            "1 UnknownKind(1)",
        ),
    ]
}

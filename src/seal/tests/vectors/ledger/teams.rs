//! A team's ledger from its beginning.

mod faults;

use super::super::{Given, Made};
use super::to_lines;
use crate::domain::ids::LedgerId;
use crate::ledger::rules::Rules;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{
    Book, LATEST, LEDGER, RECOVERY, admit, approve, close, founding, generation, keys, leave, own,
    person, public, recover,
};

fn team_given() -> Given {
    Given::default()
        .with("of", "team")
        .hex("ledger", LEDGER.as_bytes())
        .with("recovery-key", keys(RECOVERY).verify_key())
        .with("until", LATEST.seconds())
}

fn rules(approvals: u8, hours: u8) -> Rules {
    Rules::new(approvals, hours).unwrap()
}

fn said(mut book: Book, said: Vec<(u8, u32, TeamBody)>) -> Book {
    for (author, at, body) in said {
        book.say(author, at, body);
    }
    book
}

/// Everything that there is to say.
fn life() -> Book {
    let lead = |person, lead| TeamBody::Lead { person, lead };
    said(
        Book::of_three(LEDGER),
        vec![
            (1, 1, lead(person(2), true)),
            (1, 1, TeamBody::Rules(rules(2, 24))),
            (1, 1, TeamBody::RulesWish(rules(1, 0))),
            (3, 2, TeamBody::RulesStop),
            (1, 3, approve(4)),
            (2, 4, approve(4)),
            (2, 101, admit(4)),
            (4, 101, TeamBody::Renew(public(own(4, 1)))),
            (9, 102, close(4)),
            (1, 102, TeamBody::Generation(generation(2))),
            (2, 103, TeamBody::Recovery { on: false }),
            (2, 103, TeamBody::Recovery { on: true }),
            (5, 104, recover(5)),
            (5, 104, approve(6)),
            (
                1,
                104,
                TeamBody::Object {
                    newcomer: person(6),
                },
            ),
            (1, 105, approve(6)),
            (1, 105, TeamBody::RulesWish(rules(2, 0))),
            (3, 106, leave(3)),
        ],
    )
}

pub(super) fn all() -> Vec<Made> {
    let good = |name, book: &Book| Made::good(name, &team_given(), to_lines(&book.to_bytes()));
    let three = || Book::of_three(LEDGER);
    let wish = TeamBody::RulesWish(rules(1, 0));
    let strict = || {
        said(
            three(),
            vec![(1, 1, TeamBody::Rules(rules(1, 2))), (1, 1, wish.clone())],
        )
    };
    let recovered = vec![
        (9, 1, close(1)),
        (9, 1, close(2)),
        (9, 1, close(3)),
        (4, 1, recover(4)),
    ];
    let mut vectors = vec![
        good("good", &life()),
        good("good-empty", &Book::new(LEDGER)),
        good(
            "good-rules-before-the-wish",
            &said(strict(), vec![(1, 97, approve(4))]),
        ),
        good(
            "good-rules-by-waiting",
            &said(strict(), vec![(1, 98, approve(4))]),
        ),
        good(
            "good-led-by-whom-custodians-let-in",
            &said(three(), recovered),
        ),
    ];
    vectors.extend(faults::all());
    vectors.extend(cut());
    vectors
}

/// Lists that something is missing from, or that are of two.
fn cut() -> Vec<Made> {
    let book = Book::of_three(LEDGER);
    let list = book.to_bytes();
    let without = |at: usize| {
        let mut list = list.clone();
        list.remove(at);
        list
    };
    let mut fork = Book::new(LEDGER);
    fork.say(1, 0, founding(false));
    let forked = [fork.to_bytes(), list[1..].to_vec()].concat();
    let other = Book::of_three(LedgerId::from_bytes([9; 16])).to_bytes();
    let mut swapped = list.clone();
    swapped[3] = other[3].clone();
    let bad = |name, list: &[Vec<u8>], why| Made::bad(name, &team_given(), to_lines(list), why);
    vec![
        bad("first-statement-missing", &without(0), "1 OutOfOrder"),
        bad("statement-missing", &without(2), "3 OutOfOrder"),
        bad("another-first-statement", &forked, "2 Forked"),
        bad("statement-of-another-ledger", &swapped, "4 OtherLedger"),
        Made::bad("no-hexadecimal", &team_given(), "statement\n", "Lines"),
    ]
}

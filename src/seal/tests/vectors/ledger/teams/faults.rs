//! A team's ledger, and one statement more that may not stand there.

use super::super::super::Made;
use super::super::to_lines;
use super::{rules, said, team_given};
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{
    Book, LEDGER, STRANGER, admit, approve, close, founding, generation, keys, leave, own, person,
    public, team_key,
};

/// Name, the ledger before, author, time, what is said, by whose keys, why it is refused.
type Case = (&'static str, Book, u8, u32, TeamBody, Vec<u8>, &'static str);

pub(super) fn all() -> Vec<Made> {
    let left = || said(Book::of_three(LEDGER), vec![(9, 1, close(3))]);
    let rotated = || said(left(), vec![(1, 2, TeamBody::Generation(generation(2)))]);
    let led = |whom: u8| TeamBody::Lead {
        person: person(whom),
        lead: true,
    };
    let next = |number| TeamBody::Generation(generation(number));
    let [me, other, gone] = [1, 2, 3].map(|number| own(number, 0));
    let [first, second, third] = [1, 2, 3].map(team_key);
    let stranger = TeamBody::Recover {
        keys: public(own(4, 0)),
        recovery: keys(STRANGER).verify_key(),
    };
    let same = || {
        let mut same = generation(2);
        same.keys = generation(1).keys;
        TeamBody::Generation(same)
    };
    let twin = TeamBody::Renew(public(own(2, 0)));
    let waits = || {
        let rules = TeamBody::Rules(rules(2, 24));
        said(
            Book::of_three(LEDGER),
            vec![(1, 1, rules), (1, 2, approve(4)), (2, 3, approve(4))],
        )
    };
    let cases: Vec<Case> = vec![
        (
            "generation-by-a-leaver",
            left(),
            3,
            2,
            next(2),
            vec![gone, first, second],
            "7 NotAMember",
        ),
        (
            "generation-by-a-leaver-in-a-members-name",
            left(),
            2,
            2,
            next(2),
            vec![gone, first, second],
            "7 WrongSigner",
        ),
        (
            "generation-by-a-member-alone",
            left(),
            2,
            2,
            next(2),
            vec![other, second],
            "7 WrongSigner",
        ),
        (
            "generation-without-its-own-key",
            left(),
            2,
            2,
            next(2),
            vec![other, first],
            "7 WrongSigner",
        ),
        (
            "generation-with-the-key-before-the-one-before",
            rotated(),
            2,
            2,
            next(3),
            vec![other, first, third],
            "8 WrongSigner",
        ),
        (
            "generation-left-out",
            left(),
            2,
            2,
            next(3),
            vec![other, first, third],
            "7 WrongGeneration",
        ),
        (
            "generation-with-known-keys",
            left(),
            2,
            2,
            same(),
            vec![other, first, first],
            "7 KnownKeys",
        ),
        (
            "approved-by-a-leaver",
            left(),
            3,
            2,
            approve(4),
            vec![gone],
            "7 NotAMember",
        ),
        (
            "admitted-without-approval",
            left(),
            1,
            2,
            admit(4),
            vec![me],
            "7 TooFew",
        ),
        (
            "admitted-too-early",
            waits(),
            1,
            99,
            admit(4),
            vec![me],
            "9 TooEarly",
        ),
        (
            "exit-of-another-as-ones-own",
            left(),
            2,
            2,
            leave(1),
            vec![other],
            "7 WrongSigner",
        ),
        (
            "exit-of-somebody-who-has-gone",
            left(),
            9,
            2,
            close(3),
            vec![100],
            "7 WrongStanding",
        ),
        (
            "exit-with-another-key-than-it-names",
            left(),
            9,
            2,
            close(2),
            vec![STRANGER],
            "7 WrongSigner",
        ),
        (
            "lead-by-no-lead",
            left(),
            2,
            2,
            led(2),
            vec![other],
            "7 NotALead",
        ),
        (
            "weaker-rules-without-a-wish",
            waits(),
            1,
            4,
            TeamBody::Rules(rules(1, 0)),
            vec![me],
            "9 WrongStanding",
        ),
        (
            "rules-for-more-than-there-are",
            said(left(), vec![(2, 1, leave(2))]),
            1,
            2,
            TeamBody::Rules(rules(2, 0)),
            vec![me],
            "8 InvalidRules",
        ),
        (
            "renewal-with-anothers-keys",
            left(),
            1,
            2,
            twin,
            vec![me, other],
            "7 KnownKeys",
        ),
        (
            "recovery-key-not-countersigned",
            left(),
            4,
            2,
            stranger,
            vec![STRANGER, first],
            "7 NoRecovery",
        ),
        (
            "back-dated",
            left(),
            1,
            0,
            approve(4),
            vec![me],
            "7 BackDated",
        ),
        (
            "from-the-future",
            left(),
            1,
            2_300_000,
            approve(4),
            vec![me],
            "7 FromTheFuture",
        ),
        (
            "second-root",
            left(),
            1,
            2,
            founding(true),
            vec![me],
            "7 OutOfOrder",
        ),
        (
            "not-a-root",
            Book::new(LEDGER),
            1,
            2,
            approve(4),
            vec![me],
            "1 OutOfOrder",
        ),
        (
            "root-unsigned-by-its-generation",
            Book::new(LEDGER),
            1,
            2,
            founding(true),
            vec![me],
            "1 WrongSigner",
        ),
    ];
    let made = |(name, book, author, at, body, by, why): Case| {
        let mut list = book.to_bytes();
        list.push(book.next(author, at, body, &by).to_bytes());
        Made::bad(name, &team_given(), to_lines(&list), why)
    };
    cases.into_iter().map(made).collect()
}

//! Whatever is changed in a ledger as it is kept: it is refused.

use crate::domain::ids::LedgerId;
use crate::ledger::Refused;
use crate::ledger::rules::Rules;
use crate::ledger::statement::Signed;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{
    Book, LEDGER, NOTHING, RECOVERY, STRANGER, applied, close, generation, own, person, public,
    recover, reread, team_key,
};

/// A team's life: everything that there is to say.
fn whole(ledger: LedgerId) -> Book {
    let mut book = Book::of_three(ledger);
    let rules = |approvals, hours| Rules::new(approvals, hours).unwrap();
    let life = [
        (
            1,
            TeamBody::Lead {
                person: person(2),
                lead: true,
            },
        ),
        (1, TeamBody::Rules(rules(2, 0))),
        (1, TeamBody::RulesWish(rules(1, 0))),
        (3, TeamBody::RulesStop),
        (9, close(3)),
        (1, TeamBody::Generation(generation(2))),
        (2, TeamBody::Recovery { on: false }),
        (2, TeamBody::Recovery { on: true }),
        (4, recover(4)),
        (1, crate::ledger::tests::approve(5)),
        (
            1,
            TeamBody::Object {
                newcomer: person(5),
            },
        ),
        (4, TeamBody::Renew(public(own(4, 1)))),
    ];
    for (author, body) in life {
        book.say(author, 5, body);
    }
    book
}

/// What becomes of these bytes in the place of a ledger's statement number `at`.
fn in_place(book: &Book, before: &Book, bytes: &[u8]) -> Result<(), Refused> {
    let signed = Signed::parse(bytes)?;
    signed.follows(book.ledger, before.head())?;
    applied(before.read.state.as_ref(), &signed, NOTHING).map(drop)
}

/// Each statement, and the ledger as it was before it.
fn each(book: &Book, mut check: impl FnMut(&Book, &[u8])) {
    let mut before = Book::new(book.ledger);
    for signed in &book.kept {
        check(&before, &signed.to_bytes());
        before.take(signed.clone()).unwrap();
    }
}

#[test]
fn it_reads_back_as_it_was_written() {
    let book = whole(LEDGER);
    let read = reread(LEDGER, &book.to_bytes()).unwrap();
    assert_eq!(
        (read.head(), &read.read.state, &read.kept),
        (book.head(), &book.read.state, &book.kept)
    );
}

#[test]
fn a_flipped_byte_a_cut_or_an_addition_is_refused() {
    let book = whole(LEDGER);
    each(&book, |before, bytes| {
        assert_eq!(in_place(&book, before, bytes), Ok(()));
        for at in 0..bytes.len() {
            for mask in [1, 0x80, 0xff] {
                let mut flipped = bytes.to_vec();
                flipped[at] ^= mask;
                assert!(
                    in_place(&book, before, &flipped).is_err(),
                    "byte {at} ^ {mask}"
                );
            }
            assert!(
                in_place(&book, before, &bytes[..at]).is_err(),
                "cut at {at}"
            );
        }
        assert!(in_place(&book, before, &[bytes, &[0]].concat()).is_err());
    });
}

#[test]
fn a_statement_that_is_missing_moved_or_doubled_is_refused() {
    let book = whole(LEDGER);
    let kept = book.to_bytes();
    let refused = |list: &[Vec<u8>]| {
        reread(LEDGER, list)
            .map(|book| book.kept.len())
            .unwrap_err()
    };
    for one in 0..kept.len() {
        let mut list = kept.clone();
        list.remove(one);
        // Without its end it is a ledger still: that is what the witness is for.
        if one + 1 < kept.len() {
            assert_eq!(refused(&list), Refused::OutOfOrder);
        }
        list.insert(one, kept[one].clone());
        list.insert(one, kept[one].clone());
        assert_eq!(refused(&list), Refused::OutOfOrder);
        for other in one + 1..kept.len() {
            let mut list = kept.clone();
            list.swap(one, other);
            assert_eq!(refused(&list), Refused::OutOfOrder);
        }
    }
}

#[test]
fn a_statement_of_another_ledger_is_refused_in_its_place() {
    let (book, twin) = (whole(LEDGER), whole(LedgerId::from_bytes([0x2e; 16])));
    for at in 0..book.kept.len() {
        let mut list = book.to_bytes();
        list[at] = twin.kept[at].to_bytes();
        assert_eq!(
            reread(LEDGER, &list).map(|book| book.kept.len()),
            Err(Refused::OtherLedger)
        );
    }
    assert_eq!(
        reread(twin.ledger, &book.to_bytes()).map(|book| book.kept.len()),
        Err(Refused::OtherLedger)
    );
}

/// As they are kept: the signed bytes with their length, then the signatures with theirs.
fn parts(bytes: &[u8]) -> (Vec<u8>, Vec<[u8; 64]>) {
    borsh::from_slice(bytes).unwrap()
}

#[test]
fn anothers_signature_is_refused() {
    let book = whole(LEDGER);
    let all: Vec<u8> = (1..=5)
        .flat_map(|who| [own(who, 0), own(who, 1)])
        .chain([team_key(1), team_key(2), RECOVERY, STRANGER])
        .collect();
    each(&book, |before, bytes| {
        let signed = Signed::<TeamBody>::parse(bytes).unwrap();
        let (text, right) = parts(bytes);
        let with = |signatures: &[[u8; 64]]| borsh::to_vec(&(text.as_slice(), signatures)).unwrap();
        assert_eq!(with(&right), bytes);
        for number in &all {
            let foreign = crate::ledger::tests::sign(signed.statement.clone(), &[*number]);
            let [foreign] = parts(&foreign.to_bytes()).1[..] else {
                panic!("one signature");
            };
            for place in 0..right.len() {
                let mut signatures = right.clone();
                signatures[place] = foreign;
                let is_the_same = signatures == right;
                assert_eq!(
                    in_place(&book, before, &with(&signatures)).is_ok(),
                    is_the_same
                );
            }
            let more = [right.as_slice(), &[foreign]].concat();
            assert_eq!(
                in_place(&book, before, &with(&more)),
                Err(Refused::WrongSigner)
            );
        }
        for fewer in [&right[1..], &right[..right.len() - 1], &[]] {
            assert_eq!(
                in_place(&book, before, &with(fewer)),
                Err(Refused::WrongSigner)
            );
        }
        let mut turned = right.clone();
        turned.reverse();
        assert_eq!(
            in_place(&book, before, &with(&turned)).is_ok(),
            turned == right
        );
    });
}

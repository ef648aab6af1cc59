//! A ledger that is read in parts: it is extended, or what is wrong with it has a name and the last good state stays.

use super::{Book, LEDGER, NOTHING, STRANGER, admit, approve, close, generation, own};
use crate::domain::ids::LedgerId;
use crate::ledger::Refused;
use crate::ledger::replay::{Ledger, Trust};
use crate::ledger::team::{TeamBody, TeamState};

/// As somebody has read it who has seen so many statements.
fn read(kept: &[Vec<u8>]) -> Ledger<TeamState> {
    let mut ledger = Ledger::default();
    ledger.extend(LEDGER, kept, None, NOTHING);
    assert_eq!(ledger.fault, None);
    ledger
}

/// What of the list is asked for.
fn wanted<'a>(ledger: &Ledger<TeamState>, kept: &'a [Vec<u8>]) -> &'a [Vec<u8>] {
    let from = usize::try_from(ledger.wanted_from().max(1)).unwrap() - 1;
    kept.get(from..).unwrap_or_default()
}

#[test]
fn in_whatever_parts_it_is_read_it_comes_to_the_same() {
    let book = Book::of_three(LEDGER);
    let kept = book.to_bytes();
    for known in 0..=kept.len() {
        let mut ledger = read(&kept[..known]);
        let rest = wanted(&ledger, &kept);
        assert_eq!(ledger.is_up_to_date(rest), known == kept.len());
        ledger.extend(LEDGER, rest, None, NOTHING);
        assert_eq!(
            (ledger.head, &ledger.state, ledger.fault),
            (book.head(), &book.read.state, None)
        );
        assert!(ledger.is_up_to_date(wanted(&ledger, &kept)));
    }
}

#[test]
fn what_was_seen_is_there_as_a_whole_or_it_is_not() {
    let book = Book::of_three(LEDGER);
    let kept = book.to_bytes();
    let seen = read(&kept[..3]);
    assert!(seen.is_whole(LEDGER, &kept) && seen.is_whole(LEDGER, &kept[..3]));
    assert!(Ledger::<TeamState>::default().is_whole(LEDGER, &[]));
    let other = Book::of_three(LedgerId::from_bytes([9; 16]));
    let swapped = [&kept[..2], &other.to_bytes()[2..3]].concat();
    for list in [&kept[..2], &kept[1..3], &swapped, &[]] {
        assert!(!seen.is_whole(LEDGER, list));
    }
    assert!(!seen.is_whole(other.ledger, &kept));
}

/// An old copy in place of the newest, a shorter list, another one: what was seen stays.
#[test]
fn what_is_not_an_extension_of_what_was_seen_is_rolled_back() {
    let mut book = Book::of_three(LEDGER);
    let old = book.clone();
    book.say(9, 1, close(3));
    let mut fork = old.clone();
    fork.say(1, 1, approve(4));
    let mut longer = fork.clone();
    longer.say(1, 1, admit(4));
    for other in [&old, &fork, &longer, &Book::new(LEDGER)] {
        let mut ledger = read(&book.to_bytes());
        let rest = other.to_bytes();
        let rest = wanted(&ledger, &rest);
        assert!(!ledger.is_up_to_date(rest));
        ledger.extend(LEDGER, rest, None, NOTHING);
        assert_eq!(ledger.fault, Some(Refused::RolledBack));
        assert_eq!(
            (ledger.head, &ledger.state),
            (book.head(), &book.read.state)
        );
    }
}

#[test]
fn what_does_not_hold_is_left_out_with_all_that_follows_it() {
    let mut book = Book::of_three(LEDGER);
    let good = book.clone();
    book.say(9, 1, close(3));
    book.say(1, 1, TeamBody::Generation(generation(2)));
    let mut kept = book.to_bytes();
    let at = good.kept.len();
    let last = kept[at].len() - 1;
    kept[at][last] ^= 1;
    let mut ledger = read(&good.to_bytes());
    ledger.extend(LEDGER, wanted(&ledger, &kept), None, NOTHING);
    assert_eq!(ledger.fault, Some(Refused::WrongSigner));
    assert_eq!(
        (ledger.head, &ledger.state),
        (good.head(), &good.read.state)
    );
    assert!(
        !ledger.is_up_to_date(wanted(&ledger, &good.to_bytes())),
        "as long as it has a fault"
    );
    // What was wrong is put right.
    let kept = book.to_bytes();
    ledger.extend(LEDGER, wanted(&ledger, &kept), None, NOTHING);
    assert_eq!((ledger.head, ledger.fault), (book.head(), None));
    let mut foreign = Ledger::<TeamState>::default();
    foreign.extend(LedgerId::from_bytes([9; 16]), &kept, None, NOTHING);
    assert_eq!(
        (foreign.state, foreign.fault),
        (None, Some(Refused::OtherLedger))
    );
}

/// More statements than are looked at one by one. One of them has a signature that is not its author's, and what follows it is in order.
#[test]
fn a_long_list_is_taken_as_far_as_its_signatures_hold() {
    const SAID: u32 = 100;
    let list = |forged: Option<u32>| {
        let mut book = Book::of_three(LEDGER);
        for number in 0..SAID {
            let on = number % 2 == 1;
            let by = [own(1, 0), STRANGER][usize::from(forged == Some(number))];
            let signed = book.next(1, 1, TeamBody::Recovery { on }, &[by]);
            book.read.take(LEDGER, &signed, Trust::Witnessed).unwrap();
            book.kept.push(signed);
        }
        book
    };
    let book = list(None);
    assert_eq!(read(&book.to_bytes()).state, book.read.state);
    for forged in [0, 1, SAID / 2, SAID - 1] {
        let mut ledger = Ledger::<TeamState>::default();
        ledger.extend(LEDGER, &list(Some(forged)).to_bytes(), None, NOTHING);
        let before = Book::of_three(LEDGER).head().sequence + forged;
        assert_eq!(
            (ledger.head.sequence, ledger.fault),
            (before, Some(Refused::WrongSigner))
        );
    }
}

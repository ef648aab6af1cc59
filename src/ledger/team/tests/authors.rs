//! Whose signatures a statement needs, and keys that follow each other.

use super::tried::*;
use crate::domain::ids::{KeyId, LedgerId};
use crate::ledger::Refused::*;
use crate::ledger::replay::Trust;
use crate::ledger::rules::Rules;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::*;

#[test]
fn a_team_begins_with_its_first_member() {
    let first = |number| TeamBody::Root {
        is_audit: true,
        keys: public(own(1, 0)),
        lead: true,
        generation: generation(number),
    };
    let (me, key) = (own(1, 0), team_key(1));
    // Both keys.
    Book::new(LEDGER).takes(1, founding(true));
    // No lead.
    Book::new(LEDGER).takes(1, founding(false));
    // Own key alone.
    Book::new(LEDGER)
        .by(&[me])
        .refuses(1, founding(true), WrongSigner);
    // The generation's alone.
    Book::new(LEDGER)
        .by(&[key])
        .refuses(1, founding(true), WrongSigner);
    // The other way round.
    Book::new(LEDGER)
        .by(&[key, me])
        .refuses(1, founding(true), WrongSigner);
    // One more.
    Book::new(LEDGER)
        .by(&[me, key, key])
        .refuses(1, founding(true), WrongSigner);
    // Somebody else's.
    Book::new(LEDGER)
        .by(&[STRANGER, key])
        .refuses(1, founding(true), WrongSigner);
    // Second generation.
    Book::new(LEDGER)
        .by(&[me, team_key(2)])
        .refuses(1, first(2), WrongGeneration);
    // Something else first.
    Book::new(LEDGER).refuses(1, approve(2), OutOfOrder);
    let book = Book::of_three(LEDGER);
    // A second root.
    book.by(&[me]).refuses(1, first(1), OutOfOrder);
}

#[test]
fn a_statement_has_its_place_its_time_and_its_author() {
    let mut book = Book::of_three(LEDGER);
    book.say(1, 8, approve(4));
    // Same quarter hour.
    book.at(8).takes(2, approve(4));
    // Earlier.
    book.at(7).refuses(2, approve(4), BackDated);
    // A stranger.
    book.at(8).refuses(5, approve(4), NotAMember);
    // A stranger in a member's name.
    book.at(8)
        .by(&[STRANGER])
        .refuses(2, approve(4), WrongSigner);
    // Another member in their name.
    book.at(8)
        .by(&[own(1, 0)])
        .refuses(2, approve(4), WrongSigner);
    // The team's key.
    book.at(8)
        .by(&[team_key(1)])
        .refuses(2, approve(4), WrongSigner);
    // Nobody.
    book.at(8).by(&[]).refuses(2, approve(4), WrongSigner);
    let next = book.next(2, 8, approve(4), &[own(2, 0)]);
    let elsewhere = LedgerId::from_bytes([9; 16]);
    assert_eq!(next.follows(elsewhere, book.head()), Err(OtherLedger));
    let last = book.kept.last().unwrap();
    assert_eq!(last.follows(LEDGER, book.head()), Err(OutOfOrder));
    let late = Book::of_three(LEDGER);
    let signed = late.next(2, 8, approve(4), &[own(2, 0)]);
    let by = |until| Trust::Nothing {
        is_recovery_key: &is_recovery_key,
        until: quarter(until),
    };
    let outcome = |until| applied(late.read.state.as_ref(), &signed, by(until)).map(drop);
    assert_eq!((outcome(7), outcome(8)), (Err(FromTheFuture), Ok(())));
    // A clock was ahead, and is not any more: more is said at the same time, and nothing later.
    let mut ahead = Book::of_three(LEDGER);
    ahead.say(2, 8, approve(4));
    let later = |at| {
        let signed = ahead.next(1, at, approve(4), &[own(1, 0)]);
        applied(ahead.read.state.as_ref(), &signed, by(7)).map(drop)
    };
    assert_eq!((later(8), later(9)), (Ok(()), Err(FromTheFuture)));
    let mut other = Book::of_three(LEDGER);
    other.say(2, 8, approve(4));
    assert_eq!(next.follows(LEDGER, other.head()), Err(Forked));
}

#[test]
fn the_next_generation_needs_a_member_and_the_one_before() {
    let mut book = Book::of_three(LEDGER);
    book.say(9, 0, close(3));
    assert!(book.state().must_rotate);
    let (me, old, new) = (own(2, 0), team_key(1), team_key(2));
    let next = || TeamBody::Generation(generation(2));
    let old_keys = generation(1).keys;
    // A member, the key before and the new one.
    book.by(&[me, old, new]).takes(2, next());
    // A member alone.
    book.by(&[me]).refuses(2, next(), WrongSigner);
    // The keys alone.
    book.by(&[old, new]).refuses(2, next(), WrongSigner);
    // Without the new one.
    book.by(&[me, old]).refuses(2, next(), WrongSigner);
    // Without the key before.
    book.by(&[me, new]).refuses(2, next(), WrongSigner);
    // The other way round.
    book.by(&[new, old, me]).refuses(2, next(), WrongSigner);
    // A leaver.
    book.by(&[own(3, 0), old, new])
        .refuses(3, next(), NotAMember);
    // A leaver in a member's name.
    book.by(&[own(3, 0), old, new])
        .refuses(2, next(), WrongSigner);
    // Its number again.
    book.refuses(2, another_generation(|it| it.number = 1), WrongGeneration);
    // A number left out.
    book.refuses(2, another_generation(|it| it.number = 3), WrongGeneration);
    // The old id.
    book.refuses(
        2,
        another_generation(|it| it.key = KeyId::from_bytes([1; 16])),
        KnownKeys,
    );
    // The old recipient.
    book.refuses(
        2,
        another_generation(|it| it.keys.recipient = old_keys.recipient.clone()),
        KnownKeys,
    );
    // The old verify key.
    book.by(&[me, old, old]).refuses(
        2,
        another_generation(|it| it.keys.verify_key = old_keys.verify_key),
        KnownKeys,
    );
    book.say(2, 0, next());
    assert!(!book.state().must_rotate);
    let third = || another_generation(|it| *it = generation(3));
    let again = another_generation(|it| {
        *it = generation(3);
        it.keys = generation(1).keys;
    });
    // With the key before the one before.
    book.by(&[me, old, team_key(3)])
        .refuses(2, third(), WrongSigner);
    // The first one's keys again.
    book.by(&[me, new, old]).refuses(2, again, KnownKeys);
}

#[test]
fn own_keys_are_renewed_with_both() {
    let mut book = Book::of_three(LEDGER);
    let renew = |number| TeamBody::Renew(public(number));
    let halves = |recipient, verify_key| TeamBody::Renew(half(recipient, verify_key));
    let (old, new) = (own(2, 0), own(2, 1));
    // Both.
    book.by(&[old, new]).takes(2, renew(new));
    // The old one alone.
    book.by(&[old]).refuses(2, renew(new), WrongSigner);
    // The new one alone.
    book.by(&[new]).refuses(2, renew(new), WrongSigner);
    // The new one twice.
    book.by(&[new, new]).refuses(2, renew(new), WrongSigner);
    // Another member's.
    book.by(&[own(3, 0), new])
        .refuses(2, renew(new), WrongSigner);
    // The same keys.
    book.by(&[old, old]).refuses(2, renew(old), KnownKeys);
    // The old recipient.
    book.by(&[old, new]).refuses(2, halves(old, new), KnownKeys);
    // The old verify key.
    book.by(&[old, old]).refuses(2, halves(new, old), KnownKeys);
    // Another member's keys.
    book.by(&[old, own(3, 0)])
        .refuses(2, renew(own(3, 0)), KnownKeys);
    // Another member's recipient.
    book.by(&[old, new])
        .refuses(2, halves(own(3, 0), new), KnownKeys);
    // A stranger.
    book.refuses(4, renew(own(4, 1)), NotAMember);
    book.say(2, 0, renew(new));
    // With the new key.
    book.by(&[new]).takes(2, approve(4));
    // With the old key.
    book.by(&[old]).refuses(2, approve(4), WrongSigner);
}

#[test]
fn recovery_takes_the_recovery_key_and_the_teams() {
    let book = Book::of_three(LEDGER);
    let with = |number| TeamBody::Recover {
        keys: public(own(4, 0)),
        recovery: keys(number).verify_key(),
    };
    let newest = team_key(1);
    // Both.
    book.takes(4, recover(4));
    // The recovery key alone.
    book.by(&[RECOVERY]).refuses(4, recover(4), WrongSigner);
    // The team's alone.
    book.by(&[newest]).refuses(4, recover(4), WrongSigner);
    // A key that is not countersigned.
    book.by(&[STRANGER, newest])
        .refuses(4, with(STRANGER), NoRecovery);
    // An administrator.
    book.by(&[ADMINISTRATOR, newest])
        .refuses(4, with(RECOVERY), WrongSigner);
    // A member.
    book.refuses(2, recover(2), WrongStanding);
    let mut book = book;
    book.say(1, 0, TeamBody::Recovery { on: false });
    // A team without.
    book.refuses(4, recover(4), NoRecovery);
    for who in 1..=3 {
        book.say(who, 0, leave(who));
    }
    // A team without, and empty.
    book.refuses(4, recover(4), NoRecovery);
}

#[test]
fn rules_that_cannot_be_are_none() {
    let rules = |approvals, hours| borsh::from_slice::<Rules>(&[approvals, hours]).unwrap();
    let book = Book::of_three(LEDGER);
    for (approvals, hours) in [(0, 0), (3, 0), (255, 0), (1, 169), (2, 255)] {
        let rules = rules(approvals, hours);
        for body in [TeamBody::Rules(rules), TeamBody::RulesWish(rules)] {
            assert_eq!(book.tried(1, 0, body, &[own(1, 0)]), Err(InvalidRules));
        }
    }
    let mut alone = Book::new(LEDGER);
    alone.say(1, 0, founding(true));
    // More than there are.
    alone.refuses(1, set(2, 0), InvalidRules);
    // More than there are, wished.
    alone.refuses(1, wish(2, 0), InvalidRules);
    // A delay.
    alone.takes(1, set(1, 168));
}

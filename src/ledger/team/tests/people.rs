//! Who is in a team, and who leads it.

use super::tried::*;
use crate::ledger::Refused::*;
use crate::ledger::replay::Trust;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::*;

#[test]
fn newcomers_come_by_approval_and_by_nothing_else() {
    let mut book = Book::of_three(LEDGER);
    book.say(2, 0, approve(4));
    let other_keys = TeamBody::Admit {
        newcomer: person(4),
        keys: public(own(4, 1)),
        lead: false,
    };
    let object = |who| TeamBody::Object {
        newcomer: person(who),
    };
    // Approved.
    book.takes(3, admit(4));
    // By whoever approved.
    book.takes(2, admit(4));
    // By themselves.
    book.refuses(4, admit(4), NotAMember);
    // With other keys.
    book.refuses(3, other_keys, TooFew);
    // Not approved.
    book.refuses(3, admit(5), TooFew);
    // A member.
    book.refuses(3, admit(2), WrongStanding);
    book.refuses(3, approve(2), WrongStanding);
    // As a lead: by none, by one.
    book.refuses(2, admit_as_lead(4), NotALead);
    book.takes(1, admit_as_lead(4));
    // An objection, to nobody, by a stranger.
    book.takes(3, object(4));
    book.refuses(3, object(5), WrongStanding);
    book.refuses(5, object(4), NotAMember);
    let void = [
        ("an objection", 3, object(4)),
        ("a generation", 1, TeamBody::Generation(generation(2))),
        ("the approver's exit", 9, close(2)),
        ("the newcomer's exit", 9, close(4)),
    ];
    for (name, author, body) in void {
        let mut book = book.clone();
        book.say(author, 0, body);
        assert_eq!(
            book.tried(1, 0, admit(4), &[own(1, 0)]),
            Err(TooFew),
            "{name}"
        );
    }
}

#[test]
fn one_key_is_one_member() {
    let mut book = Book::of_three(LEDGER);
    for theirs in [
        public(own(2, 0)),
        half(own(2, 0), own(4, 0)),
        half(own(4, 0), own(2, 0)),
    ] {
        let newcomer = person(4);
        let (keys, lead) = (theirs.clone(), false);
        book.say(1, 0, TeamBody::Approve { newcomer, keys });
        let keys = theirs;
        let admission = TeamBody::Admit {
            newcomer,
            keys,
            lead,
        };
        book.refuses(1, admission, KnownKeys);
    }
}

#[test]
fn two_approvals_are_of_two_members_and_the_delay_begins_with_the_second() {
    let mut book = Book::of_three(LEDGER);
    book.say(1, 0, set(2, 24));
    book.say(1, 10, approve(4));
    book.say(1, 20, approve(4));
    // One member twice.
    book.at(500).refuses(1, admit(4), TooFew);
    book.say(2, 30, approve(4));
    let over = 30 + 1 + 24 * 4;
    // Early.
    book.at(over - 1).refuses(3, admit(4), TooEarly);
    // In time.
    book.at(over).takes(3, admit(4));
    book.say(3, 40, approve(4));
    // A third word puts nothing off.
    book.at(over).takes(3, admit(4));
}

#[test]
fn people_go_by_their_own_word_or_by_an_administrators() {
    let mut book = Book::of_three(LEDGER);
    book.say(1, 0, approve(4));
    // Oneself.
    book.takes(2, leave(2));
    // Another member.
    book.refuses(2, leave(3), WrongSigner);
    // A newcomer by their own word.
    book.refuses(4, leave(4), NotAMember);
    // By an administrator.
    book.takes(9, close(2));
    // A newcomer by an administrator.
    book.takes(9, close(4));
    // With another key than it names.
    book.by(&[STRANGER]).refuses(9, close(2), WrongSigner);
    // Unsigned.
    book.by(&[]).refuses(9, close(2), WrongSigner);
    // Nobody who is there.
    book.refuses(9, close(5), WrongStanding);
    // What was checked before is refused all the same if it makes no sense.
    let signed = book.next(4, 0, leave(4), &[]);
    let outcome = applied(book.read.state.as_ref(), &signed, Trust::Witnessed);
    assert_eq!(outcome.map(|state| state.members.len()), Err(NotAMember));
    book.say(2, 0, leave(2));
    // Gone already.
    book.refuses(9, close(2), WrongStanding);
    // Whoever has gone.
    book.refuses(2, approve(5), NotAMember);
}

#[test]
fn leads_are_made_by_leads_and_where_there_never_was_one_by_members() {
    let book = Book::of_three(LEDGER);
    // By a lead.
    book.takes(1, lead(2, true));
    // The last one steps down only when another leads.
    book.refuses(1, lead(1, false), LastLead);
    let mut two = book.clone();
    two.say(1, 0, lead(2, true));
    two.takes(1, lead(1, false));
    two.takes(2, lead(1, false));
    // By a member.
    book.refuses(2, lead(2, true), NotALead);
    // By a stranger.
    book.refuses(4, lead(2, true), NotAMember);
    // No member.
    book.refuses(1, lead(4, true), NotAMember);
    // Leads already.
    book.refuses(1, lead(1, true), WrongStanding);
    // Does not lead.
    book.refuses(1, lead(2, false), WrongStanding);
    // Recovery, by a lead.
    book.takes(1, recovery(false));
    // Recovery, by a member.
    book.refuses(2, recovery(false), NotALead);
    // Recovery, as it is.
    book.refuses(1, recovery(true), WrongStanding);
    // Recovery, by a stranger.
    book.refuses(4, recovery(false), NotAMember);
    let mut led = book;
    led.say(9, 0, close(1));
    let mut unled = Book::new(LEDGER);
    unled.say(1, 0, founding(false));
    unled.say(1, 0, approve(2));
    unled.say(1, 0, admit(2));
    for body in [lead(2, true), set(2, 0)] {
        unled.takes(2, body.clone());
        led.refuses(2, body, NotALead);
    }
    unled.refuses(2, recovery(false), NotALead);
    led.refuses(2, recovery(false), NotALead);
    // Custodians put somebody in the leads' place, and beside a lead they do not.
    led.say(4, 0, recover(4));
    led.say(5, 0, recover(5));
    unled.say(4, 0, recover(4));
    let leads = |book: &Book| book.state().leads().collect::<Vec<_>>();
    assert_eq!((leads(&led), leads(&unled)), (vec![person(4)], vec![]));
}

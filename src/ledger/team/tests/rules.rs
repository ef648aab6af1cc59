//! Rules for newcomers: stricter ones hold at once, weaker ones are wished by one lead and agreed to by another, or wait.

use crate::ledger::Refused::*;
use crate::ledger::rules::Rules;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{Book, LEDGER, close, leave, own, person};

const DAY: u32 = 24 * 4;

fn rules(approvals: u8, hours: u8) -> Rules {
    Rules::new(approvals, hours).unwrap()
}

fn lead(who: u8, lead: bool) -> TeamBody {
    TeamBody::Lead {
        person: person(who),
        lead,
    }
}

/// Two approvals and two days. 1 leads, and 2 if there are two leads.
fn strict(leads: u8) -> Book {
    let mut book = Book::of_three(LEDGER);
    if leads == 2 {
        book.say(1, 0, lead(2, true));
    }
    book.say(1, 0, TeamBody::Rules(rules(2, 48)));
    book
}

fn holds_at(book: &Book, at: u32) -> Rules {
    book.state()
        .rules(crate::ledger::tests::quarter(at).start())
}

#[test]
fn stricter_rules_hold_at_once_and_weaker_ones_do_not() {
    let book = strict(1);
    let weaker = TeamBody::Rules(rules(1, 48));
    assert_eq!(book.tried(1, 1, weaker, &[own(1, 0)]), Err(WrongStanding));
    let stricter = || TeamBody::Rules(rules(2, 49));
    assert_eq!(book.tried(1, 1, stricter(), &[own(1, 0)]), Ok(()));
    assert_eq!(book.tried(2, 1, stricter(), &[own(2, 0)]), Err(NotALead));
    assert_eq!(book.tried(4, 1, stricter(), &[own(4, 0)]), Err(NotAMember));
    // Fewer hours are weaker, however many must approve; and what is not weaker is no wish.
    let wish = |rules| TeamBody::RulesWish(rules);
    assert_eq!(book.tried(1, 1, wish(rules(2, 47)), &[own(1, 0)]), Ok(()));
    assert_eq!(
        book.tried(1, 1, wish(rules(2, 48)), &[own(1, 0)]),
        Err(WrongStanding)
    );
    assert_eq!(
        book.tried(2, 1, wish(rules(2, 47)), &[own(2, 0)]),
        Err(NotALead)
    );
    assert_eq!(
        book.tried(1, 1, TeamBody::RulesStop, &[own(1, 0)]),
        Err(WrongStanding)
    );
}

#[test]
fn a_second_lead_agrees_to_what_the_first_one_wished() {
    let mut book = strict(2);
    book.say(1, 10, TeamBody::RulesWish(rules(1, 0)));
    let agree = |rules| TeamBody::Rules(rules);
    assert_eq!(
        book.tried(1, 10, agree(rules(1, 0)), &[own(1, 0)]),
        Err(NotALead)
    );
    assert_eq!(
        book.tried(3, 10, agree(rules(1, 0)), &[own(3, 0)]),
        Err(NotALead)
    );
    assert_eq!(
        book.tried(2, 10, agree(rules(1, 1)), &[own(2, 0)]),
        Err(WrongStanding)
    );
    assert_eq!(
        holds_at(&book, 100 * DAY),
        rules(2, 48),
        "with two leads it waits for ever"
    );
    book.say(2, 10, agree(rules(1, 0)));
    assert_eq!(holds_at(&book, 10), rules(1, 0));
    assert!(
        book.state()
            .wish(crate::ledger::tests::quarter(10).start())
            .is_none()
    );
}

#[test]
fn where_there_is_one_lead_a_wish_waits_as_long_as_the_rules_had_others_wait() {
    let mut book = strict(1);
    book.say(1, 10, TeamBody::RulesWish(rules(1, 0)));
    let over = 10 + 1 + 2 * DAY;
    assert_eq!(holds_at(&book, over - 1), rules(2, 48));
    assert_eq!(holds_at(&book, over), rules(1, 0));
    let stop = |at| book.tried(3, at, TeamBody::RulesStop, &[own(3, 0)]);
    assert_eq!(stop(over - 1), Ok(()));
    assert_eq!(stop(over), Err(WrongStanding));
    // What has come into force stays, whoever leads afterwards.
    let mut later = book.clone();
    later.say(1, over, lead(2, true));
    assert_eq!(holds_at(&later, over), rules(1, 0));
    // At least a day, also where there was no delay.
    let mut book = Book::of_three(LEDGER);
    book.say(1, 0, TeamBody::Rules(rules(2, 0)));
    book.say(1, 0, TeamBody::RulesWish(rules(1, 0)));
    assert_eq!(holds_at(&book, DAY), rules(2, 0));
    assert_eq!(holds_at(&book, DAY + 1), rules(1, 0));
}

#[test]
fn whoever_leads_changes_or_goes_the_wish_must_be_wished_anew() {
    let ends: [(u8, TeamBody); 5] = [
        (3, TeamBody::RulesStop),
        (1, lead(3, true)),
        (9, close(1)),
        (9, close(2)),
        (2, leave(2)),
    ];
    for (who, body) in ends {
        let mut book = strict(2);
        book.say(1, 10, TeamBody::RulesWish(rules(1, 0)));
        book.say(who, 10, body.clone());
        assert!(
            book.state()
                .wish(crate::ledger::tests::quarter(10).start())
                .is_none(),
            "{body:?}"
        );
        assert_eq!(holds_at(&book, 100 * DAY), rules(2, 48), "{body:?}");
    }
    // Another member's exit changes nothing.
    let mut book = strict(2);
    book.say(1, 10, TeamBody::RulesWish(rules(1, 0)));
    book.say(3, 10, leave(3));
    assert!(
        book.state()
            .wish(crate::ledger::tests::quarter(10).start())
            .is_some()
    );
}

//! Whoever has left, with everything that they held: their own keys and every generation of the team's key up to the one they left with.

use super::model::{Model, PEOPLE};
use super::moves::{Move, begun};
use super::over_histories;
use crate::domain::ids::{KeyId, StaffId};
use crate::ledger::Refused;
use crate::ledger::rules::Rules;
use crate::ledger::statement::Statement;
use crate::ledger::team::{Generation, TeamBody, TeamState};
use crate::ledger::tests::{
    ADMINISTRATOR, Book, LEDGER, NOTHING, RECOVERY, applied, close, generation, keys, own, person,
    public, quarter, reread, sign, team_key,
};

const HISTORIES: u32 = 24;

/// What was said in a history, rightly.
fn written(moves: &[Move]) -> (Model, Book) {
    let (mut model, mut book) = begun(moves);
    for one in moves {
        let said = one.statement(&model, &book);
        let (by, is_allowed) = (model.signers(&said), model.allows(&said));
        let (Some(by), true) = (by, is_allowed) else {
            continue;
        };
        let number = |key| {
            (0..=RECOVERY)
                .find(|number| keys(*number).verify_key() == key)
                .unwrap()
        };
        let by: Vec<u8> = by.into_iter().map(number).collect();
        book.take(sign(said.clone(), &by)).unwrap();
        model.hear(said);
    }
    (model, book)
}

/// Who has left, and the number of the generation that they left with.
fn leavers(model: &Model) -> Vec<(u8, u32)> {
    let n = model.said.len();
    let left = |who: u8| {
        let goes = |at: &usize| matches!(model.said[*at].body, TeamBody::Exit { person: gone, .. } if gone == person(who));
        let at = (0..n).rev().find(goes)?;
        (model.is_in(at, person(who)) && !model.is_in(n, person(who)))
            .then(|| (who, model.generation(at).number))
    };
    (1..=PEOPLE).filter_map(left).collect()
}

/// One of each kind, for a team of this generation, about that person.
fn everything(now: u32, leaver: u8, whom: u8) -> Vec<TeamBody> {
    let keys_of = |number| keys(number).verify_key();
    let mut next = generation(u8::try_from(now).unwrap() + 1);
    next.keys = public(own(leaver, 3));
    let (newcomer, theirs) = (person(whom), public(own(leaver, 3)));
    vec![
        TeamBody::Approve {
            newcomer,
            keys: theirs.clone(),
        },
        TeamBody::Object { newcomer },
        TeamBody::Admit {
            newcomer,
            keys: theirs.clone(),
            lead: false,
        },
        TeamBody::Generation(next),
        TeamBody::Exit {
            person: newcomer,
            by: None,
        },
        TeamBody::Lead {
            person: newcomer,
            lead: true,
        },
        TeamBody::Lead {
            person: newcomer,
            lead: false,
        },
        TeamBody::Rules(Rules::USUAL),
        TeamBody::RulesWish(Rules::USUAL),
        TeamBody::RulesStop,
        TeamBody::Recovery { on: true },
        TeamBody::Recovery { on: false },
        TeamBody::Renew(theirs.clone()),
        TeamBody::Recover {
            keys: theirs.clone(),
            recovery: keys_of(RECOVERY),
        },
        TeamBody::Recover {
            keys: theirs,
            recovery: keys_of(own(leaver, 0)),
        },
    ]
}

/// Everything the leaver may have signed with, one key to three.
fn hands(leaver: u8, newest: u32) -> Vec<Vec<u8>> {
    let newest = u8::try_from(newest).unwrap();
    let first = newest.saturating_sub(1).max(1);
    let held: Vec<u8> = [own(leaver, 0), own(leaver, 1), own(leaver, 3)]
        .into_iter()
        .chain((first..=newest).map(team_key))
        .collect();
    let pairs = held
        .iter()
        .flat_map(|one| held.iter().map(|other| vec![*one, *other]));
    let with_new = |mut by: Vec<u8>| {
        by.push(own(leaver, 3));
        by
    };
    held.iter()
        .map(|one| vec![*one])
        .chain(pairs.clone())
        .chain(pairs.map(with_new))
        .chain([vec![]])
        .collect()
}

/// Says in everybody's name whatever there is to say. Nothing but exits is taken.
fn try_everything(model: &Model, book: &Book, leaver: u8, held: u32) -> u32 {
    let mut tried = 0;
    let state = book.state();
    let members = state.members.keys().copied();
    let names: Vec<StaffId> = members.take(1).chain([person(leaver)]).collect();
    let at = model.said.last().unwrap().at;
    for whom in [leaver, PEOPLE + 1] {
        for (name, body) in names.iter().flat_map(|name| {
            everything(state.generation.number, leaver, whom)
                .into_iter()
                .map(move |body| (*name, body))
        }) {
            for by in hands(leaver, held) {
                let said = Statement::after((LEDGER, book.head()), (name, at), body.clone());
                let outcome = applied(Some(state), &sign(said.clone(), &by), NOTHING);
                assert!(outcome.is_err(), "{said:?} by {by:?}");
                tried += 1;
            }
        }
    }
    tried
}

#[test]
fn a_leaver_with_everything_they_held_can_append_nothing_but_exits() {
    let tried = std::cell::Cell::new(0);
    over_histories(HISTORIES, |moves| {
        let (model, book) = written(moves);
        for (leaver, held) in leavers(&model).into_iter().take(1) {
            tried.set(tried.get() + try_everything(&model, &book, leaver, held));
        }
    });
    assert!(tried.get() > 1_000, "{}", tried.get());
}

/// The forgery with which somebody who had left read on: another second generation, signed with what the first one's key signs.
#[test]
fn a_leaver_with_last_months_key_makes_no_other_generation() {
    let mut book = Book::of_three(LEDGER);
    let old = book.clone();
    book.say(1, 1, close(3));
    book.say(1, 1, TeamBody::Generation(generation(2)));
    let forged = TeamBody::Generation(Generation {
        number: 2,
        key: KeyId::from_bytes([9; 16]),
        keys: public(own(3, 3)),
    });
    // After the exit, and, from an old copy, in place of it: that is another list than the one that the witness saw.
    for book in [&book, &old] {
        for name in [1, 3] {
            for by in hands(3, 1) {
                let theirs = [own(3, 0), team_key(1), own(3, 3)];
                let is_there_still = std::ptr::eq(book, &old) && name == 3 && by == theirs;
                let outcome = book.tried(name, 1, forged.clone(), &by);
                assert_eq!(outcome.is_ok(), is_there_still, "{name} {by:?}");
            }
        }
    }
    let fork = old.next(3, 1, forged, &[own(3, 0), team_key(1), own(3, 3)]);
    let mut kept = book.to_bytes();
    let at = old.kept.len();
    kept[at] = fork.to_bytes();
    assert_eq!(
        reread(LEDGER, &kept).map(|book| book.head()),
        Err(Refused::Forked)
    );
}

/// Exits take rights only, whoever says them: nobody is in who was not, and nothing else is as it was not.
#[test]
fn an_exit_only_takes() {
    over_histories(64, |moves| {
        let (_, book) = written(moves);
        let Some(before) = &book.read.state else {
            return;
        };
        let at = u32::try_from(before.at.seconds() / 900).unwrap();
        for whom in 1..=PEOPLE {
            let mut after = book.clone();
            let exit = book.next(7, at, close(whom), &[ADMINISTRATOR]);
            if after.take(exit).is_ok() {
                let after = after.state();
                let mut left = before.members.clone();
                left.remove(&person(whom));
                let rules = |state: &TeamState| state.rules(quarter(at).start());
                assert_eq!(after.members, left);
                assert_eq!(after.generation, before.generation);
                assert_eq!(after.recovery, before.recovery);
                assert_eq!(rules(after), rules(before));
                let newly = |one: &&StaffId| after.may_lead(**one) && !before.may_lead(**one);
                assert_eq!(left.keys().find(newly), None);
            }
        }
    });
}

//! Random histories: members, leavers and strangers say what they may and what they may not, and a model says which is which.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::model::Said;
use super::moves::{Move, begun};
use super::over_histories;
use crate::ledger::Refused;
use crate::ledger::replay::Trust;
use crate::ledger::statement::Body;
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{NOTHING, applied, keys, sign};

/// Histories that are compared with the model, without and with signatures.
const HISTORIES: u32 = 10_000;
const SIGNED_HISTORIES: u32 = 500;

/// What was accepted and what was refused, by kind and by reason.
#[derive(Default)]
struct Tally {
    accepted: BTreeMap<u8, u32>,
    refused: BTreeMap<String, u32>,
}

impl Tally {
    fn count(&mut self, said: &Said, outcome: Result<(), Refused>) {
        let kind = borsh::to_vec(&said.body).unwrap()[0];
        match outcome {
            Ok(()) => *self.accepted.entry(kind).or_default() += 1,
            Err(refused) => *self.refused.entry(format!("{refused:?}")).or_default() += 1,
        }
    }
}

/// Plays a history; each statement is taken if and only if the model says so, and then the states agree.
fn play(moves: &[Move], is_signed: bool, tally: &RefCell<Tally>) {
    let (mut model, mut book) = begun(moves);
    for one in moves {
        let said = one.statement(&model, &book);
        let by = if is_signed {
            one.signers(&model, &said)
        } else {
            Vec::new()
        };
        let signed = sign(said.clone(), &by);
        let trust = if is_signed { NOTHING } else { Trust::Witnessed };
        let outcome = applied(book.read.state.as_ref(), &signed, trust);
        let by: Vec<_> = by.iter().map(|number| keys(*number).verify_key()).collect();
        let is_by_whom_it_must = !is_signed || model.signers(&said) == Some(by);
        let is_allowed = model.allows(&said) && is_by_whom_it_must;
        assert_eq!(outcome.is_ok(), is_allowed, "{said:?}: {outcome:?}");
        tally.borrow_mut().count(
            &said,
            outcome.as_ref().map(|_| ()).map_err(|refused| *refused),
        );
        if let Ok(state) = outcome {
            book.read.state = Some(state);
            book.read.head = signed.head;
            book.kept.push(signed);
            model.hear(said);
            model.must_agree_with(book.state());
        }
    }
}

fn run(histories: u32, is_signed: bool) -> Tally {
    let tally = RefCell::default();
    over_histories(histories, |moves| play(moves, is_signed, &tally));
    tally.into_inner()
}

/// No rule is only ever kept.
fn must_reach(tally: &Tally, refusals: &[Refused]) {
    for refused in refusals {
        let refused = format!("{refused:?}");
        let count = tally.refused.get(&refused);
        assert!(count.is_some(), "{refused}: {:?}", tally.refused);
    }
}

const RULES: [Refused; 11] = [
    Refused::OutOfOrder,
    Refused::BackDated,
    Refused::NotAMember,
    Refused::NotALead,
    Refused::LastLead,
    Refused::WrongStanding,
    Refused::KnownKeys,
    Refused::TooFew,
    Refused::TooEarly,
    Refused::InvalidRules,
    Refused::WrongGeneration,
];

#[test]
fn a_team_is_what_the_model_says_after_every_history() {
    let tally = run(HISTORIES, false);
    let kinds: Vec<u8> = tally.accepted.keys().copied().collect();
    assert_eq!(kinds, Vec::from_iter(TeamBody::KINDS));
    must_reach(&tally, &RULES);
}

#[test]
fn so_it_is_when_signatures_are_checked() {
    let tally = run(SIGNED_HISTORIES, true);
    must_reach(&tally, &[Refused::WrongSigner, Refused::NoRecovery]);
}

//! Letting newcomers into a team: members compare a fingerprint and give their word; when the team's rules are met, the next member's
//! session writes the wraps.
//!
//! A word is signed by the member's own key and counts only from somebody whom the team's key vouches for, so that no row in the
//! database lets anybody in. How many words and how long a delay is a rule of the server.

mod change;
mod evaluate;
pub mod rules;

use std::sync::Arc;

use super::accounts::Caller;
use super::attempts;
use super::context::Context;
use super::keyring::MemberKeys;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::MemberState;
use crate::seal::chain::CustodianPins;
use crate::seal::opening;
use crate::service::error::Error;
use crate::store::{self, AdmissionRow, DbConnection, StoreError, WrapRow};

pub use change::{RuleRequest, Set, TeamRules};
use evaluate::{Door, Newcomer};

/// Somebody who waits to be let into a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMember {
    /// Who.
    pub staff: StaffId,
    /// Their handle.
    pub handle: String,
    /// Into which team.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// 30 digits of their key, to be compared by voice.
    pub fingerprint: String,
    /// Handles of the members whose word counts now.
    pub approved_by: Vec<String>,
    /// Whether the caller is one of them.
    pub approved_by_me: bool,
    /// How many more words are needed.
    pub missing: usize,
    /// From when on a member's session lets them in, once there are enough words.
    pub from: Option<Timestamp>,
    /// Whether that time has come.
    pub ready: bool,
    /// Whether one more word lets them in at once.
    pub one_word_is_enough: bool,
}

/// What came of a member's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approved {
    /// The newcomer is in.
    LetIn,
    /// More words, or time, are needed.
    Waits,
}

/// See the module.
#[derive(Clone)]
pub struct Admission {
    context: Context,
}

impl Admission {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Who waits to be let into the caller's teams, and what is still missing.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn waiting(&self, caller: &Caller) -> Result<Vec<WaitingMember>, Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        let (pins, now) = (self.context.pins(), self.context.clock.now());
        self.context
            .store
            .run(move |conn| {
                let mut waiting = Vec::new();
                for team in hand.teams(conn)? {
                    let Some(door) = Door::of(conn, &pins, &hand, team, now)? else {
                        continue;
                    };
                    for newcomer in door.newcomers(conn)? {
                        waiting.push(view(conn, &hand, &door, newcomer, now)?);
                    }
                }
                Ok(waiting)
            })
            .await
    }

    /// Gives the caller's word for a newcomer, and lets them in if that was all that was missing.
    ///
    /// `fingerprint` is what the page showed: if the newcomer's key is another one by now, nothing is done.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn approve(
        &self,
        caller: &Caller,
        newcomer: StaffId,
        team: TeamId,
        fingerprint: &str,
        code: &str,
    ) -> Result<Approved, Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        let known = self.waiting(caller).await?;
        let known = known
            .iter()
            .find(|waiting| waiting.staff == newcomer && waiting.team == team);
        match known {
            None => return Err(Error::NotFound),
            Some(known) if known.fingerprint != fingerprint => return Err(Error::Changed),
            Some(known) if known.approved_by_me => return Err(Error::Already),
            Some(_) => {}
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let (pins, now) = (self.context.pins(), self.context.clock.now());
        let fingerprint = fingerprint.to_owned();
        self.context
            .write(move |txn| {
                let door = Door::of(txn, &pins, &hand, team, now)?.ok_or(Error::NotFound)?;
                let newcomer = door.newcomer(txn, newcomer)?.ok_or(Error::Changed)?;
                if newcomer.fingerprint != fingerprint {
                    return Err(Error::Changed);
                }
                approve_in_txn(txn, &hand, &door, &newcomer)?;
                if !door.state(txn, &newcomer)?.is_met(now) {
                    return Ok(Approved::Waits);
                }
                let_in_txn(txn, &hand, &door, &newcomer)?;
                Ok(Approved::LetIn)
            })
            .await
    }

    /// Lets somebody in for whom the rules are met: the click of any member after the delay.
    ///
    /// # Errors
    /// [`Error::NotYet`] if they are not.
    pub async fn let_in(
        &self,
        caller: &Caller,
        newcomer: StaffId,
        team: TeamId,
    ) -> Result<(), Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        let (pins, now) = (self.context.pins(), self.context.clock.now());
        self.context
            .write(move |txn| {
                let door = Door::of(txn, &pins, &hand, team, now)?.ok_or(Error::NotFound)?;
                let newcomer = door.newcomer(txn, newcomer)?.ok_or(Error::NotFound)?;
                if !door.state(txn, &newcomer)?.is_met(now) {
                    return Err(Error::NotYet);
                }
                let_in_txn(txn, &hand, &door, &newcomer)
            })
            .await
    }

    /// A member objects: every word for the newcomer is gone, and the members must compare and agree anew.
    ///
    /// # Errors
    /// [`Error::Changed`] if nobody had given their word.
    pub async fn object(
        &self,
        caller: &Caller,
        newcomer: StaffId,
        team: TeamId,
    ) -> Result<(), Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        self.context
            .write(move |txn| {
                if !hand.teams(txn)?.contains(&team) {
                    return Err(Error::NotFound);
                }
                let words = store::admissions_delete(txn, team, newcomer)?;
                if words == 0 {
                    return Err(Error::Changed);
                }
                let event = AuditEvent::MemberObjectedTo {
                    team,
                    person: newcomer,
                    words,
                };
                Ok(txn.record(hand.staff, event)?)
            })
            .await
    }
}

/// Lets in, by the hand of a member who has come by, whoever has waited long enough. Says how many.
///
/// # Errors
/// [`Error`]; nothing is half done.
pub(super) async fn finish_due(context: &Context, hand: &Arc<MemberKeys>) -> Result<usize, Error> {
    if !context.store.run(store::admission_any).await? {
        return Ok(0);
    }
    let (pins, now) = (context.pins(), context.clock.now());
    let reader = Arc::clone(hand);
    let any = context
        .store
        .run({
            let pins = pins.clone();
            move |conn| Ok::<_, Error>(!due(conn, &pins, &reader, now)?.is_empty())
        })
        .await?;
    if !any {
        return Ok(0);
    }
    let hand = Arc::clone(hand);
    context
        .write(move |txn| {
            let due = due(txn, &pins, &hand, now)?;
            for (door, newcomer) in &due {
                let_in_txn(txn, &hand, door, newcomer)?;
            }
            Ok(due.len())
        })
        .await
}

fn due(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    hand: &MemberKeys,
    now: Timestamp,
) -> Result<Vec<(Arc<Door>, Newcomer)>, Error> {
    let mut found = Vec::new();
    for team in hand.teams(conn)? {
        let Some(door) = Door::of(conn, pins, hand, team, now)? else {
            continue;
        };
        let door = Arc::new(door);
        for newcomer in door.newcomers(conn)? {
            if door.state(conn, &newcomer)?.is_met(now) {
                found.push((Arc::clone(&door), newcomer));
            }
        }
    }
    Ok(found)
}

fn view(
    conn: &mut DbConnection,
    hand: &MemberKeys,
    door: &Door,
    newcomer: Newcomer,
    now: Timestamp,
) -> Result<WaitingMember, StoreError> {
    let state = door.state(conn, &newcomer)?;
    let mut approved_by = Vec::new();
    for word in &state.words {
        approved_by.push(store::staff_find(conn, word.approver)?.handle);
    }
    Ok(WaitingMember {
        staff: newcomer.staff,
        handle: newcomer.handle,
        team: door.team.id,
        team_name: door.team.name.clone(),
        fingerprint: newcomer.fingerprint,
        approved_by,
        approved_by_me: state.words.iter().any(|word| word.approver == hand.staff),
        missing: state.missing,
        from: state.from,
        ready: state.is_met(now),
        one_word_is_enough: state.missing == 1 && door.is_at_once(),
    })
}

fn approve_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    door: &Door,
    newcomer: &Newcomer,
) -> Result<(), Error> {
    let now = txn.now();
    let given = door.state(txn, newcomer)?;
    if given.words.iter().any(|word| word.approver == hand.staff) {
        return Err(Error::Already);
    }
    let at = now.quarter();
    let generation = door.ring.active.row.id;
    let word = newcomer.approval(door.team.id, generation, at);
    let row = AdmissionRow {
        team: door.team.id,
        staff: newcomer.staff,
        approver: hand.staff,
        fingerprint: newcomer.fingerprint.clone(),
        at,
        generation,
        signature: *word.sign(hand.keys.signing()).as_bytes(),
    };
    store::admission_put(txn, &row)?;
    let event = AuditEvent::MemberApproved {
        team: door.team.id,
        person: newcomer.staff,
        digits: newcomer.fingerprint.clone(),
    };
    Ok(txn.record(hand.staff, event)?)
}

/// Wraps the team's live generations to the newcomer's key, with the active one's word for it.
fn let_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    door: &Door,
    newcomer: &Newcomer,
) -> Result<(), Error> {
    let now = txn.now();
    let (team, staff) = (door.team.id, newcomer.staff);
    rules::settle_in_txn(txn, team, now)?;
    for live in std::iter::once(&door.ring.active).chain(&door.ring.old) {
        let row = &live.row;
        let sealed = opening::seal_wrap(&newcomer.recipient, row.id, row.generation, &live.secrets)
            .map_err(|_| Error::Unavailable)?;
        let wrap = WrapRow {
            parent: newcomer.key,
            child: row.id,
            sealed,
        };
        store::wrap_insert(txn, &wrap)?;
    }
    let active = &door.ring.active;
    let word = newcomer.member(team).sign(active.secrets.signing());
    store::membership_vouch(txn, team, staff, word.as_bytes(), active.row.id)?;
    store::membership_move(txn, team, staff, MemberState::Waiting, MemberState::Member)?;
    let words = store::admissions_delete(txn, team, staff)?;
    let event = AuditEvent::MemberLetIn {
        team,
        person: staff,
        digits: newcomer.fingerprint.clone(),
        words,
    };
    Ok(txn.record(hand.staff, event)?)
}

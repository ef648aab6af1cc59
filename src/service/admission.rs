//! Letting newcomers into a team: members compare a fingerprint and give their word; when the team's rules are met, the next member's
//! session writes the wraps.
//!
//! Words, objections and rules are statements in the team's ledger: no row in the database lets anybody in.

mod change;
mod door;
mod lead;

use std::sync::Arc;

use super::accounts::Caller;
use super::attempts;
use super::authority::Authority;
use super::context::Context;
use super::keyring::MemberKeys;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::MemberState;
use crate::ledger::team::{TeamBody, TeamState};
use crate::seal::opening;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreError, WrapRow};

pub use crate::ledger::rules::Rules;
pub use change::{RuleRequest, Set, TeamRules};
use door::{Door, Newcomer};
pub use lead::LeadChange;

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
    /// Whether it has, and a lead must let them in, because they are to lead the team and the caller does not.
    pub needs_a_lead: bool,
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
        let (authority, now) = (self.context.authority.clone(), self.context.clock.now());
        self.context
            .read(move |conn| {
                let mut waiting = Vec::new();
                for door in doors(conn, &authority, &hand, now)? {
                    for newcomer in door.newcomers(conn)? {
                        waiting.push(view(conn, &hand, &door, newcomer)?);
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
        let fingerprint = fingerprint.to_owned();
        self.context
            .write(move |txn| {
                let mut door = Door::of(txn, &hand, team)?.ok_or(Error::NotFound)?;
                let newcomer = door.newcomer(txn, newcomer)?.ok_or(Error::Changed)?;
                if newcomer.fingerprint() != fingerprint {
                    return Err(Error::Changed);
                }
                approve_in_txn(txn, &hand, &mut door, &newcomer)?;
                if !door.is_open_to(&newcomer) {
                    return Ok(Approved::Waits);
                }
                let_in_txn(txn, &hand, &mut door, &newcomer)?;
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
        self.context
            .write(move |txn| {
                let mut door = Door::of(txn, &hand, team)?.ok_or(Error::NotFound)?;
                let newcomer = door.newcomer(txn, newcomer)?.ok_or(Error::NotFound)?;
                if !door.is_open_to(&newcomer) {
                    return Err(Error::NotYet);
                }
                let_in_txn(txn, &hand, &mut door, &newcomer)
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
                let words = txn.team(team)?.words_for(newcomer);
                let keys = [hand.keys.signing()];
                txn.say(team, hand.staff, &keys, TeamBody::Object { newcomer })?;
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
    let (authority, now, reader) = (
        context.authority.clone(),
        context.clock.now(),
        Arc::clone(hand),
    );
    let any = context.read(move |conn| {
        for team in reader.teams(conn)? {
            let ledger = authority.team(conn, team)?;
            if ledger.state.as_ref().is_some_and(TeamState::has_words) {
                let door = Door::at(conn, &authority, &reader, team, now)?;
                if door.is_some_and(|door| door.is_anybody_due(conn).unwrap_or(false)) {
                    return Ok::<_, Error>(true);
                }
            }
        }
        Ok(false)
    });
    if !any.await? {
        return Ok(0);
    }
    let hand = Arc::clone(hand);
    context
        .write(move |txn| {
            let mut came = 0;
            for team in hand.teams(txn)? {
                let Some(mut door) = Door::of(txn, &hand, team)? else {
                    continue;
                };
                for newcomer in door.newcomers(txn)? {
                    if door.is_open_to(&newcomer) {
                        let_in_txn(txn, &hand, &mut door, &newcomer)?;
                        came += 1;
                    }
                }
            }
            Ok(came)
        })
        .await
}

/// The doors of a member's teams.
fn doors(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
    now: Timestamp,
) -> Result<Vec<Door>, Error> {
    let mut doors = Vec::new();
    for team in hand.teams(conn)? {
        doors.extend(Door::at(conn, authority, hand, team, now)?);
    }
    Ok(doors)
}

fn view(
    conn: &mut DbConnection,
    hand: &MemberKeys,
    door: &Door,
    newcomer: Newcomer,
) -> Result<WaitingMember, StoreError> {
    let words = door.team.words(newcomer.staff, &newcomer.keys);
    let mut approved_by = Vec::new();
    for word in &words {
        approved_by.push(store::staff_handle(conn, word.by)?);
    }
    let missing = door.rules().approvals().saturating_sub(words.len());
    Ok(WaitingMember {
        staff: newcomer.staff,
        team: door.row.id,
        team_name: door.row.name.clone(),
        approved_by,
        approved_by_me: words.iter().any(|word| word.by == hand.staff),
        missing,
        from: door.opens(&newcomer),
        ready: door.is_open_to(&newcomer),
        needs_a_lead: door.has_waited(&newcomer) && door.needs_a_lead(&newcomer),
        one_word_is_enough: missing == 1
            && door.rules().delay_hours() == 0
            && !door.needs_a_lead(&newcomer),
        fingerprint: newcomer.fingerprint(),
        handle: newcomer.handle,
    })
}

fn approve_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    door: &mut Door,
    newcomer: &Newcomer,
) -> Result<(), Error> {
    let given = door.team.words(newcomer.staff, &newcomer.keys);
    if given.iter().any(|word| word.by == hand.staff) {
        return Err(Error::Already);
    }
    let (team, person) = (door.row.id, newcomer.staff);
    let body = TeamBody::Approve {
        newcomer: person,
        keys: newcomer.keys.clone(),
    };
    door.team = txn.say(team, hand.staff, &[hand.keys.signing()], body)?;
    let event = AuditEvent::MemberApproved {
        team,
        person,
        digits: newcomer.fingerprint(),
    };
    Ok(txn.record(hand.staff, event)?)
}

/// Says so in the ledger, which refuses it while the rules are not met, and wraps the team's live generations to the newcomer's key.
fn let_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    door: &mut Door,
    newcomer: &Newcomer,
) -> Result<(), Error> {
    let (team, staff) = (door.row.id, newcomer.staff);
    let words = door.team.words_for(staff);
    let body = TeamBody::Admit {
        newcomer: staff,
        keys: newcomer.keys.clone(),
        lead: newcomer.should_lead,
    };
    door.team = txn.say(team, hand.staff, &[hand.keys.signing()], body)?;
    for live in std::iter::once(&door.ring.active).chain(&door.ring.old) {
        let row = &live.row;
        let recipient = &newcomer.keys.recipient;
        let sealed = opening::seal_wrap(recipient, row.id, row.generation, &live.secrets)?;
        let wrap = WrapRow {
            parent: newcomer.key,
            child: row.id,
            sealed,
        };
        store::wrap_insert(txn, &wrap)?;
    }
    store::membership_move(txn, team, staff, MemberState::Waiting, MemberState::Member)?;
    let event = AuditEvent::MemberLetIn {
        team,
        person: staff,
        digits: newcomer.fingerprint(),
        words,
    };
    Ok(txn.record(hand.staff, event)?)
}

//! The change of a team's key, by a member's hand: begin, re-seal grant by grant, finish.
//!
//! Every step finds its work from what is in the database, so a run may be cut off anywhere, carried on by anybody who holds the
//! team's keys, and run twice at once.

use std::sync::Arc;
use std::thread;

use super::outcome::Step;
use super::{begin, bodies, epochs, recovery};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationState;
use crate::domain::sealed::{Grant, Sealed};
use crate::seal::keys::{Identity, Recipient};
use crate::seal::opening;
use crate::seal::random;
use crate::service::authority::Authority;
use crate::service::context::Context;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, OpenGeneration};
use crate::service::rekey;
use crate::service::txn::Txn;
use crate::service::watch;
use crate::store::{self, DbConnection, GrantRow, KeyRow, StoreError};

/// The priority of work that can wait (`nice` 0 to 19).
const LAST: i32 = 19;

/// Grants under an old generation, and the active one that they go to.
pub(super) struct Batch {
    grants: Vec<GrantRow>,
    old: KeyId,
    old_identity: Identity,
    new: KeyId,
    new_identity: Identity,
    new_recipient: Recipient,
    /// For each grant, what it takes for its report to go to its next key; nothing where it goes as it is.
    epochs: Vec<Option<epochs::Work>>,
}

/// A grant as it goes on.
pub(super) enum Moved {
    Grant(Sealed<Grant>),
    Epoch(Box<epochs::Made>),
}

pub(super) enum Work {
    Nothing,
    Recovery,
    Begin,
    Move(Box<Batch>),
    Bodies(Box<bodies::Batch>),
    /// With the old generations under which nothing is left but bodies that do not open.
    Finish(Vec<KeyId>),
}

/// Does the next step of a team's change: at most one transaction, at most `limit` grants, on `threads` threads.
///
/// # Errors
/// [`Error`]; nothing is half done.
pub(in crate::service) async fn step(
    context: &Context,
    hand: &Arc<MemberKeys>,
    team: TeamId,
    limit: usize,
    threads: usize,
) -> Result<Step, Error> {
    let day = context.clock.today();
    let reader = Arc::clone(hand);
    let authority = context.authority.clone();
    let work = context
        .read(move |conn| find(conn, (&authority, day), &reader, team, limit))
        .await;
    if work.as_ref().err() == Some(&Error::Refused) {
        watch::refused(context, team).await;
    }
    match work? {
        Work::Nothing => Ok(Step::Idle),
        Work::Recovery => {
            let hand = Arc::clone(hand);
            let settled = context
                .write(move |txn| recovery::settle_in_txn(txn, &hand, team))
                .await?;
            Ok(if settled { Step::Recovery } else { Step::Idle })
        }
        Work::Begin => {
            let hand = Arc::clone(hand);
            let begun = context
                .write(move |txn| begin::begin_in_txn(txn, &hand, team))
                .await;
            if begun == Err(Error::Refused) {
                watch::refused(context, team).await;
            }
            let begun = begun?;
            Ok(if begun { Step::Begun } else { Step::Idle })
        }
        Work::Move(batch) => {
            let (batch, made) = store::aside(move || {
                let made = reseal(&batch, threads);
                (batch, made)
            })
            .await
            .map_err(|_| Error::Unavailable)?;
            let moved = context
                .write(move |txn| keep_in_txn(txn, team, &batch, made))
                .await;
            match moved {
                // Somebody has begun the next change: what was sealed is for a key that is not active any more.
                Err(Error::Changed) => Ok(Step::Moved {
                    grants: 0,
                    set_aside: 0,
                }),
                other => other,
            }
        }
        Work::Bodies(batch) => bodies::step(context, *batch).await,
        Work::Finish(stuck) => {
            let finished = context
                .write(move |txn| finish_in_txn(txn, team, &stuck))
                .await?;
            Ok(if finished { Step::Finished } else { Step::Idle })
        }
    }
}

/// Looks what is next. An order that waits begins only after the one before it is done.
pub(super) fn find(
    conn: &mut DbConnection,
    (authority, day): (&Authority, Day),
    hand: &MemberKeys,
    team: TeamId,
    limit: usize,
) -> Result<Work, Error> {
    let open = store::rotations_open(conn, team)?;
    let Some(ring) = hand.keyring(conn, team)? else {
        return Ok(Work::Nothing);
    };
    // What is not whole vouches for nobody: a report that went over now would keep the key that somebody left with.
    let state = authority.sound_team(conn, team)?;
    if !ring.fits(&state) {
        tracing::error!(event = "records-broken", %team, "ALARM: the key that stands as a team's is not the one in its ledger");
        return Err(Error::Refused);
    }
    if recovery::is_due(conn, authority, team, &ring, day)? {
        return Ok(Work::Recovery);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut stuck = Vec::new();
    for old in &ring.old {
        // From a random place on, so that two hands at once seldom take the same.
        let mut grants = store::grants_of_key(conn, old.row.id, random::report_place(), limit)?;
        if grants.is_empty() {
            let first = ReportId::from_bytes([0; 16]);
            grants = store::grants_of_key(conn, old.row.id, first, limit)?;
        }
        if grants.is_empty() {
            if let Some(batch) = bodies::find(conn, old, &ring.active, limit)? {
                return Ok(Work::Bodies(Box::new(batch)));
            }
            // A body that somebody has damaged must not keep the key from being changed.
            if !is_empty(conn, old.row.id)? {
                stuck.push(old.row.id);
            }
            continue;
        }
        let next = ring.active.secrets.identity();
        let suite = |one: &OpenGeneration| one.secrets.identity().suite();
        let is_newer = suite(old) < suite(&ring.active);
        let epochs = if is_newer || state.is_held_outside(old.row.generation) {
            let new = ring.active.row.id;
            let mut reach = rekey::reach(conn, authority, hand)?;
            reach.take_in(hand, (team, &ring), Some(state.clone()));
            let found = grants
                .iter()
                .map(|grant| epochs::find(conn, authority, (hand, &reach), (grant.report, new)));
            found.collect::<Result<_, _>>()?
        } else {
            grants.iter().map(|_| None).collect()
        };
        return Ok(Work::Move(Box::new(Batch {
            epochs,
            grants,
            old: old.row.id,
            old_identity: old.secrets.identity().share(),
            new: ring.active.row.id,
            new_identity: next.share(),
            new_recipient: next.recipient(),
        })));
    }
    let mut to_finish = open.iter().any(|order| order.state == RotationState::Begun);
    for old in retiring(conn, team)? {
        if stuck.contains(&old.id) {
            continue;
        }
        if !is_empty(conn, old.id)? {
            // Somebody else's to do: this member does not hold that generation.
            return Ok(Work::Nothing);
        }
        to_finish |= store::quarantine_count(conn, old.id)? == 0;
    }
    Ok(match (to_finish, open.is_empty()) {
        (true, _) => Work::Finish(stuck),
        (false, false) => Work::Begin,
        (false, true) => Work::Nothing,
    })
}

/// Whether no grant and no body of the audit log is under a key.
fn is_empty(conn: &mut DbConnection, key: KeyId) -> Result<bool, StoreError> {
    let first = ReportId::from_bytes([0; 16]);
    Ok(store::grants_of_key(conn, key, first, 1)?.is_empty()
        && !store::audit_any_of_key(conn, key)?)
}

fn retiring(conn: &mut DbConnection, team: TeamId) -> Result<Vec<KeyRow>, StoreError> {
    let mut keys = store::keys_of_team(conn, team)?;
    keys.retain(|key| key.state == KeyState::Retiring);
    Ok(keys)
}

/// The work of the processor, outside any transaction. In the order of the batch; `None` for what does not open.
pub(super) fn reseal(batch: &Batch, threads: usize) -> Vec<Option<Moved>> {
    let one = |(grant, epoch): (&GrantRow, &Option<epochs::Work>)| {
        let made = epoch
            .as_ref()
            .and_then(|work| work.make(&batch.old_identity, grant));
        if let Some(made) = made {
            return Some(Moved::Epoch(Box::new(made)));
        }
        opening::rewrap(
            &batch.old_identity,
            &grant.sealed,
            grant.report,
            &batch.new_identity,
            &batch.new_recipient,
        )
        .map(Moved::Grant)
        .ok()
    };
    let share = batch.grants.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let hands: Vec<_> = batch
            .grants
            .chunks(share)
            .zip(batch.epochs.chunks(share))
            .map(|(part, epochs)| {
                scope.spawn(move || {
                    give_way();
                    part.iter().zip(epochs).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        batch
            .grants
            .chunks(share)
            .zip(hands)
            .flat_map(|(part, hand)| {
                let made = hand.join();
                made.unwrap_or_else(|_| part.iter().map(|_| None).collect())
            })
            .collect()
    })
}

/// Whoever submits or reads goes first: on Linux this concerns the calling thread alone, which ends with its batch.
fn give_way() {
    if let Err(error) = rustix::process::setpriority_process(None, LAST) {
        tracing::debug!(%error, "the change of a key runs at usual priority");
    }
}

pub(super) fn keep_in_txn(
    txn: &mut Txn<'_>,
    team: TeamId,
    batch: &Batch,
    made: Vec<Option<Moved>>,
) -> Result<Step, Error> {
    let day = txn.today();
    let ledger = txn.authority().team(txn, team)?;
    if ledger.state.as_ref().map(|state| state.generation.key) != Some(batch.new) {
        return Err(Error::Changed);
    }
    let (mut grants, mut set_aside) = (0, 0);
    for (grant, made) in batch.grants.iter().zip(made) {
        let report = grant.report;
        match made {
            Some(Moved::Epoch(made)) => grants += usize::from(made.keep_in_txn(txn)?),
            Some(Moved::Grant(sealed)) => {
                let moved = store::grant_replace(txn, report, batch.old, batch.new, &sealed)?;
                grants += usize::from(moved);
            }
            None if store::grant_quarantine(txn, report, batch.old, day)? => {
                set_aside += 1;
                tracing::error!(event = "report-damaged", key = %batch.old, "ALARM: a grant does not open and was set aside");
                txn.record(
                    None,
                    AuditEvent::GrantSetAside {
                        report,
                        key: batch.old,
                    },
                )?;
                let kind = AlarmKind::GrantSetAside;
                txn.raise(kind, &team.to_string())?;
            }
            None => {}
        }
    }
    Ok(Step::Moved { grants, set_aside })
}

/// Destroys old generations under which nothing is left. One with grants set aside stays, so that they can still be opened, and so does
/// one with bodies that do not open.
pub(super) fn finish_in_txn(
    txn: &mut Txn<'_>,
    team: TeamId,
    stuck: &[KeyId],
) -> Result<bool, Error> {
    let day = txn.today();
    let mut changed = false;
    for key in retiring(txn, team)? {
        if !is_empty(txn, key.id)? {
            if stuck.contains(&key.id) && store::grants_count(txn, key.id)? == 0 {
                continue;
            }
            return Ok(changed);
        }
        if store::quarantine_count(txn, key.id)? > 0 {
            continue;
        }
        store::key_move(txn, key.id, KeyState::Retiring, KeyState::Retired)?;
        let wraps = store::wraps_delete_of_child(txn, key.id)?;
        store::key_move(txn, key.id, KeyState::Retired, KeyState::Destroyed)?;
        txn.record(
            None,
            AuditEvent::TeamKeyDestroyed {
                team,
                key: key.id,
                wraps,
            },
        )?;
        changed = true;
    }
    for order in store::rotations_open(txn, team)? {
        if order.state != RotationState::Begun {
            continue;
        }
        store::rotation_finish(txn, order.id, day)?;
        let grants = match order.key {
            Some(key) => store::grants_count(txn, key)?,
            None => 0,
        };
        txn.record(
            None,
            AuditEvent::RotationFinished {
                team,
                order: order.id,
                grants,
            },
        )?;
        changed = true;
    }
    Ok(changed)
}

/// Tries once more what was set aside under a team's old generations: a damaged row may have been put right. Says how many came back.
///
/// # Errors
/// [`Error`].
pub(in crate::service) fn retry_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    team: TeamId,
) -> Result<usize, Error> {
    let ledger = txn.authority().team(txn, team)?;
    let ring = hand.keyring(txn, team)?;
    let ring = ring.filter(|ring| ledger.state.as_ref().is_some_and(|state| ring.fits(state)));
    let Some(ring) = ring else {
        return Ok(0);
    };
    let next = ring.active.secrets.identity();
    let recipient = next.recipient();
    let mut back = 0;
    for old in &ring.old {
        for grant in store::quarantine_of_key(txn, old.row.id)? {
            let opened = opening::rewrap(
                old.secrets.identity(),
                &grant.sealed,
                grant.report,
                next,
                &recipient,
            );
            if let Ok(sealed) = opened {
                let (from, to) = (old.row.id, ring.active.row.id);
                store::quarantine_release(txn, grant.report, from, to, &sealed)?;
                back += 1;
            }
        }
    }
    if back > 0 {
        txn.record(hand.staff, AuditEvent::GrantRetried { team, grants: back })?;
    }
    Ok(back)
}

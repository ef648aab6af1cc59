//! Somebody leaves, or their key may be in wrong hands: one act, by somebody who holds no key.

use super::holders::held_alone;
use super::{Admin, administrator};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationReason;
use crate::domain::staff::{MemberState, StaffState, UnlockMethod};
use crate::ledger::team::TeamBody;
use crate::seal::keys::SigningKey;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::rotation::order::order_in_txn;
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, KeyRow, StoreError, WriteTxn};

/// How an account is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leaving {
    /// The person's key may be in wrong hands.
    pub compromised: bool,
    /// The reports of teams whose key nobody else holds may be lost for good.
    pub lose_reports: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Restricted reports that nobody but this person could read: their recovery code alone opens them now, with `kapea open`.
    pub kept: usize,
}

/// One account on its way out.
struct Exit {
    staff: StaffId,
    by: Closing,
    now: Timestamp,
    how: Leaving,
}

/// An administrator who closes an account, with their own key.
pub(super) struct Closing {
    actor: StaffId,
    signing: SigningKey,
}

impl Closing {
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            actor: caller.staff,
            signing: caller.keys.signing().share(),
        }
    }
}

impl Admin {
    /// Closes an account: sessions, unlock rows, wraps and claims go at once; the history keeps a neutral name. The keys of the
    /// person's teams are ordered to be changed, and restricted reports that they could read to get new keys; those that nobody else can read
    /// stay theirs, for their recovery code alone.
    ///
    /// # Errors
    /// [`Error::WouldLose`], [`Error::LastReader`] if something would be lost; [`Error::Changed`] for an
    /// account that is closed.
    pub async fn disable(
        &self,
        caller: &Caller,
        staff: StaffId,
        how: Leaving,
    ) -> Result<Closed, Error> {
        administrator(caller)?;
        if caller.staff == staff {
            return Err(Error::OwnAccount);
        }
        let (by, now) = (Closing::of(caller), self.context.clock.now());
        self.write(caller, move |txn| {
            let exit = Exit {
                staff,
                by,
                now,
                how,
            };
            exit.close_in_txn(txn)
        })
        .await
    }
}

impl Exit {
    fn close_in_txn(&self, txn: &mut Txn<'_>) -> Result<Closed, Error> {
        if store::staff_find(txn, self.staff)?.state == StaffState::Disabled {
            return Err(Error::Changed);
        }
        let lost = held_alone(txn, self.staff)?;
        if !lost.is_empty() && !self.how.lose_reports {
            return Err(Error::WouldLose);
        }
        txn.give_all_back(self.staff)?;
        self.order_rekeys_in_txn(txn)?;
        let had_keys = had_keys(txn, self.staff)?;
        let kept = self.drop_keys_in_txn(txn)?;
        self.leave_teams_in_txn(txn, had_keys)?;
        let recovery = store::unlock_find(txn, self.staff, UnlockMethod::Recovery)?;
        store::staff_disable(txn, self.staff)?;
        if kept > 0
            && let Some(row) = recovery
        {
            store::unlock_put(txn, &row)?;
        }
        let (person, lost) = (self.staff, lost.len());
        let event = if self.how.compromised {
            AuditEvent::AccountClosedCompromised { person, kept, lost }
        } else {
            AuditEvent::AccountClosed { person, kept, lost }
        };
        txn.record(self.by.actor, event)?;
        Ok(Closed { kept })
    }

    /// Restricted reports that the person can read, in whatever way, and that others can read too.
    fn order_rekeys_in_txn(&self, txn: &mut Txn<'_>) -> Result<(), Error> {
        let mut holding: Vec<KeyId> = Vec::new();
        for own in store::keys_of_staff(txn, self.staff)? {
            holding.push(own.id);
            for (wrap, _) in store::wraps_of_parent(txn, own.id)? {
                holding.push(wrap.child);
            }
        }
        for report in store::reports_restricted_of_keys(txn, &holding)? {
            if !others_read(txn, report, self.staff)?
                || !store::rekey_order(txn, report, self.now.day())?
            {
                continue;
            }
            txn.record(self.by.actor, AuditEvent::ReportRekeyOrdered { report })?;
        }
        Ok(())
    }

    /// Wraps to the person's own keys go, and grants to them: but for restricted reports that nobody else can read. Says how many
    /// those are.
    fn drop_keys_in_txn(&self, txn: &mut Txn<'_>) -> Result<usize, Error> {
        let mut kept = 0;
        for key in store::keys_of_staff(txn, self.staff)? {
            let mut kept_here = 0;
            let first = ReportId::from_bytes([0; 16]);
            for grant in store::grants_of_key(txn, key.id, first, i64::MAX)? {
                if others_read(txn, grant.report, self.staff)? {
                    store::grant_delete(txn, grant.report, key.id)?;
                } else {
                    kept_here += 1;
                }
            }
            for (wrap, _) in store::wraps_of_parent(txn, key.id)? {
                store::wrap_delete(txn, wrap.parent, wrap.child)?;
            }
            retire_in_txn(txn, &key, kept_here == 0)?;
            kept += kept_here;
        }
        if kept > 0 && !self.how.compromised {
            return Err(Error::LastReader);
        }
        Ok(kept)
    }

    fn leave_teams_in_txn(&self, txn: &mut Txn<'_>, had_keys: bool) -> Result<(), Error> {
        let reason = if self.how.compromised {
            RotationReason::Compromise
        } else {
            RotationReason::Leaving
        };
        exit_in_txn(txn, self.staff, &self.by)?;
        store::renewal_delete(txn, self.staff)?;
        for membership in store::memberships_of_leaver(txn, self.staff)? {
            let team = membership.team;
            store::membership_delete(txn, team, self.staff)?;
            // After a reset nobody has let them in again, but what they held before may have been copied.
            if membership.state == MemberState::Member || had_keys {
                order_in_txn(txn, team, reason, Some(self.by.actor))?;
            }
        }
        Ok(())
    }
}

/// Takes somebody out of each team whose ledger has them in it, or at its door, and orders the next key of those that they were in. A ledger that does not hold takes nothing: it is told of
/// elsewhere, and does not keep an account open.
pub(super) fn exit_in_txn(txn: &mut Txn<'_>, person: StaffId, by: &Closing) -> Result<(), Error> {
    for membership in store::memberships_of_leaver(txn, person)? {
        let team = membership.team;
        let stands = match txn.team(team) {
            Ok(state) => state.members.contains_key(&person) || state.words_for(person) > 0,
            Err(Error::NotFound | Error::Refused) => false,
            Err(error) => return Err(error),
        };
        if stands {
            let body = TeamBody::Exit {
                person,
                by: Some(by.signing.verify_key()),
            };
            let state = txn.say(team, by.actor, &[&by.signing], body)?;
            if state.must_rotate {
                order_in_txn(txn, team, RotationReason::Leaving, Some(by.actor))?;
            }
        }
    }
    Ok(())
}

/// Whether anybody else who has an account can read a report.
fn others_read(
    conn: &mut DbConnection,
    report: ReportId,
    staff: StaffId,
) -> Result<bool, StoreError> {
    for reader in store::report_readers(conn, report)? {
        if reader != staff && store::staff_is_active(conn, reader)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the person has had a key that is destroyed by now, as after a reset.
fn had_keys(conn: &mut DbConnection, staff: StaffId) -> Result<bool, StoreError> {
    let keys = store::keys_of_staff(conn, staff)?;
    Ok(keys.iter().any(|key| key.state == KeyState::Destroyed))
}

/// The last steps of a person's key. One under which something is left stops before the end.
fn retire_in_txn(conn: &mut WriteTxn<'_>, key: &KeyRow, is_empty: bool) -> Result<(), StoreError> {
    if key.state == KeyState::Active {
        store::key_move(conn, key.id, KeyState::Active, KeyState::Retiring)?;
    }
    if is_empty && matches!(key.state, KeyState::Active | KeyState::Retiring) {
        store::key_move(conn, key.id, KeyState::Retiring, KeyState::Retired)?;
        store::key_move(conn, key.id, KeyState::Retired, KeyState::Destroyed)?;
    }
    Ok(())
}

//! Somebody leaves, or their key may be in wrong hands: one act, by somebody who holds no key.

use super::holders::held_alone;
use super::{Admin, AdminError, administrator, page_again_in_txn, record};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationReason;
use crate::domain::staff::{MemberState, StaffState, UnlockMethod};
use crate::service::accounts::Caller;
use crate::service::admission::rules::member_goes_in_txn;
use crate::service::journal::{Act, Journal};
use crate::service::rotation::order::order_in_txn;
use crate::store::{self, DbConnection, KeyRow, StoreError};

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
struct Exit<'a> {
    journal: &'a Journal,
    staff: StaffId,
    actor: StaffId,
    now: Timestamp,
    how: Leaving,
}

impl Admin {
    /// Closes an account: sessions, unlock rows, wraps and claims go at once; the history keeps a neutral name. The keys of the
    /// person's teams are ordered to be changed. If their key may be in wrong hands, restricted reports that they could read
    /// are ordered to get new keys; those that nobody else can read stay theirs, for their recovery code alone.
    ///
    /// # Errors
    /// [`AdminError::WouldLose`], [`AdminError::LastReader`] if something would be lost; [`AdminError::Changed`] for an
    /// account that is closed.
    pub async fn disable(
        &self,
        caller: &Caller,
        staff: StaffId,
        how: Leaving,
    ) -> Result<Closed, AdminError> {
        administrator(caller)?;
        if caller.staff == staff {
            return Err(AdminError::OwnAccount);
        }
        let journal = self.context.journal.clone();
        let (actor, now) = (caller.staff, self.context.clock.now());
        self.write(move |conn| {
            let exit = Exit {
                journal: &journal,
                staff,
                actor,
                now,
                how,
            };
            exit.close_in_txn(conn)
        })
        .await
    }
}

impl Exit<'_> {
    fn close_in_txn(&self, conn: &mut DbConnection) -> Result<Closed, AdminError> {
        if store::staff_find(conn, self.staff)?.state == StaffState::Disabled {
            return Err(AdminError::Changed);
        }
        let lost = held_alone(conn, self.staff)?;
        if !lost.is_empty() && !self.how.lose_reports {
            return Err(AdminError::WouldLose);
        }
        for released in store::claims_release_all_of_in_txn(conn, self.staff)? {
            page_again_in_txn(conn, &released, self.now)?;
        }
        if self.how.compromised {
            self.order_rekeys_in_txn(conn)?;
        }
        let had_keys = had_keys(conn, self.staff)?;
        let kept = self.drop_keys_in_txn(conn)?;
        self.leave_teams_in_txn(conn, had_keys)?;
        let recovery = store::unlock_find(conn, self.staff, UnlockMethod::Recovery)?;
        store::staff_disable_in_txn(conn, self.staff)?;
        if kept > 0
            && let Some(row) = recovery
        {
            store::unlock_put_in_txn(conn, &row)?;
        }
        let class = if self.how.compromised {
            "account-closed-compromised"
        } else {
            "account-closed"
        };
        let detail = format!("{} kept={kept} lost-teams={}", self.staff, lost.len());
        record(
            self.journal,
            conn,
            class,
            Some(self.actor),
            self.now,
            &detail,
        )?;
        Ok(Closed { kept })
    }

    /// Restricted reports that the person can read, in whatever way, and that others can read too.
    fn order_rekeys_in_txn(&self, conn: &mut DbConnection) -> Result<(), AdminError> {
        let mut holding: Vec<KeyId> = Vec::new();
        for own in store::keys_of_staff(conn, self.staff)? {
            holding.push(own.id);
            for (wrap, _) in store::wraps_of_parent(conn, own.id)? {
                holding.push(wrap.child);
            }
        }
        for report in store::reports_restricted_of_keys(conn, &holding)? {
            if !others_read(conn, report, self.staff)?
                || !store::rekey_order_in_txn(conn, report, self.now.day())?
            {
                continue;
            }
            let act = Act {
                class: "report-rekey-ordered",
                actor: Some(self.actor),
                report: Some(report),
                detail: "",
            };
            self.journal.record_in_txn(conn, self.now.day(), &act)?;
        }
        Ok(())
    }

    /// Wraps to the person's own keys go, and grants to them: but for restricted reports that nobody else can read. Says how many
    /// those are.
    fn drop_keys_in_txn(&self, conn: &mut DbConnection) -> Result<usize, AdminError> {
        let mut kept = 0;
        for key in store::keys_of_staff(conn, self.staff)? {
            let mut kept_here = 0;
            let first = ReportId::from_bytes([0; 16]);
            for grant in store::grants_of_key(conn, key.id, first, i64::MAX)? {
                if others_read(conn, grant.report, self.staff)? {
                    store::grant_delete(conn, grant.report, key.id)?;
                } else {
                    kept_here += 1;
                }
            }
            for (wrap, _) in store::wraps_of_parent(conn, key.id)? {
                store::wrap_delete(conn, wrap.parent, wrap.child)?;
            }
            retire_in_txn(conn, &key, kept_here == 0)?;
            kept += kept_here;
        }
        if kept > 0 && !self.how.compromised {
            return Err(AdminError::LastReader);
        }
        Ok(kept)
    }

    fn leave_teams_in_txn(
        &self,
        conn: &mut DbConnection,
        had_keys: bool,
    ) -> Result<(), AdminError> {
        let reason = if self.how.compromised {
            RotationReason::Compromise
        } else {
            RotationReason::Leaving
        };
        let memberships = store::memberships_of_staff(conn, self.staff)?;
        for membership in &memberships {
            member_goes_in_txn(conn, membership, self.now)?;
        }
        store::admissions_delete_of_approver(conn, self.staff)?;
        store::renewal_delete(conn, self.staff)?;
        for membership in memberships {
            let team = membership.team;
            store::membership_delete(conn, team, self.staff)?;
            // After a reset nobody has let them in again, but what they held before may have been copied.
            if membership.state == MemberState::Member || had_keys {
                let (by, day) = (Some(self.actor), self.now.day());
                order_in_txn(self.journal, conn, team, reason, by, day)?;
            }
        }
        Ok(())
    }
}

/// Whether anybody else who has an account can read a report.
fn others_read(
    conn: &mut DbConnection,
    report: ReportId,
    staff: StaffId,
) -> Result<bool, StoreError> {
    for reader in store::report_readers(conn, report)? {
        if reader != staff && store::staff_find(conn, reader)?.state == StaffState::Active {
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
fn retire_in_txn(conn: &mut DbConnection, key: &KeyRow, is_empty: bool) -> Result<(), StoreError> {
    if key.state == KeyState::Active {
        store::key_move(conn, key.id, KeyState::Active, KeyState::Retiring)?;
    }
    if is_empty && matches!(key.state, KeyState::Active | KeyState::Retiring) {
        store::key_move(conn, key.id, KeyState::Retiring, KeyState::Retired)?;
        store::key_move(conn, key.id, KeyState::Retired, KeyState::Destroyed)?;
    }
    Ok(())
}

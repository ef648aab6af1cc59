//! Somebody's own key is renewed, by themselves: everything that is sealed to the old one is sealed to the new one in one transaction.

use secrecy::SecretString;

use super::accounts::Accounts;
use super::caller::Caller;
use super::error::Error;
use super::keyring::{self, person_row, public_of_person};
use super::pending::Pending;
use super::txn::Txn;
use super::ways;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::keys::KeyState;
use crate::domain::staff::{MemberState, Role};
use crate::ledger::team::TeamBody;
use crate::seal::keys::{Seed, StaffKeys};
use crate::seal::opening;
use crate::seal::unlock::StaffSecret;
use crate::store::{self, DbConnection, KeyRow, StoreResult, UnlockRow, WrapRow, WriteTxn};

/// Days after which a person's own key is due to be renewed.
pub const RENEWAL_DAYS: i64 = 365;

/// Somebody's own key, as they see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnKey {
    /// Counts their keys, from 1.
    pub generation: u32,
    /// The UTC day since which it is in force.
    pub since: Day,
    /// The UTC day on which its renewal is due.
    pub due: Day,
    /// The UTC day on which its renewal was ordered, if it was.
    pub ordered: Option<Day>,
    /// Whether they can renew it: a custodian's is pinned in the configuration file.
    pub may_renew: bool,
}

/// The old key, the new one, and the rows that will open it.
struct Change {
    staff: StaffId,
    old: StaffKeys,
    new: StaffKeys,
    unlocks: [UnlockRow; 2],
    /// Of the ways in as they were: what was set meanwhile must not be undone.
    seen: Vec<u8>,
}

impl OwnKey {
    /// Somebody's own key, if they have one.
    pub(super) fn find(
        conn: &mut DbConnection,
        staff: StaffId,
        role: Role,
    ) -> StoreResult<Option<Self>> {
        let Some(key) = store::staff_key_active(conn, staff)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            generation: key.generation,
            since: key.from,
            due: key.from.plus(RENEWAL_DAYS),
            ordered: store::unless_damaged(store::renewal_ordered(conn, staff))?,
            may_renew: role != Role::Custodian,
        }))
    }
}

impl Accounts {
    /// The caller's own key; `None` without one.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn own_key(&self, caller: &Caller) -> Result<Option<OwnKey>, Error> {
        let (staff, role) = (caller.staff, caller.role);
        let found = self
            .context
            .read(move |conn| OwnKey::find(conn, staff, role));
        Ok(found.await?)
    }

    /// Gives the caller a new key of their own, and the recovery code that waited in the page. Every session of theirs ends.
    ///
    /// # Errors
    /// [`Error`].
    pub(super) async fn renew_key(
        &self,
        caller: &Caller,
        pending: &Pending,
        passphrase: SecretString,
        code: &str,
    ) -> Result<(), Error> {
        if caller.role == Role::Custodian {
            return Err(Error::Pinned);
        }
        let staff = caller.staff;
        let seen = self.context.read(move |conn| ways::salts(conn, staff));
        let seen = seen.await?;
        let old = self.confirm(caller, passphrase.clone(), code).await?;
        let next = StaffSecret {
            suite: old.suite.max(self.context.authority.newest_suite()),
            seed: Seed::random(),
            totp: old.totp.share(),
        };
        let recovery = pending.row(staff, &next)?;
        let change = Change {
            staff,
            old: old.keys(),
            new: next.keys(),
            unlocks: [
                self.passphrase_row(&self.context.bulkheads.colleague, staff, passphrase, next)
                    .await?,
                recovery,
            ],
            seen,
        };
        self.context.write(move |txn| change.make_in_txn(txn)).await
    }
}

impl Change {
    fn make_in_txn(&self, txn: &mut Txn<'_>) -> Result<(), Error> {
        let staff = self.staff;
        ways::must_be(txn, staff, &self.seen)?;
        let old = store::staff_key_active(txn, staff)?
            .filter(|key| key.recipient == self.old.recipient().as_str())
            .ok_or(Error::Changed)?;
        store::key_move(txn, old.id, KeyState::Active, KeyState::Retiring)?;
        let today = txn.today();
        let new = person_row(txn, staff, &self.new, today)?;
        store::key_insert(txn, &new)?;
        self.say_in_txn(txn)?;
        let wraps = self.move_wraps_in_txn(txn, &old, &new)?;
        let grants = self.move_grants_in_txn(txn, &old, &new)?;
        store::key_move(txn, old.id, KeyState::Retiring, KeyState::Retired)?;
        store::key_move(txn, old.id, KeyState::Retired, KeyState::Destroyed)?;
        store::staff_keys_set(txn, staff, &new.recipient, &new.verify_key)?;
        for row in &self.unlocks {
            store::unlock_put(txn, row)?;
        }
        store::session_delete_all_of(txn, staff)?;
        store::renewal_delete(txn, staff)?;
        txn.record(
            staff,
            AuditEvent::OwnKeyRenewed {
                before: old.id,
                key: new.id,
                wraps,
                grants,
            },
        )?;
        Ok(())
    }

    /// Each wrap of a live generation is made anew, opened and compared before the old one goes.
    fn move_wraps_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        old: &KeyRow,
        new: &KeyRow,
    ) -> Result<usize, Error> {
        let mut moved = 0;
        for (wrap, child) in store::wraps_of_parent(conn, old.id)? {
            if matches!(child.state, KeyState::Active | KeyState::Retiring) {
                let secrets =
                    keyring::open(self.old.identity(), &wrap, &child).ok_or(Error::Damaged)?;
                let sealed = opening::seal_wrap(
                    &self.new.recipient(),
                    child.id,
                    child.generation,
                    &secrets,
                )?;
                let made = WrapRow {
                    parent: new.id,
                    child: child.id,
                    sealed,
                };
                keyring::open(self.new.identity(), &made, &child).ok_or(Error::Unavailable)?;
                store::wrap_insert(conn, &made)?;
                moved += 1;
            }
            store::wrap_delete(conn, wrap.parent, wrap.child)?;
        }
        Ok(moved)
    }

    /// Says so in each team that the person is in, signed with both keys.
    fn say_in_txn(&self, txn: &mut Txn<'_>) -> Result<(), Error> {
        let signers = [self.old.signing(), self.new.signing()];
        for membership in store::memberships_of_staff(txn, self.staff)? {
            if membership.state == MemberState::Member {
                let body = TeamBody::Renew(public_of_person(&self.new));
                // The ledger knows another key, or does not hold.
                txn.say(membership.team, self.staff, &signers, body)
                    .map_err(|_| Error::Damaged)?;
            }
        }
        Ok(())
    }

    /// Restricted reports are granted to people's own keys.
    fn move_grants_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        old: &KeyRow,
        new: &KeyRow,
    ) -> Result<usize, Error> {
        let (from, to) = (self.old.identity(), self.new.identity());
        let recipient = self.new.recipient();
        let first = ReportId::from_bytes([0; 16]);
        let grants = store::grants_of_key(conn, old.id, first, i64::MAX)?;
        for grant in &grants {
            let sealed = opening::rewrap(from, &grant.sealed, grant.report, to, &recipient)
                .map_err(|error| {
                    tracing::error!(event = "report-damaged", %error, "ALARM: a grant does not open for its holder");
                    Error::Damaged
                })?;
            store::grant_replace(conn, grant.report, old.id, new.id, &sealed)?;
        }
        Ok(grants.len())
    }
}

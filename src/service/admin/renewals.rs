//! People's own keys as an administrator sees them: how old, and who must act. Orders take no key.

use super::{Admin, administrator};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Confirmed;
use crate::domain::ids::StaffId;
use crate::domain::staff::{Role, StaffState};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::renewal::{OwnKey, RENEWAL_DAYS};
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, Staff, StoreError, StoreResult};

/// Somebody's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKey {
    /// Whose.
    pub staff: StaffId,
    /// Their handle.
    pub handle: String,
    /// Their role.
    pub role: Role,
    /// How old it is, and whether its renewal was ordered.
    pub key: OwnKey,
}

/// Everybody's own keys, and what waits for people's hands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleKeys {
    /// Keys of people who have an account, by handle.
    pub people: Vec<PersonKey>,
    /// Restricted reports that wait for a new key.
    pub rekeys: i64,
}

impl Admin {
    /// Everybody's own keys.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn people_keys(&self, caller: &Caller) -> Result<PeopleKeys, Error> {
        administrator(caller)?;
        self.run(|conn| {
            let mut keys = PeopleKeys {
                people: Vec::new(),
                rekeys: store::rekeys_count(conn)?,
            };
            for person in active(conn)? {
                let key = OwnKey::find(conn, person.id, person.role);
                let Some(key) = store::unless_damaged(key)? else {
                    continue;
                };
                keys.people.push(PersonKey {
                    staff: person.id,
                    handle: person.handle,
                    role: person.role,
                    key,
                });
            }
            Ok(keys)
        })
        .await
    }

    /// Orders that somebody renew their own key. `false` if that is ordered already.
    ///
    /// # Errors
    /// [`Error::NotFound`] for somebody without a key, and for a custodian, whose key is pinned in the configuration file.
    pub async fn order_renewal(&self, caller: &Caller, staff: StaffId) -> Result<bool, Error> {
        administrator(caller)?;
        let actor = caller.staff;
        self.write(caller, move |txn| {
            let person = store::staff_find(txn, staff)?;
            let has_key = store::staff_key_active(txn, staff)?.is_some();
            if person.state != StaffState::Active || person.role == Role::Custodian || !has_key {
                return Err(Error::NotFound);
            }
            Ok(order_in_txn(txn, staff, Some(actor))?)
        })
        .await
    }
}

/// The people whose own key has reached its age.
///
/// # Errors
/// From the database.
pub fn renewals_due(conn: &mut DbConnection, now: Confirmed) -> StoreResult<Vec<StaffId>> {
    let mut due = Vec::new();
    for person in active(conn)? {
        if person.role == Role::Custodian {
            continue;
        }
        let key = store::unless_damaged(store::staff_key_active(conn, person.id))?;
        if key.is_some_and(|key| key.from.plus(RENEWAL_DAYS) <= now.today()) {
            due.push(person.id);
        }
    }
    Ok(due)
}

/// Orders the renewal of one of them. `false` if that is ordered already.
///
/// # Errors
/// From the database.
pub fn order_renewal_in_txn(txn: &mut Txn<'_>, staff: StaffId) -> StoreResult<bool> {
    order_in_txn(txn, staff, None)
}

fn order_in_txn(txn: &mut Txn<'_>, staff: StaffId, actor: Option<StaffId>) -> StoreResult<bool> {
    let day = txn.today();
    let new = store::renewal_order(txn, staff, day)?;
    if new {
        txn.record(actor, AuditEvent::OwnKeyRenewalOrdered { person: staff })?;
    }
    Ok(new)
}

fn active(conn: &mut DbConnection) -> Result<Vec<Staff>, StoreError> {
    let mut people = store::staff_list(conn)?;
    people.retain(|person| person.state == StaffState::Active);
    Ok(people)
}

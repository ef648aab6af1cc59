//! What a person cannot see, so that an empty list does not pass for quiet.

use super::Triage;
use crate::domain::ids::{KeyId, StaffId};
use crate::domain::keys::KeyState;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreResult};

/// How far somebody's keys reach into what comes in for their teams.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reach {
    /// They open what comes in for each of them.
    Whole,
    /// For these, by name, nobody has given them the present key.
    Without(Vec<String>),
    /// They are in no team.
    NoTeam,
    /// What would tell cannot be read.
    #[default]
    Unknown,
}

impl Triage {
    /// Compares the present keys of the caller's teams with those that were given to the caller.
    ///
    /// # Errors
    /// [`Error`] from the database.
    pub async fn reach(&self, caller: &Caller) -> Result<Reach, Error> {
        let (staff, own) = (caller.staff, caller.key);
        let reach = self
            .context
            .read(move |conn| store::read_transaction(conn, |conn| reach(conn, staff, own)));
        reach.await.map_err(Error::from)
    }
}

pub(super) fn reach(
    conn: &mut DbConnection,
    staff: StaffId,
    own: Option<KeyId>,
) -> StoreResult<Reach> {
    let held: Vec<KeyId> = match own {
        Some(own) => {
            let wraps = store::wraps_of_parent(conn, own)?.into_iter();
            wraps.map(|(_, key)| key.id).collect()
        }
        None => Vec::new(),
    };
    let memberships = store::memberships_of_staff(conn, staff)?;
    if memberships.is_empty() {
        return Ok(Reach::NoTeam);
    }
    let mut without = Vec::new();
    for membership in memberships {
        let keys = store::keys_of_team(conn, membership.team)?;
        let present = keys.iter().find(|key| key.state == KeyState::Active);
        // A team without a key receives nothing yet: its first member makes one.
        if present.is_some_and(|key| !held.contains(&key.id)) {
            without.push(store::team_name(conn, membership.team)?);
        }
    }
    Ok(if without.is_empty() {
        Reach::Whole
    } else {
        Reach::Without(without)
    })
}

//! What somebody's own key opens: the one place that opens wraps.

use crate::domain::ids::KeyId;
use crate::seal::keys::Identity;
use crate::seal::opening::{self, KeyRecord, TeamSecrets};
use crate::store::{self, DbConnection, KeyRow, StoreResult, WrapRow};

/// A generation of a team's key whose secrets are open.
pub struct OpenGeneration {
    /// Its record.
    pub row: KeyRow,
    /// What fits it.
    pub secrets: TeamSecrets,
}

/// What a key opens of the wraps beneath it.
#[derive(Default)]
pub struct Opened {
    /// Those that opened and fit their records.
    pub open: Vec<OpenGeneration>,
    /// The records of the others.
    pub broken: Vec<KeyRow>,
}

impl Opened {
    /// What opens whatever is sealed to them.
    pub fn identities(self) -> Vec<(KeyId, Identity)> {
        let open = self.open.into_iter();
        open.map(|generation| {
            let seed = generation.secrets.identity().seed();
            (generation.row.id, Identity::from_seed(seed))
        })
        .collect()
    }
}

/// Opens the wanted wraps beneath a key, about 0.1 ms each.
///
/// # Errors
/// From the database.
pub fn beneath(
    conn: &mut DbConnection,
    (own, identity): (KeyId, &Identity),
    wanted: impl Fn(&KeyRow) -> bool,
) -> StoreResult<Opened> {
    let mut found = Opened::default();
    for (wrap, row) in store::wraps_of_parent(conn, own)? {
        if !wanted(&row) {
            continue;
        }
        match open(identity, &wrap, &row) {
            Some(secrets) => found.open.push(OpenGeneration { row, secrets }),
            None => found.broken.push(row),
        }
    }
    Ok(found)
}

/// The secrets of one wrap. `None`, and an alarm in the log, if it does not open or holds another key than its record says.
pub fn open(own: &Identity, wrap: &WrapRow, row: &KeyRow) -> Option<TeamSecrets> {
    let record = KeyRecord {
        key: row.id,
        generation: row.generation,
        recipient: &row.recipient,
        verify_key: &row.verify_key,
    };
    match opening::open_wrap(own, &wrap.sealed, &record) {
        Ok(secrets) => Some(secrets),
        Err(error) => {
            tracing::error!(key = %row.id, %error, "ALARM: a wrap does not open, or opens another key");
            None
        }
    }
}

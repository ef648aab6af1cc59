//! Who signed what is said about a report.

use std::collections::BTreeMap;

use super::memory::Authority;
use crate::domain::ids::StaffId;
use crate::seal::Said;
use crate::seal::keys::VerifyKey;
use crate::store::{self, DbConnection, StoreResult};

/// The keys that everybody who was ever in a team has signed with, as the ledgers have them.
#[derive(Debug, Default)]
pub struct Signers(BTreeMap<StaffId, Vec<VerifyKey>>);

impl Signers {
    /// Whether the person who is named as its author signed it.
    pub fn have_signed(&self, said: &Said) -> bool {
        let keys = self.0.get(&said.author).into_iter().flatten();
        keys.into_iter().any(|key| said.is_signed_with(key))
    }
}

impl Authority {
    /// See [`Signers`].
    ///
    /// # Errors
    /// From the database.
    pub fn signers(&self, conn: &mut DbConnection) -> StoreResult<Signers> {
        let mut signers = Signers::default();
        for team in store::team_list(conn)? {
            let ledger = self.team(conn, team.id)?;
            for (person, keys) in ledger.state.iter().flat_map(|team| &team.signers) {
                let known = signers.0.entry(*person).or_default();
                known.extend(keys);
            }
        }
        Ok(signers)
    }
}

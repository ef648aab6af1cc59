//! What acts ask of the ledgers: who is in a team, and what custodians have decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::memory::Authority;
use super::rows;
use crate::domain::ids::{LedgerId, TeamId};
use crate::ledger::office::OfficeState;
use crate::ledger::replay::Ledger;
use crate::ledger::statement::Head;
use crate::ledger::team::TeamState;
use crate::seal::keys::VerifyKey;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreResult};

impl Authority {
    /// A team's ledger as it stands in this transaction. Not remembered: what was written here may yet be undone.
    ///
    /// # Errors
    /// From the database.
    pub fn team(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Arc<Ledger<TeamState>>> {
        self.ledger(conn, team.into())
    }

    /// The office's ledger, as [`Authority::team`].
    ///
    /// # Errors
    /// From the database.
    pub fn office(&self, conn: &mut DbConnection) -> StoreResult<Arc<Ledger<OfficeState>>> {
        let id = self.office_id(conn)?;
        self.ledger(conn, id)
    }

    /// Where each ledger ends, as far as it holds.
    pub(in crate::service) fn heads(
        &self,
        conn: &mut DbConnection,
    ) -> StoreResult<BTreeMap<LedgerId, Head>> {
        let mut heads = BTreeMap::from([(self.office_id(conn)?, self.office(conn)?.head)]);
        for team in store::team_list(conn)? {
            heads.insert(team.id.into(), self.team(conn, team.id)?.head);
        }
        Ok(heads)
    }

    /// The teams of which something was seen, in whatever process.
    ///
    /// # Errors
    /// From the database.
    pub(in crate::service) fn seen_teams(
        &self,
        conn: &mut DbConnection,
    ) -> StoreResult<Vec<TeamId>> {
        let office = self.office_id(conn)?;
        let seen = self.0.witness.iter();
        let seen = seen.flat_map(|witness| witness.record().ledgers.into_keys());
        Ok(seen
            .filter(|ledger| *ledger != office)
            .map(|ledger| TeamId::from_bytes(*ledger.as_bytes()))
            .collect())
    }

    /// A team as its ledger says, if nothing is wrong with it: what acts go by.
    ///
    /// # Errors
    /// [`Error::Refused`] if something is; [`Error::NotFound`] before anybody is in it.
    pub fn sound_team(&self, conn: &mut DbConnection, team: TeamId) -> Result<TeamState, Error> {
        let ledger = self.team(conn, team)?;
        if let Some(refused) = ledger.fault {
            tracing::error!(event = "records-broken", %team, %refused, "ALARM: the team's ledger does not hold");
            return Err(Error::Refused);
        }
        ledger.state.clone().ok_or(Error::NotFound)
    }

    /// Whether a team's key is also to be wrapped to the recovery key: unless its leads have said otherwise.
    pub(in crate::service) fn wants_recovery(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<bool> {
        let ledger = self.team(conn, team)?;
        Ok(ledger.state.as_ref().is_none_or(|state| state.recovery))
    }

    /// What checks the signatures of every recovery key that enough custodians have ever signed.
    pub(in crate::service) fn recovery_keys(
        &self,
        conn: &mut DbConnection,
    ) -> StoreResult<Vec<VerifyKey>> {
        let (office, pins) = (self.office(conn)?, self.pins());
        let Some(office) = &office.state else {
            return Ok(Vec::new());
        };
        let decision = office.recovery(&pins);
        Ok(decision.decided().map(|it| it.keys.verify_key).collect())
    }

    /// Looks at a team's ledger, and at the rows that say the same; remembers how far it holds. What is wrong, if anything is.
    ///
    /// # Errors
    /// From the database.
    pub fn look_at_team(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Option<String>> {
        self.look_at(conn, team.into(), |conn, state| {
            rows::unfit(conn, team, state)
        })
    }

    /// Looks at the office's ledger, as [`Authority::look_at_team`].
    ///
    /// # Errors
    /// From the database.
    pub fn look_at_office(&self, conn: &mut DbConnection) -> StoreResult<Option<String>> {
        let id = self.office_id(conn)?;
        self.look_at(conn, id, |conn, state: Option<&OfficeState>| {
            rows::unsaid(conn, state)
        })
    }
}

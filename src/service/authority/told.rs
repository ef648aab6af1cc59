//! What was said in a team's ledger, as people are told of it.

use super::memory::Authority;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{StaffId, TeamId};
use crate::ledger::statement::Signed;
use crate::store::{self, DbConnection, StoreError, StoreResult};

pub use crate::ledger::rules::Rules;
pub use crate::ledger::team::TeamBody as Said;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The quarter hour in which it was made.
    pub at: Timestamp,
    /// Who made it: a handle; `None` for somebody who has no account.
    pub by: Option<String>,
    /// Whom it is about, if somebody else.
    pub person: Option<String>,
    /// What was said.
    pub said: Said,
}

impl Authority {
    /// Everything that was said in a team as far as its ledger holds, the newest first.
    ///
    /// # Errors
    /// From the database.
    pub(in crate::service) fn told(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Vec<Told>> {
        let until = self.team(conn, team)?.head.sequence;
        let kept = store::statements_from(conn, team.into(), 1)?;
        let statements = kept
            .iter()
            .map_while(|kept| Signed::<Said>::parse(kept).ok());
        let holding = statements.take_while(|signed| signed.head.sequence <= until);
        let mut told = Vec::new();
        for signed in holding {
            let statement = signed.statement;
            let person = about(&statement.body).filter(|person| *person != statement.author);
            told.push(Told {
                at: statement.at.start(),
                by: handle(conn, statement.author)?,
                person: match person {
                    Some(person) => handle(conn, person)?,
                    None => None,
                },
                said: statement.body,
            });
        }
        told.reverse();
        Ok(told)
    }
}

fn about(said: &Said) -> Option<StaffId> {
    match said {
        Said::Approve { newcomer, .. }
        | Said::Object { newcomer }
        | Said::Admit { newcomer, .. } => Some(*newcomer),
        Said::Exit { person, .. } | Said::Lead { person, .. } => Some(*person),
        _ => None,
    }
}

fn handle(conn: &mut DbConnection, person: StaffId) -> StoreResult<Option<String>> {
    match store::staff_find(conn, person) {
        Ok(person) => Ok(Some(person.handle)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

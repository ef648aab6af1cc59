//! What was said in a team's ledger, as people are told of it.

use super::memory::Authority;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::StaffName;
use crate::ledger::statement::Signed;
use crate::store::{self, DbConnection, StoreError, StoreResult};

pub use crate::ledger::rules::Rules;
pub use crate::ledger::team::TeamBody as Said;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The quarter hour in which it was made.
    pub at: Timestamp,
    /// Who made it; `None` for somebody who has no account.
    pub by: Option<StaffName>,
    /// Whom it is about, if somebody else.
    pub person: Option<StaffName>,
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
                by: name(conn, statement.author)?,
                person: match person {
                    Some(person) => name(conn, person)?,
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

fn name(conn: &mut DbConnection, person: StaffId) -> StoreResult<Option<StaffName>> {
    match store::staff_find(conn, person) {
        Ok(person) => Ok(Some(StaffName::of(person.id, &person.handle, person.state))),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) if error.is_damage() => {
            Ok(Some(StaffName::Handle(store::staff_handle(conn, person)?)))
        }
        Err(error) => Err(error),
    }
}

//! Which recovery key counts: the newest that enough custodians have said does. The rows repeat it and hold what is wrapped to it.

use crate::domain::ids::KeyId;
use crate::domain::keys::KeyState;
use crate::ledger::office::RecoveryKey;
use crate::service::authority::Authority;
use crate::service::keyring::public_keys;
use crate::store::{self, DbConnection, KeyRow, StoreResult};

/// The recovery keys as they stand.
pub(in crate::service) struct RecoveryStatus {
    /// What teams' keys are wrapped to.
    pub(in crate::service) current: Option<RecoveryKey>,
    /// The key whose row is not what custodians have decided: an alarm.
    pub(in crate::service) broken: Option<KeyId>,
    /// Every key that is not destroyed, first to last.
    pub(in crate::service) rows: Vec<KeyRow>,
}

impl RecoveryStatus {
    /// The row of the key that counts.
    pub(in crate::service) fn current_row(&self) -> Option<&KeyRow> {
        let current = self.current.as_ref()?;
        self.rows.iter().find(|row| row.id == current.key)
    }
}

/// A row as custodians sign it; `None` if it cannot be one.
pub(in crate::service) fn record(row: &KeyRow) -> Option<RecoveryKey> {
    let keys = public_keys(row)?;
    Some(RecoveryKey { key: row.id, keys })
}

/// Looks at every recovery key. Changes nothing.
pub(in crate::service) fn standing(
    conn: &mut DbConnection,
    authority: &Authority,
) -> StoreResult<RecoveryStatus> {
    let mut rows = store::recovery_keys(conn)?;
    rows.retain(|row| row.state != KeyState::Destroyed);
    let (office, pins) = (authority.office(conn)?, authority.pins());
    let decision = office.state.as_ref().map(|it| it.recovery(&pins));
    let decision = decision.unwrap_or_default();
    let decided: Vec<&RecoveryKey> = decision.decided().collect();
    let broken = rows
        .iter()
        .find(|row| is_broken(row, &decided))
        .map(|row| row.id);
    let current = decision.current.cloned();
    // Without a row nothing can be wrapped to it.
    let is_there = |current: &RecoveryKey| rows.iter().any(|row| row.id == current.key);
    let lost = current.as_ref().filter(|it| !is_there(it)).map(|it| it.key);
    Ok(RecoveryStatus {
        current: current.filter(|_| lost.is_none()),
        broken: broken.or(lost),
        rows,
    })
}

/// Whether a row says something else than custodians have decided. What is only registered may be anything.
fn is_broken(row: &KeyRow, decided: &[&RecoveryKey]) -> bool {
    let said = record(row);
    let is_decided = decided.iter().any(|it| said.as_ref() == Some(*it));
    let is_named = decided.iter().any(|it| it.key == row.id);
    let is_current = decided.last().is_some_and(|it| it.key == row.id);
    let is_put_aside = is_current && !matches!(row.state, KeyState::Pending | KeyState::Active);
    let counts = is_named || row.state != KeyState::Pending;
    is_put_aside || (counts && !is_decided)
}

//! The auditors' key is changed like any other; what goes over is the bodies of the audit log. Their commitments stay, and so does the chain.

use super::outcome::Step;
use crate::domain::alarm::AlarmKind;
use crate::domain::ids::KeyId;
use crate::seal::keys::{Identity, Recipient};
use crate::service::audit_log::reseal;
use crate::service::context::Context;
use crate::service::error::Error;
use crate::service::keyring::OpenGeneration;
use crate::store::{self, AuditRow, DbConnection, StoreError};

/// Bodies under an old generation, and the active one that they go to.
pub(super) struct Batch {
    rows: Vec<AuditRow>,
    old: Identity,
    new: KeyId,
    recipient: Recipient,
}

/// The next bodies that are still under an old generation and open. `None` if there is none.
pub(super) fn find(
    conn: &mut DbConnection,
    old: &OpenGeneration,
    active: &OpenGeneration,
    limit: i64,
) -> Result<Option<Batch>, StoreError> {
    let mut after = 0;
    loop {
        let rows = store::audit_of_key(conn, Some(old.row.id), after, limit)?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        after = last.seq;
        let opens = |row: &AuditRow| {
            row.body.as_ref().is_some_and(|sealed| {
                let reader = old.secrets.identity();
                crate::seal::audit::open_body(reader, sealed, &row.commitment).is_ok()
            })
        };
        // A batch in which nothing opens is stepped over. It stays, and the old generation with it.
        if rows.iter().any(opens) {
            return Ok(Some(Batch {
                rows,
                old: old.secrets.identity().share(),
                new: active.row.id,
                recipient: active.secrets.identity().recipient(),
            }));
        }
    }
}

/// Seals a batch to the active generation in one transaction. What does not open is told of and stays.
pub(super) async fn step(context: &Context, batch: Batch) -> Result<Step, Error> {
    let moved = context
        .write(move |txn| -> Result<Step, Error> {
            store::key_is_active(txn, batch.new)?;
            let (mut grants, mut set_aside) = (0, 0);
            for row in &batch.rows {
                if reseal(txn, row, &batch.old, &batch.recipient, batch.new)? {
                    grants += 1;
                    continue;
                }
                if !is_still_there(txn, row)? {
                    // Another hand was faster.
                    continue;
                }
                set_aside += 1;
                let (kind, subject) = (AlarmKind::AuditBroken, row.seq.to_string());
                txn.raise(kind, &subject)?;
            }
            Ok(Step::Moved { grants, set_aside })
        })
        .await;
    match moved {
        // Somebody has begun the next change.
        Err(Error::Changed) => Ok(Step::Idle),
        other => other,
    }
}

/// Whether a body is still under the key that it was read under.
fn is_still_there(conn: &mut DbConnection, row: &AuditRow) -> Result<bool, StoreError> {
    let found = store::audit_of_key(conn, row.body_key, row.seq.saturating_sub(1), 1)?;
    Ok(found.first().is_some_and(|known| known.seq == row.seq))
}

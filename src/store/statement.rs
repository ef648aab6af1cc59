//! Statements of the ledgers, as they were signed. What they come to is for `ledger` to say.

use super::prelude::*;
use super::schema::statements;
use crate::domain::ids::LedgerId;

/// The statements of a ledger from that number on, in their order.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn statements_from(
    conn: &mut DbConnection,
    ledger: LedgerId,
    sequence: u32,
) -> StoreResult<Vec<Vec<u8>>> {
    Ok(statements::table
        .filter(statements::ledger.eq(ledger))
        .filter(statements::sequence.ge(i64::from(sequence)))
        .order(statements::sequence)
        .select(statements::signed)
        .load(conn)?)
}

/// Keeps the next statement of a ledger.
///
/// # Errors
/// [`StoreError::Conflict`] if there is one with that number.
pub fn statement_insert(
    conn: &mut WriteTxn<'_>,
    ledger: LedgerId,
    sequence: u32,
    signed: &[u8],
) -> StoreResult<()> {
    let row = (
        statements::ledger.eq(ledger),
        statements::sequence.eq(i64::from(sequence)),
        statements::signed.eq(signed),
    );
    statements::table.insert(conn, row)
}

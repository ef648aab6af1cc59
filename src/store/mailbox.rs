//! The reporter's side: mailboxes found by the hash of a receipt, and what lies in them.

use super::prelude::*;
use super::schema::{mail_items, mailboxes};
use crate::domain::clock::Day;
use crate::domain::ids::MailItemId;
use crate::domain::sealed::{MailItem, MailboxCard, Sealed};

/// The card of a mailbox, which says to the holder of the receipt which report it belongs to.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailbox_card(
    conn: &mut DbConnection,
    lookup: &[u8; 32],
    today: Day,
) -> StoreResult<Option<Sealed<MailboxCard>>> {
    mailboxes::table
        .find(lookup)
        .filter(mailboxes::expires_day.gt(today))
        .select(mailboxes::card)
        .maybe(conn)
}

/// A message lying in a mailbox.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = mail_items)]
pub struct MailItemRow {
    /// Its id.
    pub id: MailItemId,
    /// The message.
    pub sealed: Sealed<MailItem>,
}

/// What lies in a mailbox, in the order in which it came.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_items(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<Vec<MailItemRow>> {
    Ok(mail_items::table
        .filter(mail_items::lookup.eq(lookup))
        .order(mail_items::number)
        .select((mail_items::id, mail_items::sealed))
        .load(conn)?)
}

/// Puts a message into a mailbox. `false` if the reporter has closed it, or it has expired.
///
/// # Errors
/// [`StoreError::Conflict`] if a message of that id lies there.
pub fn mail_item_insert(
    conn: &mut WriteTxn<'_>,
    lookup: &[u8; 32],
    row: &MailItemRow,
) -> StoreResult<bool> {
    let is_open = mailboxes::table.find(lookup).exists(conn)?;
    if is_open {
        let last: Option<i64> = mail_items::table
            .filter(mail_items::lookup.eq(lookup))
            .select(diesel::dsl::max(mail_items::number))
            .first(&mut **conn)?;
        let number = mail_items::number.eq(last.unwrap_or(0).saturating_add(1));
        mail_items::table.insert(conn, (mail_items::lookup.eq(lookup), number, row))?;
    }
    Ok(is_open)
}

/// Deletes one message for good. `false` if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_item_delete(
    conn: &mut WriteTxn<'_>,
    lookup: &[u8; 32],
    id: MailItemId,
) -> StoreResult<bool> {
    diesel::delete(mail_items::table.find((lookup, id))).one(conn)
}

/// Closes a mailbox: it and everything in it is deleted for good. `false` if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailbox_close(conn: &mut WriteTxn<'_>, lookup: &[u8; 32]) -> StoreResult<bool> {
    diesel::delete(mailboxes::table.find(lookup)).one(conn)
}

/// Closes every mailbox whose day has come. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailboxes_expire(conn: &mut WriteTxn<'_>, today: Day) -> StoreResult<usize> {
    let expired = mailboxes::table.filter(mailboxes::expires_day.le(today));
    expired.delete(conn)
}

//! The reporter's side: mailboxes found by the hash of a receipt, and what lies in them.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::{mail_items, mailboxes};
use super::{DbConnection, StoreResult};
use crate::domain::clock::Day;
use crate::domain::ids::MailItemId;
use crate::domain::sealed::{MailItem, MailboxCard, Sealed};

/// The card of a mailbox, which says to the holder of the receipt which report it belongs to.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn mailbox_card(
    conn: &mut DbConnection,
    lookup: &[u8; 32],
    today: Day,
) -> StoreResult<Option<Sealed<MailboxCard>>> {
    Ok(mailboxes::table
        .find(lookup.as_slice())
        .filter(mailboxes::expires_day.gt(today.number()))
        .select(mailboxes::card)
        .first(conn)
        .optional()?)
}

/// A message lying in a mailbox.
#[derive(Debug, Clone, Queryable)]
pub struct MailItemRow {
    /// Its id.
    pub id: MailItemId,
    /// The message.
    pub sealed: Sealed<MailItem>,
}

/// What lies in a mailbox, in no order that means anything: the sequence is inside.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn mail_items(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<Vec<MailItemRow>> {
    Ok(mail_items::table
        .filter(mail_items::lookup.eq(lookup.as_slice()))
        .order(mail_items::id)
        .select((mail_items::id, mail_items::sealed))
        .load(conn)?)
}

/// Puts a message into a mailbox. `false` if the reporter has closed it, or it has expired.
///
/// # Errors
/// [`super::StoreError::Conflict`] if a message of that id lies there.
pub fn mail_item_insert_in_txn(
    conn: &mut DbConnection,
    lookup: &[u8; 32],
    row: &MailItemRow,
) -> StoreResult<bool> {
    let is_open: bool =
        diesel::select(exists(mailboxes::table.find(lookup.as_slice()))).get_result(conn)?;
    if is_open {
        diesel::insert_into(mail_items::table)
            .values((
                mail_items::lookup.eq(lookup.as_slice()),
                mail_items::id.eq(row.id.as_bytes().as_slice()),
                mail_items::sealed.eq(row.sealed.as_bytes()),
            ))
            .execute(conn)?;
    }
    Ok(is_open)
}

/// Deletes one message for good. `false` if it was not there.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn mail_item_delete(
    conn: &mut DbConnection,
    lookup: &[u8; 32],
    id: MailItemId,
) -> StoreResult<bool> {
    let row = mail_items::table.find((lookup.as_slice(), id.as_bytes().as_slice()));
    Ok(diesel::delete(row).execute(conn)? == 1)
}

/// Closes a mailbox: it and everything in it is deleted for good. `false` if it was not there.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn mailbox_close(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<bool> {
    Ok(diesel::delete(mailboxes::table.find(lookup.as_slice())).execute(conn)? == 1)
}

/// Closes every mailbox whose day has come. Says how many.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn mailboxes_expire(conn: &mut DbConnection, today: Day) -> StoreResult<usize> {
    let expired = mailboxes::table.filter(mailboxes::expires_day.le(today.number()));
    Ok(diesel::delete(expired).execute(conn)?)
}

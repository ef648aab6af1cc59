//! The reporter's side: mailboxes found by the hash of a receipt, and what lies in them.

use diesel::sql_types::BigInt;

use super::prelude::*;
use super::report::first_free;
use super::rows;
use super::schema::{mail_items, mailboxes};
use crate::domain::clock::{Confirmed, Day};
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
    /// Its number in the mailbox, from 1; also named inside.
    pub number: i64,
    /// The message.
    pub sealed: Sealed<MailItem>,
}

/// What lies in a mailbox, in the order in which it came.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_items(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<Vec<MailItemRow>> {
    mail_items::table
        .filter(mail_items::lookup.eq(lookup))
        .order(mail_items::number)
        .select((mail_items::id, mail_items::number, mail_items::sealed))
        .readable(conn, "mail_items")
}

/// The number of the message that comes into a mailbox next.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_item_next_number(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<i64> {
    let of_box = mail_items::table.filter(mail_items::lookup.eq(lookup));
    let there: i64 = of_box.count().get_result(conn)?;
    first_free(conn, there.saturating_add(1), |conn, number| {
        of_box.filter(mail_items::number.eq(number)).exists(conn)
    })
}

/// Whether that lies in a mailbox.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_item_is_there(
    conn: &mut DbConnection,
    lookup: &[u8; 32],
    id: MailItemId,
) -> StoreResult<bool> {
    mail_items::table.find((lookup, id)).exists(conn)
}

/// Puts a message into a mailbox. `false` if the reporter has closed it, or it has expired.
///
/// # Errors
/// [`StoreError::Stale`] if its number is taken: seal again.
pub fn mail_item_insert(
    conn: &mut WriteTxn<'_>,
    lookup: &[u8; 32],
    row: &MailItemRow,
) -> StoreResult<bool> {
    let is_open = mailboxes::table.find(lookup).exists(conn)?;
    if is_open {
        if mail_item_next_number(conn, lookup)? != row.number {
            return Err(StoreError::Stale);
        }
        mail_items::table.insert(conn, (mail_items::lookup.eq(lookup), row))?;
    }
    Ok(is_open)
}

/// Deletes one message for good: what stands in its place says that its reporter did. `false` if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mail_item_delete(
    conn: &mut WriteTxn<'_>,
    lookup: &[u8; 32],
    id: MailItemId,
    gone: &Sealed<MailItem>,
) -> StoreResult<bool> {
    let row = mail_items::table.find((lookup, id));
    diesel::update(row)
        .set(mail_items::sealed.eq(gone))
        .one(conn)
}

/// Closes a mailbox: it and everything in it is deleted for good. `false` if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailbox_close(conn: &mut WriteTxn<'_>, lookup: &[u8; 32]) -> StoreResult<bool> {
    diesel::delete(mailboxes::table.find(lookup)).one(conn)
}

/// The mailboxes whose day has come: by the index alone, so that one that cannot be read hides no other, and by the table alone what a page of
/// the index hides.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailboxes_over(conn: &mut DbConnection, now: Confirmed) -> StoreResult<Vec<[u8; 32]>> {
    let by_index = mailboxes::table
        .filter(mailboxes::expires_day.le(now.today()))
        .select(mailboxes::lookup);
    let over: Vec<Vec<u8>> = rows::read(by_index, conn, "mailboxes", usize::MAX)?.or_of(|| {
        let of_table = "SELECT lookup AS id FROM mailboxes INDEXED BY sqlite_autoindex_mailboxes_1 WHERE expires_day <= ?";
        let of_table = diesel::sql_query(of_table).bind::<BigInt, _>(now.today());
        rows::ids(of_table, conn, "mailboxes")
    })?;
    let lookups = over.into_iter().map(TryInto::try_into);
    Ok(lookups.filter_map(Result::ok).collect())
}

/// Closes every mailbox whose day has come. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn mailboxes_expire(conn: &mut WriteTxn<'_>, now: Confirmed) -> StoreResult<usize> {
    let expired = mailboxes::table.filter(mailboxes::expires_day.le(now.today()));
    expired.delete(conn)
}

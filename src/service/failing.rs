//! The addresses to which mail does not leave.

use std::collections::BTreeSet;

use crate::domain::clock::Timestamp;
use crate::domain::ids::OutboxId;
use crate::domain::mail_fault::MailFailure;
use crate::domain::notice::NoticeList;
use crate::seal::credentials::Credentials;
use crate::store::{self, DbConnection, StoreResult};

/// Letters to one address that do not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingAddress {
    /// Who was to hear.
    pub list: NoticeList,
    /// The address; `None` if it cannot be opened.
    pub address: Option<String>,
    /// The quarter hour in which the oldest of them was first to go.
    pub since: Timestamp,
    /// How often the oldest was tried.
    pub attempts: i64,
    /// Why it did not leave, the last time.
    pub fault: Option<MailFailure>,
    /// The letter that was given up; `None` while it is tried again by itself.
    pub given_up: Option<OutboxId>,
}

/// One line an address and list; a letter that was given up is its own, because somebody decides about it.
///
/// # Errors
/// From the database.
pub(super) fn failing(
    conn: &mut DbConnection,
    credentials: &Credentials,
) -> StoreResult<Vec<FailingAddress>> {
    let view = |letter: store::Delivery, is_over: bool| FailingAddress {
        list: letter.list,
        address: credentials
            .contact_open(letter.id.as_bytes(), &letter.address_ct)
            .ok()
            .map(|address| address.to_string()),
        since: letter.first_due.start(),
        attempts: letter.attempts,
        fault: letter.fault,
        given_up: is_over.then_some(letter.id),
    };
    let dead = store::dead_letters(conn)?.into_iter();
    let mut views: Vec<_> = dead.map(|letter| view(letter, true)).collect();
    let mut seen = BTreeSet::new();
    for letter in store::deliveries_failing(conn)? {
        let failing = view(letter, false);
        if seen.insert((failing.list, failing.address.clone())) {
            views.push(failing);
        }
    }
    Ok(views)
}

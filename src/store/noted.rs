//! What was met on the way while the database was read, and is no reason to stop: rows that cannot be read, and signs that pages cannot.
//!
//! Noted by thread: whatever is read on a connection is read on one. [`super::Store`] takes the notes when it is done with a connection.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use data_encoding::HEXLOWER;

use crate::domain::disk::DiskFault;

/// As many bytes of a row's first column as are told: the length of an id.
const ID_BYTES: usize = 16;

/// A row that is there and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The table.
    pub table: &'static str,
    /// The first bytes of its first column, mostly the id. Without any: what comes behind the rows that could be read.
    id: Vec<u8>,
}

impl Unreadable {
    pub(super) fn new(table: &'static str, first: Option<Vec<u8>>) -> Self {
        let mut id = first.unwrap_or_default();
        id.truncate(ID_BYTES);
        Self { table, id }
    }

    /// Whether it stands for whatever comes behind a page that cannot be read.
    pub(super) fn is_rest(&self) -> bool {
        self.id.is_empty()
    }

    /// Its id, if it still has the length of one.
    pub fn id(&self) -> Option<[u8; ID_BYTES]> {
        self.id.as_slice().try_into().ok()
    }
}

impl Unreadable {
    /// What it is called on a page; empty for what comes behind the rows that could be read. A number or a name of ours is written as such.
    pub fn name(&self) -> String {
        let text = std::str::from_utf8(&self.id).ok();
        let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        match text.filter(|_| self.id.len() < ID_BYTES) {
            Some(text) => text.to_owned(),
            None => HEXLOWER.encode(&self.id),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.name())
    }
}

/// What was met since notes were last taken.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) rows: BTreeSet<Unreadable>,
    /// Tables of which a list was made: what was noted of them before is over.
    pub(super) listed: BTreeSet<&'static str>,
    /// Whether a page was met that cannot be read.
    pub(super) is_suspect: bool,
    /// What the disk refused.
    pub(super) fault: Option<DiskFault>,
}

thread_local! {
    static NOTED: RefCell<Noted> = RefCell::default();
    static WRITING: Cell<Writing> = const { Cell::new(Writing::No) };
}

/// Whether this thread is in a writing transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    No,
    Yes,
    /// One that has met a page that cannot be read: SQLite writes nothing more in it and does not commit it, or has undone it already.
    Lost,
}

/// A row was left out.
pub(super) fn row(row: &Unreadable) {
    NOTED.with_borrow_mut(|noted| noted.rows.insert(row.clone()));
}

/// A list of that table is made.
pub(super) fn listed(table: &'static str) {
    NOTED.with_borrow_mut(|noted| noted.listed.insert(table));
}

/// A page cannot be read.
pub(super) fn suspect() {
    NOTED.with_borrow_mut(|noted| noted.is_suspect = true);
}

/// The disk refuses something.
pub(super) fn refused(fault: DiskFault) {
    NOTED.with_borrow_mut(|noted| noted.fault = Some(fault));
}

/// That is the end of a writing transaction.
pub(super) fn lose() {
    if WRITING.get() == Writing::Yes {
        WRITING.set(Writing::Lost);
    }
}

/// Whether this thread is in a writing transaction that is over: whatever was met, nothing is done beside it.
pub(super) fn is_lost() -> bool {
    WRITING.get() == Writing::Lost
}

/// Runs what writes. Says with it whether it is lost.
pub(super) fn writing<T>(work: impl FnOnce() -> T) -> (T, bool) {
    struct End(Writing);
    impl Drop for End {
        fn drop(&mut self) {
            WRITING.set(self.0);
        }
    }
    let _end = End(WRITING.replace(Writing::Yes));
    let done = work();
    (done, is_lost())
}

/// Takes the notes of this thread.
pub(super) fn take() -> Noted {
    NOTED.take()
}

//! The chain of the audit log followed entry by entry, and the first thing in it that is not as it was written.

use crate::domain::clock::Day;
use crate::seal::MacKeys;
use crate::seal::audit::{self, leaf};
use crate::seal::checkpoint::{Checkpoint, EMPTY};
use crate::seal::credentials::Succession;
use crate::store::{self, AuditRow, DbConnection, StoreResult};

/// Entries that are in memory at once.
const PAGE: i64 = 1_000;

/// The first thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A number is missing.
    #[error("entry {0} is missing: deleted, or moved to another place")]
    Missing(i64),
    /// The entry, or the one before it, is not the one that was written here.
    #[error("entry {0} was changed, exchanged or moved")]
    Changed(i64),
    /// The body of the entry is not the one that was committed to.
    #[error("the body of entry {0} was changed, exchanged or removed")]
    Body(i64),
    /// It fits into the log, and was not made with the server's credentials.
    #[error("entry {0} was not written by this service")]
    Forged(i64),
    /// A head given from outside is not signed by the audit key of its time.
    #[error("checkpoint {0} of those given is not signed by the audit key")]
    Reloadable(usize),
    /// Somebody who has an audit key hands over to a key of their own.
    #[error("an audit key has named two successors: it is in other hands")]
    TwoSuccessors,
    /// The log was rewritten up to here after its head was seen or signed.
    #[error("the log was written anew: at entry {0} it is not what was there before")]
    Forked(i64),
    /// The log ends before a head that was seen or signed.
    #[error(
        "the log ends at entry {ends} although it had {signed} entries before: cut off, or an old copy was put back"
    )]
    Truncated {
        /// The last entry there is.
        ends: i64,
        /// The entry at which it was seen, or its head signed.
        signed: i64,
    },
}

impl Finding {
    /// The entry that it is about; for a head given from outside, its place among them; 0 for the log as a whole.
    pub fn entry(&self) -> i64 {
        match *self {
            Self::Missing(entry)
            | Self::Changed(entry)
            | Self::Body(entry)
            | Self::Forged(entry)
            | Self::Forked(entry) => entry,
            Self::Reloadable(place) => i64::try_from(place).unwrap_or(i64::MAX),
            Self::Truncated { ends, .. } => ends.saturating_add(1),
            Self::TwoSuccessors => 0,
        }
    }
}

/// The newest entry of the log.
///
/// # Errors
/// From the database.
pub fn head(conn: &mut DbConnection) -> StoreResult<Checkpoint> {
    let head = store::audit_head(conn)?;
    Ok(head.map_or(EMPTY, |(size, head)| Checkpoint { size, head }))
}

/// What is wrong with a log that was at `seen` before. One row is read.
pub(super) fn lacks(conn: &mut DbConnection, seen: Checkpoint) -> StoreResult<Option<Finding>> {
    if seen.size == 0 || store::audit_leaf(conn, seen.size)? == Some(seen.head) {
        return Ok(None);
    }
    let ends = head(conn)?.size;
    Ok(Some(if ends < seen.size {
        Finding::Truncated {
            ends,
            signed: seen.size,
        }
    } else {
        Finding::Forked(seen.size)
    }))
}

/// What entries are authenticated with, and until when by which key.
pub(super) struct LogKeys {
    pub(super) macs: MacKeys,
    pub(super) succession: Succession,
}

impl LogKeys {
    /// Another hand on the same keys.
    pub(super) fn share(&self) -> Self {
        Self {
            macs: self.macs.share(),
            succession: self.succession.clone(),
        }
    }

    /// Whether the server wrote the entry that follows one of that day. A key counts no longer once it was replaced, whatever day
    /// the entry itself says.
    fn is_ours(&self, row: &AuditRow, before: Option<Day>) -> bool {
        let outdated = self
            .succession
            .outdated(row.day.max(before.unwrap_or(row.day)));
        audit::is_ours(&self.macs.without(outdated), &row.leaf, &row.mac)
    }
}

/// Follows the log from an entry to its end: numbers, links, MACs, what `look` says of each entry, and that it passes through every head
/// in `known`. Gives the last entry up to which nothing is wrong.
pub(super) fn follow(
    conn: &mut DbConnection,
    from: Checkpoint,
    mut known: Vec<Checkpoint>,
    keys: &LogKeys,
    mut look: impl FnMut(&AuditRow) -> Result<(), Finding>,
) -> StoreResult<(Checkpoint, Option<Finding>)> {
    if let Some(finding) = lacks(conn, from)? {
        return Ok((from, Some(finding)));
    }
    known.retain(|head| head.size > from.size);
    known.sort_by_key(|head| head.size);
    let mut known = known.into_iter().peekable();
    let (mut at, mut day) = (from, store::audit_day(conn, from.size)?);
    loop {
        let rows = store::audit_after(conn, at.size, PAGE)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let next =
                match entry(&row, (&at, day), keys).and_then(|next| look(&row).map(|()| next)) {
                    Ok(next) => next,
                    Err(finding) => return Ok((at, Some(finding))),
                };
            while let Some(head) = known.next_if(|head| head.size <= next.size) {
                if head != next {
                    return Ok((at, Some(Finding::Forked(head.size))));
                }
            }
            (at, day) = (next, Some(row.day));
        }
    }
    let finding = known.next().map(|head| Finding::Truncated {
        ends: at.size,
        signed: head.size,
    });
    Ok((at, finding))
}

/// One entry after the one before it.
fn entry(
    row: &AuditRow,
    (before, day): (&Checkpoint, Option<Day>),
    keys: &LogKeys,
) -> Result<Checkpoint, Finding> {
    let expected = before.size.saturating_add(1);
    if row.seq != expected {
        return Err(Finding::Missing(expected));
    }
    if leaf(row.seq, row.day, &row.class, &row.commitment, &before.head) != row.leaf {
        return Err(Finding::Changed(row.seq));
    }
    if !keys.is_ours(row, day) {
        return Err(Finding::Forged(row.seq));
    }
    Ok(Checkpoint {
        size: row.seq,
        head: row.leaf,
    })
}

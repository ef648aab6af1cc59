//! The day's anchor: the newest head and the entries that no outsider has yet, made in one transaction, and what was mailed
//! compared with the log.

use data_encoding::BASE64;

use super::authority::Authority;
use super::trail::Finding;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::LedgerId;
use crate::ledger::office::OfficeBody;
use crate::ledger::replay::leads_to;
use crate::ledger::statement::Head;
use crate::ledger::team::TeamBody;
use crate::seal::anchor::check::Checked;
use crate::seal::anchor::{Anchor, AnchorEntry, ENTRIES};
use crate::seal::audit::{GENESIS, leaf};
use crate::store::{self, AuditRow, DbConnection, StoreError, StoreResult};

/// How many entries a day's anchor is rounded up to, so that whoever reads the mail cannot count the acts of a day.
const ROUND: i64 = 64;
/// How far back mailing begins again when the log is not the one that was mailed: what is told twice shows the difference.
const REWIND: i64 = 256;
/// Entries that are in memory at once.
const PAGE: i64 = 1_000;
/// The setting that says how far entries were mailed.
const MAILED: &str = "anchor_mailed";

/// The last entry that was mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mailed {
    sequence: i64,
    leaf: [u8; 32],
}

const NOTHING: Mailed = Mailed {
    sequence: 0,
    leaf: GENESIS,
};

/// Fills the day up, signs the head and gives the text of the anchor. The oldest entries that were not mailed are in it; what
/// does not fit is in the next. A log that is not as it was written or mailed raises an alarm and is mailed all the same, under a
/// signature that ends where it was right: that shows it.
///
/// # Errors
/// From the database.
pub fn make_in_txn(txn: &mut Txn<'_>) -> StoreResult<String> {
    let day = txn.log_day();
    let (from, mut broken) = begin(txn)?;
    let size = store::audit_head(txn)?.map_or(0, |(size, _)| size);
    let new = size.saturating_sub(from.sequence).saturating_add(1);
    for _ in 0..(ROUND - new.rem_euclid(ROUND)).rem_euclid(ROUND) {
        txn.record(None, AuditEvent::Blank {})?;
    }
    txn.tick(true)?;
    let note = txn.audit_log().signed_head(txn)?;
    let limit = i64::try_from(ENTRIES).unwrap_or(i64::MAX);
    let authority = txn.authority();
    let mut anchor = Anchor {
        ledgers: authority.heads(txn)?,
        day,
        note,
        after: from.sequence,
        before: from.leaf,
        entries: store::audit_after(txn, from.sequence, limit)?
            .into_iter()
            .map(entry)
            .collect(),
    };
    let text = anchor.to_text();
    anchor.entries.truncate(anchor.fitting());
    broken = broken.or_else(|| first_broken(&anchor));
    if let Some(last) = anchor.entries.last() {
        let mark = format!("{}:{}", last.sequence, BASE64.encode(&last.leaf));
        store::setting_put(txn, MAILED, &mark)?;
    }
    if let Some(at) = broken {
        let kind = AlarmKind::AuditBroken;
        txn.raise(kind, &at.to_string())?;
    }
    Ok(text)
}

/// After which entry to begin, and an entry that is not as it was mailed.
fn begin(conn: &mut DbConnection) -> StoreResult<(Mailed, Option<i64>)> {
    let mailed = store::setting_find(conn, MAILED)?
        .as_deref()
        .and_then(read)
        .unwrap_or(NOTHING);
    if at(conn, mailed.sequence)? == Some(mailed.leaf) {
        return Ok((mailed, None));
    }
    let size = store::audit_head(conn)?.map_or(0, |(size, _)| size);
    let sequence = mailed
        .sequence
        .min(size)
        .saturating_sub(REWIND)
        .clamp(0, size);
    let leaf = at(conn, sequence)?.unwrap_or(GENESIS);
    let broken = mailed.sequence.min(size.saturating_add(1));
    Ok((Mailed { sequence, leaf }, Some(broken)))
}

/// The leaf of an entry; zeros before the first.
fn at(conn: &mut DbConnection, sequence: i64) -> StoreResult<Option<[u8; 32]>> {
    if sequence == 0 {
        return Ok(Some(GENESIS));
    }
    store::audit_leaf(conn, sequence)
}

fn read(mark: &str) -> Option<Mailed> {
    let (sequence, leaf) = mark.split_once(':')?;
    Some(Mailed {
        sequence: sequence.parse().ok().filter(|sequence| *sequence >= 0)?,
        leaf: BASE64.decode(leaf.as_bytes()).ok()?.try_into().ok()?,
    })
}

fn entry(row: AuditRow) -> AnchorEntry {
    AnchorEntry {
        sequence: row.seq,
        day: row.day,
        class: row.class,
        commitment: row.commitment,
        leaf: row.leaf,
    }
}

/// A ledger that does not lead to where it ended when it was mailed.
///
/// # Errors
/// From the database.
pub fn lost_ledger(
    conn: &mut DbConnection,
    authority: &Authority,
    mailed: &Checked,
) -> StoreResult<Option<LedgerId>> {
    let office = authority.office_id(conn)?;
    for (id, head) in &mailed.ledgers {
        let kept = store::statements_from(conn, *id, 1)?;
        let leads = match *id == office {
            true => leads_to::<OfficeBody>(*id, Head::default(), &kept, *head),
            false => leads_to::<TeamBody>(*id, Head::default(), &kept, *head),
        };
        if !leads {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

fn first_broken(anchor: &Anchor) -> Option<i64> {
    let (mut sequence, mut previous) = (anchor.after, anchor.before);
    for entry in &anchor.entries {
        sequence = sequence.saturating_add(1);
        let AnchorEntry {
            day,
            class,
            commitment,
            ..
        } = entry;
        let expected = leaf(sequence, *day, class, commitment, &previous);
        if entry.sequence != sequence || entry.leaf != expected {
            return Some(sequence);
        }
        previous = entry.leaf;
    }
    None
}

/// Compares what was mailed with the log as it is now. `None` if all of it is there.
///
/// # Errors
/// From the database.
pub fn compare(conn: &mut DbConnection, mailed: &Checked) -> Result<Option<Finding>, StoreError> {
    let Some(first) = mailed.entries.keys().next() else {
        return Ok(None);
    };
    let mut last = first.saturating_sub(1);
    let mut expected = mailed.entries.values();
    let mut signed = mailed.heads.iter().map(|head| head.size).max().unwrap_or(0);
    loop {
        let rows = store::audit_after(conn, last, PAGE)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            last = row.seq;
            let Some(entry) = expected.next() else {
                return Ok(None);
            };
            if row.seq != entry.sequence {
                return Ok(Some(Finding::Missing(entry.sequence)));
            }
            if self::entry(row) != *entry {
                return Ok(Some(Finding::Changed(entry.sequence)));
            }
        }
    }
    signed = signed.max(expected.next_back().map_or(0, |entry| entry.sequence));
    Ok((last < signed).then_some(Finding::Truncated { ends: last, signed }))
}

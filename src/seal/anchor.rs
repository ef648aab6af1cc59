//! Anchors: what is mailed to outsiders each day so that the audit log can be checked without the server it is on.
//!
//! Text of a constant number of bytes: the newest signed head, and the oldest entries that were not mailed yet, as far as they
//! are clear. Whoever has all of them recomputes the chain from them alone.

pub mod check;

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};

use super::checkpoint::{Checkpoint, KeyChain};
use super::witness::LedgerHead;
use crate::domain::clock::Day;
use crate::domain::ids::LedgerId;

/// Entries in one anchor at most. More wait for the next day.
pub const ENTRIES: usize = 1_024;
/// Bytes of every anchor when its lines end in CRLF, as they do in a mail.
pub const SIZE: usize = 128 * 1_024;

const BEGIN: &str = "kapea/anchor/1 begins";
const END: &str = "kapea/anchor/1 ends";
/// Begins the line after the signed head, which has more lines where a key hands over to the next.
const AFTER: &str = "after ";
/// Begins the line of a ledger, which `kapea keys verify --head` takes.
const LEDGER: &str = "ledger ";
/// Characters of a line that only fills up.
const FILLER: usize = 76;
/// What stands for a class that no entry has.
const NO_CLASS: &str = "?";

/// What is clear of an entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorEntry {
    /// Its number.
    pub sequence: i64,
    /// The UTC day.
    pub day: Day,
    /// Its clear class.
    pub class: String,
    /// The salted commitment to the body.
    pub commitment: [u8; 32],
    /// The hash over all of it and the leaf before.
    pub leaf: [u8; 32],
}

/// One day's anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The UTC day it was made.
    pub day: Day,
    /// The newest signed head, as a signed note.
    pub note: String,
    /// The number of the last entry before those in it.
    pub after: i64,
    /// The leaf of that entry; zeros before the first.
    pub before: [u8; 32],
    /// Where each ledger ends.
    pub ledgers: BTreeMap<LedgerId, LedgerHead>,
    /// The entries, in the order of the log.
    pub entries: Vec<AnchorEntry>,
}

/// Something that begins like an anchor and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a whole anchor")]
pub struct Damaged;

impl Anchor {
    /// The text, always [`SIZE`] bytes with CRLF. Entries that do not fit any more are left out, the last first.
    pub fn to_text(&self) -> String {
        let mut lines = vec![BEGIN.to_owned(), format!("day {}", self.day.number())];
        lines.extend(self.note.lines().map(str::to_owned));
        lines.push(format!(
            "{AFTER}{} {}",
            self.after,
            BASE64.encode(&self.before)
        ));
        lines.extend(self.ledgers.iter().map(ledger_line));
        let mut left = SIZE
            .saturating_sub(lines.iter().map(|line| size(line)).sum())
            .saturating_sub(size(END));
        for line in self.entries.iter().take(ENTRIES).map(AnchorEntry::line) {
            // Whatever is left at the end is filled with at least one line.
            match left.checked_sub(size(&line)) {
                Some(rest) if rest > FILLER => left = rest,
                _ => break,
            }
            lines.push(line);
        }
        while left > 0 {
            let take = if left <= FILLER + 4 { left } else { FILLER + 2 };
            lines.push(".".repeat(take.saturating_sub(2)));
            left = left.saturating_sub(take);
        }
        lines.push(END.to_owned());
        lines.push(String::new());
        lines.join("\n")
    }

    /// How many entries of these the text has room for.
    pub fn fitting(&self) -> usize {
        find_all(&self.to_text())
            .pop()
            .and_then(Result::ok)
            .map_or(0, |anchor| anchor.entries.len())
    }

    /// The signed head, if a key of one of these chains signed it in its time.
    pub fn head(&self, chains: &[KeyChain]) -> Option<Checkpoint> {
        chains.iter().find_map(|chain| chain.open(&self.note).ok())
    }

    fn parse(lines: &[&str]) -> Option<Self> {
        let (day, rest) = lines.split_first()?;
        let ends = rest.iter().position(|line| line.starts_with(AFTER))?;
        let (note, rest) = rest.split_at_checked(ends)?;
        let (after, rest) = rest.split_first()?;
        let (number, before) = after.strip_prefix(AFTER)?.split_once(' ')?;
        let is_ledger = |line: &&&str| line.starts_with(LEDGER);
        let ledgers = rest.iter().take_while(is_ledger).count();
        let (ledgers, rest) = rest.split_at_checked(ledgers)?;
        let ledgers: Option<_> = ledgers.iter().map(|line| ledger(line)).collect();
        let mut entries = Vec::new();
        for line in rest.iter().filter(|line| !is_filler(line)) {
            entries.push(AnchorEntry::parse(line)?);
        }
        let anchor = Self {
            day: Day::from_number(day.strip_prefix("day ")?.parse().ok()?),
            note: format!("{}\n", note.join("\n")),
            after: number.parse().ok()?,
            before: hash(before)?,
            ledgers: ledgers?,
            entries,
        };
        // Of one anchor there is one text: the same numbers, the same filling, nothing between the lines.
        let written = anchor.to_text();
        let is_as_written = written
            .lines()
            .skip(1)
            .eq(lines.iter().copied().chain([END]));
        is_as_written.then_some(anchor)
    }
}

impl AnchorEntry {
    fn line(&self) -> String {
        let is_plain = |class: &str| {
            (1..=8).contains(&class.len()) && class.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let class = if is_plain(&self.class) {
            &self.class
        } else {
            NO_CLASS
        };
        format!(
            "{} {} {class} {} {}",
            self.sequence,
            self.day.number(),
            BASE64.encode(&self.commitment),
            BASE64.encode(&self.leaf)
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let entry = Self {
            sequence: parts.next()?.parse().ok()?,
            day: Day::from_number(parts.next()?.parse().ok()?),
            class: parts.next()?.to_owned(),
            commitment: hash(parts.next()?)?,
            leaf: hash(parts.next()?)?,
        };
        parts.next().is_none().then_some(entry)
    }
}

/// Every anchor in a text, in its order.
pub fn find_all(text: &str) -> Vec<Result<Anchor, Damaged>> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let begins = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| **line == BEGIN)
        .map(|(index, _)| index.saturating_add(1));
    begins
        .map(|from| {
            let rest = lines.get(from..).unwrap_or_default();
            let until = rest.iter().position(|line| *line == END || *line == BEGIN);
            let until = until.filter(|until| rest.get(*until) == Some(&END));
            let inside = until.and_then(|until| rest.get(..until));
            inside.and_then(Anchor::parse).ok_or(Damaged)
        })
        .collect()
}

fn ledger_line((id, head): (&LedgerId, &LedgerHead)) -> String {
    let digest = HEXLOWER.encode(&head.digest);
    format!("{LEDGER}{id}:{}:{digest}", head.sequence)
}

fn ledger(line: &str) -> Option<(LedgerId, LedgerHead)> {
    let mut parts = line.strip_prefix(LEDGER)?.split(':');
    let id = parts.next()?.parse().ok()?;
    let sequence = parts.next()?.parse().ok()?;
    let digest = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
    let digest = digest.try_into().ok()?;
    Some((id, LedgerHead { sequence, digest }))
}

fn is_filler(line: &str) -> bool {
    line.bytes().all(|byte| byte == b'.')
}

fn size(line: &str) -> usize {
    line.len().saturating_add(2)
}

fn hash(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;

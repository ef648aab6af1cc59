//! Anchors checked against each other: the chain recomputed, the signatures, and that nothing was told differently before.

use std::collections::BTreeMap;

use super::{Anchor, AnchorEntry, Damaged, ENTRIES};
use crate::domain::clock::Day;
use crate::domain::ids::LedgerId;
use crate::seal::audit::leaf;
use crate::seal::checkpoint::{Checkpoint, KeyChain, TwoSuccessors};
use crate::seal::keys::VerifyKey;
use crate::seal::witness::LedgerHead;

/// The first thing that is wrong with the log, as the mails tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorFinding {
    /// There is nothing to check.
    #[error("there is no anchor in it")]
    None,
    /// Part of it is missing, or it was changed on the way.
    #[error("anchor {0} in the order of the file is damaged: not all of it is there")]
    Damaged(usize),
    /// Neither a key that was given signed it nor one that such a key introduced.
    #[error("anchor {0} in the order of the file is not signed by the given key")]
    Unsigned(usize),
    /// Somebody who has an audit key hands over to a key of their own.
    #[error("an audit key has named two successors: it is in other hands")]
    TwoSuccessors,
    /// An entry was gone when its turn came to be mailed, or the mail with it is not in the file.
    #[error("entry {0} is missing: it was deleted, or the mail with it is not in the file")]
    Missing(i64),
    /// An entry does not follow from the one before it.
    #[error("entry {0} was changed, exchanged or moved before it was mailed")]
    Changed(i64),
    /// An entry was mailed, and later told differently.
    #[error(
        "entry {0} is not what was mailed before: the log was written anew, or an old copy was put back"
    )]
    Forked(i64),
    /// A head was signed over another entry than the one that was mailed.
    #[error("entry {0} is not the one whose head was signed: the log was written anew")]
    Signed(i64),
    /// A later mail names an earlier end of a ledger, or another one.
    #[error("the ledger {0} is shorter than it was in an earlier mail, or another one")]
    Ledger(LedgerId),
    /// A later mail knows of fewer entries than an earlier one.
    #[error(
        "entry {after} was the last one on {day} although more had been signed before: the log was cut off, or an old copy was put back"
    )]
    WentBack {
        /// The number of entries in the later mail.
        after: i64,
        /// The UTC day of the later mail.
        day: Day,
    },
}

/// Anchors in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many different anchors.
    pub anchors: usize,
    /// The UTC day of the newest.
    pub newest: Day,
    /// The entries in them, by number.
    pub entries: BTreeMap<i64, AnchorEntry>,
    /// The signed heads, by the number of entries.
    pub heads: Vec<Checkpoint>,
    /// Where each ledger ended, by the newest that names it.
    pub ledgers: BTreeMap<LedgerId, LedgerHead>,
    /// Up to this entry everything is under a signature. Later ones wait for the next anchor.
    pub covered: i64,
}

/// Everything that several anchors say.
#[derive(Default)]
struct Story {
    entries: BTreeMap<i64, AnchorEntry>,
    /// Leaves by number, also of entries that are not there themselves.
    leaves: BTreeMap<i64, [u8; 32]>,
    heads: BTreeMap<i64, [u8; 32]>,
    ledgers: BTreeMap<LedgerId, LedgerHead>,
    faults: Vec<(i64, AnchorFinding)>,
}

/// Checks anchors from the mails alone, from the first audit key on: later ones are introduced by those before them. Their order in the file does not matter, and each may be there more than once.
///
/// # Errors
/// [`AnchorFinding`]: what is wrong with the entry of the lowest number.
pub fn check(
    found: &[Result<Anchor, Damaged>],
    keys: &[VerifyKey],
) -> Result<Checked, AnchorFinding> {
    let notes: Vec<&str> = found
        .iter()
        .flatten()
        .map(|anchor| anchor.note.as_str())
        .collect();
    let chains: Vec<KeyChain> = keys
        .iter()
        .map(|key| KeyChain::follow(&notes, *key))
        .collect::<Result<_, _>>()
        .map_err(|TwoSuccessors| AnchorFinding::TwoSuccessors)?;
    let mut anchors: Vec<(&Anchor, Checkpoint)> = Vec::new();
    for (index, anchor) in found.iter().enumerate() {
        let number = index.saturating_add(1);
        let anchor = anchor
            .as_ref()
            .map_err(|Damaged| AnchorFinding::Damaged(number))?;
        let head = anchor
            .head(&chains)
            .ok_or(AnchorFinding::Unsigned(number))?;
        if !anchors.iter().any(|(known, _)| *known == anchor) {
            anchors.push((anchor, head));
        }
    }
    anchors.sort_by_key(|(anchor, _)| anchor.day);
    let newest = anchors.last().ok_or(AnchorFinding::None)?.0.day;
    let mut story = Story::default();
    for (anchor, head) in &anchors {
        story.hear(anchor, head);
    }
    story.follow();
    story.went_back(&anchors);
    if let Some((_, finding)) = story.faults.iter().min_by_key(|(at, _)| *at) {
        return Err(*finding);
    }
    let heads: Vec<Checkpoint> = anchors.iter().map(|(_, head)| *head).collect();
    Ok(Checked {
        anchors: anchors.len(),
        newest,
        covered: heads
            .iter()
            .map(|head| head.size)
            .filter(|size| story.entries.contains_key(size))
            .max()
            .unwrap_or(0),
        entries: story.entries,
        ledgers: story.ledgers,
        heads,
    })
}

impl Story {
    fn hear(&mut self, anchor: &Anchor, head: &Checkpoint) {
        self.leaf(anchor.after, &anchor.before);
        for entry in &anchor.entries {
            self.leaf(entry.sequence, &entry.leaf);
            let known = self.entries.entry(entry.sequence).or_insert(entry.clone());
            if known != entry {
                self.fault(entry.sequence, AnchorFinding::Forked(entry.sequence));
            }
        }
        // Only one that is full may end before its head.
        let last = anchor
            .entries
            .last()
            .map_or(anchor.after, |entry| entry.sequence);
        if anchor.entries.len() < ENTRIES && last < head.size {
            let next = last.saturating_add(1);
            self.fault(next, AnchorFinding::Missing(next));
        }
        for (id, ends) in &anchor.ledgers {
            let known = *self.ledgers.entry(*id).or_insert(*ends);
            let is_same = known.sequence < ends.sequence || known == *ends;
            if !is_same {
                self.fault(head.size, AnchorFinding::Ledger(*id));
            }
            self.ledgers.insert(*id, *ends);
        }
        let known = *self.heads.entry(head.size).or_insert(head.head);
        if known != head.head {
            self.fault(head.size, AnchorFinding::Forked(head.size));
        }
    }

    fn leaf(&mut self, sequence: i64, leaf: &[u8; 32]) {
        let known = *self.leaves.entry(sequence).or_insert(*leaf);
        if known != *leaf {
            self.fault(sequence, AnchorFinding::Forked(sequence));
        }
    }

    fn fault(&mut self, at: i64, finding: AnchorFinding) {
        self.faults.push((at, finding));
    }

    /// Each entry after the one before it, and under the heads that were signed.
    fn follow(&mut self) {
        let mut faults = Vec::new();
        let mut last: Option<i64> = None;
        for (sequence, entry) in &self.entries {
            let before = sequence.saturating_sub(1);
            if let Some(gap) = last.map(|last| last.saturating_add(1))
                && gap != *sequence
            {
                faults.push((gap, AnchorFinding::Missing(gap)));
            }
            last = Some(*sequence);
            let holds = self.leaves.get(&before).is_none_or(|previous| {
                let AnchorEntry {
                    day,
                    class,
                    commitment,
                    ..
                } = entry;
                leaf(*sequence, *day, class, commitment, previous) == entry.leaf
            });
            if !holds {
                faults.push((*sequence, AnchorFinding::Changed(*sequence)));
            }
        }
        for (size, head) in &self.heads {
            if self.leaves.get(size).is_some_and(|leaf| leaf != head) {
                faults.push((*size, AnchorFinding::Signed(*size)));
            }
        }
        // An entry beyond every head is under no signature and cannot have been mailed.
        let signed = self.heads.keys().next_back().copied().unwrap_or(0);
        if let Some(beyond) = last.filter(|last| *last > signed) {
            faults.push((beyond, AnchorFinding::Signed(beyond)));
        }
        self.faults.extend(faults);
    }

    /// A log only grows: of two days' heads the later one is longer.
    fn went_back(&mut self, anchors: &[(&Anchor, Checkpoint)]) {
        let mut longest: Option<(Day, i64)> = None;
        for (anchor, head) in anchors {
            if let Some((day, size)) = longest
                && day < anchor.day
                && head.size <= size
            {
                let finding = AnchorFinding::WentBack {
                    after: head.size,
                    day: anchor.day,
                };
                self.faults.push((head.size, finding));
            }
            if longest.is_none_or(|(_, size)| size < head.size) {
                longest = Some((anchor.day, head.size));
            }
        }
    }
}

#[cfg(test)]
mod tests;

use super::*;
use crate::seal::anchor::ENTRIES;
use crate::seal::keys::{Seed, SigningKey};

/// A log and the key that its heads are signed with.
struct Log {
    key: SigningKey,
    entries: Vec<AnchorEntry>,
}

impl Log {
    fn new() -> Self {
        Self {
            key: SigningKey::from_seed(&Seed::random()),
            entries: Vec::new(),
        }
    }

    /// So many entries more, of a kind.
    fn grow(&mut self, count: i64, kind: u8) {
        for _ in 0..count {
            let sequence = self.size() + 1;
            let previous = self.leaf(sequence - 1);
            let (day, class, commitment) = (Day::from_number(20_780), "act".to_owned(), [kind; 32]);
            self.entries.push(AnchorEntry {
                sequence,
                leaf: leaf(sequence, day, &class, &commitment, &previous),
                day,
                class,
                commitment,
            });
        }
    }

    fn size(&self) -> i64 {
        i64::try_from(self.entries.len()).unwrap()
    }

    fn leaf(&self, sequence: i64) -> [u8; 32] {
        match usize::try_from(sequence).unwrap() {
            0 => [0; 32],
            number => self.entries[number - 1].leaf,
        }
    }

    fn anchor(&self, day: i64, after: i64) -> Anchor {
        let head = Checkpoint {
            size: self.size(),
            head: self.leaf(self.size()),
        };
        let from = usize::try_from(after).unwrap();
        Anchor {
            day: Day::from_number(day),
            note: head.sign(&self.key),
            after,
            before: self.leaf(after),
            ledgers: [(LedgerId::from_bytes([9; 16]), ledger_head(day))].into(),
            entries: self.entries[from..].iter().take(ENTRIES).cloned().collect(),
        }
    }

    fn keys(&self) -> Vec<VerifyKey> {
        vec![self.key.verify_key()]
    }
}

/// A ledger grows by a statement each day.
fn ledger_head(day: i64) -> LedgerHead {
    LedgerHead {
        sequence: u32::try_from(day).unwrap(),
        digest: [u8::try_from(day % 256).unwrap(); 32],
    }
}

/// Three days of a log.
fn days() -> (Log, Vec<Anchor>) {
    let mut log = Log::new();
    let mut anchors = Vec::new();
    for day in 0..3 {
        let after = log.size();
        log.grow(64, 1);
        anchors.push(log.anchor(20_780 + day, after));
    }
    (log, anchors)
}

fn looked(log: &Log, anchors: &[Anchor]) -> Result<Checked, AnchorFinding> {
    let found: Vec<_> = anchors.iter().cloned().map(Ok).collect();
    check(&found, &log.keys())
}

#[test]
fn a_log_that_only_grew_is_sound_in_any_order_and_twice() {
    let (log, anchors) = days();
    let [a, b, c] = &anchors[..] else { panic!() };
    let mixed = [c, a, b, a, c].map(Clone::clone);
    let checked = looked(&log, &mixed).unwrap();
    assert_eq!((checked.anchors, checked.covered), (3, 192));
    assert_eq!(checked.entries.len(), 192);
    // Somebody who joined later has not got the first ones.
    let checked = looked(&log, &anchors[1..]).unwrap();
    assert_eq!(checked.entries.keys().next(), Some(&65));
}

#[test]
fn a_backlog_is_caught_up_with() {
    let mut log = Log::new();
    log.grow(1_500, 1);
    let first = log.anchor(20_780, 0);
    assert_eq!(
        looked(&log, std::slice::from_ref(&first)).unwrap().covered,
        0
    );
    log.grow(64, 1);
    let next = log.anchor(20_781, 1_024);
    let checked = looked(&log, &[first, next]).unwrap();
    assert_eq!(checked.covered, 1_564);
}

#[test]
fn each_tampering_is_named_with_its_first_entry() {
    let (log, anchors) = days();
    let id = LedgerId::from_bytes([9; 16]);
    let change = |at: usize, change: &dyn Fn(&mut Anchor)| {
        let mut anchors = anchors.clone();
        change(&mut anchors[at]);
        looked(&log, &anchors).map(|checked| checked.anchors)
    };
    let cases: [(&str, Result<usize, AnchorFinding>, AnchorFinding); 11] = [
        (
            "edited",
            change(1, &|a| a.entries[5].commitment = [7; 32]),
            AnchorFinding::Changed(70),
        ),
        (
            "class",
            change(1, &|a| a.entries[5].class = "tick".to_owned()),
            AnchorFinding::Changed(70),
        ),
        (
            "leaf",
            change(1, &|a| a.entries[5].leaf = [7; 32]),
            AnchorFinding::Changed(70),
        ),
        (
            "deleted",
            change(1, &|a| drop(a.entries.remove(5))),
            AnchorFinding::Missing(70),
        ),
        (
            "reordered",
            change(1, &|a| {
                a.entries.swap(5, 6);
                a.entries[5].sequence = 70;
                a.entries[6].sequence = 71;
            }),
            AnchorFinding::Changed(70),
        ),
        (
            "last one gone",
            change(2, &|a| drop(a.entries.pop())),
            AnchorFinding::Missing(192),
        ),
        (
            "one too many",
            change(2, &|a| {
                a.entries.push(AnchorEntry {
                    sequence: 193,
                    ..a.entries[0].clone()
                })
            }),
            AnchorFinding::Changed(193),
        ),
        (
            "a shorter ledger",
            change(2, &|a| a.ledgers = [(id, ledger_head(20_700))].into()),
            AnchorFinding::Ledger(id),
        ),
        (
            "another ledger",
            change(2, &|a| {
                let before = ledger_head(20_781);
                let digest = [7; 32];
                a.ledgers.insert(id, LedgerHead { digest, ..before });
            }),
            AnchorFinding::Ledger(id),
        ),
        (
            "begins elsewhere",
            change(1, &|a| a.before = [7; 32]),
            AnchorFinding::Forked(64),
        ),
        (
            "no signature",
            change(1, &|a| {
                a.note = a.note.replace("64", "65").replace("128", "129")
            }),
            AnchorFinding::Unsigned(2),
        ),
    ];
    for (what, found, expected) in cases {
        assert_eq!(found, Err(expected), "{what}");
    }
    assert_eq!(looked(&log, &[]), Err(AnchorFinding::None));
    assert_eq!(
        check(&[Err(Damaged)], &log.keys()),
        Err(AnchorFinding::Damaged(1))
    );
    let [a, _, c] = &anchors[..] else { panic!() };
    assert_eq!(
        looked(&log, &[a.clone(), c.clone()]),
        Err(AnchorFinding::Missing(65))
    );
}

#[test]
fn a_fork_and_an_old_copy_are_named() {
    let (mut log, mut anchors) = days();
    // Put back to entry 100, and on from there.
    log.entries.truncate(100);
    log.grow(28, 2);
    anchors.push(log.anchor(20_783, 64));
    assert_eq!(looked(&log, &anchors), Err(AnchorFinding::Forked(101)));
    // With nothing that was told twice, the next head is shorter.
    anchors.pop();
    log.entries.truncate(128);
    let mut short = log.anchor(20_783, 128);
    assert!(short.entries.is_empty());
    anchors.push(short.clone());
    let found = looked(&log, &anchors[..]);
    assert_eq!(found, Err(AnchorFinding::Forked(101)).or(found.clone()));
    // Written anew with the credential, and longer than before.
    anchors.pop();
    log.entries.truncate(100);
    log.grow(156, 3);
    short = log.anchor(20_783, 192);
    anchors.push(short);
    assert_eq!(looked(&log, &anchors), Err(AnchorFinding::Forked(192)));
}

#[test]
fn a_later_day_with_fewer_entries_is_named() {
    let (mut log, mut anchors) = days();
    log.entries.truncate(128);
    anchors.push(log.anchor(20_790, 128));
    let day = Day::from_number(20_790);
    let finding = AnchorFinding::WentBack { after: 128, day };
    assert_eq!(looked(&log, &anchors), Err(finding));
}

#[test]
fn a_head_over_something_else_is_named() {
    let (mut log, mut anchors) = days();
    log.grow(1, 1);
    let head = Checkpoint {
        size: 193,
        head: [5; 32],
    };
    let mut forged = log.anchor(20_783, 192);
    forged.note = head.sign(&log.key);
    anchors.push(forged);
    assert_eq!(looked(&log, &anchors), Err(AnchorFinding::Signed(193)));
}

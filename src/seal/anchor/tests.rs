use proptest::prelude::*;

use super::*;
use crate::seal::keys::{Seed, SigningKey};

fn note() -> String {
    let key = SigningKey::from_seed(&Seed::random());
    Checkpoint {
        size: 9,
        head: [9; 32],
    }
    .sign(&key)
}

fn entry(sequence: i64) -> AnchorEntry {
    AnchorEntry {
        sequence,
        day: Day::from_number(20_780),
        class: if sequence % 7 == 0 { "tick" } else { "act" }.to_owned(),
        commitment: [u8::try_from(sequence.rem_euclid(256)).unwrap(); 32],
        leaf: [3; 32],
    }
}

fn ledger(number: u8) -> (LedgerId, LedgerHead) {
    let head = LedgerHead {
        sequence: number.into(),
        digest: [number; 32],
    };
    (LedgerId::from_bytes([number; 16]), head)
}

fn anchor(after: i64, count: i64) -> Anchor {
    Anchor {
        day: Day::from_number(20_780),
        note: note(),
        after,
        before: [1; 32],
        ledgers: [3, 7].map(ledger).into(),
        entries: (1..=count).map(|number| entry(after + number)).collect(),
    }
}

fn wire(text: &str) -> usize {
    text.replace('\n', "\r\n").len()
}

#[test]
fn every_anchor_has_the_same_size_and_reads_back() {
    let most = i64::try_from(ENTRIES).unwrap();
    for (after, count) in [
        (0, 0),
        (0, 1),
        (5, 63),
        (999_999_999_999, 64),
        (0, most),
        (100_000_000_000, most),
    ] {
        let anchor = anchor(after, count);
        let text = anchor.to_text();
        assert_eq!(wire(&text), SIZE, "{after} {count}");
        assert_eq!(find_all(&text), [Ok(anchor.clone())], "{after} {count}");
        assert_eq!(anchor.fitting(), anchor.entries.len());
    }
}

#[test]
fn what_does_not_fit_is_left_out_from_the_end() {
    let mut long = anchor(1, 2_000);
    let text = long.to_text();
    assert_eq!(wire(&text), SIZE);
    assert_eq!(long.fitting(), ENTRIES);
    for entry in &mut long.entries {
        // Nothing that the service writes: numbers that leave no room.
        entry.sequence += i64::MAX / 2;
        entry.day = Day::from_number(i64::MIN);
        entry.class = "x".repeat(10_000);
    }
    assert_eq!(wire(&long.to_text()), SIZE);
    assert!((800..ENTRIES).contains(&long.fitting()));
}

#[test]
fn a_class_that_could_be_taken_for_something_else_is_not_repeated() {
    let mut anchor = anchor(1, 1);
    anchor.entries[0].class = "act 1\nkapea/anchor/1 ends".to_owned();
    let read = find_all(&anchor.to_text());
    assert_eq!(read[0].as_ref().unwrap().entries[0].class, "?");
}

#[test]
fn a_cut_or_doubled_anchor_is_damaged() {
    let text = anchor(1, 9).to_text();
    let cut: String = text.lines().take(12).collect::<Vec<_>>().join("\n");
    assert_eq!(find_all(&cut), [Err(Damaged)]);
    assert_eq!(find_all(&text.replace("act ", "act")), [Err(Damaged)]);
    let found = find_all(&format!("{cut}\n{text}"));
    assert!(matches!(found[..], [Err(Damaged), Ok(_)]));
    assert!(find_all("nothing of the kind").is_empty());
}

proptest! {
    #[test]
    fn whatever_stands_in_a_mail_is_read_without_trouble(
        text in "(kapea/anchor/1 begins\n|kapea/anchor/1 ends\n|day 7\n|after 0 |[ -~]{0,30}\n|act |[A-Za-z0-9+/]{43}=|\\PC{0,9}){0,40}"
    ) {
        for anchor in find_all(&text).into_iter().flatten() {
            prop_assert!(anchor.head(&[]).is_none());
            prop_assert_eq!(wire(&anchor.to_text()), SIZE);
        }
    }

    #[test]
    fn a_flipped_byte_never_reads_as_the_same(at in 0_usize..3_000, bit in 0_u8..7) {
        let anchor = anchor(41, 20);
        let mut bytes = anchor.to_text().into_bytes();
        bytes[at] ^= 1 << bit;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let is_filler = bytes[at] == b'.' || text.lines().any(|line| line.starts_with("..") && line.contains(char::from(bytes[at])));
        let read = find_all(&text);
        prop_assert!(read != [Ok(anchor)] || is_filler || bytes[at].is_ascii_whitespace(), "{}", at);
    }
}

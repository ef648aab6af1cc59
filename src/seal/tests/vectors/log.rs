//! The audit log: its entries, its signed heads, what is mailed of it, and what is remembered of it.

use super::signed::keys;
use super::{Format, Given, Made, Read, changed, hex, refused, text};
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{InstallationId, KeyId, LedgerId, TeamId};
use crate::domain::sealed::Sealed;
use crate::domain::suite::Suite;
use crate::seal::MacKeys;
use crate::seal::age_file;
use crate::seal::anchor::{Anchor, AnchorEntry, find_all};
use crate::seal::audit::{self, GENESIS};
use crate::seal::chain::VerifiedKey;
use crate::seal::checkpoint::Checkpoint;
use crate::seal::keys::{Identity, Seed, SigningKey, VerifyKey};
use crate::seal::witness::{LedgerHead, LedgerHeads, WitnessRecord};

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::bytes("audit-body", read_body, bodies).by_chance(),
        Format::text("checkpoint", read_checkpoint, checkpoints),
        Format::text("anchor", read_anchor, anchors),
        Format::bytes("witness", read_witness, witnesses),
    ]
}

const DAY: Day = Day::from_number(20_780);

fn signer(number: u8) -> SigningKey {
    SigningKey::from_seed(&Seed::from_bytes([number; 32]))
}

fn read_body(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let reader = Identity::from_seed(Suite::X25519, &Seed::from_bytes(given.bytes("reader")));
    let sealed = Sealed::parse(bytes.to_vec()).or_else(refused)?;
    let commitment = given.bytes("commitment");
    let body = audit::open_body(&reader, &sealed, &commitment).or_else(refused)?;
    let leaf = audit::leaf(1, DAY, "act", &commitment, &GENESIS);
    Ok(Read {
        says: vec![
            format!("body {}", hex(&body)),
            format!("first leaf {}", hex(&leaf)),
            format!("its MAC {}", hex(&audit::mac(&mac_keys([5; 32]), &leaf))),
        ],
        again: None,
    })
}

fn bodies() -> Vec<Made> {
    let (salt, body) = ([2; 32], b"{\"event\":\"blank\"}");
    let reader = Identity::from_seed(Suite::X25519, &Seed::from_bytes([1; 32]));
    let seal = |plaintext: &[u8]| {
        let sealed: Sealed<crate::domain::sealed::AuditBody> =
            age_file::encrypt(&reader.recipient(), plaintext).unwrap();
        sealed.into_bytes()
    };
    let good = seal(&[salt.as_slice(), body].concat());
    let given = Given::default()
        .hex("reader", &[1; 32])
        .hex("commitment", &audit::commitment(&salt, body));
    let other_salt = seal(&[[3; 32].as_slice(), body].concat());
    let other_body = seal(&[salt.as_slice(), b"{}"].concat());
    let other_reader = given.clone().hex("reader", &[4; 32]);
    vec![
        Made::good("good", &given, good.clone()),
        Made::bad("another-reader", &other_reader, good, "NotOpened"),
        Made::bad("another-salt", &given, other_salt, "Failed"),
        Made::bad("another-body", &given, other_body, "Failed"),
        Made::bad("salt-cut", &given, seal(&salt[..31]), "Failed"),
    ]
}

fn head() -> Checkpoint {
    Checkpoint {
        size: 7,
        head: [9; 32],
    }
}

fn read_checkpoint(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key: VerifyKey = given.text("key").parse().unwrap();
    let read = Checkpoint::open(text(bytes), &key).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("size {}", read.size),
            format!("head {}", hex(&read.head)),
        ],
        again: Some(read.sign(&signer(5)).into_bytes()),
    })
}

fn checkpoints() -> Vec<Made> {
    let given = Given::default().with("key", signer(5).verify_key());
    let good = head().sign(&signer(5));
    let succession = head().sign_succession(&signer(5), &signer(6));
    let line = good.lines().last().unwrap();
    let negative = Checkpoint { size: -7, ..head() }.sign(&signer(5));
    let bad = |name, note: String| Made::bad(name, &given, note, "BadCheckpoint");
    let (without, _) = succession.trim_end().rsplit_once('\n').unwrap();
    let other = Given::default().with("key", signer(6).verify_key());
    vec![
        Made::good("good", &given, good.as_str()),
        Made::good("good-as-mailed", &given, good.replace('\n', "\r\n")),
        Made::good("good-succession", &given, succession.as_str()),
        Made::bad("another-key", &other, good.as_str(), "BadCheckpoint"),
        bad(
            "another-origin",
            good.replace("kapea/audit\n", "kapea/other\n"),
        ),
        bad(
            "another-name",
            good.replace("\u{2014} kapea/audit ", "\u{2014} other "),
        ),
        bad("another-size", good.replace("\n7\n", "\n8\n")),
        bad("size-with-a-sign", good.replace("\n7\n", "\n+7\n")),
        bad(
            "size-with-a-zero-before-it",
            good.replace("\n7\n", "\n07\n"),
        ),
        bad("size-below-zero", negative),
        bad("head-not-padded", good.replace("=\n", "\n")),
        bad(
            "line-before-the-signature",
            good.replace("\n\n", "\nmore\n\n"),
        ),
        bad("signature-twice", format!("{good}{line}\n")),
        bad("unsigned", good.replace(line, "")),
        bad("successor-not-signed", format!("{without}\n")),
    ]
}

fn entry(sequence: i64, previous: &[u8; 32]) -> AnchorEntry {
    let commitment = [8; 32];
    AnchorEntry {
        sequence,
        day: DAY,
        class: "act".to_owned(),
        commitment,
        leaf: audit::leaf(sequence, DAY, "act", &commitment, previous),
    }
}

fn read_anchor(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let found = find_all(text(bytes));
    let [anchor] = found.as_slice() else {
        return Err(format!("{} anchors", found.len()));
    };
    let anchor = anchor.clone().or_else(refused)?;
    let mut says = vec![
        format!("day {}", anchor.day.number()),
        format!("after {} {}", anchor.after, hex(&anchor.before)),
    ];
    says.extend(anchor.ledgers.iter().map(|(id, head)| {
        let digest = hex(&head.digest);
        format!("ledger {id} {} {digest}", head.sequence)
    }));
    says.extend(anchor.note.lines().map(|line| format!("note {line}")));
    says.extend(anchor.entries.iter().map(|entry| {
        let AnchorEntry {
            sequence,
            day,
            class,
            commitment,
            leaf,
        } = entry;
        format!(
            "entry {sequence}, day {}, {class}, {}, {}",
            day.number(),
            hex(commitment),
            hex(leaf)
        )
    }));
    Ok(Read {
        says,
        again: Some(anchor.to_text().into_bytes()),
    })
}

fn anchors() -> Vec<Made> {
    let given = Given::default();
    let first = entry(41, &[7; 32]);
    let second = entry(42, &first.leaf);
    let anchor = Anchor {
        day: DAY,
        note: Checkpoint {
            size: 42,
            head: second.leaf,
        }
        .sign(&signer(5)),
        after: 40,
        before: [7; 32],
        ledgers: [3, 6]
            .map(|number| (LedgerId::from_bytes([number; 16]), ledger_head(number)))
            .into(),
        entries: vec![first, second],
    };
    let good = anchor.to_text();
    let bad = |name, text: String| Made::bad(name, &given, text, "Damaged");
    let other = |from: &str, to: &str| {
        assert_eq!(good.matches(from).count(), 1, "{from}");
        good.replace(from, to)
    };
    let filler = format!("{}\n", ".".repeat(76));
    let end = "kapea/anchor/1 ends\n";
    let flipped = changed(good.as_bytes(), |bytes| bytes[0] = b'K');
    vec![
        Made::good("good", &given, good.as_str()),
        Made::good("good-as-mailed", &given, good.replace('\n', "\r\n")),
        Made::bad("another-beginning", &given, flipped, "0 anchors"),
        bad("end-left-out", other(end, "")),
        bad("cut", good[..good.len() / 2].to_owned()),
        bad("filling-left-out", good.replace(&filler, "")),
        bad("filling-cut", good.replacen(&filler, "", 1)),
        bad(
            "filling-between-entries",
            other("\n42 20780 ", &format!("\n{filler}42 20780 ")),
        ),
        bad("empty-line", other("\nafter ", "\n\nafter ")),
        bad(
            "ledgers-out-of-order",
            other("\nledger 0303", "\nledger 0903"),
        ),
        bad("ledger-number-with-a-sign", other("06:6:", "06:+6:")),
        bad("ledger-in-capitals", other("ledger 0606", "LEDGER 0606")),
        bad("number-with-a-sign", other("\n41 20780 ", "\n+41 20780 ")),
        bad(
            "number-with-a-zero-before-it",
            other("\n41 20780 ", "\n041 20780 "),
        ),
        bad("day-with-a-sign", other("\nday 20780\n", "\nday +20780\n")),
        bad("after-with-a-sign", other("\nafter 40 ", "\nafter +40 ")),
        bad("class-in-capitals", other("42 20780 act ", "42 20780 Act ")),
        bad(
            "hash-not-padded",
            other(
                "42 20780 act CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg= ",
                "42 20780 act CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg ",
            ),
        ),
        bad("field-left-out", other("\n42 20780 act ", "\n42 20780 ")),
        bad(
            "field-more",
            other("\n42 20780 act ", "\n42 20780 act act "),
        ),
        bad("two-spaces", other("\n42 20780 act ", "\n42  20780 act ")),
    ]
}

fn ledger_head(number: u8) -> LedgerHead {
    LedgerHead {
        sequence: number.into(),
        digest: [number; 32],
    }
}

fn mac_keys(key: [u8; 32]) -> MacKeys {
    MacKeys(vec![crate::seal::secret::Secret::of(&key)])
}

fn read_witness(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let keys = mac_keys(given.bytes("key"));
    let record = WitnessRecord::parse(bytes, &keys).or_else(refused)?;
    let mut says = vec![
        format!("installation {}", record.installation),
        format!("time {}", record.time.seconds()),
        format!("log {} {}", record.log.size, hex(&record.log.head)),
    ];
    for (id, heads) in &record.ledgers {
        for (what, head) in [("last", heads.last), ("next", heads.next)] {
            if let Some(head) = head {
                let digest = hex(&head.digest);
                says.push(format!("ledger {id} {what} {} {digest}", head.sequence));
            }
        }
    }
    for (channel, key) in &record.receivers {
        let (team, root, recipient) = (key.team, hex(&key.root), &key.recipient);
        let numbers = format!("{} {}", key.decided, key.generation);
        let id = key.key;
        says.push(format!(
            "receiver {channel} {team} {root} {numbers} {id} {recipient}"
        ));
    }
    says.push(format!("outdated {}", record.outdated));
    Ok(Read {
        says,
        again: Some(record.to_bytes(&keys)),
    })
}

/// Where the number of receivers ends.
const RECEIVERS: usize = 218;

fn receiver(number: u8) -> VerifiedKey {
    VerifiedKey {
        team: TeamId::from_bytes([number; 16]),
        root: [number; 32],
        decided: 2,
        key: KeyId::from_bytes([number; 16]),
        generation: 3,
        recipient: keys(number).recipient(),
    }
}

fn witnesses() -> Vec<Made> {
    let given = Given::default().hex("key", &[1; 32]);
    let keys = mac_keys([1; 32]);
    let heads = |last: Option<u8>, next: Option<u8>| LedgerHeads {
        last: last.map(ledger_head),
        next: next.map(ledger_head),
    };
    let record = WitnessRecord {
        time: Quarter::from_seconds(1_795_392_000),
        log: head(),
        ledgers: [
            (LedgerId::from_bytes([3; 16]), heads(Some(4), Some(5))),
            (LedgerId::from_bytes([6; 16]), heads(None, Some(1))),
        ]
        .into(),
        receivers: [("audit", 7), ("main", 8)]
            .map(|(channel, number)| (channel.to_owned(), receiver(number)))
            .into(),
        outdated: 1,
        ..WitnessRecord::new(InstallationId::from_bytes([2; 16]))
    };
    let good = record.to_bytes(&keys);
    let front = good[..good.len() - 32].to_vec();
    // With the MAC that belongs to it: what a slip of the writer would make.
    let made = |bytes: Vec<u8>| [bytes.as_slice(), &keys.mac(&[&bytes])].concat();
    let slip = |change: &dyn Fn(&mut Vec<u8>)| made(changed(&front, change));
    let bad = |name, bytes, refused| Made::bad(name, &given, bytes, refused);
    let other_key = given.clone().hex("key", &[2; 32]);
    vec![
        Made::good("good", &given, good.clone()),
        Made::bad("another-key", &other_key, good.clone(), "Forged"),
        bad("changed", changed(&good, |bytes| bytes[30] ^= 1), "Forged"),
        bad("cut", good[..good.len() - 1].to_vec(), "Forged"),
        bad("empty", Vec::new(), "Damaged"),
        bad("another-magic", slip(&|bytes| bytes[0] ^= 1), "Damaged"),
        bad("another-suite", slip(&|bytes| bytes[4] = 2), "Damaged"),
        bad("time-no-quarter", slip(&|bytes| bytes[28] ^= 1), "Damaged"),
        bad("log-below-zero", slip(&|bytes| bytes[29] = 0x80), "Damaged"),
        bad("ledger-left-out", slip(&|bytes| bytes[72] = 3), "Damaged"),
        bad("ledger-more", slip(&|bytes| bytes[72] = 1), "Damaged"),
        bad(
            "ledgers-out-of-order",
            slip(&|bytes| bytes[73] = 9),
            "Damaged",
        ),
        bad(
            "ledger-without-heads",
            slip(&|bytes| bytes[89] = 0),
            "Damaged",
        ),
        bad("flag-not-known", slip(&|bytes| bytes[89] = 7), "Damaged"),
        bad("receiver-more", slip(&|b| b[RECEIVERS] = 1), "Damaged"),
        bad("receiver-left-out", slip(&|b| b[RECEIVERS] = 3), "Damaged"),
        bad(
            "receivers-out-of-order",
            slip(&|bytes| bytes[RECEIVERS + 5] = b'z'),
            "Damaged",
        ),
        bad(
            "recipient-that-is-none",
            slip(&|bytes| bytes[RECEIVERS + 30] ^= 1),
            "Damaged",
        ),
        bad("trailing-byte", slip(&|bytes| bytes.push(0)), "Damaged"),
    ]
}

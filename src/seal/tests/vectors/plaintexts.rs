//! What is inside age files, and the files themselves.

use super::{Format, Given, Made, Read, changed, hex, refused};
use crate::domain::ids::{KeyId, ObjectId, ReportId, StaffId};
use crate::domain::sealed::{Object, Sealed};
use crate::domain::suite::Suite;
use crate::seal::card::{Answers, MailboxContents, ReportContents};
use crate::seal::derive::{hmac, sha256};
use crate::seal::frame::{self, Place, Position};
use crate::seal::fuzzing::BothKeys;
use crate::seal::grant::Contents;
use crate::seal::keys::{Identity, ReporterAuthKey, Seed, SigningKey};
use crate::seal::kind::Kind;
use crate::seal::opening::{TeamSecrets, parse_wrap, wrap_to_bytes};
use crate::seal::said::{self, Signer};
use crate::seal::totp::TotpSeed;
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{age_file, opening};

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::bytes("age-file", read_file, files).by_chance(),
        Format::bytes("frame", read_frame, frames),
        Format::bytes("said", read_said, saids),
        Format::bytes("grant", read_grant, grants),
        Format::bytes("wrap", read_wrap, wraps),
        Format::bytes("unlock", read_unlock, unlocks),
        Format::bytes("report-card", read_report_card, report_cards),
        Format::bytes("mailbox-card", read_mailbox_card, mailbox_cards),
    ]
}

const AUTH: [u8; 32] = [9; 32];
const REPORT: [u8; 16] = [0x11; 16];
const OBJECT: [u8; 16] = [0x22; 16];

fn place() -> Place {
    Place::object(ReportId::from_bytes(REPORT), ObjectId::from_bytes(OBJECT))
}

const fn at(seconds: u64, number: u32) -> Position {
    Position { seconds, number }
}

fn framed(kind: Kind, position: Position, body: &[u8]) -> Vec<u8> {
    let keys = BothKeys::of(AUTH);
    let frame = frame::build(
        Suite::X25519,
        keys.auth(kind),
        place(),
        (kind, position),
        body,
    );
    frame.unwrap().to_vec()
}

fn with_mac(mut frame: Vec<u8>) -> Vec<u8> {
    let (front, _) = frame.split_last_chunk::<32>().unwrap();
    let (front, length) = front.split_last_chunk::<8>().unwrap();
    let end = 64 + usize::try_from(u64::from_be_bytes(*length)).unwrap();
    let mac = hmac(&AUTH, &[&front[..64], length, &sha256(&[&front[64..end]])]);
    frame.truncate(frame.len() - mac.len());
    frame.extend(mac);
    frame
}

fn read_frame(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let keys = BothKeys::of(given.bytes("auth"));
    let place = Place::object(
        ReportId::from_bytes(given.bytes("report")),
        ObjectId::from_bytes(given.bytes("object")),
    );
    let frame = frame::parse(bytes, Suite::X25519).or_else(refused)?;
    let auth = keys.auth(frame.kind);
    let body = frame.authenticate(auth, place).or_else(refused)?;
    let again = frame::build(
        Suite::X25519,
        auth,
        place,
        (frame.kind, frame.position),
        &body,
    );
    Ok(Read {
        says: vec![
            format!("kind {:?}", frame.kind),
            format!("seconds {}", frame.position.seconds),
            format!("number {}", frame.position.number),
            format!("body of {} bytes, {}", body.len(), hex(&body)),
        ],
        again: again.ok().map(|frame| frame.to_vec()),
    })
}

fn frames() -> Vec<Made> {
    let given = Given::default()
        .hex("auth", &AUTH)
        .hex("report", &REPORT)
        .hex("object", &OBJECT);
    let good = framed(Kind::Note, at(0x0102_0304, 5), b"body");
    let bad = |name, refused, change: &dyn Fn(&mut Vec<u8>)| {
        Made::bad(name, &given, changed(&good, change), refused)
    };
    // By somebody who has the key: nothing but the form is wrong.
    let signed = |name, refused, change: &dyn Fn(&mut Vec<u8>)| {
        Made::bad(name, &given, with_mac(changed(&good, change)), refused)
    };
    let mut vectors = vec![
        Made::good("good", &given, good.clone()),
        Made::good("good-empty", &given, framed(Kind::Answers, at(0, 1), b"")),
        bad("cut", "Malformed", &|bytes| bytes.truncate(1_023)),
        bad("trailing-byte", "Malformed", &|bytes| bytes.push(0)),
        signed("larger-step", "Malformed", &|bytes| {
            let trailer = bytes.split_off(1_024 - 40);
            bytes.resize(4_096 - 40, 0);
            bytes.extend(trailer);
        }),
        signed("wrong-magic", "Malformed", &|bytes| bytes[3] = b'2'),
        signed("unknown-suite", "UnknownSuite", &|bytes| bytes[4] = 2),
        signed("unknown-kind", "WrongKind", &|bytes| bytes[5] = 7),
        signed("unknown-flag", "Malformed", &|bytes| bytes[7] = 1),
        signed("another-report", "WrongReport", &|bytes| bytes[8] ^= 1),
        signed("another-object", "WrongObject", &|bytes| bytes[24] ^= 1),
        signed("reserved-not-zero", "Malformed", &|bytes| bytes[63] = 1),
        signed("padding-not-zero", "Malformed", &|bytes| bytes[500] = 1),
        bad("length-beyond-the-end", "Malformed", &|bytes| {
            bytes[1_024 - 40] = 0xff;
        }),
        bad("length-into-the-padding", "Unauthenticated", &|bytes| {
            bytes[1_024 - 33] = 5;
        }),
        bad("another-kind", "Unauthenticated", &|bytes| bytes[5] = 4),
        bad("another-second", "Unauthenticated", &|bytes| bytes[47] ^= 1),
        bad("another-number", "Unauthenticated", &|bytes| {
            bytes[51] ^= 2;
        }),
        signed("without-a-number", "Malformed", &|bytes| bytes[51] = 0),
        bad("another-body", "Unauthenticated", &|bytes| bytes[64] ^= 1),
        bad("another-mac", "Unauthenticated", &|bytes| {
            bytes[1_023] ^= 1;
        }),
    ];
    for (name, kind) in [
        ("card-with-a-number", Kind::Card),
        ("mailbox-card-with-a-number", Kind::MailboxCard),
        ("proposal-with-a-number", Kind::Proposal),
    ] {
        let frame = framed(kind, at(0, 1), b"");
        vectors.push(Made::bad(name, &given, frame, "Malformed"));
    }
    vectors
}

fn said_at() -> (Place, Kind, Position) {
    (place(), Kind::Note, at(0x0102_0304, 5))
}

fn author() -> SigningKey {
    SigningKey::from_seed(&Seed::from_bytes([5; 32]))
}

fn read_said(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let (said, text) = said::of_body(said_at(), bytes).or_else(refused)?;
    if !said.is_signed_with(&author().verify_key()) {
        return Err("BadSignature".to_owned());
    }
    let (key, staff) = (author(), said.author);
    let again = said::to_body(Suite::X25519, said_at(), Signer { staff, key: &key }, &text);
    Ok(Read {
        says: vec![
            format!("author {}", said.author),
            format!("text {}", hex(&text)),
        ],
        again: Some(again.to_vec()),
    })
}

fn saids() -> Vec<Made> {
    let (given, key) = (Given::default(), author());
    let staff = StaffId::from_bytes([0x33; 16]);
    let by = Signer { staff, key: &key };
    let good = said::to_body(Suite::X25519, said_at(), by, b"{}").to_vec();
    let bad = |name, change: &dyn Fn(&mut Vec<u8>)| {
        Made::bad(name, &given, changed(&good, change), "BadSignature")
    };
    let (place, kind, position) = said_at();
    let elsewhere = |name, at| {
        let body = said::to_body(Suite::X25519, at, by, b"{}").to_vec();
        Made::bad(name, &given, body, "BadSignature")
    };
    vec![
        Made::good("good", &given, good.clone()),
        Made::bad("cut", &given, &good[..80], "Malformed"),
        Made::bad(
            "unknown-suite",
            &given,
            changed(&good, |bytes| bytes[0] = 2),
            "UnknownSuite",
        ),
        bad("another-author", &|bytes| bytes[1] ^= 1),
        bad("another-signature", &|bytes| bytes[21] ^= 1),
        bad("another-text", &|bytes| bytes.push(b' ')),
        elsewhere("of-another-kind", (place, Kind::Decision, position)),
        elsewhere("of-another-number", (place, kind, at(0x0102_0304, 6))),
    ]
}

/// What is wrong with any plaintext that begins with a magic and a suite, and whose length is fixed.
fn fixed_faults(given: &Given, good: &[u8]) -> Vec<Made> {
    let bad = |name, refused, change: &dyn Fn(&mut Vec<u8>)| {
        Made::bad(name, given, changed(good, change), refused)
    };
    vec![
        Made::good("good", given, good),
        bad("empty", "Malformed", &Vec::clear),
        bad("cut", "Malformed", &|bytes| {
            bytes.pop();
        }),
        bad("trailing-byte", "Malformed", &|bytes| bytes.push(0)),
        bad("wrong-magic", "Malformed", &|bytes| bytes[3] = b'2'),
        bad("unknown-suite", "UnknownSuite", &|bytes| bytes[4] = 2),
    ]
}

fn read_grant(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let contents = Contents::parse(bytes).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("report {}", contents.report),
            format!("binding {}", hex(&contents.binding)),
            format!("R {}", hex(contents.secret.1.expose())),
        ],
        again: Some(contents.to_bytes().to_vec()),
    })
}

fn grants() -> Vec<Made> {
    let contents = Contents {
        report: ReportId::from_bytes(REPORT),
        binding: [0x33; 32],
        secret: (Suite::X25519, Seed::from_bytes([0x44; 32])),
    };
    fixed_faults(&Given::default(), &contents.to_bytes())
}

fn read_wrap(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key = KeyId::from_bytes(given.bytes("key"));
    let generation = given.number("generation");
    let secrets = parse_wrap(bytes, key, generation).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("T {}", hex(secrets.identity().seed().expose())),
            format!("signing {}", hex(secrets.signing().seed().expose())),
        ],
        again: Some(wrap_to_bytes(key, generation, &secrets).to_vec()),
    })
}

fn wraps() -> Vec<Made> {
    let given = Given::default()
        .hex("key", &[0x55; 16])
        .with("generation", 3);
    let secrets = TeamSecrets::of(
        Identity::from_seed(Suite::X25519, &Seed::from_bytes([0x66; 32])),
        SigningKey::from_seed(&Seed::from_bytes([0x77; 32])),
    );
    let good = wrap_to_bytes(KeyId::from_bytes([0x55; 16]), 3, &secrets);
    let mut vectors = fixed_faults(&given, &good);
    for (name, at) in [("another-key", 5), ("another-generation", 24)] {
        let bytes = changed(&good, |bytes| bytes[at] ^= 1);
        vectors.push(Made::bad(name, &given, bytes, "WrongKey"));
    }
    vectors
}

fn read_unlock(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let staff = StaffId::from_bytes(given.bytes("staff"));
    let secret = unlock::parse(bytes, staff).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("S {}", hex(secret.seed.expose())),
            format!("TOTP seed {}", hex(secret.totp.expose())),
        ],
        again: Some(unlock::to_bytes(staff, &secret).to_vec()),
    })
}

fn unlocks() -> Vec<Made> {
    let given = Given::default().hex("staff", &[0x88; 16]);
    let secret = StaffSecret {
        suite: Suite::X25519,
        seed: Seed::from_bytes([0x99; 32]),
        totp: TotpSeed::from_bytes([0xaa; 20]),
    };
    let good = unlock::to_bytes(StaffId::from_bytes([0x88; 16]), &secret);
    let other = changed(&good, |bytes| bytes[5] ^= 1);
    let mut vectors = fixed_faults(&given, &good);
    vectors.push(Made::bad("another-person", &given, other, "WrongStaff"));
    vectors
}

fn mailbox() -> Identity {
    Identity::from_seed(Suite::X25519, &Seed::from_bytes([0xbb; 32]))
}

fn read_report_card(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let contents = ReportContents::parse(bytes).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("lookup {}", hex(&contents.lookup)),
            format!("RK {}", hex(contents.auth.expose())),
            format!("M {}", contents.mailbox),
            format!("answers {}", contents.answers.id),
            format!("answers' digest {}", hex(&contents.answers.digest)),
            format!("summary {}", hex(contents.summary)),
        ],
        again: Some(contents.to_bytes().to_vec()),
    })
}

fn report_cards() -> Vec<Made> {
    let contents = ReportContents {
        lookup: [0xcc; 32],
        auth: ReporterAuthKey::new(Seed::from_bytes(AUTH)),
        mailbox: mailbox().recipient(),
        answers: Answers::of(ObjectId::from_bytes(OBJECT), b"{}"),
        summary: b"{}",
    };
    let (given, good) = (Given::default(), contents.to_bytes());
    let upper = changed(&good, |bytes| bytes[66..128].make_ascii_uppercase());
    let other = changed(&good, |bytes| bytes[100] ^= 1);
    let long = changed(&good, |bytes| bytes[65] += 1);
    vec![
        Made::good("good", &given, good.as_slice()),
        Made::bad("cut", &given, &good[..127], "Malformed"),
        Made::bad("cut-in-the-digest", &given, &good[..175], "Malformed"),
        Made::bad("recipient-too-long", &given, long, "InvalidKey"),
        Made::bad("recipient-in-capitals", &given, upper, "InvalidKey"),
        Made::bad("recipient-of-no-key", &given, other, "InvalidKey"),
    ]
}

fn read_mailbox_card(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let contents = MailboxContents::parse(bytes).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("R {}", contents.recipient),
            format!("digest {}", hex(&contents.digest)),
        ],
        again: Some(contents.to_bytes().to_vec()),
    })
}

fn mailbox_cards() -> Vec<Made> {
    let contents = MailboxContents {
        recipient: mailbox().recipient(),
        digest: [0xdd; 32],
    };
    let (given, good) = (Given::default(), contents.to_bytes());
    let upper = changed(&good, |bytes| bytes[2..64].make_ascii_uppercase());
    vec![
        Made::good("good", &given, good.as_slice()),
        Made::bad("cut", &given, &good[..95], "Malformed"),
        Made::bad(
            "trailing-byte",
            &given,
            changed(&good, |bytes| bytes.push(0)),
            "Malformed",
        ),
        Made::bad("recipient-in-capitals", &given, upper, "InvalidKey"),
    ]
}

fn read_file(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key = Identity::from_seed(Suite::X25519, &Seed::from_bytes(given.bytes("identity")));
    let sealed = Sealed::<Object>::parse(bytes.to_vec()).or_else(refused)?;
    let plaintext = age_file::decrypt(&key, &sealed).or_else(refused)?;
    Ok(Read {
        says: vec![format!("plaintext {}", hex(&plaintext))],
        again: None,
    })
}

/// The header's lines are text: what is put between them is put there by line.
fn with_line(file: &[u8], at: usize, line: &str) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    lines.insert(at, line.as_bytes());
    lines.concat()
}

/// A file by the `age` program of Debian 12, which adds no grease.
const STOCK: &str = "6167652d656e6372797074696f6e2e6f72672f76310a2d3e205832353531392047554e5348782b78756f52614b2f6349\
    64626f59676638387854424a432f70306266464759646238686c630a634544346a6e39703831336356734e7474365038\
    77424c37553234566c4c6c7577516565487976795a6b6f0a2d2d2d20787447543161773058703838304d4c49634f4134\
    6b59476e5479304f7a7a484d4c6a4d6839327276396b4d0a52417dbb80f16b1cf71f0d859a0013b4cd688f14ea6665be\
    e1b48c0da7c738692e24e576";

fn files() -> Vec<Made> {
    let given = |seed: u8| Given::default().hex("identity", &[seed; 32]);
    let key = Identity::from_seed(Suite::X25519, &Seed::from_bytes([0xee; 32]));
    let seal = opening::seal_export(&key.recipient(), b"text").unwrap();
    let good = seal.into_bytes();
    let good = good.as_slice();
    let stock = data_encoding::HEXLOWER.decode(STOCK.as_bytes()).unwrap();
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let stanza = lines[1..3].concat();
    let is_mac = |line: &&[u8]| line.starts_with(b"--- ");
    let mac = lines.iter().position(is_mac).unwrap();
    // The program always adds one stanza of grease.
    let without_grease = [lines[..3].concat(), lines[mac..].concat()].concat();
    let twice = [&good[..22], &stanza, &good[22..]].concat();
    let scrypt =
        "-> scrypt GixTkc7+InSLPzPNGU6cFw 18\n2qRPPCqFkVKxFAFnQwFxmGDzdGvXLT3jSnrW1TLMFrc\n";
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(text(good).starts_with("age-encryption.org/v1\n-> X25519 "));
    let other_version = changed(good, |bytes| bytes[20] = b'2');
    let crlf = [&good[..21], b"\r", &good[21..]].concat();
    let flipped = changed(good, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let bad = |name, bytes: Vec<u8>, refused| Made::bad(name, &given(0xee), bytes, refused);
    vec![
        Made::good("good", &given(0xee), good),
        Made::good("good-by-another-program", &given(0xee), stock),
        Made::bad("another-key", &given(0xef), good, "NotOpened"),
        bad("empty", Vec::new(), "NotSealed"),
        bad("unknown-version", other_version, "NotSealed"),
        bad("line-end-of-two", crlf, "NotSealed"),
        bad("two-recipients", twice, "NotSealed"),
        bad("scrypt", with_line(good, 1, scrypt), "NotSealed"),
        bad(
            "unknown-stanza",
            with_line(good, 1, "-> X25519-2 AAAA\n\n"),
            "NotSealed",
        ),
        bad(
            "two-stanzas-of-grease",
            with_line(good, 3, "-> x-grease\n\n"),
            "NotSealed",
        ),
        bad("grease-left-out", without_grease, "NotOpened"),
        bad("payload-changed", flipped, "NotOpened"),
        bad("cut", good[..good.len() - 1].to_vec(), "NotOpened"),
        bad(
            "cut-in-the-nonce",
            good[..good.len() - 24].to_vec(),
            "NotSealed",
        ),
        bad(
            "trailing-byte",
            changed(good, |bytes| bytes.push(0)),
            "NotOpened",
        ),
    ]
}

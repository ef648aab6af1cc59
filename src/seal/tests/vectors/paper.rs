//! What stands on paper and is typed: codes, shares, the line of a recovery key. And what codes and seeds lead to.

use secrecy::ExposeSecret;

use super::{Format, Given, Made, Read, hex, refused, text};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::suite::Suite;
use crate::seal::card::Answers;
use crate::seal::credentials::ServerKey;
use crate::seal::derive::sha256;
use crate::seal::grant::Binding;
use crate::seal::keys::{Identity, Seed, StaffKeys, team_fingerprint};
use crate::seal::receipt::{self, Master, ReceiptCode};
use crate::seal::recovery::{RecoveryPublic, SetId, Share, share};
use crate::seal::recovery_code::{self, RecoveryCode};
use crate::seal::sealing;

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::text("receipt-code", read_receipt, receipts),
        Format::text("recovery-code", read_code, codes),
        Format::text("recovery-share", read_share, shares),
        Format::text("recovery-key", read_public, publics),
        Format::bytes("derivation", derive, derivations),
    ]
}

fn read_receipt(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let code = ReceiptCode::parse(text(bytes)).or_else(refused)?;
    Ok(Read {
        says: vec![format!("payload {}", code.payload())],
        again: Some(code.grouped().into_bytes()),
    })
}

fn receipts() -> Vec<Made> {
    let given = Given::default();
    let good = ReceiptCode::from_payload(123_456_789_012_345_678_901);
    // Their check digits are 02, 97 and 98: 99, 00 and 01 would leave the same remainder.
    let twin = |check: &str, other: &str| {
        let code = (0..).map(ReceiptCode::from_payload);
        let mut code = code.filter(|code| code.digits().ends_with(check));
        format!("{}{other}", code.next().unwrap().payload())
    };
    let bad = |name, text: &str, refused| Made::bad(name, &given, text, refused);
    vec![
        Made::good("good", &given, good.grouped()),
        Made::good(
            "good-in-khmer-digits",
            &given,
            "០១២៣ ៤៥៦៧ ៨៩០១ ២៣៤៥ ៦៧៨៩ ០១០៥",
        ),
        Made::good(
            "good-with-words-and-letters",
            &given,
            "code: O123-4567 89OI-2345-6789-0105.",
        ),
        bad("empty", "", "Empty"),
        bad(
            "cut",
            "0123 4567 8901 2345 6789 014",
            "Group { group: 6, digits: 3 }",
        ),
        bad(
            "another-digit",
            "0123 4567 8901 2345 6788 0105",
            "CheckDigits",
        ),
        bad(
            "digits-exchanged",
            "0123 4567 8901 2354 6789 0105",
            "CheckDigits",
        ),
        bad("check-99-for-02", &twin("02", "99"), "CheckDigits"),
        bad("check-00-for-97", &twin("97", "00"), "CheckDigits"),
        bad("check-01-for-98", &twin("98", "01"), "CheckDigits"),
    ]
}

fn read_code(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let code = recovery_code::parse(text(bytes)).or_else(refused)?;
    Ok(Read {
        says: vec![format!("bits {}", hex(code.expose()))],
        again: Some(code.grouped().expose_secret().as_bytes().to_vec()),
    })
}

fn codes() -> Vec<Made> {
    let given = Given::default();
    let code = RecoveryCode::from_bytes([7; 16]).grouped();
    let good = code.expose_secret();
    let sloppy = good.to_lowercase().replace('0', "o").replace(' ', "-");
    let other = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        good.replacen(from, to, 1)
    };
    let bad = |name, text: String| Made::bad(name, &given, text, "InvalidRecoveryCode");
    vec![
        Made::good("good", &given, good),
        Made::good("good-in-small-letters", &given, sloppy),
        bad("empty", String::new()),
        bad("cut", good[..33].to_owned()),
        bad("another-letter", other("0", "2")),
        bad("letter-of-no-code", other("0", "U")),
        bad("one-letter-more", format!("{good}0")),
    ]
}

fn read_share(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let lines: Vec<&str> = text(bytes).lines().collect();
    let share = Share::parse(&lines).or_else(refused)?;
    let again: String = share
        .lines()
        .iter()
        .map(|line| format!("{}\n", **line))
        .collect();
    let piece = share
        .piece()
        .map(|piece| Vec::from(&piece))
        .unwrap_or_default();
    Ok(Read {
        says: vec![
            format!("set {}", share.set()),
            format!("threshold {}", share.threshold()),
            format!("number {}", share.number()),
            format!("share {}", hex(&piece[1..])),
        ],
        again: Some(again.into_bytes()),
    })
}

fn shares() -> Vec<Made> {
    let given = Given::default();
    let set = SetId([0xde, 0xad, 0xbe, 0xef]);
    let secret: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let printed = |version, threshold, number| {
        share::printed(version, set, [threshold, number], secret)
            .iter()
            .map(|line| format!("{}\n", **line))
            .collect::<String>()
    };
    let good = printed(1, 3, 2);
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let mixed = printed(1, 3, 4);
    let mixed = [&mixed[..lines[0].len()], &good[lines[0].len()..]].concat();
    let exchanged = [lines[0], lines[2], lines[1], lines[3], lines[4]].concat();
    let first = lines[0].as_bytes()[0];
    let digit = if first == b'0' { "1" } else { "0" };
    let bad = |name, text: String, refused| Made::bad(name, &given, text, refused);
    vec![
        Made::good("good", &given, good.as_str()),
        Made::good("good-without-spaces", &given, good.replace(' ', "")),
        bad("line-left-out", lines[..4].concat(), "Lines { found: 4 }"),
        bad(
            "line-cut",
            good[..good.len() - 2].to_owned(),
            "Length { line: 5, found: 23 }",
        ),
        bad(
            "another-digit",
            [digit, &good[1..]].concat(),
            "CheckDigits { line: 1 }",
        ),
        bad("lines-exchanged", exchanged, "CheckDigits { line: 2 }"),
        bad("lines-of-two-shares", mixed, "Mixed"),
        bad("unknown-version", printed(2, 3, 2), "Version"),
        bad("threshold-of-one", printed(1, 1, 2), "Counts"),
        bad("threshold-beyond-twenty", printed(1, 21, 2), "Counts"),
        bad("number-zero", printed(1, 3, 0), "Counts"),
        bad("number-beyond-twenty", printed(1, 3, 21), "Counts"),
    ]
}

fn read_public(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let public: RecoveryPublic = text(bytes).parse().or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("recipient {}", public.recipient),
            format!("verify key {}", hex(public.verify_key.as_bytes())),
            format!("set {}", public.set()),
            format!("fingerprint {}", public.fingerprint()),
        ],
        again: Some(public.to_string().into_bytes()),
    })
}

fn publics() -> Vec<Made> {
    let given = Given::default();
    let keys = StaffKeys::from_seed(&Seed::from_bytes([7; 32]));
    let good = RecoveryPublic::of(&keys).to_string();
    let bad = |name, text: String| Made::bad(name, &given, text, "InvalidKey");
    let (cut, _) = good.rsplit_once(' ').unwrap();
    vec![
        Made::good("good", &given, good.as_str()),
        Made::good("good-broken-into-lines", &given, good.replace(' ', "\r\n")),
        bad("empty", String::new()),
        bad("unknown-version", good.replace("recovery-1", "recovery-2")),
        bad("verify-key-left-out", cut.to_owned()),
        bad("verify-key-padded", format!("{good}=")),
        bad(
            "recipient-in-capitals",
            good.replace("age1wagud", "AGE1WAGUD"),
        ),
        bad("one-word-more", format!("{good} more")),
    ]
}

/// What 32 secret bytes lead to, in each of the parts that they can have.
fn derive(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let secret: [u8; 32] = bytes.try_into().map_err(|_| "Length".to_owned())?;
    let (master, seed) = (Master::from_bytes(secret), Seed::from_bytes(secret));
    let (mailbox, auth) = (master.mailbox(Suite::X25519).recipient(), master.auth());
    let staff = StaffKeys::from_seed(&seed);
    let code = receipt::derive_code(&ServerKey::from_bytes(secret), &[1; 16]);
    let report = ReportId::from_bytes([0x11; 16]);
    let recipient = Identity::from_seed(Suite::X25519, &seed).recipient();
    let binding = {
        let answers = Answers::of(ObjectId::from_bytes([0x22; 16]), b"{}");
        Binding {
            report,
            recipient: &recipient,
            earlier: &[],
            mailbox: &mailbox,
            auth: &auth,
            answers: &answers,
        }
        .digest()
    };
    Ok(Read {
        says: vec![
            format!("age {recipient}"),
            format!("age fingerprint {}", recipient.fingerprint()),
            format!("staff age {}", staff.recipient()),
            format!("staff sign {}", staff.verify_key()),
            format!(
                "staff sign fingerprint {}",
                staff.verify_key().fingerprint()
            ),
            format!("team fingerprint {}", team_fingerprint(&secret)),
            format!("receipt token, hashed {}", hex(&master.lookup())),
            format!("receipt mailbox {mailbox}"),
            format!("receipt auth, hashed {}", hex(&sha256(&[auth.expose()]))),
            format!("receipt code of the nonce 0101… {}", code.digits()),
            format!(
                "report's staff key {}",
                hex(Identity::from_seed(Suite::X25519, &seed)
                    .staff_auth()
                    .expose())
            ),
            format!("binding of the report 1111… {}", hex(&binding)),
            format!(
                "content digest of `{{}}` {}",
                hex(&sealing::content_digest(&auth, b"{}"))
            ),
        ],
        again: Some(bytes.to_vec()),
    })
}

fn derivations() -> Vec<Made> {
    let (given, good) = (Given::default(), [7; 32]);
    vec![
        Made::good("good", &given, good),
        Made::bad("cut", &given, &good[..31], "Length"),
    ]
}

//! What browsers carry for the server: tickets, hidden fields, sessions, places in lists.

use data_encoding::BASE64URL_NOPAD;
use secrecy::ExposeSecret;

use super::{Format, Given, Made, Read, changed, hex, refused, text};
use crate::domain::clock::Timestamp;
use crate::domain::ids::StaffId;
use crate::seal::credentials::ServerKey;
use crate::seal::place::PlaceKey;
use crate::seal::session::{self, Binding, SessionRoot};
use crate::seal::ticket;

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::text("form-ticket", read_ticket, tickets).by_chance(),
        Format::text("hidden-field", read_field, fields).by_chance(),
        Format::bytes("session", read_session, sessions).by_chance(),
        Format::text("list-place", read_place, places).by_chance(),
    ]
}

const NOW: i64 = 1_795_392_030;
const KEY: [u8; 32] = [1; 32];

/// The same bytes with one thing done to them before they are text again.
fn recoded(text: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    BASE64URL_NOPAD.encode(&changed(&bytes, change))
}

fn read_ticket(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key = ServerKey::from_bytes(given.bytes("key"));
    let now = Timestamp::from_seconds(given.number("now"));
    let checked = ticket::check(&key, given.text("purpose"), text(bytes), now, 60);
    let ticket = checked.or_else(refused)?;
    Ok(Read {
        says: vec![format!("nonce {}", hex(&ticket.nonce))],
        again: None,
    })
}

fn tickets() -> Vec<Made> {
    let given = Given::default()
        .hex("key", &KEY)
        .with("purpose", "report")
        .with("now", NOW);
    let key = ServerKey::from_bytes(KEY);
    let good = ticket::issue(&key, "report", Timestamp::from_seconds(NOW));
    let bad = |name, text: String, refused| Made::bad(name, &given, text, refused);
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let other_key = given.clone().hex("key", &[2; 32]);
    vec![
        Made::good("good", &given, good.as_str()),
        Made::bad("another-key", &other_key, good.as_str(), "Forged"),
        Made::bad(
            "another-purpose",
            &with("purpose", &"mailbox/write"),
            good.as_str(),
            "Forged",
        ),
        Made::bad(
            "too-old",
            &with("now", &(NOW + 61 * 60)),
            good.as_str(),
            "Expired",
        ),
        Made::bad(
            "of-the-future",
            &with("now", &(NOW - 60)),
            good.as_str(),
            "Expired",
        ),
        bad(
            "another-nonce",
            recoded(&good, |bytes| bytes[0] ^= 1),
            "Forged",
        ),
        bad(
            "another-second",
            recoded(&good, |bytes| bytes[19] ^= 1),
            "Forged",
        ),
        bad(
            "another-mac",
            recoded(&good, |bytes| bytes[35] ^= 1),
            "Forged",
        ),
        bad(
            "cut",
            recoded(&good, |bytes| bytes.truncate(35)),
            "Malformed",
        ),
        bad(
            "trailing-byte",
            recoded(&good, |bytes| bytes.push(0)),
            "Malformed",
        ),
        bad("padded", format!("{good}===="), "Malformed"),
    ]
}

fn read_field(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key = ServerKey::from_bytes(given.bytes("key"));
    let now = Timestamp::from_seconds(given.number("now"));
    let opened = ticket::box_open(&key, given.text("purpose"), text(bytes), now);
    let payload = opened.or_else(refused)?;
    Ok(Read {
        says: vec![format!("payload {}", hex(&payload))],
        again: None,
    })
}

fn fields() -> Vec<Made> {
    let given = Given::default()
        .hex("key", &KEY)
        .with("purpose", "mailbox")
        .with("now", NOW);
    let key = ServerKey::from_bytes(KEY);
    let seal = |seconds| {
        let expires = Timestamp::from_seconds(NOW + seconds);
        ticket::box_seal(&key, "mailbox", expires, b"payload").unwrap()
    };
    let good = seal(60);
    let bad = |name, text: String, refused| Made::bad(name, &given, text, refused);
    let other_key = given.clone().hex("key", &[2; 32]);
    let other_purpose = given.clone().with("purpose", "recheck");
    vec![
        Made::good("good", &given, good.as_str()),
        Made::bad("another-key", &other_key, good.as_str(), "Forged"),
        Made::bad("another-purpose", &other_purpose, good.as_str(), "Forged"),
        bad("expired", seal(0), "Expired"),
        bad(
            "another-expiry",
            recoded(&good, |bytes| bytes[7] ^= 1),
            "Forged",
        ),
        bad(
            "another-nonce",
            recoded(&good, |bytes| bytes[8] ^= 1),
            "Forged",
        ),
        bad(
            "another-payload",
            recoded(&good, |bytes| bytes[32] ^= 1),
            "Forged",
        ),
        bad(
            "cut-in-the-expiry",
            recoded(&good, |bytes| bytes.truncate(7)),
            "Malformed",
        ),
        bad(
            "cut-in-the-nonce",
            recoded(&good, |bytes| bytes.truncate(31)),
            "Forged",
        ),
        bad(
            "trailing-byte",
            recoded(&good, |bytes| bytes.push(0)),
            "Forged",
        ),
        bad("padded", format!("{good}===="), "Malformed"),
    ]
}

fn binding(given: &Given) -> Binding {
    Binding {
        staff: StaffId::from_bytes(given.bytes("staff")),
        role: given.number("role"),
        expires: Timestamp::from_seconds(given.number("expires")),
    }
}

fn read_session(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let root = SessionRoot::from_bytes(given.number("root-number"), given.bytes("root"));
    let cookie = given.text("cookie");
    let opened = session::open_session(&root, cookie, &binding(given), bytes);
    let payload = opened.or_else(refused)?;
    let csrf = session::csrf_token(cookie).or_else(refused)?;
    Ok(Read {
        says: vec![
            format!("payload {}", hex(&payload)),
            format!("row {}", hex(&session::row_key(cookie).or_else(refused)?)),
            format!("csrf {}", csrf.expose_secret()),
        ],
        again: None,
    })
}

fn sessions() -> Vec<Made> {
    let given = Given::default()
        .hex("root", &[2; 32])
        .with("root-number", 3)
        .hex("staff", &[4; 16])
        .with("role", 1)
        .with("expires", NOW);
    let root = SessionRoot::from_bytes(3, [2; 32]);
    let new = session::new_session(&root, &binding(&given), b"payload").unwrap();
    let (cookie, row) = (new.cookie.expose_secret(), new.blob);
    let given = given.with("cookie", cookie);
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let bad = |name, given: &Given| Made::bad(name, given, row.clone(), "NotOpened");
    let row_of = |name, row: Vec<u8>| Made::bad(name, &given, row, "NotOpened");
    vec![
        Made::good("good", &given, row.clone()),
        bad("another-root", &given.clone().hex("root", &[9; 32])),
        bad("another-root-number", &with("root-number", &4)),
        bad("another-person", &given.clone().hex("staff", &[9; 16])),
        bad("another-role", &with("role", &2)),
        bad("another-end", &with("expires", &(NOW + 1))),
        bad(
            "cookie-of-another-row",
            &with("cookie", &recoded(cookie, |bytes| bytes[0] ^= 1)),
        ),
        bad(
            "cookie-of-another-half",
            &with("cookie", &recoded(cookie, |bytes| bytes[47] ^= 1)),
        ),
        bad(
            "cookie-cut",
            &with("cookie", &recoded(cookie, |bytes| bytes.truncate(47))),
        ),
        bad(
            "cookie-trailing-byte",
            &with("cookie", &recoded(cookie, |bytes| bytes.push(0))),
        ),
        bad("cookie-padded", &with("cookie", &format!("{cookie}===="))),
        row_of("row-changed", changed(&row, |bytes| bytes[24] ^= 1)),
        row_of("row-cut", row[..row.len() - 1].to_vec()),
        row_of("row-empty", Vec::new()),
    ]
}

fn read_place(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let key = PlaceKey::from_bytes(given.bytes("key"));
    let reader = StaffId::from_bytes(given.bytes("reader"));
    let place = key.open(reader, text(bytes)).or_else(refused)?;
    Ok(Read {
        says: vec![format!("place {}", hex(&place))],
        again: None,
    })
}

fn places() -> Vec<Made> {
    let given = Given::default().hex("key", &KEY).hex("reader", &[2; 16]);
    let reader = StaffId::from_bytes([2; 16]);
    let good = PlaceKey::from_bytes(KEY).seal(reader, b"a place").unwrap();
    let bad = |name, text: String| Made::bad(name, &given, text, "NotOpened");
    let other_key = given.clone().hex("key", &[3; 32]);
    let other_reader = given.clone().hex("reader", &[3; 16]);
    vec![
        Made::good("good", &given, good.as_str()),
        Made::bad("another-key", &other_key, good.as_str(), "NotOpened"),
        Made::bad("another-reader", &other_reader, good.as_str(), "NotOpened"),
        bad("changed", recoded(&good, |bytes| bytes[24] ^= 1)),
        bad("cut", recoded(&good, |bytes| bytes.truncate(23))),
        bad("padded", format!("{good}====")),
    ]
}

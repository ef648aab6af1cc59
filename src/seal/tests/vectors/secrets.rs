//! What the server keeps for itself: the file of its secrets, addresses, tokens of invitations.

use data_encoding::BASE64URL_NOPAD;
use secrecy::ExposeSecret;

use super::{Format, Given, Made, Read, changed, hex, refused, text};
use crate::domain::clock::Day;
use crate::seal::aead;
use crate::seal::credentials::{Credentials, ServerKey};
use crate::seal::invitation::InvitationToken;

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::text("credentials", read_credentials, credentials),
        Format::text("invitation", read_invitation, invitations),
        Format::bytes("contact-address", read_address, addresses).by_chance(),
        Format::bytes("ticket-key", read_ticket_key, ticket_keys).by_chance(),
    ]
}

const KEY: [u8; 32] = [1; 32];

/// The last symbol of a base64 text carries bits of no byte: another one that decodes to the same, were it not refused.
fn stray_bit(text: &str) -> String {
    let (front, last) = text.split_at(text.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    format!("{front}{}", &alphabet[at + 1..at + 2])
}

fn read_invitation(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let token = InvitationToken::parse(text(bytes)).or_else(refused)?;
    Ok(Read {
        says: vec![format!("hash {}", hex(&token.hash()))],
        again: Some(token.text().expose_secret().as_bytes().to_vec()),
    })
}

fn invitations() -> Vec<Made> {
    let given = Given::default();
    let good = BASE64URL_NOPAD.encode(&[0xfb; 32]);
    let bad = |name, text: String| Made::bad(name, &given, text, "InvalidKey");
    vec![
        Made::good("good", &given, good.as_str()),
        Made::good("good-with-signs-around", &given, format!("<{good}>.\n")),
        bad("empty", String::new()),
        bad("cut", good[..42].to_owned()),
        bad("one-symbol-more", format!("{good}A")),
        bad("stray-bit", stray_bit(&good)),
        bad(
            "standard-alphabet",
            good.replace('-', "+").replace('_', "/"),
        ),
        bad(
            "broken-into-lines",
            format!("{}\n{}", &good[..20], &good[20..]),
        ),
    ]
}

fn contacts(given: &Given) -> Credentials {
    let root = |bytes: [u8; 32]| {
        let value = BASE64URL_NOPAD.encode(&bytes);
        format!("[[root]]\nmade = \"2026-11-23\"\nvalue = \"{value}\"\n")
    };
    let text = [root([0; 32]), root(given.bytes("root"))].concat();
    Credentials::parse(&text).unwrap()
}

fn read_address(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let opened = contacts(given).contact_open(&given.bytes("row"), bytes);
    let address = opened.or_else(refused)?;
    Ok(Read {
        says: vec![format!("address {}", *address)],
        again: None,
    })
}

fn addresses() -> Vec<Made> {
    let given = Given::default().hex("root", &KEY).hex("row", &[2; 16]);
    let credentials = contacts(&given);
    let good = credentials.contact_seal(&[2; 16], "a@example.org").unwrap();
    let bad = |name, bytes: Vec<u8>, refused| Made::bad(name, &given, bytes, refused);
    let other = |at: usize| changed(&good, |bytes| bytes[at] ^= 1);
    let other_row = given.clone().hex("row", &[3; 16]);
    let other_key = given.clone().hex("root", &[3; 32]);
    let key = ServerKey::from_bytes(KEY).derive(&[b"kapea/root/contact/v1"]);
    let not_text = aead::seal(&key, &[2; 16], &[0xff]).unwrap();
    let not_text = [[0, 0, 0, 2].as_slice(), &not_text].concat();
    vec![
        Made::good("good", &given, good.clone()),
        Made::bad("another-row", &other_row, good.clone(), "NotOpened"),
        Made::bad("another-key", &other_key, good.clone(), "NotOpened"),
        bad("version-that-is-not-there", other(3), "MissingCredential"),
        bad("another-nonce", other(4), "NotOpened"),
        bad("another-address", other(28), "NotOpened"),
        bad("cut", good[..good.len() - 1].to_vec(), "NotOpened"),
        bad("cut-in-the-version", good[..3].to_vec(), "NotOpened"),
        bad(
            "trailing-byte",
            changed(&good, |bytes| bytes.push(0)),
            "NotOpened",
        ),
        bad("not-text", not_text, "Malformed"),
    ]
}

fn read_ticket_key(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let day = Day::from_number(given.number("day"));
    let opened = contacts(given).ticket_key_open(day, bytes);
    let key = opened.or_else(refused)?;
    Ok(Read {
        says: vec![format!(
            "key of tickets {}",
            hex(key.derive(&[b"kapea/ticket/v1"]).as_slice())
        )],
        again: None,
    })
}

fn ticket_keys() -> Vec<Made> {
    let day = Day::from_number(20_780);
    let given = Given::default().hex("root", &KEY).with("day", day.number());
    let credentials = contacts(&given);
    let key = ServerKey::from_bytes([4; 32]);
    let good = credentials.ticket_key_seal(day, &key).unwrap();
    let bad = |name, bytes: Vec<u8>, refused| Made::bad(name, &given, bytes, refused);
    let other = |at: usize| changed(&good, |bytes| bytes[at] ^= 1);
    let other_day = given.clone().with("day", day.number() + 1);
    let other_key = given.clone().hex("root", &[3; 32]);
    vec![
        Made::good("good", &given, good.clone()),
        Made::bad("another-day", &other_day, good.clone(), "NotOpened"),
        Made::bad("another-root", &other_key, good.clone(), "NotOpened"),
        bad("version-that-is-not-there", other(2), "MissingCredential"),
        bad("another-nonce", other(4), "NotOpened"),
        bad("another-key", other(28), "NotOpened"),
        bad("cut", good[..good.len() - 1].to_vec(), "NotOpened"),
        bad("cut-in-the-version", good[..3].to_vec(), "NotOpened"),
        bad(
            "trailing-byte",
            changed(&good, |bytes| bytes.push(0)),
            "NotOpened",
        ),
    ]
}

fn read_credentials(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let credentials = Credentials::parse(text(bytes)).map_err(|error| format!("{error:?}"))?;
    let written = credentials.to_text();
    let lines = written.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter(|line| !line.is_empty());
    let mut says: Vec<String> = lines.map(str::to_owned).collect();
    says.push(format!("salt {}", hex(credentials.install_salt())));
    says.push(format!(
        "audit key {}",
        credentials.audit_key().verify_key()
    ));
    says.push(format!(
        "audit reader {}",
        credentials.audit_reader().recipient()
    ));
    Ok(Read {
        says,
        again: Some(written.as_bytes().to_vec()),
    })
}

fn credentials() -> Vec<Made> {
    let given = Given::default();
    let secret = |byte| BASE64URL_NOPAD.encode(&[byte; 32]);
    let root = |day, byte| {
        let value = secret(byte);
        format!("[[root]]\nmade = \"{day}\"\nvalue = \"{value}\"\n")
    };
    let two = [root("2026-11-23", 1), root("2026-11-24", 2)].concat();
    let good = Credentials::parse(&two).unwrap().to_text().to_string();
    let other = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let form = |name, text: String| Made::bad(name, &given, text, "Form");
    let second = |name, text: String| Made::bad(name, &given, text, "Version(2)");
    vec![
        Made::good("good", &given, good.as_str()),
        form("empty", String::new()),
        form("no-version", "root = []\n".to_owned()),
        form("unknown-secret", format!("salt = \"AAAA\"\n{good}")),
        form("day-left-out", other("made = \"2026-11-24\"\n", "")),
        form(
            "secret-left-out",
            root("2026-11-23", 1).replace("value", "#"),
        ),
        form("unknown-field", format!("{good}by = \"me\"\n")),
        second("day-of-no-calendar", other("2026-11-24", "2026-11-31")),
        second(
            "day-in-another-spelling",
            other("2026-11-24", "2026-11-024"),
        ),
        second("secret-cut", other(&secret(2), &secret(2)[..42])),
        second(
            "secret-padded",
            other(&secret(2), &format!("{}=", secret(2))),
        ),
        second(
            "secret-with-a-stray-bit",
            other(&secret(2), &stray_bit(&secret(2))),
        ),
    ]
}

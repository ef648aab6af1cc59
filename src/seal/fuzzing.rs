//! What must hold of any bytes: they are refused, or they are what a writer makes of what is read. `fuzz/` looks for bytes of which it
//! does not hold; a test runs the same over changed vectors.

use data_encoding::BASE64URL_NOPAD;

use super::anchor::find_all;
use super::credentials::ServerKey;
use super::frame::{self, Auth};
use super::grant::Contents;
use super::keys::{ReporterAuthKey, Seed, StaffAuthKey};
use super::kind::{Kind, Writer};
use super::mac::MacKeys;
use super::recovery::Share;
use super::ticket;
use super::witness::WitnessRecord;
use crate::domain::clock::Timestamp;
use crate::domain::suite::Suite;

/// The same bytes as the key of either writer.
pub(super) struct BothKeys {
    reporter: ReporterAuthKey,
    staff: StaffAuthKey,
}

impl BothKeys {
    pub(super) fn of(bytes: [u8; 32]) -> Self {
        Self {
            reporter: ReporterAuthKey::new(Seed::from_bytes(bytes)),
            staff: StaffAuthKey::new(Seed::from_bytes(bytes)),
        }
    }

    pub(super) fn auth(&self, kind: Kind) -> Auth<'_> {
        match kind.writer() {
            Writer::Staff => Auth::Staff(&self.staff),
            Writer::Reporter => Auth::Reporter(&self.reporter),
        }
    }
}

/// A frame is whole, or refused; and with another key than its own it says nothing.
pub fn frame(bytes: &[u8]) {
    let Ok(frame) = frame::parse(bytes, Suite::X25519) else {
        return;
    };
    let keys = BothKeys::of([9; 32]);
    let auth = keys.auth(frame.kind);
    let place = frame.place();
    let body = frame.unauthenticated_body();
    let again = frame::build(
        Suite::X25519,
        auth,
        place,
        (frame.kind, frame.position),
        body,
    );
    let again = again.map(|again| again.to_vec()).unwrap_or_default();
    let before_mac = |bytes: &[u8]| {
        bytes
            .split_last_chunk::<32>()
            .map(|(front, _)| front.to_vec())
    };
    assert_eq!(before_mac(&again), before_mac(bytes));
    assert_eq!(frame.authenticate(auth, place).is_ok(), again == bytes);
}

/// A grant is whole, or refused.
pub fn grant(bytes: &[u8]) {
    if let Ok(contents) = Contents::parse(bytes) {
        assert_eq!(contents.to_bytes().as_slice(), bytes);
    }
}

/// What is printed of a share is read as that share.
pub fn share(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    if let Ok(share) = Share::parse(&lines) {
        let printed = share.lines();
        let printed: Vec<&str> = printed.iter().map(|line| line.as_str()).collect();
        assert!(Share::parse(&printed) == Ok(share));
    }
}

/// An anchor stands in the text as it is written, but for ends of lines.
pub fn anchor(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    for anchor in find_all(&text).into_iter().flatten() {
        assert!(text.contains(anchor.to_text().trim_end()));
    }
}

/// A ticket is whole, and has one spelling; of any bytes with the right MAC as well.
pub fn ticket(bytes: &[u8]) {
    let key = ServerKey::from_bytes([1; 32]);
    let now = Timestamp::from_seconds(1_795_392_030);
    let text = String::from_utf8_lossy(bytes);
    let made = ticket::made_of(&key, "fuzzing", bytes);
    for text in [text.as_ref(), &made] {
        if let Ok(read) = ticket::check(&key, "fuzzing", text, now, u32::MAX) {
            assert!(ticket::made_of(&key, "fuzzing", &whole(text)).starts_with(text));
            assert_eq!(whole(text).get(..16), Some(read.nonce.as_slice()));
        }
        if let Ok(payload) = ticket::box_open(&key, "fuzzing", text, now) {
            assert!(payload.len() < text.len());
        }
    }
}

/// The nonce and the second of a ticket that was read.
fn whole(text: &str) -> Vec<u8> {
    let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
    bytes.truncate(20);
    bytes
}

/// A witness file is whole, or refused: also one that has the right MAC.
pub fn witness(bytes: &[u8]) {
    let keys = MacKeys(vec![super::secret::Secret::of(&[1; 32])]);
    let made = [bytes, &keys.mac(&[bytes])].concat();
    for bytes in [bytes, &made] {
        if let Ok(record) = WitnessRecord::parse(bytes, &keys) {
            assert_eq!(record.to_bytes(&keys), bytes);
        }
    }
}

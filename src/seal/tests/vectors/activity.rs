//! What the queue says of a report.

use super::{Format, Given, Made, Read, changed, refused};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::suite::Suite;
use crate::seal::activity::{Activity, ActivityKey};
use crate::seal::keys::{Identity, Seed};
use crate::seal::opening::Opened;
use crate::seal::said::Said;
use crate::seal::{Kind, Position, aead, derive};

const REPORT: [u8; 16] = [1; 16];
const READER: StaffId = StaffId::from_bytes([2; 16]);

pub(super) fn formats() -> Vec<Format> {
    vec![Format::bytes("activity", read, made).by_chance()]
}

fn identity(seed: [u8; 32]) -> Identity {
    Identity::from_seed(Suite::X25519, &Seed::from_bytes(seed))
}

fn read(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let report = ReportId::from_bytes(given.bytes("report"));
    let (newest, earlier) = (
        identity(given.bytes("key")),
        identity(given.bytes("earlier")),
    );
    let until = given.number("until");
    let keys = [(&newest, None), (&earlier, Some(until))];
    let key = ActivityKey::with(report, keys.into_iter());
    let activity = key.open(bytes).or_else(refused)?;
    let news = activity.news(READER);
    let (kind, at, by) = news.last.unwrap();
    Ok(Read {
        says: vec![
            format!("through {}", activity.through()),
            format!("read until {:?}", activity.read_until(READER)),
            format!("counts {:?}", news.counts),
            format!("unanswered {}", news.is_unanswered),
            format!("last {kind:?} {} {by:?}", Timestamp::seconds(at)),
        ],
        again: None,
    })
}

fn made() -> Vec<Made> {
    let given = Given::default().hex("report", &REPORT).hex("key", &[3; 32]);
    let given = given.hex("earlier", &[4; 32]).with("until", "5");
    let (report, newest, earlier) = (
        ReportId::from_bytes(REPORT),
        identity([3; 32]),
        identity([4; 32]),
    );
    let by = |identity: &Identity, activity: &Activity| {
        let key = ActivityKey::with(report, [(identity, None)].into_iter());
        key.seal(activity).unwrap()
    };
    let mut activity = Activity::default();
    let written = |number, kind, by: Option<StaffId>| Opened {
        kind,
        position: Position {
            seconds: 1_764_000_000,
            number,
        },
        said: by.map(Said::unsigned),
        body: Vec::new().into(),
    };
    activity.tell(&[
        written(2, Kind::StaffMessage, Some(READER)),
        written(3, Kind::ReporterMessage, None),
        written(4, Kind::Note, Some(READER)),
    ]);
    let activity = activity.read_by(READER, Activity::default()).unwrap();
    let good = by(&newest, &activity);
    let mut later = activity.clone();
    later.tell(&[written(5, Kind::Note, Some(READER))]);
    let plain = |plaintext: &[u8]| {
        let label = b"kapea/report/activity/v1";
        let key = derive::hkdf(&[3; 32], b"", &[label]);
        aead::seal(&key, &[label.as_slice(), &REPORT].concat(), plaintext).unwrap()
    };
    let mut full = borsh::to_vec(&activity).unwrap();
    full.resize(1_024, 0);
    // The last number before the zeros: until where the reader has read.
    let end = borsh::to_vec(&activity).unwrap().len();
    let ahead = changed(&full, |bytes| bytes[end - 4..end].fill(0xff));
    let bad = |name, bytes: Vec<u8>, why| Made::bad(name, &given, bytes, why);
    vec![
        Made::good("good", &given, good.clone()),
        Made::good("good-of-an-earlier-key", &given, by(&earlier, &activity)),
        bad("earlier-key-too-late", by(&earlier, &later), "EarlierKey"),
        bad(
            "of-another-key",
            by(&identity([5; 32]), &activity),
            "NotOpened",
        ),
        Made::bad(
            "of-another-report",
            &given.clone().hex("report", &[9; 16]),
            good.clone(),
            "NotOpened",
        ),
        bad("cut", good[..good.len() - 1].to_vec(), "NotOpened"),
        bad(
            "changed",
            changed(&good, |bytes| bytes[30] ^= 1),
            "NotOpened",
        ),
        bad("empty", Vec::new(), "NotOpened"),
        bad("short", plain(&full[..1_023]), "Malformed"),
        bad(
            "not-filled-with-zeros",
            plain(&changed(&full, |bytes| bytes[1_023] = 1)),
            "Malformed",
        ),
        bad("read-ahead-of-what-it-tells", plain(&ahead), "Malformed"),
        bad("no-borsh", plain(&[0xff; 1_024]), "Malformed"),
    ]
}

//! Devices on which somebody has signed in before, after OWASP's device cookies. One that is shown at the sign-in leads to the colleagues' lane
//! and to nothing else: it opens no session and says nothing, not even whose it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::clock::Timestamp;
use crate::domain::ids::StaffId;
use crate::seal::SealError;
use crate::seal::credentials::{LiveKeys, ServerKey};
use crate::seal::{random, ticket};

/// Days for which a device is known after a sign-in.
pub const DEVICE_DAYS: i64 = 180;

const PURPOSE: &str = "device";
const DAY_SECONDS: i64 = 86_400;
/// People on one device whom it is known for, those who signed in last.
const MOST_PEOPLE: usize = 4;
/// Attempts of one device in an hour; then it waits with the strangers. A sign-in that succeeds starts anew.
const MOST_ATTEMPTS: u32 = 10;
const HOUR: i64 = 3_600;

/// One person's sign-in on one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    staff: StaffId,
    nonce: [u8; 16],
}

/// How often each device has tried. Only devices that are known are counted, so that strangers cannot fill it.
#[derive(Debug, Clone, Default)]
pub struct Devices(Arc<Mutex<HashMap<[u8; 16], Attempts>>>);

#[derive(Debug, Clone, Copy)]
struct Attempts {
    since: Timestamp,
    count: u32,
}

/// Who has a passphrase tried.
#[derive(Clone, Copy)]
pub(super) enum Asker<'a> {
    /// Somebody with a session.
    SignedIn,
    /// Anybody, with the devices that they show.
    AtTheDoor(&'a [Device]),
}

impl Asker<'_> {
    /// Whether it is a device on which this person has signed in.
    pub(super) fn knows(self, staff: StaffId) -> bool {
        matches!(self, Self::AtTheDoor(devices) if devices.iter().any(|device| device.staff == staff))
    }
}

impl Devices {
    /// Whether this device may go by the colleagues' lane to this account. Counts as an attempt from the start, so that many at once count.
    pub(super) fn admit(&self, devices: &[Device], staff: StaffId, now: Timestamp) -> bool {
        let Some(device) = devices.iter().find(|device| device.staff == staff) else {
            return false;
        };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|_, attempts| now.seconds() < attempts.since.plus(HOUR).seconds());
        let attempts = counted.entry(device.nonce).or_insert(Attempts {
            since: now,
            count: 0,
        });
        attempts.count = attempts.count.saturating_add(1);
        attempts.count <= MOST_ATTEMPTS
    }

    /// Somebody signed in: what the device did before is forgiven.
    pub(super) fn signed_in(&self, devices: &[Device], staff: StaffId) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for device in devices.iter().filter(|device| device.staff == staff) {
            counted.remove(&device.nonce);
        }
    }
}

/// The devices in the value of a cookie; what is not one of ours, or is too old, is none.
pub(super) fn read(keys: &LiveKeys, cookie: &str, now: Timestamp) -> Vec<Device> {
    cookie
        .split('.')
        .take(MOST_PEOPLE)
        .filter_map(|text| open(keys, text, now))
        .collect()
}

/// The value of the cookie after somebody has signed in: theirs made anew, and the others that it had.
pub(super) fn renewed(
    key: &ServerKey,
    known: &[Device],
    staff: StaffId,
    now: Timestamp,
) -> Result<String, SealError> {
    let own = Device {
        staff,
        nonce: random::bytes(),
    };
    let others = known.iter().filter(|device| device.staff != staff);
    let all: Vec<String> = std::iter::once(&own)
        .chain(others)
        .take(MOST_PEOPLE)
        .map(|device| seal(key, device, now))
        .collect::<Result<_, _>>()?;
    Ok(all.join("."))
}

/// The day alone is told, not the time of the sign-in.
fn seal(key: &ServerKey, device: &Device, now: Timestamp) -> Result<String, SealError> {
    let midnight = now.seconds().div_euclid(DAY_SECONDS) * DAY_SECONDS;
    let expires = Timestamp::from_seconds(midnight).plus(DEVICE_DAYS * DAY_SECONDS);
    let payload = [device.staff.as_bytes().as_slice(), &device.nonce].concat();
    ticket::box_seal(key, PURPOSE, expires, &payload)
}

fn open(keys: &LiveKeys, text: &str, now: Timestamp) -> Option<Device> {
    let payload = ticket::box_open_any(keys, PURPOSE, text, now).ok()?;
    let (staff, nonce) = payload.split_first_chunk::<16>()?;
    Some(Device {
        staff: StaffId::from_bytes(*staff),
        nonce: nonce.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_392_030);

    fn person(number: u8) -> StaffId {
        StaffId::from_bytes([number; 16])
    }

    fn shown(key: &ServerKey, cookie: &str, now: Timestamp) -> Vec<StaffId> {
        let keys = LiveKeys::new(key.share(), Vec::new());
        let devices = read(&keys, cookie, now);
        devices.iter().map(|device| device.staff).collect()
    }

    #[test]
    fn a_device_knows_the_last_four_people_for_half_a_year() {
        let key = ServerKey::random();
        let keys = LiveKeys::new(key.share(), Vec::new());
        let mut cookie = String::new();
        for number in [1, 2, 3, 4, 5, 2] {
            let known = read(&keys, &cookie, NOW);
            cookie = renewed(&key, &known, person(number), NOW).unwrap();
        }
        assert_eq!(
            shown(&key, &cookie, NOW),
            [person(2), person(5), person(4), person(3)]
        );
        let late = NOW.plus(DEVICE_DAYS * DAY_SECONDS);
        assert_eq!(shown(&key, &cookie, late), []);
        assert_eq!(shown(&ServerKey::random(), &cookie, NOW), []);
        assert_eq!(shown(&key, "x.y..z", NOW), []);
    }

    #[test]
    fn ten_attempts_in_an_hour_and_it_waits_with_the_strangers() {
        let key = ServerKey::random();
        let cookie = renewed(&key, &[], person(1), NOW).unwrap();
        let known = read(&LiveKeys::new(key, Vec::new()), &cookie, NOW);
        let devices = Devices::default();
        assert!(!devices.admit(&known, person(2), NOW), "another account");
        for _ in 0..MOST_ATTEMPTS {
            assert!(devices.admit(&known, person(1), NOW));
        }
        assert!(!devices.admit(&known, person(1), NOW.plus(HOUR - 1)));
        assert!(devices.admit(&known, person(1), NOW.plus(HOUR)));
        for _ in 0..MOST_ATTEMPTS {
            devices.admit(&known, person(1), NOW.plus(HOUR));
        }
        devices.signed_in(&known, person(1));
        assert!(devices.admit(&known, person(1), NOW.plus(HOUR)));
    }
}

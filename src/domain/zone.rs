//! The time zone in which people are shown times. Kept is UTC alone.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::clock::{Day, Timestamp};

/// A zone of the IANA database, such as `Asia/Phnom_Penh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// Not the name of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone, such as \"Asia/Phnom_Penh\" or \"UTC\"")]
pub struct InvalidZone;

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The day on which an instant falls there.
    pub fn day(&self, at: Timestamp) -> Day {
        let local = i64::from(self.offset(at).seconds());
        at.plus(local).day()
    }

    /// Hour (0 to 23) and minute of an instant there.
    pub fn time(&self, at: Timestamp) -> (i64, i64) {
        let local = at.plus(i64::from(self.offset(at).seconds()));
        let second = local.seconds().rem_euclid(86_400);
        (second / 3_600, second % 3_600 / 60)
    }

    /// Its name and what it is ahead of UTC at an instant: `Asia/Phnom_Penh (UTC+07)`.
    pub fn label(&self, at: Timestamp) -> String {
        let name = self.to_string();
        match self.offset(at) {
            offset if offset.is_zero() && name == "UTC" => name,
            offset => format!("{name} (UTC{offset})"),
        }
    }

    fn offset(&self, at: Timestamp) -> jiff::tz::Offset {
        // Out of range only tens of thousands of years away.
        let at = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
        self.0.to_offset(at)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl FromStr for Zone {
    type Err = InvalidZone;

    fn from_str(text: &str) -> Result<Self, InvalidZone> {
        TimeZone::get(text).map(Self).map_err(|_| InvalidZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24 18:30 UTC.
    const EVENING: Timestamp = Timestamp::from_seconds(1_795_545_000);

    #[test]
    fn an_evening_in_utc_is_the_next_day_in_phnom_penh() {
        let zone: Zone = "Asia/Phnom_Penh".parse().unwrap();
        assert_eq!(EVENING.day().to_string(), "2026-11-24");
        assert_eq!(zone.day(EVENING).to_string(), "2026-11-25");
        assert_eq!(zone.time(EVENING), (1, 30));
        assert_eq!(zone.label(EVENING), "Asia/Phnom_Penh (UTC+07)");
        assert_eq!(Zone::UTC.day(EVENING), EVENING.day());
        assert_eq!(Zone::UTC.label(EVENING), "UTC");
    }

    #[test]
    fn summer_time_and_odd_offsets_are_known() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(berlin.time(EVENING), (19, 30));
        assert_eq!(berlin.time(EVENING.plus(-150 * 86_400)), (20, 30));
        let nepal: Zone = "asia/kathmandu".parse().unwrap();
        assert_eq!(nepal.time(EVENING), (0, 15));
        assert!("Phnom Penh".parse::<Zone>().is_err());
        assert!("".parse::<Zone>().is_err());
    }
}

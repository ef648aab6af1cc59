//! Time as the product may know it: an instant for clocks that run, a day or a quarter hour for what is kept.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};

const DAY: i64 = 86_400;
const QUARTER: i64 = 900;

/// Seconds since 1970-01-01 UTC. Kept in the database for staff matters only, never beside a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A UTC day, counted from 1970-01-01: the finest time that is kept of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

/// The start of a quarter hour, as seconds since 1970-01-01 UTC: the step of the due bucket and of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i64);

impl Timestamp {
    /// From seconds since 1970-01-01 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 UTC.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This instant and `seconds` more (or less, if negative).
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The UTC day it lies in.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY))
    }

    /// The quarter hour it lies in.
    pub const fn quarter(self) -> Quarter {
        Quarter(self.0.div_euclid(QUARTER) * QUARTER)
    }
}

impl fmt::Display for Timestamp {
    /// `2026-11-23 09:06`, UTC
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.rem_euclid(DAY) / 60;
        write!(f, "{} {:02}:{:02}", self.day(), minutes / 60, minutes % 60)
    }
}

impl Day {
    /// From days since 1970-01-01.
    pub const fn from_number(days: i64) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// This day and `days` more.
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY))
    }

    /// The first of a month: this day, or the next one that is.
    pub fn month_start_or_next(self) -> Self {
        match self.date() {
            (_, _, 1) => self,
            (year, 12, _) => Self(days_from_civil(year.saturating_add(1), 1, 1)),
            (year, month, _) => Self(days_from_civil(year, i64::from(month).saturating_add(1), 1)),
        }
    }

    /// Year, month (1 to 12) and day of month (1 to 31) in the Gregorian calendar.
    pub const fn date(self) -> (i64, u8, u8) {
        civil_from_days(self.0)
    }
}

impl fmt::Display for Day {
    /// `2026-11-23`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Not a date of the Gregorian calendar, written `2026-11-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date, such as 2026-11-23")]
pub struct InvalidDay;

impl FromStr for Day {
    type Err = InvalidDay;

    /// Reads what a date field sends. Years 1970 to 9999.
    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
        let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidDay);
        };
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day)
        {
            return Err(InvalidDay);
        }
        // Whatever is no date (30 February, or another spelling) is written otherwise when it is written again.
        let read = Self(days_from_civil(year, month, day));
        if read.to_string() == text {
            Ok(read)
        } else {
            Err(InvalidDay)
        }
    }
}

impl Quarter {
    /// From the seconds of its start; anything else is rounded down to one.
    pub const fn from_seconds(seconds: i64) -> Self {
        Timestamp(seconds).quarter()
    }

    /// Seconds since 1970-01-01 UTC of its start.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The one after it.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(QUARTER))
    }

    /// The one before it.
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(QUARTER))
    }

    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0)
    }
}

/// As the number of the quarter hour since 1970-01-01 UTC, in four bytes.
impl BorshSerialize for Quarter {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        u32::try_from(self.0.div_euclid(QUARTER))
            .map_err(|error| borsh::io::Error::new(borsh::io::ErrorKind::InvalidData, error))?
            .serialize(writer)
    }
}

impl BorshDeserialize for Quarter {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let number = u32::deserialize_reader(reader)?;
        Ok(Self(i64::from(number).saturating_mul(QUARTER)))
    }
}

/// Days since 1970-01-01 to a Gregorian date (Howard Hinnant, "chrono-compatible low-level date algorithms").
#[expect(
    clippy::as_conversions,
    reason = "month and day of month fit a u8 by construction"
)]
const fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month as u8, day as u8)
}

/// The other way (Howard Hinnant, as above).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day.saturating_sub(1);
    let day_of_era =
        (year_of_era * 365 + year_of_era / 4 - year_of_era / 100).saturating_add(day_of_year);
    (era * 146_097)
        .saturating_add(day_of_era)
        .saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_dates() {
        assert_eq!(Timestamp::from_seconds(0).day().to_string(), "1970-01-01");
        assert_eq!(
            Timestamp::from_seconds(951_782_400).day().to_string(),
            "2000-02-29"
        );
        assert_eq!(
            Timestamp::from_seconds(1_795_392_000).day().to_string(),
            "2026-11-23"
        );
        let moment = Timestamp::from_seconds(1_795_392_000 + 9 * 3_600 + 6 * 60 + 59);
        assert_eq!(moment.to_string(), "2026-11-23 09:06");
    }

    #[test]
    fn a_date_reads_back_and_nothing_else_does() {
        for number in (0..376_200).step_by(13) {
            let day = Day::from_number(number);
            assert_eq!(day.to_string().parse(), Ok(day));
        }
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026-11-31",
            "2026-13-01",
            "2026-00-01",
            "2026-2-3",
            "2026-1-1",
            "2026-11-23 ",
            "-1-01-01",
            "2026-01-01-01",
            "2026-01-9223372036854775807",
            "soon",
            "10000-01-01",
        ] {
            assert_eq!(text.parse::<Day>(), Err(InvalidDay), "{text}");
        }
    }

    #[test]
    fn a_month_begins_on_that_day_or_after_it() {
        let first = |text: &str| {
            text.parse::<Day>()
                .unwrap()
                .month_start_or_next()
                .to_string()
        };
        assert_eq!(first("2026-11-01"), "2026-11-01");
        assert_eq!(first("2026-11-02"), "2026-12-01");
        assert_eq!(first("2026-12-31"), "2027-01-01");
        assert_eq!(first("2028-02-29"), "2028-03-01");
    }

    #[test]
    fn quarters_round_down() {
        assert_eq!(Timestamp::from_seconds(1_799).quarter().seconds(), 900);
        assert_eq!(
            Timestamp::from_seconds(1_799).quarter().next().seconds(),
            1_800
        );
    }
}

//! What a process of the service sees at the beginning of each quarter hour: totals, without identities.
//!
//! Whoever reads these totals again and again learns when they change. So they are looked at once a quarter hour and stay as they are until
//! the next, and none of them is finer than the clear columns of the database: an urgent report counts from the next quarter hour on, any
//! other from the next day on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::alarm::AlarmKind;
use super::disk::Disk;
use super::named::named;
use super::urgency::Urgency;

/// How many make a day.
pub const SAMPLES_A_DAY: usize = 96;

named! {
    /// Where work is turned away when there is too much of it.
    Shed {
        /// Reports that wait to be sealed.
        Report = "report",
        /// Reports that are much like many others, likewise.
        Alike = "alike",
        /// Receipt codes that wait to be looked at.
        Receipt = "receipt",
        /// Passphrases of people who have been on the device before.
        Colleague = "colleague",
        /// Passphrases of anybody else.
        Stranger = "stranger",
        /// Large forms and answers, for which there is no memory at the moment.
        Memory = "memory",
        /// Reports that could not be sealed or written.
        Storage = "storage",
    }
}

/// The lanes in which people wait for their turn.
pub const LANES: [Shed; 5] = [
    Shed::Report,
    Shed::Alike,
    Shed::Receipt,
    Shed::Colleague,
    Shed::Stranger,
];

/// See the module. What is not there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// The start of the quarter hour, in seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Reports that nobody has claimed. Of those that are not urgent, those of earlier days.
    pub unclaimed: BTreeMap<Urgency, Unclaimed>,
    /// Unclaimed ones that are much like many others, counted as those are.
    pub alike: u32,
    /// Letters.
    pub mail: MailSample,
    /// How many waited in a lane at the most, since the last one, in tens: whether it was one or none would tell of one visitor.
    pub waited: BTreeMap<Shed, u32>,
    /// How many were turned away since the last one, in tens likewise. Reports for which there was no turn, or that could not be kept, are 1 if
    /// there was one.
    pub shed: BTreeMap<Shed, u32>,
    /// Room in the data folder.
    pub room: Option<Disk>,
    /// Alarms that nobody has looked into.
    pub alarms: BTreeMap<AlarmKind, u32>,
    /// Processes that were not heard of.
    pub silent: u32,
    /// The number of the UTC day of the last backup that was read again whole, counted from 1970-01-01.
    pub backup: Option<i64>,
}

/// Reports of one urgency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclaimed {
    /// How many.
    pub count: u32,
    /// Seconds by which the oldest waits longer than it should.
    pub overdue: i64,
}

/// Letters that do not leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailSample {
    /// Letters that wait for more than a quarter hour.
    pub late: u32,
    /// Seconds for which the oldest of them waits.
    pub oldest: i64,
    /// Letters that were given up.
    pub dead: u32,
    /// Addresses to which none leaves.
    pub failing: u32,
}

/// Counts what is turned away, until somebody asks. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<AtomicU32>);

impl Sample {
    /// How many reports wait that are urgent, or are not.
    pub fn waiting(&self, is_urgent: bool) -> u32 {
        let those = self.unclaimed.iter();
        let those = those.filter(|(urgency, _)| urgency.pages_on_call() == is_urgent);
        those.map(|(_, unclaimed)| unclaimed.count).sum()
    }

    /// How many were turned away because there were too many, in tens, and one more if a report was.
    pub fn turned_away(&self) -> u32 {
        let too_many = self
            .shed
            .iter()
            .filter(|(place, _)| **place != Shed::Storage);
        too_many.map(|(_, count)| count).sum()
    }
}

/// A number without its last digit, which would tell of single visitors.
pub const fn tens(count: u32) -> u32 {
    count - count % 10
}

impl Tally {
    /// One more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So many at once, if there were not so many before.
    pub fn reach(&self, many: usize) {
        let many = u32::try_from(many).unwrap_or(u32::MAX);
        self.0.fetch_max(many, Ordering::Relaxed);
    }

    /// What was counted, and begins anew.
    pub fn take(&self) -> u32 {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// What was counted, in whole tens; what is left of it counts towards the next ten.
    pub fn take_tens(&self) -> u32 {
        let tens = tens(self.0.load(Ordering::Relaxed));
        self.0.fetch_sub(tens, Ordering::Relaxed);
        tens
    }
}

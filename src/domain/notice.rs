//! When a notice is due: quarter-hour slots, repeats of an urgent one, retries with backoff, the daily heartbeat.
//!
//! Pure: the instant and the jitter are parameters. What is kept in the database is never finer than a quarter hour,
//! because a waiting row beside a report would otherwise tell when the report came in; finer waits live in memory.

use super::clock::{Day, Quarter, Timestamp};
use super::named::named;

const QUARTER: i64 = 900;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// How long a delivery is tried before it becomes a dead letter, counted from its first due time.
const GIVE_UP_AFTER: i64 = 3 * DAY;

/// Rounds of an urgent event that follow each other as configured; later ones are at least an hour apart.
const CLOSE_ROUNDS: i64 = 8;

named! {
    /// A list of addresses in the configuration.
    NoticeList {
        /// Hears of ordinary reports, in the next quarter-hour slot.
        Hotline = "hotline",
        /// Hears of urgent reports within a minute.
        OnCall = "oncall",
        /// Hears of an urgent report that nobody has claimed.
        Backup = "backup",
        /// Hears that somebody must look into an alarm.
        Alarm = "alarm",
        /// Outsiders who keep the heads of the audit log. They get no notices.
        Anchor = "anchor",
    }
}

/// No letter waits longer than so many seconds to be tried again.
pub const LONGEST_RETRY: i64 = 18 * QUARTER;

impl NoticeList {
    /// The lists whose letters are never put off: when they are tried again is in memory alone.
    pub const URGENT: [Self; 2] = [Self::OnCall, Self::Backup];

    /// Whether its letters are retried by the minute.
    pub fn is_urgent(self) -> bool {
        Self::URGENT.contains(&self)
    }
}

/// The slot of an ordinary notice: the next quarter hour, so that its time says little about the report's.
pub const fn ordinary_due(now: Timestamp) -> Quarter {
    now.quarter().next()
}

/// The slot of an urgent notice: the quarter hour that has begun, which means at once.
pub const fn urgent_due(now: Timestamp) -> Quarter {
    now.quarter()
}

/// Who is told of an urgent event that has come as far as `list`: a step up the chain leaves out nobody who was told before.
pub const fn urgent_audience(list: NoticeList) -> &'static [NoticeList] {
    match list {
        NoticeList::OnCall => &[NoticeList::OnCall],
        NoticeList::Backup => &[NoticeList::OnCall, NoticeList::Backup],
        NoticeList::Hotline => &[NoticeList::OnCall, NoticeList::Backup, NoticeList::Hotline],
        NoticeList::Alarm => &[NoticeList::Alarm],
        NoticeList::Anchor => &[],
    }
}

/// How far an urgent event goes the next time if nobody claims its report: from those on call to those behind them, then to
/// everybody.
pub const fn further(list: NoticeList) -> NoticeList {
    match list {
        NoticeList::OnCall => NoticeList::Backup,
        NoticeList::Backup | NoticeList::Hotline => NoticeList::Hotline,
        NoticeList::Alarm => NoticeList::Alarm,
        NoticeList::Anchor => NoticeList::Anchor,
    }
}

/// When an unclaimed urgent event that has been told `rounds` times before is told again: after `minutes`, and after an hour
/// at least when it has been told many times. The nearest slot to that, so that the wait is never shorter than half a slot.
pub fn urgent_repeat(rounds: i64, minutes: u32, now: Timestamp) -> Quarter {
    let wait = i64::from(minutes).saturating_mul(60).max(QUARTER);
    let wait = if rounds < CLOSE_ROUNDS {
        wait
    } else {
        wait.max(HOUR)
    };
    now.plus(wait.saturating_add(QUARTER / 2)).quarter()
}

/// Seconds that an event waits at the longest, new or told of before, if an urgent one is repeated after `minutes`.
pub fn longest_wait(minutes: u32) -> i64 {
    i64::from(minutes)
        .saturating_mul(60)
        .max(HOUR)
        .saturating_add(QUARTER)
}

/// Seconds in which those on call are not told again of new urgent reports, once they were told `rounds` times while earlier ones still
/// wait: the first at once, then bundled.
pub const fn bundled_for(rounds: usize) -> i64 {
    match rounds {
        0 => 0,
        1 => 60,
        2 => 300,
        _ => QUARTER,
    }
}

/// Whether others must hear because an urgent letter has not left for half an hour, counted from the quarter hour in which it was written.
pub fn fails_for_long(first_due: Quarter, now: Timestamp) -> bool {
    now >= first_due.start().plus(2 * QUARTER)
}

/// Seconds until an urgent delivery is tried again after `failures` failures in a row: one minute, doubled each time, at
/// most an hour, moved by `jitter`, a number from -100 to 100 read as per cent of a quarter of that wait.
pub fn urgent_backoff(failures: i64, jitter: i64) -> i64 {
    let wait = 60_i64
        .checked_shl(doublings(failures, 6))
        .unwrap_or(HOUR)
        .min(HOUR);
    wait.saturating_add(wait.saturating_mul(jitter.clamp(-100, 100)) / 400)
}

/// The slot in which a delivery that is not urgent is tried again: 1, 2, 4 … 16 quarter hours on, and `jitter` (0 or more)
/// quarter hours later, at most two.
pub fn ordinary_retry(failures: i64, now: Timestamp, jitter: i64) -> Quarter {
    let slots = 1_i64
        .checked_shl(doublings(failures, 4))
        .unwrap_or(16)
        .min(16);
    now.plus((slots + jitter.clamp(0, 2)).saturating_mul(QUARTER))
        .quarter()
}

fn doublings(failures: i64, most: u32) -> u32 {
    u32::try_from(failures.saturating_sub(1).max(0)).map_or(most, |doublings| doublings.min(most))
}

/// Whether a delivery first due at `first` has been tried long enough.
pub fn gives_up(first: Quarter, now: Timestamp) -> bool {
    now.seconds().saturating_sub(first.seconds()) >= GIVE_UP_AFTER
}

/// The day whose heartbeat is due: today, if the hour (UTC, 0 to 23) has come and the last one is of an earlier day.
///
/// Days that were missed while nothing ran are not made up for: one mail says the same as three.
pub fn heartbeat_due(last: Option<Day>, now: Timestamp, hour: u8) -> Option<Day> {
    let today = now.day();
    let begun = now >= today.start().plus(i64::from(hour.min(23)) * HOUR);
    (begun && is_new_day(last, today)).then_some(today)
}

/// Whether what is done once a day is still to be done today. What was done on a later day than tomorrow was done by a clock that was ahead.
pub fn is_new_day(last: Option<Day>, today: Day) -> bool {
    last.is_none_or(|last| last < today || last > today.plus(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(20_780 * DAY + 12 * HOUR);

    #[test]
    fn an_ordinary_notice_waits_for_the_next_slot_and_an_urgent_one_does_not() {
        let now = NOON.plus(1);
        assert_eq!(ordinary_due(now).start(), NOON.plus(QUARTER));
        assert!(urgent_due(now).start() <= now);
    }

    #[test]
    fn an_urgent_event_goes_up_the_chain_and_leaves_out_nobody() {
        use NoticeList::{Backup, Hotline, OnCall};
        assert_eq!(urgent_audience(OnCall), [OnCall]);
        assert_eq!(urgent_audience(further(OnCall)), [OnCall, Backup]);
        assert_eq!(
            urgent_audience(further(further(OnCall))),
            [OnCall, Backup, Hotline]
        );
        assert_eq!(further(Hotline), Hotline);
    }

    #[test]
    fn an_unclaimed_urgent_event_repeats_in_the_nearest_slot_and_slows_down() {
        let slot = |quarters| NOON.plus(quarters * QUARTER);
        assert_eq!(urgent_repeat(0, 15, NOON.plus(30)).start(), slot(1));
        assert_eq!(urgent_repeat(0, 15, NOON.plus(890)).start(), slot(2));
        assert_eq!(urgent_repeat(0, 1, NOON.plus(30)).start(), slot(1));
        assert_eq!(urgent_repeat(7, 30, NOON.plus(30)).start(), slot(2));
        assert_eq!(urgent_repeat(8, 30, NOON.plus(30)).start(), slot(4));
    }

    #[test]
    fn an_urgent_delivery_is_tried_after_one_two_four_minutes_and_at_least_each_hour() {
        let waits: Vec<i64> = (1..=9)
            .map(|failures| urgent_backoff(failures, 0))
            .collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        assert_eq!(urgent_backoff(1, 100), 75);
        assert_eq!(urgent_backoff(1, -100), 45);
    }

    #[test]
    fn a_delivery_is_given_up_after_three_days_and_not_before() {
        let first = NOON.quarter();
        assert!(!gives_up(first, NOON.plus(3 * DAY - 1)));
        assert!(gives_up(first, NOON.plus(3 * DAY)));
    }

    #[test]
    fn one_heartbeat_a_day_from_its_hour_on() {
        let today = NOON.day();
        assert_eq!(heartbeat_due(None, NOON, 12), Some(today));
        assert_eq!(heartbeat_due(None, NOON, 13), None);
        assert_eq!(heartbeat_due(Some(today), NOON, 0), None);
        assert_eq!(heartbeat_due(Some(today.plus(-3)), NOON, 0), Some(today));
        assert_eq!(heartbeat_due(Some(today.plus(1)), NOON, 0), None);
        assert_eq!(heartbeat_due(Some(today.plus(2)), NOON, 0), Some(today));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_a_quarter_hour_and_lies_ahead(
            failures in 0_i64..200, jitter in -9_i64..9, offset in 0_i64..DAY
        ) {
            let now = NOON.plus(offset);
            let retry = ordinary_retry(failures, now, jitter);
            prop_assert_eq!(retry.seconds() % QUARTER, 0);
            prop_assert!(retry.start() > now);
            prop_assert!(retry.start() <= now.plus(LONGEST_RETRY));
        }

        #[test]
        fn no_event_waits_longer_than_the_longest(rounds in 0_i64..20, minutes in 1_u32..=1440, offset in 0_i64..DAY) {
            let now = NOON.plus(offset);
            let last = now.plus(longest_wait(minutes));
            prop_assert!(urgent_repeat(rounds, minutes, now).start() <= last);
            prop_assert!(ordinary_due(now).start() <= last);
        }

        #[test]
        fn an_urgent_wait_is_between_45_seconds_and_75_minutes(failures in 0_i64..200, jitter in any::<i64>()) {
            prop_assert!((45..=4_500).contains(&urgent_backoff(failures, jitter)));
        }
    }
}

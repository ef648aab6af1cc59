//! `[limits]`: how much, how many at once, how long.

use std::num::NonZero;

use super::value::ByteSize;
use crate::domain::document::Table;

/// How much, how many at once, how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Bytes of a form; a larger one is answered with a page that keeps what was typed.
    pub form_bytes: usize,
    /// Bytes of a form beyond which nothing more is read.
    pub form_hard_bytes: usize,
    /// Seconds in which the body of a request must arrive.
    pub body_seconds: u64,
    /// Bytes that large forms and large answers may take together.
    pub memory: usize,
    /// Seconds in which an answer must have been read.
    pub answer_seconds: u64,
    /// The slow step of a new report.
    pub receipt: LaneConfig,
    /// The slow step of opening a mailbox.
    pub check: LaneConfig,
    /// The slow step of signing in, for who is signed in or has been on the same device.
    pub staff: LaneConfig,
    /// The slow step of signing in, for anybody else.
    pub stranger: LaneConfig,
    /// Minutes after which a claim that nobody touches goes back to the queue.
    pub claim_idle_minutes: u32,
    /// Minutes after which an unused session ends.
    pub session_idle_minutes: u32,
    /// Hours after which every session ends.
    pub session_hours: u32,
    /// Seconds that a person needs for a form at least: what is sent sooner waits that long.
    pub form_seconds: u32,
    /// So many reports that say almost the same within minutes are no coincidence: further ones stand as a group. 0 is never.
    pub alike_reports: usize,
    /// Hours for which a form can be sent after it was opened.
    pub ticket_hours: u32,
    /// Hours for which an invitation holds.
    pub invitation_hours: u32,
    /// Days for which a mailbox stays open at least; it ends on the first of a month.
    pub mailbox_days: u32,
    /// Minutes by which the machine's clock may be corrected in a day before its time is unconfirmed.
    pub clock_leap_minutes: u32,
}

/// A bounded pool for an operation that is slow on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneConfig {
    /// How many run at once.
    pub permits: usize,
    /// How many may wait; one more is told to come back.
    pub queue: usize,
}

/// More than connections may be open: nobody who is connected is sent away.
const MOST_WAITING: usize = 10_000;

pub(super) fn read(table: &mut Table<'_>) -> LimitsConfig {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let limits = LimitsConfig {
        form_bytes: table.or("form_bytes", ByteSize(512 << 10)).0,
        form_hard_bytes: table.or("form_hard_bytes", ByteSize(3 << 20)).0,
        body_seconds: table.number("body_seconds", 5..=3600, 60),
        memory: table.or("memory", ByteSize(64 << 20)).0,
        answer_seconds: table.number("answer_seconds", 1..=3600, 120),
        // At 19 MiB each these take 456 MiB at most.
        receipt: lane(table, "receipt_permits", "receipt_queue", cores.min(16)),
        check: lane(table, "check_permits", "check_queue", (cores / 2).min(8)),
        // At 64 MiB each these six at most take 384 MiB, however large the machine is.
        staff: lane(table, "staff_permits", "staff_queue", cores.min(4)),
        stranger: lane(
            table,
            "stranger_permits",
            "stranger_queue",
            (cores / 2).min(2),
        ),
        claim_idle_minutes: table.number("claim_idle_minutes", 1..=1440, 15),
        session_idle_minutes: table.number("session_idle_minutes", 1..=720, 20),
        session_hours: table.number("session_hours", 1..=24, 10),
        form_seconds: table.number("form_seconds", 0..=30, 4),
        alike_reports: table.number("alike_reports", 0..=1_000, 12),
        // A form's key is alive on the day on which it was opened and on the next.
        ticket_hours: table.number("ticket_hours", 1..=24, 24),
        invitation_hours: table.number("invitation_hours", 1..=336, 72),
        mailbox_days: table.number("mailbox_days", 30..=3650, 365),
        clock_leap_minutes: table.number("clock_leap_minutes", 30..=1440, 60),
    };
    table.rule(
        &["form_hard_bytes", "form_bytes"],
        limits.form_hard_bytes >= limits.form_bytes,
        "must not be less than form_bytes",
    );
    limits
}

fn lane(
    table: &mut Table<'_>,
    permits_key: &'static str,
    queue_key: &'static str,
    permits: usize,
) -> LaneConfig {
    LaneConfig {
        permits: table.number(permits_key, 1..=64, permits.clamp(1, 64)),
        queue: table.number(queue_key, 0..=MOST_WAITING, MOST_WAITING),
    }
}

//! `[limits]`: how much, how many at once, how long.

use super::reader::Section;
use super::value::{ByteSize, Within};

/// How much, how many at once, how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Bytes of a form; a larger one is answered with a page that keeps what was typed.
    pub form_bytes: usize,
    /// Bytes of a form beyond which nothing more is read.
    pub form_hard_bytes: usize,
    /// Seconds in which the body of a request must arrive.
    pub body_seconds: u64,
    /// The slow step of a new report.
    pub receipt: LaneConfig,
    /// The slow step of opening a mailbox.
    pub check: LaneConfig,
    /// The slow step of signing in.
    pub staff: LaneConfig,
    /// Minutes after which a claim that nobody touches goes back to the queue.
    pub claim_idle_minutes: u32,
    /// Minutes after which an unused session ends.
    pub session_idle_minutes: u32,
    /// Hours after which every session ends.
    pub session_hours: u32,
    /// Hours for which a form can be sent after it was opened.
    pub ticket_hours: u32,
    /// Hours for which an invitation holds.
    pub invitation_hours: u32,
    /// Days for which a mailbox stays open after the last message.
    pub mailbox_days: u32,
}

/// A bounded pool for an operation that is slow on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneConfig {
    /// How many run at once.
    pub permits: usize,
    /// How many may wait; one more is told to come back.
    pub queue: usize,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<LimitsConfig> {
    let hard_place = section.place_of("form_hard_bytes");
    let form_bytes = section.or("form_bytes", ByteSize(512 << 10));
    let form_hard_bytes = section.or("form_hard_bytes", ByteSize(3 << 20));
    let body_seconds = section.or("body_seconds", Within::<5, 3600>(60));
    let receipt = lane(section, "receipt_permits", "receipt_queue", 2, 128);
    let check = lane(section, "check_permits", "check_queue", 1, 32);
    let staff = lane(section, "staff_permits", "staff_queue", 1, 8);
    let claim_idle = section.or("claim_idle_minutes", Within::<1, 1440>(15));
    let session_idle = section.or("session_idle_minutes", Within::<1, 720>(20));
    let session = section.or("session_hours", Within::<1, 24>(10));
    let ticket = section.or("ticket_hours", Within::<1, 168>(24));
    let invitation = section.or("invitation_hours", Within::<1, 336>(72));
    let mailbox = section.or("mailbox_days", Within::<30, 3650>(365));

    let (form_bytes, form_hard_bytes) = (form_bytes?.0, form_hard_bytes?.0);
    if form_hard_bytes < form_bytes {
        section.refuse(
            "form_hard_bytes",
            hard_place,
            "must not be less than form_bytes",
        );
    }
    Some(LimitsConfig {
        form_bytes,
        form_hard_bytes,
        body_seconds: body_seconds?.fit()?,
        receipt: receipt?,
        check: check?,
        staff: staff?,
        claim_idle_minutes: claim_idle?.fit()?,
        session_idle_minutes: session_idle?.fit()?,
        session_hours: session?.fit()?,
        ticket_hours: ticket?.fit()?,
        invitation_hours: invitation?.fit()?,
        mailbox_days: mailbox?.fit()?,
    })
}

fn lane(
    section: &mut Section<'_>,
    permits_key: &'static str,
    queue_key: &'static str,
    permits: i64,
    queue: i64,
) -> Option<LaneConfig> {
    let permits = section.or(permits_key, Within::<1, 64>(permits));
    let queue = section.or(queue_key, Within::<0, 10_000>(queue));
    Some(LaneConfig {
        permits: permits?.fit()?,
        queue: queue?.fit()?,
    })
}

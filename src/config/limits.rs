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

/// More than connections may be open: nobody who is connected is sent away.
const MOST_WAITING: i64 = 10_000;

pub(super) fn read(section: &mut Section<'_>) -> Option<LimitsConfig> {
    let hard_place = section.place_of("form_hard_bytes");
    let form_bytes = section.or("form_bytes", ByteSize(512 << 10));
    let form_hard_bytes = section.or("form_hard_bytes", ByteSize(3 << 20));
    let body_seconds = section.or("body_seconds", Within::<5, 3600>(60));
    let memory = section.or("memory", ByteSize(64 << 20));
    let answer_seconds = section.or("answer_seconds", Within::<1, 3600>(120));
    let cores = cores();
    let receipt = lane(section, "receipt_permits", "receipt_queue", cores);
    let check = lane(section, "check_permits", "check_queue", cores / 2);
    // At 64 MiB each these six at most take 384 MiB, however large the machine is.
    let staff = lane(section, "staff_permits", "staff_queue", cores.min(4));
    let stranger = lane(
        section,
        "stranger_permits",
        "stranger_queue",
        (cores / 2).min(2),
    );
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
        memory: memory?.0,
        answer_seconds: answer_seconds?.fit()?,
        receipt: receipt?,
        check: check?,
        staff: staff?,
        stranger: stranger?,
        claim_idle_minutes: claim_idle?.fit()?,
        session_idle_minutes: session_idle?.fit()?,
        session_hours: session?.fit()?,
        ticket_hours: ticket?.fit()?,
        invitation_hours: invitation?.fit()?,
        mailbox_days: mailbox?.fit()?,
    })
}

/// Processors that this process may use.
fn cores() -> i64 {
    std::thread::available_parallelism().map_or(1, |count| i64::try_from(count.get()).unwrap_or(64))
}

fn lane(
    section: &mut Section<'_>,
    permits_key: &'static str,
    queue_key: &'static str,
    permits: i64,
) -> Option<LaneConfig> {
    let permits = section.or(permits_key, Within::<1, 64>(permits.clamp(1, 64)));
    let queue = section.or(queue_key, Within::<0, MOST_WAITING>(MOST_WAITING));
    Some(LaneConfig {
        permits: permits?.fit()?,
        queue: queue?.fit()?,
    })
}

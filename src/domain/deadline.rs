//! By when a person should have done what comes next with a report, as the desk shows it.

use super::clock::{Quarter, Timestamp};
use super::named::named;
use super::state::State;
use super::urgency::Urgency;

const DAY: i64 = 86_400;
/// Seconds until a reporter should have heard something from a person.
const FIRST_REPLY: i64 = DAY;
/// Seconds until a reporter should hear how it stands: three months, as the EU directive on whistleblowers has it.
const STATUS: i64 = 90 * DAY;

named! {
    /// What should be done.
    Deadline {
        /// Somebody takes it.
        Claim = "claim",
        /// Whoever has it decides what happens to it.
        Decide = "decide",
        /// Whoever acts on it looks again.
        Look = "look",
        /// The reporter hears something for the first time.
        FirstReply = "first-reply",
        /// The reporter hears how it stands.
        Status = "status",
    }
}

/// What is known of a report.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: State,
    /// By when it should be claimed or looked at, as its row says: perhaps the day alone.
    pub due: Quarter,
    /// Whether it is said when somebody looks again.
    pub is_looked_at: bool,
    /// The hour it came.
    pub received: Timestamp,
    /// When its reporter last wrote, or it came.
    pub told: Timestamp,
    /// When the reporter was last written to; `None` if never.
    pub replied: Option<Timestamp>,
    /// Whether the reporter can be written to.
    pub is_mailbox_open: bool,
}

impl Facts {
    /// What comes next with the report itself, and by when.
    pub fn next(&self) -> Option<(Deadline, Timestamp)> {
        match self.state {
            State::Received | State::Alike => Some((Deadline::Claim, self.claim())),
            State::InTriage => Some((
                Deadline::Decide,
                self.told.plus(self.urgency.decide_within()),
            )),
            state if state.rests() && self.is_looked_at => Some((Deadline::Look, self.due.start())),
            _ => None,
        }
    }

    /// What the reporter should hear, and by when.
    pub fn reply(&self) -> Option<(Deadline, Timestamp)> {
        let is_over = !self.state.is_open() && !self.state.rests();
        if is_over || !self.is_mailbox_open {
            return None;
        }
        Some(match self.replied {
            None => (Deadline::FirstReply, self.received.plus(FIRST_REPLY)),
            Some(last) => (Deadline::Status, last.plus(STATUS)),
        })
    }

    /// The row of a report that is not urgent, or was taken before, says the day alone.
    fn claim(&self) -> Timestamp {
        let due = self.due.start();
        // On that day or the one before it somebody has told of it, perhaps anew.
        let told = self.told.max(due.day().plus(-1).start());
        match due == due.day().start() {
            true => told.plus(self.urgency.claim_within()),
            false => due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;
    const CAME: Timestamp = Timestamp::from_seconds(20_780 * DAY + 10 * HOUR);

    fn facts(urgency: Urgency, state: State, due: Quarter) -> Facts {
        Facts {
            urgency,
            state,
            due,
            is_looked_at: true,
            received: CAME,
            told: CAME,
            replied: None,
            is_mailbox_open: true,
        }
    }

    #[test]
    fn a_new_report_is_due_as_its_row_says_to_the_quarter_hour_and_else_by_its_urgency() {
        for urgency in Urgency::ALL {
            let facts = facts(urgency, State::Received, urgency.due(CAME));
            let due = facts.next().unwrap();
            assert_eq!(due, (Deadline::Claim, CAME.plus(urgency.claim_within())));
        }
    }

    #[test]
    fn each_urgency_has_more_time_than_the_one_before_it() {
        for pair in Urgency::ALL.windows(2) {
            assert!(pair[0].claim_within() < pair[1].claim_within());
            assert!(pair[0].decide_within() < pair[1].decide_within());
        }
        for urgency in Urgency::ALL {
            assert!(urgency.claim_within() <= urgency.decide_within());
        }
    }

    #[test]
    fn what_is_at_its_end_waits_for_nothing_and_what_rests_for_a_look() {
        for state in State::ALL {
            let facts = facts(Urgency::U1, state, CAME.plus(HOUR).quarter());
            let next = facts.next().map(|(next, _)| next);
            assert_eq!(next == Some(Deadline::Look), state.rests(), "{state}");
            let waits = state.is_open() || state.rests();
            assert_eq!(next.is_some(), waits, "{state}");
            assert_eq!(facts.reply().is_some(), waits, "{state}");
        }
    }

    #[test]
    fn a_reporter_hears_within_a_day_and_then_every_three_months() {
        let mut facts = facts(Urgency::U3, State::InTriage, CAME.quarter());
        let first = (Deadline::FirstReply, CAME.plus(DAY));
        assert_eq!(facts.reply(), Some(first));
        facts.replied = Some(CAME.plus(HOUR));
        let next = (Deadline::Status, CAME.plus(HOUR).plus(90 * DAY));
        assert_eq!(facts.reply(), Some(next));
        facts.is_mailbox_open = false;
        assert_eq!(facts.reply(), None);
    }
}

//! Somebody says: I act on it. From then on the report is theirs, rests until they look again, and rings nobody.

use super::Triage;
use super::acts::Change;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::inert;
use crate::domain::look::{LookIn, MOST_ASSIGNEES, Rest};
use crate::domain::state::Transition;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::Version;

impl Triage {
    /// Says who acts on a report and when they look again. Words are welcome and not asked for: whoever acts has no time for them.
    ///
    /// # Errors
    /// [`Error::Assignees`] without anybody, with too many, or with somebody who cannot read it; [`Error::Look`] for a look that comes too
    /// late for a report of its urgency.
    pub async fn act_upon(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        (people, hours): (&[StaffId], u32),
        words: &str,
    ) -> Result<(), Error> {
        let reason = match inert::is_blank(words) {
            true => String::new(),
            false => super::tidy(words)?,
        };
        let opened = self.open_mine(caller, report).await?;
        let row = &opened.row;
        let to = row.state.after(Transition::ActUpon);
        let change = Change {
            act: Transition::ActUpon,
            to: to.map_err(|_| Error::NotPossible)?,
            reason,
            linked: None,
            once: None,
            rest: Some(Rest {
                assignees: assignees(people)?,
                look_again: LookIn::hours(hours, row.urgency)
                    .map_err(|_| Error::Look)?
                    .from(self.context.clock.now()),
            }),
        };
        let seen = Version::from_number(version);
        match self.change(caller, &opened, seen, change).await {
            // The caller reads it: somebody else who was chosen does not any more.
            Err(Error::NotFound) => Err(Error::Assignees),
            other => other,
        }
    }
}

/// Each of them once, sorted.
pub(super) fn assignees(people: &[StaffId]) -> Result<Vec<StaffId>, Error> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let is_fit = (1..=MOST_ASSIGNEES).contains(&people.len());
    is_fit.then_some(people).ok_or(Error::Assignees)
}

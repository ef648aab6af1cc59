//! That somebody has read a report, and what there was to read, for the lines of the queue.

use super::opened::WholeReport;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::state::State;
use crate::seal::activity::{Activity, ActivityKey};
use crate::service::error::Error;
use crate::service::txn::Txn;
use crate::store;

/// What somebody has before them.
pub(super) struct Reading {
    report: ReportId,
    reader: StaffId,
    key: ActivityKey,
    /// All of it; nothing while the report is locked, or where not all of it is there: what comes back later is not taken for read.
    activity: Option<Activity>,
}

impl Reading {
    pub(super) fn of(whole: &WholeReport, reader: StaffId) -> Self {
        let is_whole = whole.row.state != State::Locked && whole.broken() == 0;
        let activity = is_whole.then(|| {
            let mut activity = Activity::default();
            activity.tell(&whole.contents);
            activity.all_of(whole.row.contents)
        });
        Self {
            report: whole.row.id,
            reader,
            key: ActivityKey::of(whole.open.grant()),
            activity,
        }
    }

    /// Keeps it, unless that is kept already. Says until which number they had read before.
    pub(super) fn keep(self, txn: &mut Txn<'_>) -> Result<Option<u32>, Error> {
        let Some(activity) = self.activity else {
            return Ok(None);
        };
        let kept = store::unless_damaged(store::activity_find(txn, self.report))?;
        let kept = kept.map(|sealed| self.key.open_or_new(&sealed));
        let kept = kept.unwrap_or_default();
        let until = kept.read_until(self.reader);
        if let Some(news) = activity.read_by(self.reader, kept) {
            let sealed = self.key.seal(&news)?;
            store::activity_put(txn, self.report, &sealed)?;
        }
        Ok(until)
    }
}

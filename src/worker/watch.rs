//! The records of who may receive, looked at while no report comes in.

use futures_util::future::join_all;

use super::memory::WatchState;
use super::{Worker, WorkerError};
use crate::domain::alarm::{AlarmKind, Fault};
use crate::domain::clock::{Standing, Timestamp};
use crate::domain::ids::ReportId;
use crate::domain::notice::NoticeList;
use crate::seal::random;
use crate::service::proof::Repair;
use crate::service::{damage, disk, proof, watch};
use crate::store::DbConnection;

/// Bodies that go over to the auditors in one transaction: some 50 ms.
const BODIES: i64 = 256;
/// Seconds between two rounds of an urgent report that is old.
const REPEAT: i64 = 3_600;
/// What an alarm about the witness file is about.
const WITNESS: &str = "witness";

impl Worker {
    /// Looks at the records of every channel and every team, and raises alarms. Says how many. Some milliseconds.
    ///
    /// # Errors
    /// [`WorkerError`]; it is told of at the next look then.
    pub async fn watch(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let authority = self.authority.clone();
        let look = move |conn: &mut DbConnection| watch::faults(conn, &authority);
        let mut found = self.store.run(look).await?;
        found.extend(self.witness_fault().await);
        found.extend(self.clock_fault());
        let news = self.memory().watched.news(&found, today);
        let mut raised = 0;
        if !news.is_empty() {
            raised = self
                .write(move |txn| {
                    let mut raised = 0;
                    for Fault { kind, subject, why } in &news {
                        tracing::error!(event = "records-broken", %kind, why, "something is wrong with the records");
                        raised += usize::from(txn.raise(*kind, subject)?);
                    }
                    Ok(raised)
                })
                .await?;
        }
        self.memory().watched = WatchState {
            faults: found,
            day: Some(today),
        };
        Ok(raised)
    }

    /// Begins a check of the whole file, if one is due, and raises alarms for what is known to be damaged, and for a disk that is nearly full.
    /// Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look tries again.
    pub async fn check_file(&self) -> Result<usize, WorkerError> {
        let now = self.clock.now();
        let damaged = damage::tell(&self.store, &self.audit_log, now).await;
        self.store.check(now)?;
        let low = disk::tell(&self.store, &self.audit_log, now).await;
        if !disk::tell_refused(&self.store, &self.audit_log, now).await {
            self.cry(now).await;
        }
        Ok(damaged.saturating_add(usize::from(low)))
    }

    /// Where nothing can be written down, whoever hears of alarms is told by letters that stand in no row: at most once an hour.
    async fn cry(&self, now: Timestamp) {
        let hour = now.seconds().div_euclid(3_600);
        if self.memory().cried.replace(hour) == Some(hour) {
            return;
        }
        let lists = [NoticeList::Alarm, NoticeList::Hotline];
        let lists = lists.map(|list| self.settings.list(list));
        let whom = lists.into_iter().find(|list| !list.is_empty());
        let letters = whom.unwrap_or_default().iter().map(|address| {
            let message = self.stationery.notice(random::outbox_id(), address, now);
            async move { self.transport.send(&message).await }
        });
        for failure in join_all(letters).await.into_iter().filter_map(Result::err) {
            tracing::error!(event = "mail-failing", %failure, "a notice of an alarm has to be tried again");
            self.memory().cried = None;
        }
    }

    /// Tells the witness how far the log has come, and gives what is wrong with it.
    async fn witness_fault(&self) -> Option<Fault> {
        let (audit_log, now) = (self.audit_log.clone(), self.clock.confirmed());
        let told = crate::store::aside(move || audit_log.tell_witness(now)).await;
        let error = told.ok()?.err()?;
        // Of a full disk there is an alarm of its own.
        if self.audit_log.is_behind() || error.is_full() {
            return None;
        }
        Some(Fault {
            kind: AlarmKind::WitnessBroken,
            subject: WITNESS.to_owned(),
            why: error.to_string(),
        })
    }

    /// That the machine's clock has leapt, or was not right at the start.
    fn clock_fault(&self) -> Option<Fault> {
        let Standing::Unconfirmed { first, .. } = self.clock.standing() else {
            return None;
        };
        Some(Fault {
            kind: AlarmKind::ClockLeapt,
            subject: first.to_string(),
            why: String::new(),
        })
    }

    /// Goes on with the round through all reports, and mends those that are not as they were written. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`] if nothing can be written; the next look begins where this one did.
    pub async fn look_at_reports(&self) -> Result<usize, WorkerError> {
        let (audit_log, from) = (self.audit_log.clone(), self.memory().round);
        if from == ReportId::default() {
            let now = self.clock.confirmed();
            self.memory().outdated = now.map(|now| audit_log.outdated(now.today()));
        }
        let minutes = i64::from(self.settings.urgent_repeat_minutes).saturating_mul(60);
        let until = self.clock.now().plus(minutes.max(REPEAT) + REPEAT);
        let look = move |conn: &mut DbConnection| proof::look(conn, &audit_log, from, until);
        let round = self.store.run(look).await?;
        let (next, mut is_renewed) = (round.next(), round.is_renewed());
        let mut mended = 0;
        for repair in round.repairs {
            match self.mend(repair).await {
                Ok(count) => mended += count,
                // It says nothing of the others. What could not be mended is met in the next round.
                Err(WorkerError::Store(error)) if !error.is_of_all() => {
                    is_renewed = false;
                    tracing::error!(event = "report-damaged", %error, "ALARM: a report cannot be mended");
                }
                Err(error) => return Err(error),
            }
        }
        let outdated = {
            let mut memory = self.memory();
            memory.round = next;
            memory.outdated = memory.outdated.filter(|_| is_renewed);
            memory.outdated.filter(|_| next == ReportId::default())
        };
        if let Some(earliest) = outdated {
            self.outdate(earliest).await;
        }
        Ok(mended)
    }

    async fn mend(&self, repair: Repair) -> Result<usize, WorkerError> {
        let subject = match repair {
            Repair::Lost(report) => Some(format!("{report} grants")),
            _ => None,
        };
        let is_news = |why| {
            let subject = subject.as_ref();
            subject.is_none_or(|subject| self.authority.is_news(subject, why))
        };
        if !is_news(Some("none")) {
            return Ok(0);
        }
        let mended = self.write(move |txn| Ok(repair.in_txn(txn)?)).await;
        if mended.is_err() {
            // Nobody has heard of it.
            is_news(None);
        }
        mended
    }

    /// After a whole round no row needs these versions of the root.
    async fn outdate(&self, earliest: u32) {
        let witness = self.audit_log.witness().clone();
        match crate::store::aside(move || witness.outdate(earliest)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(event = "witness-failing", %error, "an earlier root goes on proving reports' rows");
            }
            Err(error) => {
                tracing::error!(event = "witness-failing", %error, "the witness could not be told")
            }
        }
    }

    /// Hands the bodies of the audit log over to the auditors, once there are some and custodians have signed. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; what went over has gone over.
    pub async fn hand_over(&self) -> Result<usize, WorkerError> {
        let mut all = 0;
        loop {
            let audit_log = self.audit_log.clone();
            let moved = self
                .write(move |txn| Ok(audit_log.hand_over_in_txn(txn, BODIES)?))
                .await?;
            match moved {
                0 => return Ok(all),
                moved => all += moved,
            }
        }
    }
}

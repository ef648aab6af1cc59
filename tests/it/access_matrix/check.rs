//! After every act: what each secret opens in a copy of the database is what the model says.

use kapea::domain::ids::ReportId;

use super::history::History;
use super::model::Standing;

impl History {
    /// Everybody derives what the model says, no less and no more.
    pub fn assert_keys(&mut self) {
        for (handle, holder) in &mut self.holders {
            let expected = self.model.derives(handle);
            let found = self.truth.derives(holder);
            assert_eq!(found, expected, "what {handle} can derive");
            let worker = self.model.workers.iter().find(|w| w.handle == *handle);
            let kept = self.truth.learn(holder);
            match worker {
                Some(worker) if worker.standing == Standing::Gone => {
                    let id = self.teams[worker.team];
                    let open = format!("rotations WHERE state <> 'done' AND team = X'{id}'");
                    let may_linger = self.truth.count(&open) > 0;
                    let follows = kept != expected;
                    assert!(!follows || may_linger, "{handle} left and follows");
                }
                _ => assert_eq!(kept, expected, "what {handle} kept opens more"),
            }
        }
        let found = self.truth.derives(&self.recovery);
        assert_eq!(
            found,
            self.model.recovers(),
            "what the recovery key derives"
        );
        self.assert_former();
    }

    /// A secret that was renewed or reset opens nothing; what was copied with it, nothing either once the team has changed its key,
    /// which it must when the person leaves.
    fn assert_former(&mut self) {
        for former in &mut self.former {
            let handle = former.handle;
            let found = self.truth.derives(&former.holder);
            assert!(
                found.is_empty(),
                "{handle} opens {found:?} with a former key"
            );
            let id = self.teams[former.team];
            let live = format!(
                "keys WHERE kind = 'team' AND owner = X'{id}' AND state IN ('active', 'retiring') AND generation <= {}",
                former.generation
            );
            let open = format!("rotations WHERE state <> 'done' AND team = X'{id}'");
            let mut workers = self.model.workers.iter();
            let is_gone = workers.any(|w| w.handle == handle && w.standing == Standing::Gone);
            let may_linger = self.truth.count(&live) > 0;
            let must_end = is_gone && self.truth.count(&open) == 0;
            let kept = self.truth.learn(&mut former.holder);
            assert!(
                kept.is_empty() || (may_linger && !must_end),
                "{handle} follows with copies of a former key's: {kept:?}"
            );
        }
    }

    /// A report has another key than what somebody compromised has a copy of.
    pub fn assert_rekeyed(&mut self, report: ReportId) {
        self.model.rekeys.remove(&report);
        for copy in self.copies.extract_if(.., |copy| copy.report() == report) {
            assert!(!self.truth.opens_card(copy), "{report} kept its key");
        }
        let left = format!("rekeys WHERE report = X'{report}'");
        assert_eq!(self.truth.count(&left), 0, "{report} waits for a new key");
    }

    /// Nothing of a report that was destroyed is left.
    pub fn assert_shredded(&mut self) {
        for report in &self.shredded {
            for table in [
                "grants",
                "quarantine",
                "objects",
                "claims",
                "proposals",
                "rekeys",
            ] {
                let left = format!("{table} WHERE report = X'{report}'");
                assert_eq!(self.truth.count(&left), 0, "{left}");
            }
            let left = format!("reports WHERE id = X'{report}'");
            assert_eq!(self.truth.count(&left), 0, "{left}");
        }
    }

    /// The server shows what the model says, and of the rest nothing.
    pub async fn assert_front_door(&self) {
        for worker in &self.model.workers {
            let Some(session) = self.sessions.get(worker.handle) else {
                continue;
            };
            let queue = session.get("/queue").await;
            if !matches!(worker.standing, Standing::Waiting | Standing::Member) {
                assert_eq!(queue.status, 303, "{}", worker.handle);
                continue;
            }
            let none = session.read(&"ab".repeat(16)).await.expect(404).body();
            let mine = self.model.derives(worker.handle);
            for report in self.model.reports.keys() {
                let page = session.read(&report.to_string()).await;
                let listed = queue.body().contains(&report.to_string());
                let may = mine.contains(report);
                assert_eq!(listed, may, "{} in the queue of {}", report, worker.handle);
                if may {
                    page.expect(200).says("told-once");
                } else {
                    assert_eq!(page.expect(404).body(), none);
                }
            }
        }
        for report in self.model.reports.keys().chain(&self.shredded) {
            self.admin.read(&report.to_string()).await.expect(404);
        }
    }
}

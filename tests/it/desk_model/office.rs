//! A desk that runs, and the model beside it. Everything is done as people do it; after each act both must say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use kapea::worker::Mail;

use super::model::{Case, Need, QUARTER};
use crate::support::app::{Settled, apart};
use crate::support::sql::{connect, count, id_of, texts};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

const ON_CALL: &str = "on-call@hotline.example";
/// Who works here; a case's people are numbers of it.
pub const PEOPLE: [&str; 3] = ["sokha", "dara", "vanna"];
/// Sessions that last for half a day.
const LONG: &[(&str, &str)] = &[
    ("limits", "session_idle_minutes = 720"),
    ("limits", "session_hours = 24"),
];
/// Quarter hours of ringing that say whether it goes on.
const LOUD: usize = 12;
const SESSION: i64 = 11 * 3_600;

pub struct Office {
    pub app: TestApp,
    /// Of whom, and since when.
    sessions: BTreeMap<String, (Session, i64)>,
    pub cases: Vec<Case>,
    /// The reports' ids and their reporters' codes.
    pub reports: Vec<(String, String)>,
    /// Whether on-call was told since the last quarter hour.
    rang: bool,
}

fn settled() -> &'static Settled {
    static SETTLED: OnceLock<Settled> = OnceLock::new();
    SETTLED.get_or_init(|| apart(settle))
}

async fn settle() -> Settled {
    let mut app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.new_caseworker(&admin, &sokha, PEOPLE[2]).await;
    app.worker.step().await;
    app.settle()
}

impl Office {
    pub async fn open() -> Self {
        Self {
            app: settled().start(LONG),
            sessions: BTreeMap::new(),
            cases: Vec::new(),
            reports: Vec::new(),
            rang: false,
        }
    }

    pub fn now(&self) -> i64 {
        self.app.clock.now().seconds()
    }

    /// Somebody, signed in.
    pub async fn person(&mut self, handle: &str) -> Session {
        let known = self.sessions.get(handle);
        if let Some((session, since)) = known
            && self.now() - since < SESSION
        {
            return session.clone();
        }
        let session = self.app.sign_in(handle).await;
        let since = self.now();
        let kept = (session.clone(), since);
        self.sessions.insert(handle.to_owned(), kept);
        session
    }

    pub async fn worker(&mut self, who: usize) -> Session {
        self.person(PEOPLE[who]).await
    }

    pub fn staff(&self, who: usize) -> String {
        id_of(&self.app, PEOPLE[who])
    }

    /// The service starts anew.
    pub fn restarted(mut self) -> Self {
        self.sessions.clear();
        self.app = self.app.restarted(LONG);
        self
    }

    // What people do -------------------------------------------------------------------------------------------------

    pub async fn file(&mut self, need: Need) -> usize {
        let code = self.app.reporter("en").file(need.told()).await;
        let ids = texts(
            &mut connect(&self.app),
            "SELECT lower(hex(id)) FROM reports",
        );
        let is_new = |id: &&String| self.reports.iter().all(|(known, _)| known != *id);
        let id = ids.iter().find(is_new).expect("a new report").clone();
        self.reports.push((id, code));
        self.cases.push(Case::new(need, self.now()));
        self.cases.len() - 1
    }

    pub async fn claim(&mut self, case: usize, who: usize) {
        let worker = self.worker(who).await;
        worker.claim(&self.reports[case].0).await.expect(303);
        let now = self.now();
        self.cases[case].claim(who, now);
    }

    pub async fn release(&mut self, case: usize, who: usize) {
        let worker = self.worker(who).await;
        worker.release(&self.reports[case].0).await.expect(303);
        let now = self.now();
        self.cases[case].release(now);
    }

    pub async fn act(&mut self, case: usize, who: usize, owners: BTreeSet<usize>, hours: u32) {
        let worker = self.worker(who).await;
        let people: Vec<String> = owners.iter().map(|owner| self.staff(*owner)).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let done = worker.act_upon(&self.reports[case].0, &people, hours).await;
        done.expect(303);
        let now = self.now();
        self.cases[case].touch(now);
        self.cases[case].act(owners, hours, now);
    }

    /// One of those that need a word and no second person.
    pub async fn decide(&mut self, case: usize, who: usize, act: &str) {
        let worker = self.worker(who).await;
        let done = worker.act(&self.reports[case].0, act, "because").await;
        done.expect(303);
        let now = self.now();
        self.cases[case].touch(now);
        match act {
            "ask-reporter" => self.cases[case].ask(who, now),
            "mark-spam" => self.cases[case].mark_spam(),
            "resume" => self.cases[case].resume(),
            other => panic!("nobody does {other} here"),
        }
    }

    /// Two people end it: `kind` after an act or without one.
    pub async fn close(&mut self, case: usize, (who, other): (usize, usize), kind: &str) {
        let whole = [
            ("outcome", "cannot_act"),
            ("safety", "With her aunt."),
            ("class", "no_action"),
            ("message", "Thank you."),
            ("untold", ""),
        ];
        let report = self.reports[case].0.clone();
        let worker = self.worker(who).await;
        worker.propose(&report, kind, &whole).await.expect(303);
        let other = self.worker(other).await;
        let proposal = other.proposals(&report).await.pop().expect("a proposal");
        let done = other.approve(&report, &proposal, &self.app.clock).await;
        done.expect(303);
        self.cases[case].close();
    }

    pub async fn hear(&mut self, case: usize) {
        let mailbox = self.app.reporter("en").mailbox(&self.reports[case].1).await;
        mailbox.write("There is more.").await.expect(200);
        let now = self.now();
        self.cases[case].hear(now);
    }

    pub async fn leave(&mut self, who: usize) {
        let staff = self.staff(who);
        let admin = self.person("admin").await;
        let done = admin.post("/people/disable", &[("staff", &staff)]).await;
        done.expect(303);
        self.sessions.remove(PEOPLE[who]);
        let now = self.now();
        for case in &mut self.cases {
            case.leave(who, now);
        }
        // The reports get new keys by the requests of those who stay; whoever takes one at that moment would have to press again.
        let sokha = self.worker(0).await;
        let app = &self.app;
        eventually("the keys are changed", async || {
            sokha.get("/queue").await.expect(200);
            let left = count(app, "rotations WHERE state <> 'done'") + count(app, "rekeys");
            (left == 0).then_some(())
        })
        .await;
    }

    // What time does -------------------------------------------------------------------------------------------------

    /// So many quarter hours, one at a time where anything can fall between; not as many once on-call rings.
    pub async fn pass(&mut self, quarters: i64) {
        let (end, mut loud) = (self.now() + quarters * QUARTER, 0);
        while self.now() < end && loud < LOUD {
            let now = self.now();
            let next = self.cases.iter().map(|case| case.next(now)).min();
            let free = (next.unwrap_or(i64::MAX) - now) / QUARTER - 1;
            let leap = free.min((end - now) / QUARTER).max(1);
            self.app.clock.advance(leap * QUARTER);
            self.quarter().await;
            loud += usize::from(!self.ringing().is_empty());
        }
    }

    /// Too few minutes for anybody to have been idle.
    pub async fn few_minutes(&mut self) {
        self.app.clock.advance(QUARTER / 3);
        self.look().await;
    }

    /// A quarter hour is over.
    pub async fn quarter(&mut self) {
        self.look().await;
        let (rang, is_alone) = (std::mem::take(&mut self.rang), self.ringing().len() == 1);
        for case in &mut self.cases {
            case.quarter(rang, is_alone);
        }
    }

    /// What the worker does now. It looks every few seconds: whatever comes of the first look is told at the second.
    async fn look(&mut self) {
        self.hear_sign_of_life().await;
        let now = self.now();
        for _ in 0..2 {
            let may_ring = !self.ringing().is_empty();
            assert_eq!(self.app.worker.step().await, [""; 0]);
            let rings = self.app.mailed().iter().any(|to| to == ON_CALL);
            let cases = &mut self.cases;
            assert!(!rings || may_ring, "on-call rings for nothing: {cases:#?}");
            self.rang |= rings;
            cases.iter_mut().for_each(|case| case.time(now));
        }
        self.check_bells();
    }

    /// Once a day everybody gets a letter that says the same as any other.
    async fn hear_sign_of_life(&self) {
        if self.app.worker.heartbeat().await.expect("written") > 0 {
            let delivered = self.app.worker.deliver(Mail::Other).await;
            delivered.expect("delivered");
            self.app.mailed();
        }
    }

    fn ringing(&self) -> BTreeSet<&str> {
        let cases = self.cases.iter().zip(&self.reports);
        let rings = cases.filter(|(case, _)| case.rings());
        rings.map(|(_, (report, _))| report.as_str()).collect()
    }

    /// A notice names no report: which of them somebody will be told of, only the service's own list says.
    pub fn check_bells(&self) {
        let listed = "SELECT DISTINCT lower(hex(report)) FROM outbox WHERE report IS NOT NULL";
        let listed = texts(&mut connect(&self.app), listed);
        let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
        assert_eq!(listed, self.ringing(), "will be told of: {:#?}", self.cases);
    }

    pub async fn check_queue(&mut self) {
        let sokha = self.worker(0).await;
        let queue: BTreeSet<String> = sokha.whole_queue().await.into_iter().collect();
        for (case, (report, _)) in self.cases.iter().zip(&self.reports) {
            let is_in = queue.contains(report);
            assert_eq!(case.is_in_queue().unwrap_or(is_in), is_in, "{case:?}");
        }
    }
}

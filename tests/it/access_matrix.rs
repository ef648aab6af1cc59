//! Random histories of an office against a model of who can read what. The truth is what each person's own secret opens in a copy of
//! the database, whatever the server would say; the front door must say the same.
//!
//! A new act is one variant of [`Act`], one line of [`acts`] and one arm of [`History::apply`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use kapea::domain::ids::{ReportId, StaffId, TeamId};
use kapea::service::accounts::Caller;
use kapea::service::admin::Leaving;
use kapea::service::rotation::hand;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::TestApp;
use crate::support::app::{Settled, apart};
use crate::support::staff::{Person, Session};
use crate::support::truth::{Holder, Truth};

const CASES: u32 = 64;
const ACTS: usize = 20;
pub const EXTRA: &[(&str, &str)] = &[("forms", "officials_channel = \"officials\"")];

/// Caseworkers by team; leads first. The last ones of each team wait to be let in.
const TEAMS: [(&str, &[(&str, bool)]); 2] = [
    (
        "Hotline",
        &[
            ("sokha", true),
            ("dara", false),
            ("rithy", true),
            ("vanna", false),
        ],
    ),
    ("Integrity", &[("bopha", true), ("piseth", false)]),
];
const MEMBERS: [&str; 3] = ["sokha", "dara", "bopha"];
const OTHERS: [&str; 3] = ["admin", "custodian", "auditor"];

/// Who or what an act is about: whatever is there at that place, counted around.
type Pick = usize;

#[derive(Debug, Clone)]
enum Act {
    /// A report, about officials or not.
    Submit(bool),
    /// Somebody lets somebody in.
    Admit {
        by: Pick,
        who: Pick,
    },
    /// An account is closed, for a leaver or because its keys may be known.
    Leave {
        who: Pick,
        compromised: bool,
    },
    Assign {
        by: Pick,
        report: Pick,
        to: Pick,
    },
    /// To oneself and whom the bits name.
    Restrict {
        by: Pick,
        report: Pick,
        others: u8,
    },
    Share {
        by: Pick,
        report: Pick,
    },
    Move {
        by: Pick,
        report: Pick,
    },
    Order {
        team: Pick,
    },
    /// Somebody's request carries a change on by one step, or by all of them.
    Slice {
        by: Pick,
    },
    Rotate {
        by: Pick,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let pick = || 0..64_usize;
    let act = prop_oneof![
        4 => any::<bool>().prop_map(Act::Submit),
        2 => (pick(), pick()).prop_map(|(by, who)| Act::Admit { by, who }),
        1 => (pick(), any::<bool>()).prop_map(|(who, compromised)| Act::Leave { who, compromised }),
        1 => (pick(), pick(), pick()).prop_map(|(by, report, to)| Act::Assign { by, report, to }),
        2 => (pick(), pick(), any::<u8>()).prop_map(|(by, report, others)| Act::Restrict { by, report, others }),
        2 => (pick(), pick()).prop_map(|(by, report)| Act::Share { by, report }),
        2 => (pick(), pick()).prop_map(|(by, report)| Act::Move { by, report }),
        2 => pick().prop_map(|team| Act::Order { team }),
        2 => pick().prop_map(|by| Act::Slice { by }),
        2 => pick().prop_map(|by| Act::Rotate { by }),
    ];
    proptest::collection::vec(act, 1..=ACTS)
}

/// How far somebody is with their team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Member,
    Gone,
}

#[derive(Debug)]
struct Worker {
    handle: &'static str,
    team: usize,
    lead: bool,
    standing: Standing,
}

/// Who may open a report.
#[derive(Debug, Clone, Default)]
struct Readers {
    teams: BTreeSet<usize>,
    people: BTreeSet<&'static str>,
    /// The one reader there was, whose account had to be closed at once: for their recovery code alone.
    kept: Option<&'static str>,
}

/// What should be.
struct Model {
    workers: Vec<Worker>,
    reports: BTreeMap<ReportId, Readers>,
}

/// What is.
struct History {
    app: TestApp,
    truth: Truth,
    admin: Session,
    sessions: BTreeMap<&'static str, Session>,
    holders: BTreeMap<&'static str, Holder>,
    teams: [TeamId; 2],
    model: Model,
}

impl Model {
    fn new() -> Self {
        let workers = TEAMS.iter().enumerate().flat_map(|(team, (_, people))| {
            people.iter().map(move |(handle, lead)| Worker {
                handle,
                team,
                lead: *lead,
                standing: if MEMBERS.contains(handle) {
                    Standing::Member
                } else {
                    Standing::Waiting
                },
            })
        });
        Self {
            workers: workers.collect(),
            reports: BTreeMap::new(),
        }
    }

    fn worker(&self, pick: Pick) -> &Worker {
        &self.workers[pick % self.workers.len()]
    }

    fn report(&self, pick: Pick) -> Option<ReportId> {
        let count = self.reports.len().max(1);
        self.reports.keys().nth(pick % count).copied()
    }

    /// Somebody and a report: three times in four a pair that may decide about it, so that histories get somewhere.
    fn pair(&self, by: Pick, report: Pick) -> Option<(Pick, ReportId)> {
        let may = |at: &(usize, ReportId)| self.decides(&self.workers[at.0], at.1);
        let pairs: Vec<_> = (0..self.workers.len())
            .flat_map(|at| self.reports.keys().map(move |report| (at, *report)))
            .filter(may)
            .collect();
        if by.is_multiple_of(4) || pairs.is_empty() {
            return Some((by, self.report(report)?));
        }
        Some(pairs[report % pairs.len()])
    }

    /// Somebody and somebody else, three times in four one who may let the other in.
    fn host_and_guest(&self, by: Pick, who: Pick) -> (Pick, Pick) {
        let count = self.workers.len();
        let pairs: Vec<_> = (0..count * count)
            .map(|at| (at / count, at % count))
            .filter(|(host, guest)| self.lets_in(*host, *guest))
            .collect();
        if by.is_multiple_of(4) || pairs.is_empty() {
            return (by, who);
        }
        pairs[who % pairs.len()]
    }

    fn lets_in(&self, host: Pick, guest: Pick) -> bool {
        let (host, guest) = (self.worker(host), self.worker(guest));
        host.standing == Standing::Member
            && guest.standing == Standing::Waiting
            && host.team == guest.team
    }

    fn may_read(&self, handle: &str, readers: &Readers) -> bool {
        let worker = self.workers.iter().find(|worker| worker.handle == handle);
        worker.is_some_and(|worker| {
            worker.standing == Standing::Member
                && (readers.teams.contains(&worker.team) || readers.people.contains(handle))
        })
    }

    /// What somebody can derive.
    fn derives(&self, handle: &str) -> BTreeSet<ReportId> {
        let may = |(_, readers): &(&ReportId, &Readers)| {
            self.may_read(handle, readers) || readers.kept == Some(handle)
        };
        let reports = self.reports.iter().filter(may);
        reports.map(|(report, _)| *report).collect()
    }

    /// Whether somebody leads and can open the report: only they decide who else may.
    fn decides(&self, worker: &Worker, report: ReportId) -> bool {
        worker.lead && self.may_read(worker.handle, &self.reports[&report])
    }

    fn is_last_reader(&self, handle: &str) -> bool {
        self.reports.values().any(|readers| {
            readers.teams.is_empty() && readers.people.len() == 1 && readers.people.contains(handle)
        })
    }
}

pub fn settled() -> &'static Settled {
    static SETTLED: OnceLock<Settled> = OnceLock::new();
    SETTLED.get_or_init(|| apart(settle))
}

/// Two teams, and everybody has an account.
async fn settle() -> Settled {
    let mut app = TestApp::start_with(EXTRA).await;
    let admin = app.sign_in("admin").await;
    admin.make_team("Integrity", &["officials"]).await;
    for (team, people) in TEAMS {
        let team = admin.team(team).await;
        for (handle, lead) in people {
            if ["sokha", "dara"].contains(handle) {
                continue;
            }
            let token = admin.invite(handle, "caseworker", Some(&team), *lead).await;
            let person = Person::join(&app.staff, &app.clock, &token, None).await;
            app.people.add(person);
        }
    }
    app.sign_in("custodian")
        .await
        .sign_charters(&app.clock)
        .await;
    app.settle()
}

impl History {
    async fn begin() -> Self {
        let app = settled().start(EXTRA);
        let mut truth = Truth::of(&app.database());
        let model = Model::new();
        let mut sessions = BTreeMap::new();
        for worker in &model.workers {
            sessions.insert(worker.handle, app.sign_in(worker.handle).await);
        }
        let everybody = sessions.keys().copied().chain(OTHERS);
        let holders = everybody
            .map(|handle| (handle, truth.holder(app.people.get(handle))))
            .collect();
        let teams = TEAMS.map(|(name, _)| {
            let sql = format!("SELECT lower(hex(id)) AS word FROM teams WHERE name = '{name}'");
            truth.words(&sql).remove(0).parse().unwrap()
        });
        Self {
            admin: app.sign_in("admin").await,
            holders,
            app,
            truth,
            sessions,
            teams,
            model,
        }
    }

    async fn caller(&self, session: &Session) -> Option<Caller> {
        let cookie = session.cookie.split("; ").next().unwrap();
        let cookie = cookie.split_once('=').unwrap().1;
        self.app.services.accounts.authenticate(cookie).await.ok()
    }

    /// Somebody as the server knows them; nobody who is gone has a session.
    async fn worker(&self, pick: Pick) -> Option<Caller> {
        let worker = self.model.worker(pick);
        let caller = self.caller(&self.sessions[worker.handle]).await;
        assert_eq!(
            caller.is_some(),
            worker.standing != Standing::Gone,
            "{worker:?}"
        );
        caller
    }

    fn staff(&self, handle: &str) -> StaffId {
        self.holders[handle].staff
    }

    /// Does it, says whether it was done, and has the model do the same.
    async fn apply(&mut self, act: &Act) {
        match *act {
            Act::Submit(officials) => self.submit(officials).await,
            Act::Admit { by, who } => self.admit(by, who).await,
            Act::Leave { who, compromised } => self.leave(who, compromised).await,
            Act::Assign { by, report, to } => self.assign(by, report, to).await,
            Act::Restrict { by, report, others } => self.restrict(by, report, others).await,
            Act::Share { by, report } => self.share(by, report, false).await,
            Act::Move { by, report } => self.share(by, report, true).await,
            Act::Order { team } => {
                let admin = self.caller(&self.admin).await.expect("an administrator");
                let team = self.teams[team % 2];
                self.app
                    .services
                    .rotation
                    .order(&admin, team)
                    .await
                    .unwrap();
            }
            Act::Slice { by } => {
                if let Some(caller) = self.worker(by).await {
                    let hand = hand(&caller).expect("a caseworker");
                    self.app.services.rotation.slice(&hand).await.unwrap();
                }
            }
            Act::Rotate { by } => self.rotate(by).await,
        }
    }

    async fn submit(&mut self, officials: bool) {
        let mut answers = vec![("danger", "over"), ("account", "told-once")];
        if officials {
            answers.push(("barred", "officials"));
        }
        self.app.reporter("en").file(&answers).await;
        let reports = self
            .truth
            .words("SELECT lower(hex(id)) AS word FROM reports");
        let reports = reports.iter().map(|id| id.parse::<ReportId>().unwrap());
        for report in reports {
            self.model.reports.entry(report).or_insert_with(|| Readers {
                teams: BTreeSet::from([usize::from(officials)]),
                ..Readers::default()
            });
        }
    }

    async fn admit(&mut self, by: Pick, who: Pick) {
        let (by, who) = self.model.host_and_guest(by, who);
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let (host, guest) = (self.model.worker(by), self.model.worker(who));
        let expected = self.model.lets_in(by, who);
        let admission = &self.app.services.admission;
        let (staff, team) = (self.staff(guest.handle), self.teams[guest.team]);
        let waiting = admission.waiting(&caller).await.unwrap();
        let fingerprint = waiting.iter().find(|known| known.staff == staff);
        let fingerprint = fingerprint.map_or_else(String::new, |known| known.fingerprint.clone());
        let session = &self.sessions[host.handle];
        let code = session.code(&self.app.clock).await;
        let done = admission
            .approve(&caller, staff, team, &fingerprint, &code)
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            let count = self.model.workers.len();
            self.model.workers[who % count].standing = Standing::Member;
        }
    }

    async fn leave(&mut self, who: Pick, compromised: bool) {
        let worker = self.model.worker(who);
        if worker.standing == Standing::Gone {
            return;
        }
        // What nobody else can read stays theirs if their key may be known: closing must not wait.
        let expected = compromised || !self.model.is_last_reader(worker.handle);
        let (handle, staff) = (worker.handle, self.staff(worker.handle));
        // Takes a copy of every key they hold by now.
        self.truth.learn(self.holders.get_mut(handle).unwrap());
        let admin = self.caller(&self.admin).await.expect("an administrator");
        let services = &self.app.services;
        let how = Leaving {
            compromised,
            lose_reports: true,
        };
        let done = services.admin.disable(&admin, staff, how).await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            let count = self.model.workers.len();
            self.model.workers[who % count].standing = Standing::Gone;
            for readers in self.model.reports.values_mut() {
                let is_last = readers.teams.is_empty() && readers.people.len() == 1;
                if readers.people.remove(handle) && is_last {
                    readers.kept = Some(handle);
                }
            }
        }
    }

    async fn assign(&mut self, by: Pick, report: Pick, to: Pick) {
        let Some((by, report)) = self.model.pair(by, report) else {
            return;
        };
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let (lead, heir) = (self.model.worker(by), self.model.worker(to));
        let expected = self.model.decides(lead, report)
            && self
                .model
                .may_read(heir.handle, &self.model.reports[&report]);
        let triage = &self.app.services.triage;
        let done = triage
            .assign(&caller, report, self.staff(heir.handle))
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
    }

    async fn restrict(&mut self, by: Pick, report: Pick, others: u8) {
        let Some((by, report)) = self.model.pair(by, report) else {
            return;
        };
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let lead = self.model.worker(by);
        let expected = self.model.decides(lead, report);
        let is_named = |(at, worker): &(usize, &Worker)| {
            let is_teammate = worker.team == lead.team && worker.standing == Standing::Member;
            worker.handle == lead.handle || (is_teammate && others & (1 << at) != 0)
        };
        let workers = self.model.workers.iter().enumerate();
        let people: BTreeSet<_> = workers.filter(is_named).map(|(_, w)| w.handle).collect();
        let staff: Vec<_> = people.iter().map(|handle| self.staff(handle)).collect();
        let sql =
            format!("SELECT CAST(version AS TEXT) AS word FROM reports WHERE id = X'{report}'");
        let version = self.truth.words(&sql)[0].parse().unwrap();
        let triage = &self.app.services.triage;
        let done = triage
            .restrict(&caller, report, version, &staff, "a reason")
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            let teams = BTreeSet::new();
            self.model.reports.insert(
                report,
                Readers {
                    teams,
                    people,
                    kept: None,
                },
            );
        }
    }

    async fn share(&mut self, by: Pick, report: Pick, moves: bool) {
        let Some((by, report)) = self.model.pair(by, report) else {
            return;
        };
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let lead = self.model.worker(by);
        let (from, to) = (lead.team, 1 - lead.team);
        // A restricted report stays with those who were named.
        let is_restricted = !self.model.reports[&report].people.is_empty();
        let expected = self.model.decides(lead, report) && !is_restricted;
        let triage = &self.app.services.triage;
        let done = triage
            .share(&caller, report, self.teams[to], moves, "a reason")
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            let readers = self.model.reports.get_mut(&report).unwrap();
            readers.teams.insert(to);
            if moves {
                readers.teams.remove(&from);
            }
        }
    }

    async fn rotate(&mut self, by: Pick) {
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let hand = hand(&caller).expect("a caseworker");
        self.app.services.rotation.run(&hand, 8).await.unwrap();
        let worker = self.model.worker(by);
        if worker.standing == Standing::Member {
            let team = self.teams[worker.team];
            let open = format!("rotations WHERE state <> 'done' AND team = X'{team}'");
            assert_eq!(self.truth.count(&open), 0, "a change was not carried out");
        }
    }

    /// Everybody derives what the model says, no less and no more.
    fn assert_keys(&mut self) {
        for (handle, holder) in &mut self.holders {
            let expected = self.model.derives(handle);
            let found = self.truth.derives(holder);
            assert_eq!(found, expected, "what {handle} can derive");
            let worker = self.model.workers.iter().find(|w| w.handle == *handle);
            let kept = self.truth.learn(holder);
            match worker {
                Some(Worker {
                    team,
                    standing: Standing::Gone,
                    ..
                }) => {
                    let id = self.teams[*team];
                    let open = format!("rotations WHERE state <> 'done' AND team = X'{id}'");
                    let may_linger = self.truth.count(&open) > 0;
                    let follows = kept != expected;
                    assert!(!follows || may_linger, "{handle} left and follows");
                }
                _ => assert_eq!(kept, expected, "what {handle} kept opens more"),
            }
        }
    }

    /// The server shows what the model says, and of the rest nothing.
    async fn assert_front_door(&self) {
        for worker in &self.model.workers {
            let session = &self.sessions[worker.handle];
            let queue = session.get("/queue").await;
            if worker.standing == Standing::Gone {
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
        for report in self.model.reports.keys() {
            self.admin.read(&report.to_string()).await.expect(404);
        }
    }
}

async fn run(acts: &[Act]) {
    let mut history = History::begin().await;
    history.assert_keys();
    for act in acts {
        history.apply(act).await;
        history.assert_keys();
    }
    history.assert_front_door().await;
}

fn cases() -> u32 {
    std::env::vars()
        .find(|(name, _)| name == "KAPEA_MATRIX_CASES")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(CASES)
}

#[test]
fn who_can_derive_which_key_is_what_the_model_says_after_every_act() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_time: 120_000,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&acts(), |acts| {
        runtime.block_on(run(&acts));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

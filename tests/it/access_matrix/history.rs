//! What is: a running office, and each act as somebody does it.

use std::collections::{BTreeMap, BTreeSet};

use kapea::domain::ids::{ReportId, StaffId, TeamId};
use kapea::seal::opening::OpenGrant;
use kapea::service::accounts::Caller;
use kapea::service::admin::Leaving;
use kapea::service::keyring::MemberKeys;

use super::fixture::{self, LONG, OTHERS, TEAMS, office};
use super::model::{Model, Pick, Readers, Standing, Worker};
use super::{Act, Done};
use crate::support::TestApp;
use crate::support::oracle::{Holder, Oracle};
use crate::support::staff::Session;

pub struct History {
    pub app: TestApp,
    pub truth: Oracle,
    pub admin: Session,
    /// Of those who have done something.
    pub sessions: BTreeMap<&'static str, Session>,
    pub staff: BTreeMap<&'static str, StaffId>,
    /// Everybody who has a secret now.
    pub holders: BTreeMap<&'static str, Holder>,
    /// Secrets that were renewed or reset.
    pub former: Vec<Former>,
    /// The recovery key.
    pub recovery: Holder,
    /// Reports' keys as somebody compromised has them.
    pub copies: Vec<OpenGrant>,
    /// Invitations of those whose accounts were reset.
    pub tokens: BTreeMap<&'static str, String>,
    pub shredded: Vec<ReportId>,
    pub teams: [TeamId; 2],
    pub model: Model,
    pub done: Done,
}

/// A secret that is nobody's any more, and the copies that were made with it.
pub struct Former {
    pub handle: &'static str,
    pub holder: Holder,
    pub team: usize,
    /// The team's newest key that it opened; 0 for none.
    pub generation: i64,
}

impl History {
    pub async fn begin() -> Self {
        let office = office();
        let app = office.settled.start(LONG);
        app.leaves_undone("a history ends anywhere, perhaps with nobody who could carry on");
        let mut truth = Oracle::of(&app.database());
        let model = Model::new();
        let workers = model.workers.iter().map(|worker| worker.handle);
        let everybody = workers.chain(OTHERS);
        let holders: BTreeMap<_, _> = everybody
            .map(|handle| (handle, truth.holder(app.people.get(handle))))
            .collect();
        let teams = TEAMS.map(|(name, _)| {
            let sql = format!("SELECT lower(hex(id)) AS word FROM teams WHERE name = '{name}'");
            truth.words(&sql).remove(0).parse().unwrap()
        });
        Self {
            admin: fixture::log_in(&app, app.people.get("admin")).await,
            staff: holders
                .iter()
                .map(|(name, one)| (*name, one.staff))
                .collect(),
            holders,
            former: Vec::new(),
            recovery: Holder::of(StaffId::from_bytes([0; 16]), &office.seed),
            copies: Vec::new(),
            tokens: BTreeMap::new(),
            shredded: Vec::new(),
            done: Done::new(),
            app,
            truth,
            sessions: BTreeMap::new(),
            teams,
            model,
        }
    }

    pub fn did(&mut self, act: &'static str) {
        *self.done.entry(act).or_default() += 1;
    }

    pub async fn caller(&self, session: &Session) -> Option<Caller> {
        fixture::caller(&self.app, session).await
    }

    /// Somebody as the server knows them, signed in if they have not been; nobody who has no account has a session.
    pub async fn worker(&mut self, pick: Pick) -> Option<Caller> {
        let worker = self.model.worker(pick);
        let handle = worker.handle;
        let expected = matches!(worker.standing, Standing::Waiting | Standing::Member);
        if expected && !self.sessions.contains_key(handle) {
            let session = fixture::log_in(&self.app, self.app.people.get(handle)).await;
            self.sessions.insert(handle, session);
        }
        let session = self.sessions.get(handle)?;
        let caller = self.caller(session).await;
        assert_eq!(caller.is_some(), expected, "{handle}");
        caller
    }

    pub fn staff(&self, handle: &str) -> StaffId {
        self.staff[handle]
    }

    pub fn version(&mut self, report: ReportId) -> i64 {
        let sql =
            format!("SELECT CAST(version AS TEXT) AS word FROM reports WHERE id = X'{report}'");
        self.truth.words(&sql)[0].parse().unwrap()
    }

    /// Does it, says whether it was done, and has the model do the same.
    pub async fn apply(&mut self, act: &Act) {
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
                    let hand = MemberKeys::of(&caller).expect("a caseworker");
                    self.app.services.rotation.slice(&hand).await.unwrap();
                    self.model.came_by(by);
                }
            }
            Act::Rotate { by } => self.rotate(by).await,
            Act::Rekey { by } => self.rekey(by).await,
            Act::Reset { who, accept } => self.reset(who, accept).await,
            Act::Join { who } => self.join(who).await,
            Act::Renew { who } => self.renew(who).await,
            Act::Opt { by } => self.opt(by).await,
            Act::Recover { who } => self.recover(who),
            Act::Shred { by, report, second } => self.shred(by, report, second).await,
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
        let by = self.model.host(by, who);
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
            let guest = self.model.worker_mut(who);
            guest.lead = guest.should_lead;
            self.model.stand(who, Standing::Member);
            self.did("admit");
        }
    }

    async fn leave(&mut self, who: Pick, compromised: bool) {
        let is_named = |worker: &Worker| {
            let mut reports = self.model.reports.values();
            reports
                .any(|readers| readers.people.len() > 1 && readers.people.contains(worker.handle))
        };
        let who = if compromised {
            self.model.one_who(who, is_named)
        } else {
            who
        };
        let worker = self.model.worker(who);
        if worker.standing == Standing::Gone {
            return;
        }
        // What nobody else can read stays theirs if their key may be known: closing must not wait.
        let expected = compromised || !self.model.is_last_reader(worker.handle);
        let (handle, staff) = (worker.handle, self.staff(worker.handle));
        // Takes a copy of every key they hold by now.
        let mut copies = Vec::new();
        if let Some(holder) = self.holders.get_mut(handle) {
            copies = self.truth.copies(holder);
        }
        let admin = self.caller(&self.admin).await.expect("an administrator");
        let services = &self.app.services;
        let how = Leaving {
            compromised,
            lose_reports: true,
        };
        let done = services.admin.disable(&admin, staff, how).await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            self.model.stand(who, Standing::Gone);
            for (report, readers) in &mut self.model.reports {
                let is_last = readers.teams.is_empty() && readers.people.len() == 1;
                if !readers.people.remove(handle) {
                    continue;
                }
                if is_last {
                    readers.kept = Some(handle);
                } else if compromised {
                    self.model.rekeys.insert(*report);
                    let theirs = copies.extract_if(.., |copy| copy.report() == *report);
                    self.copies.extend(theirs);
                }
            }
            self.did("leave");
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
        let version = self.version(report);
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
            self.assert_rekeyed(report);
            self.did("restrict");
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
            self.did(if moves { "move" } else { "share" });
        }
    }

    async fn rotate(&mut self, by: Pick) {
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let hand = MemberKeys::of(&caller).expect("a caseworker");
        self.app.services.rotation.run(&hand, 8).await.unwrap();
        self.model.came_by(by);
        let worker = self.model.worker(by);
        if worker.standing == Standing::Member {
            let team = self.teams[worker.team];
            let open = format!("rotations WHERE state <> 'done' AND team = X'{team}'");
            assert_eq!(self.truth.count(&open), 0, "a change was not carried out");
        }
    }
}

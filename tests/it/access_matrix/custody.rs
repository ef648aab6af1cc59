//! The acts of custody: accounts that begin anew, renewed keys, the recovery key, destroyed reports.

use kapea::domain::ids::ProposalId;
use kapea::seal::keys::StaffKeys;
use kapea::service::keyring::MemberKeys;
use kapea::service::own_change::OwnChange;
use kapea::service::pending::TypedBack;
use kapea::service::recovery::ceremony;
use kapea::service::triage::Ask;
use secrecy::{ExposeSecret as _, SecretString};

use super::fixture::{TEAMS, log_in, office};
use super::history::{Former, History};
use super::model::{Pick, Standing, Worker};
use crate::support::staff::Person;

impl History {
    pub async fn rekey(&mut self, by: Pick) {
        let due = &self.model.rekeys;
        let reads = |worker: &Worker| !self.model.derives(worker.handle).is_disjoint(due);
        let by = self.model.one_who(by, reads);
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let hand = MemberKeys::of(&caller).expect("a caseworker");
        self.app.services.rotation.rekey_all(&hand).await.unwrap();
        let mine = self.model.derives(self.model.worker(by).handle);
        let due: Vec<_> = self.model.rekeys.intersection(&mine).copied().collect();
        for report in due {
            self.assert_rekeyed(report);
            self.did("rekey");
        }
    }

    pub async fn reset(&mut self, who: Pick, accept: bool) {
        let worker = self.model.worker(who);
        let (handle, team) = (worker.handle, worker.team);
        let has_account = matches!(worker.standing, Standing::Waiting | Standing::Member);
        let would_lose = self.model.is_last_reader(handle);
        let expected = has_account && !would_lose && (accept || !self.model.is_alone(worker));
        let admin = self.caller(&self.admin).await.expect("an administrator");
        let code = self.admin.code(&self.app.clock).await;
        let staff = self.staff(handle);
        let admins = &self.app.services.admin;
        let done = admins.reset(&admin, None, staff, accept, &code).await;
        assert_eq!(done.is_ok(), expected, "{handle}: {:?}", done.err());
        let Ok(invitation) = done else { return };
        let token = invitation.token.expose_secret().to_owned();
        self.tokens.insert(handle, token);
        self.forget(handle, team);
        self.model.stand(who, Standing::Invited);
        for readers in self.model.reports.values_mut() {
            readers.people.remove(handle);
        }
        self.did("reset");
    }

    /// From here on somebody's secret is a former one. The keys that it opened were copied after the act before.
    fn forget(&mut self, handle: &'static str, team: usize) {
        let holder = self.holders.remove(handle).expect("somebody with a secret");
        let newest = format!(
            "SELECT CAST(max(generation) AS TEXT) AS word FROM keys WHERE kind = 'team' AND owner = X'{}'",
            self.teams[team]
        );
        let generation = self.truth.words(&newest)[0].parse().unwrap();
        self.former.push(Former {
            handle,
            holder,
            team,
            generation,
        });
    }

    pub async fn join(&mut self, who: Pick) {
        let invited = |worker: &Worker| worker.standing == Standing::Invited;
        let who = self.model.one_who(who | 1, invited);
        if !invited(self.model.worker(who)) {
            return;
        }
        let handle = self.model.worker(who).handle;
        let token = self.tokens.remove(handle).expect("an invitation");
        let person = Person::join(&self.app.staff, &self.app.clock, &token, None).await;
        assert_eq!(person.handle, handle);
        self.model.stand(who, Standing::Waiting);
        self.begin_anew(handle, &person).await;
        self.did("join");
    }

    async fn begin_anew(&mut self, handle: &'static str, person: &Person) {
        let session = log_in(&self.app, person).await;
        self.sessions.insert(handle, session);
        self.holders.insert(handle, self.truth.holder(person));
    }

    pub async fn renew(&mut self, who: Pick) {
        let Some(caller) = self.worker(who).await else {
            return;
        };
        let worker = self.model.worker(who);
        let (handle, team) = (worker.handle, worker.team);
        let mut person = self.sessions[handle].person.clone();
        let code = person.code(&self.app.clock).await;
        let passphrase = SecretString::from(person.passphrase.clone());
        let accounts = &self.app.services.accounts;
        let new = accounts
            .own_code(&caller, OwnChange::Key, "")
            .await
            .unwrap();
        let back = TypedBack {
            kept: &new.kept,
            passphrase,
            code: &code,
            recovery: new.printed.clone(),
        };
        accounts
            .change_own(&caller, OwnChange::Key, back)
            .await
            .unwrap();
        new.printed
            .expose_secret()
            .clone_into(&mut person.recovery_code);
        let old = self.caller(&self.sessions[handle]).await;
        assert!(old.is_none(), "a session of {handle} outlived the renewal");
        self.forget(handle, team);
        self.begin_anew(handle, &person).await;
        self.did("renew");
    }

    pub async fn opt(&mut self, by: Pick) {
        let by = self.model.one_who(by, |worker| worker.lead);
        let Some(caller) = self.worker(by).await else {
            return;
        };
        let worker = self.model.worker(by);
        let (team, expected) = (
            worker.team,
            worker.lead && worker.standing == Standing::Member,
        );
        let on = self.model.recovery[team].is_off;
        let code = self.sessions[worker.handle].code(&self.app.clock).await;
        let recovery = &self.app.services.recovery;
        let done = recovery
            .set_team(&caller, self.teams[team], on, &code)
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if expected {
            let recovery = &mut self.model.recovery[team];
            recovery.is_off = !on;
            recovery.is_wrapped &= on;
            self.did(if on { "opt-in" } else { "opt" });
        }
    }

    pub fn recover(&mut self, who: Pick) {
        let waits = |worker: &Worker| {
            worker.standing == Standing::Waiting && self.model.recovery[worker.team].is_wrapped
        };
        let who = self.model.one_who(who, waits);
        let worker = self.model.worker(who);
        let expected = waits(worker);
        let (team, _) = TEAMS[worker.team];
        let context = self.app.beside();
        let asked = (&context.authority, context.clock.now());
        let request = context
            .store
            .blocking(|conn| ceremony::request(conn, asked, team, worker.handle));
        assert_eq!(request.is_ok(), expected, "{worker:?}: {request:?}");
        let Ok(request) = request else { return };
        let keys: StaffKeys = office().combine(who);
        let answer = ceremony::answer(&request, &keys).unwrap();
        context
            .blocking_write(|txn| ceremony::apply_in_txn(txn, &answer))
            .unwrap();
        let leads = self.model.lead(self.model.worker(who).team).is_none();
        self.model.worker_mut(who).lead = leads;
        self.model.stand(who, Standing::Member);
        self.did("recover");
    }

    pub async fn shred(&mut self, by: Pick, report: Pick, second: Pick) {
        let Some((by, report)) = self.model.pair(by, report) else {
            return;
        };
        let Some(first) = self.worker(by).await else {
            return;
        };
        let lead = self.model.worker(by).handle;
        let expected = self.model.decides(self.model.worker(by), report);
        let version = self.version(report);
        let triage = self.app.services.triage.clone();
        let done = triage
            .propose(&first, report, version, Ask::Shred, "a reason")
            .await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if !expected {
            return;
        }
        let approves = |worker: &Worker| {
            let readers = &self.model.reports[&report];
            worker.handle != lead && self.model.may_read(worker.handle, readers)
        };
        let second = self.model.one_who(second, approves);
        let expected = approves(self.model.worker(second));
        let sql =
            format!("SELECT lower(hex(id)) AS word FROM proposals WHERE report = X'{report}'");
        let id: ProposalId = self.truth.words(&sql).remove(0).parse().unwrap();
        let Some(other) = self.worker(second).await else {
            triage.refuse(&first, report, id).await.unwrap();
            return;
        };
        let session = &self.sessions[self.model.worker(second).handle];
        let code = session.code(&self.app.clock).await;
        let version = self.version(report);
        let done = triage.approve(&other, report, version, id, &code).await;
        assert_eq!(done.is_ok(), expected, "{done:?}");
        if !expected {
            triage.refuse(&first, report, id).await.unwrap();
            return;
        }
        self.model.reports.remove(&report);
        self.model.rekeys.remove(&report);
        self.copies.retain(|copy| copy.report() != report);
        self.shredded.push(report);
        self.assert_shredded();
        self.did("shred");
    }
}

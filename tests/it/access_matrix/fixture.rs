//! The office that every history begins in.

use std::sync::OnceLock;

use kapea::seal::keys::{Seed, StaffKeys};
use kapea::seal::recovery::share::Share;
use kapea::seal::recovery::{Pile, RecoveryPublic, split};
use kapea::service::accounts::Caller;
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::TestApp;
use crate::support::app::{Settled, apart};
use crate::support::staff::{Person, Session};

pub const EXTRA: &[(&str, &str)] = &[("forms", "officials_channel = \"officials\"")];
/// The same, with sessions that outlive a history.
pub const LONG: &[(&str, &str)] = &[
    ("forms", "officials_channel = \"officials\""),
    ("limits", "session_idle_minutes = 720"),
];

/// Caseworkers by team; leads first. The last ones of each team wait to be let in.
pub const TEAMS: [(&str, &[(&str, bool)]); 2] = [
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
pub const MEMBERS: [&str; 3] = ["sokha", "dara", "bopha"];
pub const OTHERS: [&str; 3] = ["admin", "custodian", "auditor"];

/// An office with a recovery key in force, to which no member has wrapped anything yet.
pub struct Office {
    pub settled: Settled,
    /// As the shares come to it.
    pub seed: Seed,
    public: RecoveryPublic,
    /// As they are printed.
    shares: Vec<Vec<String>>,
}

impl Office {
    /// The recovery key, from two of its three shares.
    pub fn combine(&self, without: usize) -> StaffKeys {
        let mut pile = Pile::new(self.public.clone());
        for lines in &self.shares[without % 2..][..2] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            pile.add(Share::parse(&lines).unwrap()).unwrap();
        }
        pile.combine().unwrap()
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
pub fn office() -> &'static Office {
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| apart(found))
}

/// The custodian makes a recovery key of three shares and signs it.
async fn found() -> Office {
    let app = settled().start(LONG);
    let seed = Seed::random();
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&seed));
    let shares = split(&seed, 2, 3).unwrap();
    let shares = shares
        .iter()
        .map(Share::lines)
        .map(|lines| lines.iter().map(|line| line.to_string()).collect())
        .collect();
    let custodian = log_in(&app, app.people.get("custodian")).await;
    let caller = caller(&app, &custodian).await.unwrap();
    let recovery = &app.services.recovery;
    let code = custodian.code(&app.clock).await;
    recovery
        .register(&caller, &public.to_string(), &code)
        .await
        .unwrap();
    let known = recovery.overview(&caller).await.unwrap().keys.remove(0);
    let fingerprint = known.fingerprint.unwrap();
    assert_eq!(fingerprint, public.fingerprint());
    let code = custodian.code(&app.clock).await;
    recovery
        .sign(&caller, known.key, &fingerprint, &code)
        .await
        .unwrap();
    Office {
        settled: app.settle(),
        seed,
        public,
        shares,
    }
}

/// Signs in without opening a page: a request would carry on what waits for the person's keys.
pub async fn log_in(app: &TestApp, person: &Person) -> Session {
    let accounts = &app.services.accounts;
    let code = person.code(&app.clock).await;
    let (ticket, passphrase) = (accounts.login_ticket().await, person.passphrase.clone());
    let passphrase = SecretString::from(passphrase);
    let new = accounts
        .login(&[], &ticket, &person.handle, passphrase, &code)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", person.handle));
    Session {
        site: app.staff.clone(),
        person: person.clone(),
        cookie: format!("kapea={}", new.cookie.expose_secret()),
        csrf: String::new(),
    }
}

pub async fn caller(app: &TestApp, session: &Session) -> Option<Caller> {
    let (_, cookie) = session.cookie.split_once('=').unwrap();
    app.services.accounts.authenticate(cookie, true).await.ok()
}

//! A whole Kapea in this process: real files, real ports, time that is moved by hand, mail that stays in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use kapea::app::{Application, Parts, Reloader};
use kapea::cli::{Invitee, invite};
use kapea::config::{Config, Environment, MailConfig};
use kapea::domain::clock::{Clock, Timestamp};
use kapea::domain::ids::KeyId;
use kapea::domain::pulse::Process;
use kapea::domain::roles::{self, Roles};
use kapea::domain::staff::{Role, UnlockMethod};
use kapea::domain::suite::Suite;
use kapea::domain::swap::Swap;
use kapea::mail::Transport;
use kapea::mail::memory::Memory;
use kapea::seal::credentials::Credentials;
use kapea::seal::keys::{Identity, StaffKeys};
use kapea::seal::recovery_code;
use kapea::seal::unlock::{self, Unlock};
use kapea::seal::witness::WitnessRecord;
use kapea::service::audit_log::{AuditBody, AuditLog};
use kapea::service::keyring;
use kapea::service::txn::Txn;
use kapea::service::{Bulkheads, Context, Services};
use kapea::store::StoreError;
use kapea::store::{self, Location, Store};
use kapea::witness::Witness;
use kapea::worker::Worker;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::client::Site;
pub use super::folder::{copy, make_private, private_folder};
use super::reporter::Reporter;
use super::staff::{Person, Session};
use super::{log, plans, settings};

/// 2026-11-23, half a minute before seven past nine UTC: for one of the codes that setting up takes, time must go on.
pub const START: Timestamp = Timestamp::from_seconds(1_795_392_000 + 9 * 3_600 + 6 * 60 + 30);

/// A running service. It stops when dropped, and must owe nobody anything then; see [`super::owed`].
pub struct TestApp {
    pub folder: TempDir,
    pub clock: Clock,
    /// Of which suite new keys are.
    suite: Suite,
    pub mail: Memory,
    pub worker: Arc<Worker>,
    pub public: Site,
    pub staff: Site,
    pub health: Site,
    pub people: People,
    pub services: Services,
    /// The running service's.
    context: Context,
    pub store: Store,
    /// Who is told of what.
    pub(super) lists: MailConfig,
    pub(super) leaves: OnceLock<&'static str>,
    reloader: Arc<Reloader>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Who works in a settled installation.
#[derive(Debug, Clone, Default)]
pub struct People(Vec<Person>);

/// An installation in which everything has been set up, kept as a folder to copy.
pub struct Settled {
    folder: TempDir,
    people: People,
    now: Timestamp,
}

/// An installation that `kapea init` has just made: nobody has joined.
pub struct Founded {
    pub app: TestApp,
    pub administrator: String,
    pub custodian: String,
}

impl People {
    #[track_caller]
    pub fn get(&self, handle: &str) -> &Person {
        self.0
            .iter()
            .find(|person| person.handle == handle)
            .unwrap_or_else(|| panic!("nobody is called {handle}"))
    }

    pub fn add(&mut self, person: Person) {
        self.0.push(person);
    }

    pub fn all(&self) -> &[Person] {
        &self.0
    }
}

/// What a test sets apart from the usual: lines of TOML by section.
pub type Extra<'a> = &'a [(&'a str, &'a str)];

impl TestApp {
    /// A service in which people are set up and the form is open: `admin`, `custodian`, `sokha` (leads), `dara`, `auditor`.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with other settings.
    pub async fn start_with(extra: Extra<'_>) -> Self {
        static SETTLED: OnceLock<Settled> = OnceLock::new();
        // The first one here sets everything up, in a thread of its own, and the others wait for it.
        let settled = SETTLED.get_or_init(|| apart(settle));
        settled.start(extra)
    }

    /// A service over a folder that is there, at that time, with those who work in it.
    pub fn of(folder: TempDir, now: Timestamp, people: Vec<Person>) -> Self {
        let mut app = Self::over(folder, (Clock::manual(now), Suite::NEWEST), &[]);
        app.people = People(people);
        app
    }

    /// A new installation in which nobody has joined.
    pub async fn founded() -> Founded {
        found()
    }

    fn over(folder: TempDir, (clock, suite): (Clock, Suite), extra: Extra<'_>) -> Self {
        log::capture();
        plans::listen();
        let config = configuration(folder.path(), extra);
        let mail = Memory::new();
        let parts = Parts {
            clock: clock.clone(),
            suite,
            transport: Some(Transport::Memory(mail.clone())),
            swap: None,
            demo: None,
        };
        let mut app = Application::build(&config, parts).expect("an application");
        let worker = app.take_worker().expect("the worker's role is on");
        let services = app.services().clone();
        let context = app.context().clone();
        let store = context.store.clone();
        store.say_disk(Some(crate::disk::PLENTY));
        let reloader = app.reloader();
        let public = Site::new(app.public_address().expect("a port"));
        let staff = Site::new(app.staff_address().expect("a port"));
        let health = Site::new(app.health_address().expect("a port"));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                app.run(async {
                    // An error is the sender gone, which is a stop as well.
                    drop(stopped.await);
                })
                .await
                .expect("ran");
            });
        });
        Self {
            folder,
            clock,
            suite,
            mail,
            worker,
            public,
            staff,
            health,
            people: People::default(),
            services,
            context,
            store,
            lists: config.mail,
            leaves: OnceLock::new(),
            reloader,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Stops the service and keeps it as it is, to begin from many times.
    pub fn settle(mut self) -> Settled {
        let (people, now) = (std::mem::take(&mut self.people), self.clock.now());
        Settled {
            folder: self.stop(),
            people,
            now,
        }
    }

    /// A folder with this form of the operator's own, and the setting of `[forms]` that names it.
    pub fn forms_folder(&self, form: &str) -> (PathBuf, String) {
        let folder = self.folder.path().join("forms");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("report.toml"), form).expect("written");
        let setting = format!("directory = {folder:?}");
        (folder, setting)
    }

    /// The same folder under a new process: what was in memory is gone.
    pub fn restarted(mut self, extra: Extra<'_>) -> Self {
        let people = std::mem::take(&mut self.people);
        let at = (self.clock.clone(), self.suite);
        let mut app = Self::over(self.stop(), at, extra);
        app.people = people;
        app
    }

    /// The same under a release that makes new keys of that suite.
    pub fn upgraded(mut self, suite: Suite) -> Self {
        self.suite = suite;
        self.restart()
    }

    /// The same under a new process, when nothing outside the database remembers what was seen.
    pub fn unwitnessed(self, extra: Extra<'_>) -> Self {
        let text = std::fs::read_to_string(self.folder.path().join("credentials.toml"));
        let credentials = Credentials::parse(&text.expect("read")).expect("credentials");
        let installation = self.store.blocking(store::installation_find);
        let record = WitnessRecord::new(installation.expect("read").expect("an installation"));
        let folder = self.folder.path().join("data/witness");
        Witness::create(&folder, &credentials.witness_keys(), &record).expect("a witness");
        self.restarted(extra)
    }

    /// One writing transaction of the running service.
    pub fn within<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.context.blocking_write(work)
    }

    /// What the service does every minute with the keys of forms.
    pub async fn tend_tickets(&self) {
        self.context.tend_tickets().await;
    }

    /// What the service does every minute to see how it is, once a quarter hour.
    pub async fn sample(&self) {
        self.context.sample().await;
    }

    /// Where people wait for their turn.
    pub const fn lanes(&self) -> &Bulkheads {
        &self.context.bulkheads
    }

    /// What another process over the same folder works with, which listens nowhere.
    pub fn beside(&self) -> Context {
        let config = configuration(self.folder.path(), &[]);
        kapea::app::offline(&config, self.clock.clone()).expect("a second process")
    }

    /// The same as it is started, to do these things.
    pub fn process(&self, roles: &[roles::Role]) -> Context {
        let mut context = self.beside();
        context.process = Roles::of(roles).map(|roles| Process {
            roles,
            swap: Some(Swap::Possible),
        });
        context
    }

    /// The same with a clock of its own on the same machine.
    pub fn another_process(&self) -> Context {
        let config = configuration(self.folder.path(), &[]);
        let clock = self.clock.of_another_process();
        kapea::app::offline(&config, clock).expect("a second process")
    }

    /// A start of the machine after so many seconds without the service, with a clock that is then so many seconds ahead.
    pub fn started_again(mut self, after: i64, ahead: i64) -> Self {
        let hands = self.clock.clone();
        let (people, suite) = (std::mem::take(&mut self.people), self.suite);
        let folder = self.stop();
        hands.advance(after);
        hands.leap(ahead);
        let mut app = Self::over(folder, (hands.of_another_process(), suite), &[]);
        app.people = people;
        app
    }

    /// What the service does every minute about the machine's clock.
    pub async fn tend_clock(&self) {
        self.context.tend_clock().await;
    }

    /// What the service says of itself every minute.
    pub async fn beat(&self) {
        self.context.beat(None).await;
    }

    /// Stops the service and gives its folder.
    pub fn stop(mut self) -> TempDir {
        self.halt();
        std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"))
    }

    /// Stops the service and starts it again over the same folder, at the same time.
    pub fn restart(self) -> Self {
        self.restarted(&[])
    }

    /// Stops and starts again with other settings, which are in its file too from then on.
    pub fn again(self, extra: Extra<'_>) -> Self {
        let (at, people) = ((self.clock.clone(), self.suite), self.people.clone());
        let folder = self.stop();
        let file = folder.path().join("kapea.toml");
        let text = std::fs::read_to_string(&file).expect("a configuration");
        std::fs::write(&file, settings::with(&text, extra)).expect("written");
        let mut app = Self::over(folder, at, &[]);
        app.people = people;
        app
    }

    /// `true` if it ran until now.
    pub(super) fn halt(&mut self) -> bool {
        drop(self.stop.take());
        let thread = self.thread.take();
        thread.map(|thread| drop(thread.join())).is_some()
    }

    pub fn reporter(&self, lang: &'static str) -> Reporter {
        Reporter {
            site: self.public.clone(),
            lang,
        }
    }

    pub async fn sign_in(&self, handle: &str) -> Session {
        self.people
            .get(handle)
            .sign_in(&self.staff, &self.clock)
            .await
    }

    /// Somebody new in the team that the ordinary channel feeds, let in and ready.
    pub async fn new_caseworker(
        &mut self,
        admin: &Session,
        lead: &Session,
        handle: &str,
    ) -> Session {
        self.newcomer(admin, handle).await;
        assert_eq!(lead.admit_all(&self.clock).await, 1);
        self.sign_in(handle).await
    }

    /// A caseworker of the team whom nobody has let in yet.
    pub async fn newcomer(&mut self, admin: &Session, handle: &str) -> Session {
        let team = admin.team("Hotline").await;
        let token = admin.invite(handle, "caseworker", Some(&team), false).await;
        let person = Person::join(&self.staff, &self.clock, &token, None).await;
        self.people.add(person);
        self.sign_in(handle).await
    }

    /// What the service does when it is told that its files have changed. Names what is new, or says what is wrong.
    pub async fn reload(&self, extra: Extra<'_>) -> Result<Vec<String>, String> {
        let config = configuration(self.folder.path(), extra);
        let taken = self.reloader.take(config).await;
        taken.map_err(|error| format!("{error:#}"))
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/kapea.db")
    }

    /// One writing transaction of a use case, now.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (audit_log, now) = (self.audit_log(), self.clock.now());
        self.store
            .blocking_write(|conn| work(&mut Txn::new(&audit_log, conn.reborrow(), now)))
    }

    /// With a second team, Elsewhere, whose channel is that for officials and whose lead is signed in.
    pub async fn with_another_team() -> (Self, Session) {
        let app = Self::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
        let admin = app.sign_in("admin").await;
        let team = admin.make_team("Elsewhere", &["officials"]).await;
        let token = admin.invite("bopha", "caseworker", Some(&team), true).await;
        let bopha = Person::join(&app.staff, &app.clock, &token, None).await;
        let bopha = bopha.sign_in(&app.staff, &app.clock).await;
        (app, bopha)
    }

    pub fn audit_log(&self) -> AuditLog {
        let text = std::fs::read_to_string(self.folder.path().join("credentials.toml"));
        AuditLog::new(&Credentials::parse(&text.expect("read")).expect("credentials"))
    }

    /// What the entries of the trail after number `after` say, read with the auditor's recovery code.
    pub fn trail(&self, after: i64) -> Vec<AuditBody> {
        let rows = self
            .store
            .blocking(|conn| store::audit_after(conn, after, 10_000));
        let (audit_log, keys) = (self.audit_log(), self.audit_keys());
        rows.expect("a trail")
            .iter()
            .map(|row| {
                audit_log
                    .read_with(row, &keys)
                    .expect("an entry that opens")
            })
            .collect()
    }

    /// The keys of the auditors' team, as far as the auditor holds them.
    pub fn audit_keys(&self) -> Vec<(KeyId, Identity)> {
        let Some(code) = self.people.0.iter().find(|one| one.handle == "auditor") else {
            return Vec::new();
        };
        let code = recovery_code::parse(&code.recovery_code).expect("a code");
        self.store
            .blocking(|conn| {
                let staff = store::staff_by_handle(conn, "auditor")?.expect("an auditor");
                let row = store::unlock_find(conn, staff.id, UnlockMethod::Recovery)?;
                let row = row.expect("a recovery code");
                let sealed = Unlock {
                    salt: row.salt,
                    pepper_version: row.pepper_version,
                    sealed: row.sealed,
                };
                let secret = unlock::open_with_recovery(&sealed, &code, staff.id).expect("opens");
                let own = StaffKeys::from_seed(&secret.seed);
                let key = store::keys_of_staff(conn, staff.id)?.pop().expect("a key");
                let own = (key.id, own.identity());
                Ok::<_, StoreError>(keyring::beneath(conn, own, |_| true)?.identities())
            })
            .expect("a database")
    }

    /// Addresses that have been written to since the last look, in order.
    pub fn mailed(&self) -> Vec<String> {
        let mut to: Vec<String> = self
            .mail
            .take()
            .iter()
            .map(|message| message.to().as_str().to_owned())
            .collect();
        to.sort();
        to
    }

    /// Moves time on and does what is due then.
    pub async fn later(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.worker.step().await;
    }
}

impl Settled {
    /// A copy of it that runs.
    pub fn start(&self, extra: Extra<'_>) -> TestApp {
        let folder = private_folder();
        copy(self.folder.path(), folder.path());
        let mut app = TestApp::over(folder, (Clock::manual(self.now), Suite::NEWEST), extra);
        app.people = self.people.clone().apart();
        app
    }
}

impl People {
    /// With authenticators that do not share what they have used with those of another copy of the installation.
    pub fn apart(self) -> Self {
        Self(self.0.iter().map(Person::copied).collect())
    }
}

/// As `kapea init` does, at a fixed time.
fn found() -> Founded {
    let folder = private_folder();
    let root = folder.path();
    let clock = Clock::manual(START);
    make_private(&root.join("data"));
    let credentials = Credentials::made_on(clock.today());
    let audit_log = AuditLog::new(&credentials);
    std::fs::write(
        root.join("credentials.toml"),
        credentials.to_text().as_bytes(),
    )
    .expect("written");
    let store = Store::open(Location::Sqlite(root.join("data/kapea.db")), 1).expect("a database");
    kapea::cli::begin_witness(&store, &credentials, &root.join("data/witness")).expect("a witness");
    let first = |handle: &str, role| {
        let handle = handle.parse().expect("a handle");
        let who = Invitee {
            handle: &handle,
            role,
            team: None,
        };
        invite(&audit_log, &store, &who, clock.now(), 72).expect("invited")
    };
    let administrator = first("admin", Role::Administrator);
    let custodian = first("custodian", Role::Custodian);
    let key = custodian
        .verify_key
        .expect("a custodian has a key")
        .to_string();
    drop(store);
    std::fs::write(root.join("kapea.toml"), settings::text(&key)).expect("written");
    Founded {
        app: TestApp::over(folder, (clock, Suite::NEWEST), &[]),
        administrator: administrator.token.expose_secret().to_owned(),
        custodian: custodian.token.expose_secret().to_owned(),
    }
}

/// Everybody joins and does their part, over HTTP, as they would.
async fn settle() -> Settled {
    let Founded {
        mut app,
        administrator,
        custodian,
    } = found();
    let (site, clock) = (app.staff.clone(), app.clock.clone());
    let people = settle_people(&site, &clock, &administrator, &custodian).await;
    app.people = people.clone();
    // The day's sign of life goes out, so that no test finds it among its own mails.
    app.worker.step().await;
    let now = clock.now();
    Settled {
        folder: app.stop(),
        people,
        now,
    }
}

/// The way from two invitations to an open form.
pub async fn settle_people(
    site: &Site,
    clock: &Clock,
    administrator: &str,
    custodian: &str,
) -> People {
    let admin = Person::join(site, clock, administrator, None).await;
    let custodian = Person::join(site, clock, custodian, None).await;
    let desk = admin.sign_in(site, clock).await;
    let team = desk.make_team("Hotline", &["main"]).await;
    let token = desk.invite("sokha", "caseworker", Some(&team), true).await;
    let lead = Person::join(site, clock, &token, None).await;
    let token = desk.invite("dara", "caseworker", Some(&team), false).await;
    let second = Person::join(site, clock, &token, None).await;
    let token = desk.invite("auditor", "auditor", None, false).await;
    let auditor = Person::join(site, clock, &token, None).await;
    let signing = custodian.sign_in(site, clock).await;
    signing.sign_charters(clock).await;
    let working = lead.sign_in(site, clock).await;
    assert_eq!(working.admit_all(clock).await, 1);
    People(vec![admin, custodian, lead, second, auditor])
}

fn configuration(folder: &Path, extra: Extra<'_>) -> Config {
    let file = folder.join("kapea.toml");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    let text = settings::with(&text, extra);
    Config::from_toml(&text, &file, &Environment::default()).unwrap_or_else(|errors| {
        panic!("the test's own configuration is wrong: {errors:?}");
    })
}

/// Runs something asynchronous to its end from anywhere.
pub fn apart<T: Send + 'static, F: Future<Output = T> + 'static>(work: fn() -> F) -> T {
    std::thread::spawn(move || runtime().block_on(work()))
        .join()
        .expect("the installation could not be set up")
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

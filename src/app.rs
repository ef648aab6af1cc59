//! The composition root: from a configuration to two listeners and a worker that share nothing but what they are given here.

mod clock;
mod descriptors;
mod form;
mod mail;
mod manager;
mod mark;
mod reload;
mod reloadable;
mod running;
mod voice;
mod witness;

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Notify;

use crate::config::{Config, Database, LaneConfig, RetentionConfig};
use crate::domain::clock::Clock;
use crate::domain::pulse::Process;
use crate::domain::retention::RetentionPolicy;
use crate::domain::suite::Suite;
use crate::domain::swap::Swap;
use crate::locale::Sentences;
use crate::mail::{Exchange, NoticeText, Stationery, Transport};
use crate::seal::credentials::Credentials;
use crate::seal::session::SessionRoots;
use crate::service::audit_log::AuditLog;
use crate::service::credentials;
use crate::service::{
    Alike, Authority, Bulkhead, BulkheadSize, Bulkheads, Changing, Context, Devices, Form, Forms,
    LazySessionRoots, Samples, Services, Settings, Steps, Taking, Tickets,
};
use crate::store::{Location, Side, Store, StoreError};
use crate::web::budget::Budget;
use crate::web::demonstration::Demonstration;
use crate::web::face::{Face, Mark};
use crate::web::flow::Patience;
use crate::web::state::{BodyLimits, HelpNumber, ReadyAnswer, State};
use crate::worker::{self, Worker, WorkerSettings};

use descriptors::Connections;

pub use form::{FormFault, FormFiles, form};
pub use mail::{mail_remarks, transport};
pub use mark::mark;
pub use reload::Reloader;
pub use reloadable::{pins, pins_end, read_credentials};
pub use witness::witness;

use reloadable::reloadable;

/// How often the worker looks at the clocks.
const TICK: Duration = Duration::from_secs(5);
/// How long the line may be silent while a form arrives.
const BODY_IDLE: Duration = Duration::from_secs(30);

/// How long a reader may take for a portion of an answer.
const ANSWER_IDLE: Duration = Duration::from_secs(20);

/// What a test or the demo sets in place of the real thing.
#[derive(Clone, Default)]
pub struct Parts {
    /// Time; the system's by default.
    pub clock: Clock,
    /// Of which suite new keys are.
    pub suite: Suite,
    /// How mail leaves; as configured by default.
    pub transport: Option<Transport>,
    /// Whether memory can reach a disk; the process finds out at its start.
    pub swap: Option<Swap>,
    /// The demo's accounts and mails; none in service.
    pub demo: Option<Arc<dyn Demonstration>>,
}

/// A service that is bound to its ports and ready to run.
pub struct Application {
    services: Services,
    context: Context,
    reloader: Arc<Reloader>,
    state: State,
    worker: Option<Arc<Worker>>,
    public: Option<TcpListener>,
    staff: Option<TcpListener>,
    connections: Connections,
    health: Option<TcpListener>,
}

impl Application {
    /// Reads credentials and form, opens the database, binds the ports.
    ///
    /// # Errors
    /// Whatever is missing or taken, by name.
    pub fn build(config: &Config, parts: Parts) -> anyhow::Result<Self> {
        let connections = descriptors::share(threads(), config.data.connections);
        let given = reloadable(config)?;
        let store = open_or_broken(config)?;
        tell_missing(&store, &given.credentials);
        let (form, locales) = form(config)?;
        let edition = form.definition.edition.clone();
        let mark = mark(config)?;
        let stationery = Stationery::new(config.mail.from.clone(), &NoticeText::load(&locales));
        let roles = config.server.roles;
        // Whoever sends no mail has no way to the mail server either.
        let (transport, exchange) = match (roles.worker, parts.transport) {
            (false, _) => (None, None),
            (true, Some(transport)) => (Some(transport), None),
            (true, None) => {
                let exchange = Exchange::new(transport(&config.mail.transport)?);
                (Some(Transport::Exchange(exchange.clone())), Some(exchange))
            }
        };
        let audit_log = audit_log(config, &store, &given.credentials)?;
        clock::found(&parts.clock, config, &store, &audit_log);
        let changing = Changing::new(given);
        // By the time that is known here. Reports are taken in any case.
        if let Err(error) = pins_end(config, parts.clock.today()) {
            tracing::error!(event = "config-refused", %error, "a change of a custodian's key comes to no end");
            changing.note(Some(error.to_string()));
        }
        let wake = Arc::<Notify>::default();
        let mut context = context(
            config,
            store.clone(),
            (parts.clock.clone(), parts.suite),
            (changing, audit_log),
            form,
            Arc::clone(&wake),
        );
        context.process = Some(Process {
            roles,
            swap: parts.swap,
        });
        let worker = transport.map(|transport| {
            let parts = worker::Parts {
                name: roles.word(),
                store: store.on_behalf_of(Side::Background),
                clock: parts.clock,
                audit_log: context.audit_log.clone(),
                changing: context.changing.clone(),
                authority: context.authority.clone(),
                steps: context.steps.clone(),
                wake,
            };
            let settings = worker_settings(config);
            Arc::new(Worker::new(parts, transport, stationery, settings))
        });
        finish_shreds(&context);
        let sentences = Sentences::new(edition, locales);
        let reloader = Reloader::new(&context, config, (exchange, sentences.clone()));
        let reloader = Arc::new(reloader);
        let services = Services::new(&context);
        let clock = context.clock.clone();
        let shown = (sentences, mark);
        let state = state(config, services.clone(), shown, (clock, parts.demo));
        Ok(Self {
            connections,
            services,
            context,
            reloader,
            state,
            worker,
            public: roles
                .intake
                .then(|| bind(config.server.public, "the reporters' side"))
                .transpose()?,
            staff: roles
                .casework
                .then(|| bind(config.server.staff, "the staff side"))
                .transpose()?,
            health: Some(bind(config.server.health_of(roles), "the health check")?),
        })
    }

    /// Where the reporters' side listens.
    pub fn public_address(&self) -> Option<SocketAddr> {
        self.public
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// Where the staff side listens.
    pub fn staff_address(&self) -> Option<SocketAddr> {
        self.staff
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// Where the health check is answered.
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.health
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// The use cases.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What the use cases share.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What takes a changed configuration up.
    pub fn reloader(&self) -> Arc<Reloader> {
        Arc::clone(&self.reloader)
    }

    /// Takes the worker out, to call its steps by hand; [`Application::run`] then does without.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn take_worker(&mut self) -> Option<Arc<Worker>> {
        self.worker.take()
    }
}

/// Threads that serve one side: as many as processors that this process may use.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// An old copy of the credentials is no reason not to receive reports, and must not go unnoticed.
fn tell_missing(store: &Store, credentials: &Credentials) {
    match store.blocking(|conn| credentials::missing(conn, credentials)) {
        Ok(None) => {}
        Ok(Some(version)) => tracing::error!(
            event = "credentials-old",
            version,
            "the credentials file lacks a version that is in use: is it an old copy?"
        ),
        Err(error) => {
            tracing::error!(event = "database-damaged", %error, "whether the credentials file is an old copy is not known");
        }
    }
}

/// Whether the server's credentials can be read, and by nobody else.
///
/// # Errors
/// With the file's name and what to do.
pub fn check_credentials(path: &Path) -> anyhow::Result<()> {
    read_credentials(path)?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    anyhow::ensure!(
        mode & 0o077 == 0,
        "{} can be read by others; run: chmod 600 {}",
        path.display(),
        path.display()
    );
    Ok(())
}

/// The use cases over the data of a configuration, for commands that act beside the running service. Listens nowhere and mails nothing.
///
/// # Errors
/// Whatever is missing, by name.
pub fn offline(config: &Config, clock: Clock) -> anyhow::Result<Context> {
    let given = reloadable(config)?;
    let store = open_store(config)?;
    let audit_log = audit_log(config, &store, &given.credentials)?;
    clock::found(&clock, config, &store, &audit_log);
    let (form, _) = form(config)?;
    let kept = (Changing::new(given), audit_log);
    Ok(context(
        config,
        store,
        (clock, Suite::NEWEST),
        kept,
        form,
        Arc::default(),
    ))
}

/// What a crash left half destroyed is finished before anybody is let in. If it cannot be, the worker's first look says so and tries again.
fn finish_shreds(context: &Context) {
    let today = context.clock.today();
    if let Err(error) = crate::service::shred::finish(&context.store, &context.audit_log, today) {
        tracing::warn!(event = "put-off", %error, "reports that are being destroyed could not be finished at the start");
    }
}

fn audit_log(
    config: &Config,
    store: &Store,
    credentials: &Credentials,
) -> anyhow::Result<AuditLog> {
    Ok(AuditLog::new(credentials).with_witness(witness(config, store, credentials)?))
}

fn open_store(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    let opened = Store::open(Location::Sqlite(path.clone()), config.data.connections);
    opened.with_context(|| format!("cannot open the database {}", path.display()))
}

/// With a database that cannot be read the service still says whom to call, and to the staff what is wrong.
fn open_or_broken(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    let location = Location::Sqlite(path.clone());
    match Store::open_to_serve(location.clone(), config.data.connections) {
        // What may pass by itself ends the process: whoever watches it starts it again.
        Err(error @ StoreError::Damaged) => {
            tracing::error!(
                event = "database-damaged",
                %error,
                path = %path.display(),
                "ALARM: the service starts without its database and takes no reports: restore the newest backup (deploy/backup-and-restore.md)"
            );
            Ok(Store::broken(location, error))
        }
        opened => opened.with_context(|| format!("cannot open the database {}", path.display())),
    }
}

fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("{what} cannot listen on {address}: is another program using that port?")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn context(
    config: &Config,
    store: Store,
    (clock, suite): (Clock, Suite),
    (changing, audit_log): (Changing, AuditLog),
    form: Form,
    wake: Arc<Notify>,
) -> Context {
    let limits = &config.limits;
    let pinned = changing.clone();
    let witness = Some(audit_log.witness().clone());
    let authority = Authority::new((clock.clone(), suite), witness, move || pinned.now().pins);
    Context {
        store,
        session_roots: session_roots(&clock),
        tickets: Tickets::default(),
        alike: Alike::new(limits.alike_reports),
        samples: Samples::new(config.data.dir.clone()),
        taking: Taking::default(),
        clock,
        bulkheads: Bulkheads {
            report: lane(limits.receipt),
            // Quick, and nobody is refused before the lane that is slow.
            compare: lane(LaneConfig {
                permits: 1,
                queue: usize::MAX,
            }),
            alike: lane(LaneConfig {
                permits: 1,
                ..limits.receipt
            })
            .behind(),
            receipt: lane(limits.check).behind(),
            colleague: lane(limits.staff),
            stranger: lane(limits.stranger),
        },
        devices: Devices::default(),
        audit_log: audit_log.under(authority.clone()),
        changing,
        settings: Arc::new(Settings {
            form_seconds: i64::from(limits.form_seconds),
            ticket_minutes: limits.ticket_hours.saturating_mul(60),
            mailbox_days: i64::from(limits.mailbox_days),
            session_idle_seconds: minutes(limits.session_idle_minutes),
            session_seconds: hours(limits.session_hours),
            invitation_seconds: hours(limits.invitation_hours),
            retention: retention(&config.retention),
        }),
        forms: Forms::new(form),
        wake,
        authority,
        steps: Steps::default(),
        process: None,
    }
}

/// Made when somebody signs in for the first time: a process that has no staff side holds none.
fn session_roots(clock: &Clock) -> Arc<LazySessionRoots> {
    let clock = clock.clone();
    let make = move || SessionRoots::new(clock.today());
    Arc::new(LazyLock::new(Box::new(make)))
}

fn state(
    config: &Config,
    services: Services,
    (sentences, mark): (Sentences, Option<Mark>),
    (clock, demo): (Clock, Option<Arc<dyn Demonstration>>),
) -> State {
    let hotline = &config.hotline;
    let face = Face::new(hotline.colour, mark);
    let https = config.server.staff_url.as_str().starts_with("https:");
    State {
        locales: sentences.now(),
        sentences,
        budget: Budget::new(config.limits.memory, services.samples.memory.clone()),
        services,
        settings: Arc::new(crate::web::state::Settings {
            name: hotline.name.clone(),
            numbers: hotline
                .numbers
                .iter()
                .map(|number| HelpNumber {
                    name: number.name.clone(),
                    number: number.number.as_str().to_owned(),
                    link: number.number.link(),
                    hours: number.hours.clone(),
                })
                .collect(),
            face,
            answer_days: hotline.answer_days,
            answers: (hotline.answers.iter())
                .map(|answer| ReadyAnswer {
                    name: answer.name.clone(),
                    text: answer.text.clone(),
                })
                .collect(),
            leave_url: hotline.leave_url.as_str().to_owned(),
            default_language: hotline.default_language,
            limits: BodyLimits {
                form_bytes: config.limits.form_bytes,
                hard_bytes: config.limits.form_hard_bytes,
                time: Duration::from_secs(config.limits.body_seconds),
                idle: BODY_IDLE.min(Duration::from_secs(config.limits.body_seconds)),
            },
            patience: Patience {
                whole: Duration::from_secs(config.limits.answer_seconds),
                portion: ANSWER_IDLE.min(Duration::from_secs(config.limits.answer_seconds)),
            },
            intake: config.server.roles.intake,
            demo: demo.is_some(),
            staff_https: https,
            public_origin: config.server.public_url.as_str().to_owned(),
            staff_origin: config.server.staff_url.as_str().to_owned(),
        }),
        clock,
        demo,
    }
}

fn worker_settings(config: &Config) -> WorkerSettings {
    WorkerSettings {
        hotline: config.mail.hotline.clone(),
        on_call: config.mail.on_call.clone(),
        on_call_backup: config.mail.on_call_backup.clone(),
        alarm: config.mail.alarm.clone(),
        anchor: config.audit.anchor_addresses.clone(),
        anchor_hour: config.audit.anchor_hour_utc,
        urgent_repeat_minutes: config.mail.urgent_repeat_minutes,
        heartbeat_hour: config.mail.heartbeat_hour_utc,
        claim_idle_seconds: minutes(config.limits.claim_idle_minutes),
        tick: TICK,
    }
}

fn retention(config: &RetentionConfig) -> RetentionPolicy {
    let days = i64::from;
    // Every fourth has a day more.
    let years = |count: u32| days(count) * 1_461 / 4;
    RetentionPolicy {
        spam_days: days(config.spam_days),
        no_action_days: days(config.no_action_days),
        review_days: days(config.review_days),
        child_least_days: years(config.child_least_years),
        child_review_days: years(config.child_review_years),
        jitter_days: days(config.jitter_days),
    }
}

fn lane(config: LaneConfig) -> Bulkhead {
    Bulkhead::new(BulkheadSize {
        permits: config.permits,
        queue: config.queue,
    })
}

fn minutes(count: u32) -> i64 {
    i64::from(count) * 60
}

fn hours(count: u32) -> i64 {
    i64::from(count) * 3_600
}

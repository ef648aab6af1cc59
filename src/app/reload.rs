//! A changed configuration is taken up without a restart: the server's own secrets, the custodians' pins, the way to the mail server.
//!
//! On SIGHUP, and when one of the files has changed, everything is read and checked as at a start, and taken up as a whole or not at
//! all: a file that is broken is told of in the log, and what was in force goes on.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::form::{self, form};
use super::reloadable::{pins_end, reloadable};
use super::transport;
use crate::config::{Config, MailConfig, MailTransport, SmtpLogin, SmtpProof};
use crate::locale::{Locales, Sentences};
use crate::mail::{Exchange, Transport};
use crate::service::credentials;
use crate::service::{Context, Form, Reloadable};
use crate::store::StoreError;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(5);

/// Reads the configuration anew, as at the start.
type Source = Box<dyn Fn() -> anyhow::Result<Config> + Send + Sync>;

/// See the module.
pub struct Reloader {
    context: Context,
    /// `None` where no mail is sent, or a test has its own way for it.
    mail: Option<Exchange>,
    sentences: Sentences,
    running: Mutex<Config>,
    /// The credentials' file as it was when those in force were read.
    credentials: Arc<Mutex<Stamp>>,
    source: Mutex<Option<(PathBuf, Arc<Source>)>>,
    watch: Mutex<Watch>,
    hangup: Mutex<Option<Signal>>,
    /// One at a time.
    turn: tokio::sync::Mutex<()>,
}

/// The files as they were.
#[derive(Default)]
struct Watch {
    taken: Vec<Stamp>,
    /// Changed at the last look. They are read when they have stood still until the next: somebody may be writing them.
    changed: Option<Vec<Stamp>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp(PathBuf, Option<(u64, u64, i64, i64)>);

/// A part of what is in force that another configuration changes.
struct Changes {
    parts: Vec<String>,
    is_login: bool,
}

impl Reloader {
    pub(super) fn new(
        context: &Context,
        config: &Config,
        (mail, sentences): (Option<Exchange>, Sentences),
    ) -> Self {
        let credentials = Stamp::of(config.data.credentials.clone());
        let credentials = Arc::new(Mutex::new(credentials));
        let in_force = Arc::clone(&credentials);
        context.audit_log.heed(move || {
            let in_force = lock(&in_force);
            Stamp::of(in_force.0.clone()) != *in_force
        });
        Self {
            context: context.clone(),
            mail,
            sentences,
            running: Mutex::new(config.clone()),
            credentials,
            source: Mutex::default(),
            watch: Mutex::default(),
            hangup: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// From where the configuration is read again: `file`, by `source`. Without one nothing is ever read again.
    pub fn read_from(
        &self,
        file: PathBuf,
        source: impl Fn() -> anyhow::Result<Config> + Send + Sync + 'static,
    ) {
        *lock(&self.source) = Some((file, Arc::new(Box::new(source))));
        lock(&self.watch).taken = self.stamps();
    }

    /// Hears SIGHUP from now on: before that it would end the process. Needs the runtime.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn listen(&self) -> std::io::Result<()> {
        *lock(&self.hangup) = Some(signal(SignalKind::hangup())?);
        Ok(())
    }

    /// Reads everything again and goes on with it. Names what has changed.
    ///
    /// # Errors
    /// What is wrong; then nothing has changed. A fault of the form is said as well, and then all else has.
    pub async fn reload(&self) -> anyhow::Result<Vec<String>> {
        let _turn = self.turn.lock().await;
        let source = lock(&self.source).clone();
        let (_, source) = source.context("there is no file to read the configuration from")?;
        lock(&self.watch).taken = self.stamps();
        match beside(move || source()).await {
            Ok(config) => self.take(config).await,
            Err(error) => self.note(Err(error)),
        }
    }

    /// Looks after the files and the signal until it is dropped.
    pub(super) async fn run(self: Arc<Self>) {
        if lock(&self.source).is_none() {
            return std::future::pending().await;
        }
        let mut hangup = lock(&self.hangup).take();
        loop {
            let heard = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = heard => self.reload_and_tell().await,
                () = tokio::time::sleep(LOOK) => self.look().await,
            }
        }
    }

    /// Reads everything again if a file has changed and stood still since the last look.
    pub async fn look(&self) {
        let stamps = self.stamps();
        let is_settled = {
            let mut watch = lock(&self.watch);
            if watch.taken == stamps {
                watch.changed = None;
                false
            } else {
                let stood_still = watch.changed.as_ref() == Some(&stamps);
                watch.changed = Some(stamps);
                stood_still
            }
        };
        if is_settled {
            self.reload_and_tell().await;
        }
    }

    /// The same, and says in the log what came of it.
    pub async fn reload_and_tell(&self) {
        match self.reload().await {
            Ok(parts) if parts.is_empty() => {
                tracing::info!("configuration read again: nothing has changed")
            }
            Ok(parts) => tracing::info!(changed = parts.join(" "), "configuration taken up"),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(
                    event = "config-refused",
                    error,
                    "the configuration was NOT taken up, or not all of it; what was in force goes on"
                );
            }
        }
    }

    /// Goes on with a configuration that was read. Names what has changed.
    ///
    /// # Errors
    /// What is wrong; then nothing has changed. A fault of the form is said as well, and then all else has.
    pub async fn take(&self, config: Config) -> anyhow::Result<Vec<String>> {
        let outcome = self.take_up(config).await;
        self.note(outcome)
    }

    /// Administrators see what is wrong for as long as it is.
    fn note<T>(&self, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
        let refused = outcome.as_ref().err().map(|error| format!("{error:#}"));
        self.context.changing.note(refused);
        outcome
    }

    async fn take_up(&self, config: Config) -> anyhow::Result<Vec<String>> {
        let before = self.context.changing.now();
        let stamp = Stamp::of(config.data.credentials.clone());
        let (read, today) = (config.clone(), self.context.clock.today());
        let (after, asked) = beside(move || {
            pins_end(&read, today)?;
            Ok((reloadable(&read)?, form(&read)))
        })
        .await?;
        ensure!(
            after.credentials.continues(&before.credentials),
            "{}: a version of the root is missing or is another one: this is an old copy, or not the file of this installation",
            config.data.credentials.display()
        );
        let exchanged = match &self.mail {
            Some(exchange) => {
                let read = config.mail.transport.clone();
                Some((exchange, beside(move || transport(&read)).await?))
            }
            None => None,
        };
        // A form with a fault in it holds no key up.
        let (other_form, fault) = match asked {
            Ok((form, locales)) => (self.if_other(form, locales), None),
            Err(fault) => (None, Some(fault)),
        };
        let (changes, restart) = {
            let running = lock(&self.running);
            (
                Changes::between((&running, &config), (&before, &after), other_form.is_some()),
                needs_restart(&running, &config),
            )
        };
        if !restart.is_empty() {
            tracing::warn!(
                event = "restart-needed",
                sections = restart.join(" "),
                "these changes need a restart and are not in force yet"
            );
        }
        // Of processes beside each other one writes it down.
        if !changes.parts.is_empty() && config.server.roles.worker {
            self.record(&changes).await?;
        }
        self.put(after, exchanged);
        if let Some((form, locales)) = other_form {
            // Whoever is asked the new form must find its words: they come first.
            self.sentences
                .replace(form.definition.edition.clone(), locales);
            self.context.forms.replace(form);
        }
        *lock(&self.credentials) = stamp;
        let mut running = lock(&self.running);
        *running = kept(&running, config);
        match fault {
            Some(fault) => Err(fault.context("the form is asked as before; all else is in force")),
            None => Ok(changes.parts),
        }
    }

    fn put(&self, after: Reloadable, exchanged: Option<(&Exchange, Transport)>) {
        self.context.audit_log.renew(&after.credentials);
        self.context.changing.replace(after);
        // In any case: certificates that it trusts are in a file of their own.
        if let Some((exchange, transport)) = exchanged {
            exchange.put(transport);
        }
        self.context.wake.notify_one();
    }

    /// Nothing if the same is asked so far, in the same words.
    fn if_other(&self, form: Form, locales: Arc<Locales>) -> Option<(Form, Arc<Locales>)> {
        let now = self.context.forms.now();
        let is_same = (&now.digest, now.channels()) == (&form.digest, form.channels())
            && now.definition.voice == form.definition.voice
            && now.remarks == form.remarks
            && self.sentences.now().source() == locales.source();
        (!is_same).then_some((form, locales))
    }

    async fn record(&self, changes: &Changes) -> Result<(), StoreError> {
        let (parts, is_login) = (changes.parts.clone(), changes.is_login);
        self.context
            .write(move |txn| credentials::reloaded_in_txn(txn, &parts, is_login))
            .await
    }

    fn stamps(&self) -> Vec<Stamp> {
        let mut files: Vec<PathBuf> = lock(&self.source)
            .iter()
            .map(|(file, _)| file.clone())
            .collect();
        let running = lock(&self.running);
        files.push(running.data.credentials.clone());
        files.extend(form::files(&running));
        files.extend(login(&running.mail).and_then(SmtpLogin::password_file));
        files.into_iter().map(Stamp::of).collect()
    }
}

/// Reads files where they hold nobody up who waits for an answer.
async fn beside<T: Send + 'static>(
    read: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    crate::store::aside(read).await?
}

impl Stamp {
    fn of(path: PathBuf) -> Self {
        let seen = |data: Metadata| (data.ino(), data.len(), data.mtime(), data.mtime_nsec());
        let stamp = fs::metadata(&path).map(seen).ok();
        Self(path, stamp)
    }
}

impl Changes {
    fn between(
        (running, config): (&Config, &Config),
        (before, after): (&Reloadable, &Reloadable),
        is_other_form: bool,
    ) -> Self {
        let mut parts = Vec::new();
        if is_other_form {
            parts.push("form".to_owned());
        }
        if before.credentials.version() != after.credentials.version() {
            parts.push("credentials".to_owned());
        }
        if before.pins != after.pins {
            parts.push("custodians".to_owned());
        }
        let is_login = secret_of(&running.mail) != secret_of(&config.mail);
        let way = |mail: &MailConfig| format!("{:?}", mail.transport);
        if is_login || way(&running.mail) != way(&config.mail) {
            parts.push("mail".to_owned());
        }
        Self { parts, is_login }
    }
}

/// The sections whose changes are not taken up.
fn needs_restart(running: &Config, config: &Config) -> Vec<&'static str> {
    let sections = [
        ("server", text(&running.server), text(&config.server)),
        ("data", data(running), data(config)),
        ("hotline", text(&running.hotline), text(&config.hotline)),
        ("mail (lists and hours)", lists(running), lists(config)),
        ("audit", text(&running.audit), text(&config.audit)),
        ("limits", text(&running.limits), text(&config.limits)),
        (
            "retention",
            text(&running.retention),
            text(&config.retention),
        ),
        ("log", text(&running.log), text(&config.log)),
    ];
    let changed = sections
        .into_iter()
        .filter(|(_, before, after)| before != after);
    changed.map(|(name, _, _)| name).collect()
}

/// What is in force after a reload: the new secrets' place, custodians and way of mail, and everything else as at the start.
fn kept(running: &Config, config: Config) -> Config {
    let mut kept = running.clone();
    kept.data.credentials = config.data.credentials;
    kept.custodians = config.custodians;
    kept.forms = config.forms;
    kept.mail.transport = config.mail.transport;
    kept
}

fn text(section: &impl std::fmt::Debug) -> String {
    format!("{section:?}")
}

fn data(config: &Config) -> String {
    let data = &config.data;
    text(&(&data.dir, &data.database, data.connections))
}

fn lists(config: &Config) -> String {
    let mail = &config.mail;
    let lists = (
        &mail.from,
        &mail.hotline,
        &mail.on_call,
        &mail.on_call_backup,
        &mail.alarm,
    );
    text(&(lists, mail.urgent_repeat_minutes, mail.heartbeat_hour_utc))
}

fn login(mail: &MailConfig) -> Option<&SmtpLogin> {
    match &mail.transport {
        MailTransport::Smtp(smtp) => smtp.login.as_ref(),
        MailTransport::File(_) => None,
    }
}

fn secret_of(mail: &MailConfig) -> Option<(&str, &str)> {
    login(mail).map(|login| match &login.proof {
        SmtpProof::Password { password, .. } => (login.username.as_str(), password.expose_secret()),
        // What is in it changes by itself.
        SmtpProof::Token(_) => (login.username.as_str(), ""),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reloader")
    }
}

//! What the use cases share: storage, time, keys of the installation, and the settings that concern them.

use std::sync::{Arc, LazyLock};

use tokio::sync::Notify;

use super::alike::Alike;
use super::audit_log::AuditLog;
use super::authority::Authority;
use super::bulkhead::{Bulkhead, Bulkheads};
use super::changing::Changing;
use super::devices::{Asker, Devices};
use super::forms::Forms;
use super::samples::Samples;
use super::steps::Steps;
use super::taking::Taking;
use super::tickets::Tickets;
use crate::domain::clock::Clock;
use crate::domain::ids::StaffId;
use crate::domain::pulse::Process;
use crate::domain::retention::RetentionPolicy;
use crate::seal::chain::CustodianPins;
use crate::seal::credentials::{Credentials, LiveKeys};
use crate::seal::keys::VerifyKey;
use crate::seal::session::SessionRoots;
use crate::store::{self, DbConnection, Side, Store, StoreError};

/// Durations and limits.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Minutes for which a form may be sent after it was shown.
    pub ticket_minutes: u32,
    /// Seconds for which a form must have been open before it is taken.
    pub form_seconds: i64,
    /// Days a mailbox lives at least.
    pub mailbox_days: i64,
    /// Seconds after which an idle session ends.
    pub session_idle_seconds: i64,
    /// Seconds after which any session ends.
    pub session_seconds: i64,
    /// Seconds for which an invitation may be used.
    pub invitation_seconds: i64,
    /// For how many days reports are kept.
    pub retention: RetentionPolicy,
}

/// Made when they are first asked for.
pub type LazySessionRoots = LazyLock<SessionRoots, Box<dyn FnOnce() -> SessionRoots + Send + Sync>>;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Storage.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// Bulkheads for the slow hash.
    pub bulkheads: Bulkheads,
    /// How often each device that is known has tried to sign in.
    pub devices: Devices,
    /// What may change while the service runs.
    pub changing: Changing,
    /// The server's half of every session, new each day.
    pub session_roots: Arc<LazySessionRoots>,
    /// The keys of what forms carry.
    pub tickets: Tickets,
    /// What reports were like lately.
    pub alike: Alike,
    /// Durations and limits.
    pub settings: Arc<Settings>,
    /// The public form, which may change while the service runs.
    pub forms: Forms,
    /// Rung when an urgent notice waits, so that the worker need not be waited for.
    pub wake: Arc<Notify>,
    /// The audit trail.
    pub audit_log: AuditLog,
    /// Who is in which team, and which key each channel's reports are sealed to.
    pub authority: Authority,
    /// How the service was at the beginning of each quarter hour.
    pub samples: Samples,
    /// Which steps of the worker fail, if it is in this process.
    pub steps: Steps,
    /// Whether reports are taken.
    pub taking: Taking,
    /// The process of the service that this is; a command beside it is none.
    pub process: Option<Process>,
}

impl Context {
    /// The same with the database's connections of another side.
    #[must_use]
    pub fn on_behalf_of(&self, side: Side) -> Self {
        Self {
            store: self.store.on_behalf_of(side),
            ..self.clone()
        }
    }

    /// The server's own secrets as they are now.
    pub fn credentials(&self) -> Arc<Credentials> {
        self.changing.now().credentials
    }

    /// The custodians.
    pub fn pins(&self) -> CustodianPins {
        self.changing.now().pins
    }

    /// Whether what this key signs today is a custodian's.
    pub fn is_pinned(&self, key: &VerifyKey) -> bool {
        let today = self.clock.today();
        self.pins().custodian(key, today).is_some()
    }

    /// The keys that what forms carry today may have been made with.
    pub(super) async fn ticket_keys(&self) -> LiveKeys {
        let (credentials, today) = (self.credentials(), self.clock.today());
        self.tickets.keys(&self.store, credentials, today).await
    }

    /// Forgets the keys of forms that are over, and puts the rows of the others right. For every minute.
    pub async fn tend_tickets(&self) {
        let (credentials, today) = (self.credentials(), self.clock.today());
        self.tickets.tend(&self.store, credentials, today).await;
    }

    /// Reads: as [`Store::run`].
    ///
    /// # Errors
    /// From the database; what `work` refuses.
    pub(super) async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.store.run(work).await
    }

    /// What was deleted, or sealed to an old key, must not live on in the write-ahead log. If a reader is in the way, the next one does it.
    pub(super) async fn scrub(&self) {
        if let Err(error) = self.store.run(store::journal_scrub).await {
            tracing::warn!(event = "database-failing", %error, "the write-ahead log could not be truncated now");
        }
    }

    /// The lane of who asks for this account. Strangers have permits of their own.
    pub(super) fn lane(&self, asker: Asker<'_>, account: Option<StaffId>) -> &Bulkhead {
        match (asker, account) {
            (Asker::SignedIn, _) => &self.bulkheads.colleague,
            (Asker::AtTheDoor(known), Some(account))
                if self.devices.admit(known, account, self.clock.now()) =>
            {
                &self.bulkheads.colleague
            }
            (Asker::AtTheDoor(_), _) => &self.bulkheads.stranger,
        }
    }
}

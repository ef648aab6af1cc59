//! What each process of the service says of itself every minute, so that one of them can show all.

use super::context::Context;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Timestamp;
use crate::domain::pulse::{Process, Pulse};
use crate::domain::roles::{Role, Roles};
use crate::domain::swap::Swap;
use crate::seal::SealError;
use crate::seal::credentials::Credentials;
use crate::store::{self, DbConnection, StoreError, StoreResult};

/// Seconds after which a process that was not heard of is thought to be replaced by those that do the same.
const REPLACED: i64 = 3_600;

/// A process as another one sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessView {
    /// What it does.
    pub roles: Roles,
    /// When it was heard last.
    pub at: Timestamp,
    /// Whether that is too long ago.
    pub is_silent: bool,
    /// Whether what is in its memory can reach a disk.
    pub swap: Option<Swap>,
    /// Why it did not take up what was changed last in the configuration, the form or their files.
    pub refused: Option<String>,
    /// Whether its credentials are an old copy.
    pub is_behind: bool,
    /// The steps of its work in the background that fail again and again.
    pub stuck: Option<String>,
    /// Whether it tried to take a report, without keeping it, and could not.
    pub takes_none: bool,
}

/// How a process stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nothing is wrong.
    Well,
    /// Another one has a version of the root that is not here: what this one writes will not count for long.
    OldCredentials,
    /// None that sends notices was heard of.
    NobodyTells,
    /// What is to be done in the background, such as sending notices, fails again and again, here or in another one.
    Stuck,
}

/// What the table says of all processes.
struct Heard {
    pulses: Vec<(Roles, Pulse)>,
    /// One of them has a version of the root that is not here.
    is_old_here: bool,
}

impl Context {
    /// Says that this process is there and whether it could take a report, and tells of another one whose credentials are an old copy since yesterday. For every minute.
    pub async fn beat(&self, takes: Option<bool>) {
        if let Err(error) = self.try_beat(takes).await {
            tracing::warn!(event = "database-failing", %error, "what this process says of itself could not be written");
        }
    }

    async fn try_beat(&self, takes: Option<bool>) -> Result<(), StoreError> {
        let Some(process) = self.process else {
            return Ok(());
        };
        let (credentials, roles) = (self.credentials(), process.roles.word());
        let said = serde_json::to_vec(&Pulse {
            takes,
            ..self.pulse(process)
        });
        let said = said.map_err(|error| StoreError::Other(Box::new(error)))?;
        let sealed = credentials.pulse_seal(&roles, &said);
        let sealed = sealed.map_err(|error| StoreError::Other(Box::new(error)))?;
        let put = move |txn: &mut store::WriteTxn<'_>| store::pulse_put(txn, &roles, &sealed);
        self.store.write(put).await?;
        self.store.was_written();
        self.tell_behind().await
    }

    /// The first day of a version is for whoever carries the file from one place to the other.
    async fn tell_behind(&self) -> Result<(), StoreError> {
        let (credentials, now) = (self.credentials(), self.clock.now());
        let made = credentials.versions().pop().map(|newest| newest.made);
        if made.is_none_or(|made| made >= now.day()) {
            return Ok(());
        }
        let heard = self.read(move |conn| heard(conn, &credentials)).await?;
        let newest = self.credentials().version();
        for (roles, pulse) in heard.pulses {
            if pulse.root < newest && !pulse.is_silent(now) {
                let kind = AlarmKind::CredentialsOld;
                super::watch::tell(self, kind, roles.word()).await;
            }
        }
        Ok(())
    }

    fn pulse(&self, process: Process) -> Pulse {
        Pulse {
            at: self.clock.now().seconds(),
            root: self.credentials().version(),
            swap: process.swap,
            refused: self.changing.refused(),
            stuck: self.steps.stuck(self.clock.moment()),
            takes: None,
        }
    }

    /// How this process stands among the others.
    pub(super) async fn company(&self) -> Company {
        let (credentials, now) = (self.credentials(), self.clock.now());
        let does = self.process.is_some_and(|process| process.roles.worker);
        let Ok(heard) = self.read(move |conn| heard(conn, &credentials)).await else {
            return Company::Well;
        };
        let others = heard.pulses.iter().filter(|(roles, pulse)| {
            let is_this = self.process.is_some_and(|process| process.roles == *roles);
            !is_this && !pulse.is_silent(now)
        });
        let others: Vec<_> = others.collect();
        let is_stuck = self.steps.stuck(self.clock.moment()).is_some()
            || others.iter().any(|(_, pulse)| pulse.stuck.is_some());
        if heard.is_old_here {
            Company::OldCredentials
        } else if !does && !others.iter().any(|(roles, _)| roles.worker) {
            Company::NobodyTells
        } else if is_stuck {
            Company::Stuck
        } else {
            Company::Well
        }
    }

    /// Every process that was ever heard; this one as it is now.
    ///
    /// # Errors
    /// From the database.
    pub(super) fn processes(&self, conn: &mut DbConnection) -> StoreResult<Vec<ProcessView>> {
        let (credentials, now) = (self.credentials(), self.clock.now());
        let mut pulses = heard(conn, &credentials)?.pulses;
        if let Some(process) = self.process {
            let before = pulses.iter().position(|(roles, _)| *roles == process.roles);
            let before = before.map(|at| pulses.remove(at).1);
            let now = Pulse {
                takes: before.and_then(|before| before.takes),
                ..self.pulse(process)
            };
            pulses.insert(0, (process.roles, now));
        }
        let newest = pulses.iter().map(|(_, pulse)| pulse.root).max();
        let views = pulses.into_iter().map(|(roles, pulse)| ProcessView {
            roles,
            at: Timestamp::from_seconds(pulse.at),
            is_silent: pulse.is_silent(now),
            is_behind: Some(pulse.root) < newest,
            swap: pulse.swap,
            refused: pulse.refused,
            stuck: pulse.stuck,
            takes_none: pulse.takes == Some(false),
        });
        let mut views: Vec<ProcessView> = views.collect();
        // After an hour, whatever it did others do: the service is divided in another way now.
        let done: Vec<Role> = views
            .iter()
            .filter(|view| !view.is_silent)
            .flat_map(|view| view.roles.list())
            .collect();
        views.retain(|view| {
            view.at > now.plus(-REPLACED)
                || view.roles.list().iter().any(|role| !done.contains(role))
        });
        Ok(views)
    }
}

/// A row that does not open is nobody's: whoever it stands for writes it anew within a minute.
fn heard(conn: &mut DbConnection, credentials: &Credentials) -> StoreResult<Heard> {
    let mut heard = Heard {
        pulses: Vec::new(),
        is_old_here: false,
    };
    for (word, sealed) in store::pulse_list(conn)? {
        let opened = credentials.pulse_open(&word, &sealed);
        heard.is_old_here |= matches!(opened, Err(SealError::MissingCredential));
        let pulse = opened
            .ok()
            .and_then(|said| serde_json::from_slice(&said).ok());
        heard.pulses.extend(Roles::of_word(&word).zip(pulse));
    }
    Ok(heard)
}

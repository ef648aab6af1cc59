//! The use cases: one public function each, from what was typed to what is kept.
//!
//! Names no web framework, no database library, no cipher and no mail library. [`intake`] and [`admin`] do not name
//! `seal::opening`: they could open no report if they wanted to.

pub mod accounts;
pub mod admin;
pub mod admission;
pub mod alarm;
pub mod alarms;
mod alike;
pub mod anchor;
pub mod attempts;
pub mod audit_chain;
pub mod audit_log;
pub mod auditing;
pub mod authenticator;
pub mod authority;
mod bulkhead;
pub mod caller;
mod changing;
mod claims;
mod context;
pub mod credentials;
pub mod custody;
pub mod damage;
mod devices;
pub mod disk;
pub mod due;
pub mod enrolment;
pub mod error;
mod failing;
pub mod forgotten;
mod forms;
pub mod intake;
pub mod keyring;
pub mod mailbox;
pub mod once;
pub mod own_change;
pub mod pending;
mod pepper;
pub mod proof;
pub mod prover;
mod pulse;
pub mod readiness;
pub mod recovery;
mod rekey;
pub mod renewal;
pub mod rotation;
mod samples;
mod sampling;
mod shown;
pub mod shred;
mod steps;
mod taking;
mod tickets;
mod time;
pub mod trail;
pub mod triage;
mod turns;
pub mod txn;
pub mod watch;
mod ways;

use crate::store::Side;

pub use alike::Alike;
pub use authority::Authority;
pub use bulkhead::{Bulkhead, BulkheadFull, BulkheadSize, Bulkheads};
pub use changing::{Changing, Reloadable};
pub use context::{Context, LazySessionRoots, Settings};
pub use devices::{DEVICE_DAYS, Device, Devices};
pub use forms::{AskedForm, Form, Formerly, Forms, Words};
pub use pulse::{Company, ProcessView};
pub use samples::Samples;
pub use steps::Steps;
pub use taking::Taking;
pub use tickets::Tickets;

/// Every use case, ready to be shared between threads.
#[derive(Clone)]
pub struct Services {
    /// The public form.
    pub intake: intake::Intake,
    /// Whether a report could be taken.
    pub readiness: readiness::Readiness,
    /// The reporter's side of the conversation.
    pub mailbox: mailbox::Mailbox,
    /// Signing in, and people's own secrets.
    pub accounts: accounts::Accounts,
    /// The caseworkers' queue.
    pub triage: triage::Triage,
    /// Who may receive reports.
    pub custody: custody::Custody,
    /// Letting newcomers into teams.
    pub admission: admission::Admission,
    /// Changing teams' keys.
    pub rotation: rotation::Rotation,
    /// The recovery key.
    pub recovery: recovery::Recovery,
    /// Running the service.
    pub admin: admin::Admin,
    /// Looking at what was done.
    pub auditing: auditing::Auditing,
    /// What somebody must look into.
    pub alarms: alarms::Alarms,
    /// The server's own secrets.
    pub credentials: credentials::ServerKeys,
    /// How the service was at the beginning of this quarter hour.
    pub samples: Samples,
    /// What cannot be read.
    pub damage: damage::Damage,
}

impl Services {
    /// All of them over one context.
    pub fn new(context: &Context) -> Self {
        let public = context.on_behalf_of(Side::Public);
        Self {
            intake: intake::Intake::new(public.clone()),
            readiness: readiness::Readiness::new(public.clone()),
            mailbox: mailbox::Mailbox::new(public),
            accounts: accounts::Accounts::new(context.clone()),
            triage: triage::Triage::new(context.clone()),
            custody: custody::Custody::new(context.clone()),
            admission: admission::Admission::new(context.clone()),
            rotation: rotation::Rotation::new(context.clone()),
            recovery: recovery::Recovery::new(context.clone()),
            admin: admin::Admin::new(context.clone()),
            auditing: auditing::Auditing::new(context.clone()),
            alarms: alarms::Alarms::new(context.clone()),
            credentials: credentials::ServerKeys::new(context.clone()),
            samples: context.samples.clone(),
            damage: damage::Damage::new(context.clone()),
        }
    }
}

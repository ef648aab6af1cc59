//! What an administrator sees, and why an act of theirs was not done.

use std::collections::BTreeSet;

use secrecy::SecretString;

use crate::domain::backup::LastBackup;
use crate::domain::clock::{Day, Standing, Timestamp};
use crate::domain::disk::DiskFault;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::named::named;
use crate::domain::sample::Sample;
use crate::domain::staff::{Role, TeamKind};
use crate::seal::invitation::InvitationToken;
use crate::service::disk::DiskView;
use crate::service::pulse::ProcessView;

/// A person as the administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: StaffId,
    /// Their handle.
    pub handle: String,
    /// Their role.
    pub role: Role,
    /// Names of their teams.
    pub teams: Vec<String>,
    /// How far they are.
    pub state: PersonState,
    /// The UTC day of the invitation or of joining.
    pub joined: Day,
    /// Names of teams whose key nobody else holds.
    pub last_holder: Vec<String>,
}

/// How far a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// Invited; the link ends then (`None`: it has ended).
    Invited(Option<Timestamp>),
    /// Has an account, and waits for a colleague to let them into a team.
    Waiting,
    /// Set up.
    Active,
    /// Closed.
    Disabled,
}

/// A team as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamView {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Whether it reads reports or the audit log.
    pub kind: TeamKind,
    /// The channels that feed it.
    pub channels: Vec<String>,
    /// How many people hold its key.
    pub members: usize,
    /// The number of its active key; `None` before the first member has made one.
    pub generation: Option<u32>,
}

/// A channel as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelView {
    /// Its id.
    pub id: String,
    /// The team that it should feed.
    pub team: Option<String>,
    /// Why it is closed; `None` if it is open.
    pub closed: Option<ChannelClosed>,
}

named! {
    /// Why a channel receives nothing.
    ChannelClosed {
        /// No team is named for it.
        NoTeam = "no-team",
        /// The team's first member has not set up an account yet.
        NoKey = "no-key",
        /// Custodians have not signed.
        NotSigned = "not-signed",
        /// The configuration pins no custodian.
        NoCustodian = "no-custodian",
        /// The signed records do not fit together: look into it today.
        Broken = "broken",
    }
}

/// What waits and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Every channel.
    pub channels: Vec<ChannelView>,
    /// Mails that wait to be sent.
    pub mail_waiting: i64,
    /// Mails that were given up.
    pub mail_dead: i64,
    /// Addresses to which mail does not leave.
    pub mail_failing: usize,
    /// People who wait to be let into a team.
    pub members_waiting: usize,
    /// The processes that serve; this one first.
    pub processes: Vec<ProcessView>,
    /// The tables in which something cannot be read.
    pub damaged: BTreeSet<String>,
    /// What the disk refuses.
    pub refused: Option<DiskFault>,
    /// How full the disk is, if the system says.
    pub disk: Option<DiskView>,
    /// Whether the machine's clock is believed here.
    pub clock: Standing,
    /// When a backup was made.
    pub backup: LastBackup,
    /// Whether that was too long ago.
    pub is_backup_late: bool,
    /// The last 24 hours by quarter hours, the oldest first; `None` where a process was not there.
    pub day: Vec<Option<Sample>>,
}

/// A one-time link's token.
pub struct Invitation {
    /// For whom.
    pub handle: String,
    /// Only its hash is kept.
    pub token: SecretString,
}

impl Invitation {
    pub(super) fn new(handle: &str, token: &InvitationToken) -> Self {
        Self {
            handle: handle.to_owned(),
            token: token.text(),
        }
    }
}

//! People with accounts.

use std::fmt;
use std::str::FromStr;

use super::ids::StaffId;
use super::named::named;

named! {
    /// What an account may do. An account has exactly one role.
    Role {
        /// Reads and answers the reports of the teams whose keys the person holds.
        Caseworker = "caseworker",
        /// Signs who may receive reports; reads none.
        Custodian = "custodian",
        /// Runs the service; holds no key.
        Administrator = "administrator",
        /// Reads the audit trail; reads no report.
        Auditor = "auditor",
    }
}

/// A handle is 2 to 32 of `a-z`, `0-9`, `-` and `.`, starting with a letter. Reporters never see one (R25).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(String);

/// Not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a handle is 2 to 32 of a-z, 0-9, hyphen and full stop, starting with a letter")]
pub struct InvalidHandle;

impl Handle {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    /// Lower-cases and trims what was typed.
    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let handle = text.trim().to_ascii_lowercase();
        let fits = (2..=32).contains(&handle.len())
            && handle.starts_with(|first: char| first.is_ascii_lowercase())
            && handle
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
        if fits {
            Ok(Self(handle))
        } else {
            Err(InvalidHandle)
        }
    }
}

/// How a person is named where their acts are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffName {
    /// By their handle.
    Handle(String),
    /// They have left: four digits of their id, so that two of them can be told apart, and nothing else.
    Former(String),
}

impl StaffName {
    /// The name of somebody.
    pub fn of(id: StaffId, handle: &str, state: StaffState) -> Self {
        match state {
            StaffState::Invited | StaffState::Active => Self::Handle(handle.to_owned()),
            StaffState::Disabled => Self::Former(id.to_string().chars().take(4).collect()),
        }
    }
}

named! {
    /// Whether an account can be used.
    StaffState {
        /// Invited, has no passphrase or key yet.
        Invited = "invited",
        /// In use.
        Active = "active",
        /// Closed; kept because the record of acts names it.
        Disabled = "disabled",
    }
}

named! {
    /// How far somebody has come into a team.
    MemberState {
        /// Named as a member, has no key yet.
        Invited = "invited",
        /// Has a key, waits for a member's session to wrap the team's key to it.
        Waiting = "waiting",
        /// Holds a wrap.
        Member = "member",
    }
}

named! {
    /// What a team is there for.
    TeamKind {
        /// Reads reports.
        Casework = "casework",
        /// Reads the bodies of the audit log, and no report.
        Audit = "audit",
    }
}

/// Seconds for which an authenticator shows one code.
pub const CODE_SECONDS: i64 = 30;
/// Seconds for which a wrong code or passphrase counts.
pub const ATTEMPT_SECONDS: i64 = 3_600;

named! {
    /// Where somebody proves who they are. Each way rests for itself after too many wrong attempts.
    Way {
        /// An act of somebody who is signed in.
        Session = "session",
        /// Signing in.
        SignIn = "sign-in",
        /// Signing in on a device on which the person has signed in before.
        KnownDevice = "known-device",
        /// The printed recovery code, of somebody who is not signed in.
        Recovery = "recovery",
    }
}

named! {
    /// What opens a person's key.
    UnlockMethod {
        /// The passphrase.
        Passphrase = "passphrase",
        /// The printed recovery code.
        Recovery = "recovery",
    }
}

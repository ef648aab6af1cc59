//! What the processes of the service do.

use super::named::named;

named! {
    /// One thing that a process can do.
    Role {
        /// Takes reports and serves mailboxes; can open no report.
        Intake = "intake",
        /// Serves staff.
        Casework = "casework",
        /// Sends notices and minds the clocks; holds no key.
        Worker = "worker",
    }
}

/// What one process does: at least one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Takes reports and serves mailboxes.
    pub intake: bool,
    /// Serves staff.
    pub casework: bool,
    /// Sends notices and minds the clocks.
    pub worker: bool,
}

impl Roles {
    /// Everything.
    pub const ALL: Self = Self {
        intake: true,
        casework: true,
        worker: true,
    };

    /// What runs apart when the service runs as a whole: what strangers reach, and what holds a caseworker's keys for a request.
    pub fn apart(self) -> Vec<Self> {
        let intake = Self {
            casework: false,
            worker: false,
            ..self
        };
        let casework = Self {
            intake: false,
            ..self
        };
        let parts = [intake, casework].into_iter();
        parts.filter(|part| !part.list().is_empty()).collect()
    }

    /// As a list.
    pub fn list(self) -> Vec<Role> {
        let all = [
            (self.intake, Role::Intake),
            (self.casework, Role::Casework),
            (self.worker, Role::Worker),
        ];
        let has = all.into_iter().filter(|(has, _)| *has);
        has.map(|(_, role)| role).collect()
    }

    /// As one word.
    pub fn word(self) -> String {
        let names: Vec<&str> = self.list().into_iter().map(Role::as_str).collect();
        names.join("+")
    }

    /// Of that word.
    pub fn of_word(word: &str) -> Option<Self> {
        let roles: Result<Vec<Role>, _> = word.split('+').map(str::parse).collect();
        Self::of(&roles.ok()?)
    }

    /// Of a list; `None` if it is empty.
    pub fn of(roles: &[Role]) -> Option<Self> {
        (!roles.is_empty()).then(|| Self {
            intake: roles.contains(&Role::Intake),
            casework: roles.contains(&Role::Casework),
            worker: roles.contains(&Role::Worker),
        })
    }
}

//! Somebody who is signed in.

use std::sync::{Arc, OnceLock};

use crate::domain::ids::{KeyId, StaffId};
use crate::domain::staff::Role;
use crate::seal::Signer;
use crate::seal::keys::StaffKeys;
use crate::seal::unlock::StaffSecret;

/// Somebody who is signed in, with their keys opened for this one request.
pub struct Caller {
    /// Their id.
    pub staff: StaffId,
    /// Their handle.
    pub handle: String,
    /// Their role.
    pub role: Role,
    /// The token that every form of theirs carries.
    pub csrf: String,
    pub(super) secret: StaffSecret,
    pub(super) keys: StaffKeys,
    /// Their own key record.
    pub(super) key: Option<KeyId>,
    /// What every page of theirs tells them.
    pub notices: Notices,
    /// Their session's row; `None` at a terminal.
    pub(super) session: Option<[u8; 32]>,
    /// What their wrong codes have led to, for the page that answers.
    pub refused: Refused,
}

impl Caller {
    /// Who says what they write, and with which key.
    pub(super) fn signer(&self) -> Signer<'_> {
        Signer {
            staff: self.staff,
            key: self.keys.signing(),
        }
    }
}

/// What a person should know on whatever page they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notices {
    /// Their own key is to be renewed.
    pub renewal: bool,
    /// Somebody waits at their team's door.
    pub newcomer: bool,
}

/// Why the answer is another page than the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No code is looked at now.
    Rests {
        /// For so many minutes from now, rounded up.
        minutes: i64,
    },
    /// The session was ended for its wrong codes just now.
    Ended,
    /// The session had ended before.
    Gone,
}

/// What the codes of one request have led to. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Refused(pub(super) Arc<OnceLock<Refusal>>);

impl Refused {
    /// The refusal, if there is one.
    pub fn get(&self) -> Option<Refusal> {
        self.0.get().copied()
    }
}

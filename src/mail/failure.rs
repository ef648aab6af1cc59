//! A failure with the server's own words, which may hold addresses: for whoever stands at the machine, never for the log.

use crate::domain::mail_fault::MailFailure;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub failure: MailFailure,
    /// As the server said it, if it said anything.
    pub words: Option<String>,
}

impl From<MailFailure> for Refusal {
    fn from(failure: MailFailure) -> Self {
        Self {
            failure,
            words: None,
        }
    }
}

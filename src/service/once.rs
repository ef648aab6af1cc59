//! What a page carries so that two clicks on one of its buttons are one act.

use std::fmt;
use std::str::FromStr;

use super::context::Context;
use crate::domain::ids::{InvalidId, ObjectId, StaffId};
use crate::seal::invitation::InvitationToken;
use crate::seal::random;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Once(pub(super) ObjectId);

impl Once {
    /// For a page that is being made.
    pub fn new_page() -> Self {
        Self(random::object_id())
    }

    /// The token that this page makes for whom it says: the same at the second click, so that the link is not lost with an answer.
    pub(super) fn invitation(
        page: Option<Self>,
        context: &Context,
        by: StaffId,
        whom: &str,
    ) -> InvitationToken {
        page.map_or_else(InvitationToken::random, |Self(page)| {
            let credentials = context.credentials();
            InvitationToken::of_page(credentials.ticket_key(), page, by, whom)
        })
    }
}

/// From which page a form came that makes a link for somebody.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The page's own number.
    pub once: Once,
    /// How the person stood when it was made.
    pub seen: &'a str,
}

impl Sent<'_> {
    /// Whether the person stands as the page says. A page that was left open must not make a link again that was used or replaced since.
    pub(super) fn is_current(sent: Option<Self>, standing: &str) -> bool {
        sent.is_none_or(|sent| sent.seen == standing)
    }
}

impl fmt::Display for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Once {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self)
    }
}

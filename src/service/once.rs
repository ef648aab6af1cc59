//! What a page carries so that two clicks on one of its buttons are one act.

use std::fmt;
use std::str::FromStr;

use super::context::Context;
use super::error::Error;
use crate::domain::ids::{InvalidId, ObjectId, StaffId};
use crate::seal::invitation::InvitationToken;
use crate::seal::random;
use crate::store::{self, DbConnection};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Once(pub(super) ObjectId);

impl Once {
    /// For a page that is being made.
    pub fn new_page() -> Self {
        Self(random::object_id())
    }

    /// The token that this page makes for whom it says: the same at the second click, also over midnight, so that the link is not lost with an
    /// answer.
    ///
    /// # Errors
    /// [`Error`] from the database.
    pub(super) async fn invitation(
        page: Option<Self>,
        context: &Context,
        by: StaffId,
        whom: &str,
    ) -> Result<InvitationToken, Error> {
        let Some(Self(page)) = page else {
            return Ok(InvitationToken::random());
        };
        let (keys, now) = (context.ticket_keys().await, context.clock.now());
        let newest = InvitationToken::of_page(keys.newest(), page, by, whom);
        for key in keys.iter().skip(1) {
            let before = InvitationToken::of_page(key, page, by, whom);
            let hash = before.hash();
            let made = move |conn: &mut DbConnection| store::invitation_find(conn, &hash, now);
            if context.read(made).await?.is_some() {
                return Ok(before);
            }
        }
        Ok(newest)
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

//! What is tried in a ledger, and things to say.

use crate::ledger::Refused;
use crate::ledger::rules::Rules;
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{Generation, TeamBody};
use crate::ledger::tests::{Book, generation, keys, own, person, public};

/// Somebody tries to say something: when the last statement was made and signed as its kind asks for, unless it is said otherwise.
#[derive(Clone, Copy)]
pub struct Try<'a> {
    book: &'a Book,
    at: u32,
    by: Option<&'a [u8]>,
}

impl Book {
    pub fn at(&self, at: u32) -> Try<'_> {
        let (book, by) = (self, None);
        Try { book, at, by }
    }

    pub fn now(&self) -> Try<'_> {
        let last = self
            .read
            .state
            .as_ref()
            .map_or(0, |state| state.at.seconds());
        self.at(u32::try_from(last / 900).unwrap())
    }

    pub fn by<'a>(&'a self, by: &'a [u8]) -> Try<'a> {
        self.now().by(by)
    }

    #[track_caller]
    pub fn takes(&self, author: u8, body: TeamBody) {
        self.now().takes(author, body);
    }

    #[track_caller]
    pub fn refuses(&self, author: u8, body: TeamBody, refused: Refused) {
        self.now().refuses(author, body, refused);
    }
}

impl<'a> Try<'a> {
    pub fn by(self, by: &'a [u8]) -> Self {
        let by = Some(by);
        Self { by, ..self }
    }

    fn outcome(self, author: u8, body: TeamBody) -> Result<(), Refused> {
        let usual = self.book.signers(author, &body);
        let by = self.by.unwrap_or(&usual);
        self.book.tried(author, self.at, body, by)
    }

    #[track_caller]
    pub fn takes(self, author: u8, body: TeamBody) {
        assert_eq!(self.outcome(author, body), Ok(()));
    }

    #[track_caller]
    pub fn refuses(self, author: u8, body: TeamBody, refused: Refused) {
        assert_eq!(self.outcome(author, body), Err(refused));
    }
}

/// Keys of two people.
pub fn half(recipient: u8, verify_key: u8) -> PublicKeys {
    PublicKeys {
        recipient: keys(recipient).recipient(),
        verify_key: keys(verify_key).verify_key(),
    }
}

pub fn recovery(on: bool) -> TeamBody {
    TeamBody::Recovery { on }
}

pub fn set(approvals: u8, hours: u8) -> TeamBody {
    TeamBody::Rules(Rules::new(approvals, hours).unwrap())
}

pub fn wish(approvals: u8, hours: u8) -> TeamBody {
    TeamBody::RulesWish(Rules::new(approvals, hours).unwrap())
}

pub fn lead(who: u8, lead: bool) -> TeamBody {
    TeamBody::Lead {
        person: person(who),
        lead,
    }
}

pub fn admit_as_lead(who: u8) -> TeamBody {
    TeamBody::Admit {
        newcomer: person(who),
        keys: public(own(who, 0)),
        lead: true,
    }
}

pub fn another_generation(change: impl FnOnce(&mut Generation)) -> TeamBody {
    let mut next = generation(2);
    change(&mut next);
    TeamBody::Generation(next)
}

//! What the tests of ledgers share: people and keys by number, and a ledger that is written and checked as the program does.

pub mod lines;
pub mod python;
mod replay;

use std::fmt::Debug;
use std::sync::LazyLock;

use super::Refused;
use super::replay::{Ledger, State, Trust};
use super::statement::{Head, PublicKeys, Signed, Statement};
use super::team::{Generation, TeamBody, TeamState};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, LedgerId, StaffId};
use crate::seal::keys::{Seed, SigningKey, StaffKeys, VerifyKey};

/// The ledger of these tests.
pub const LEDGER: LedgerId = LedgerId::from_bytes([0x1e; 16]);
/// The number of an administrator's keys.
pub const ADMINISTRATOR: u8 = 100;
/// The number of the recovery key that custodians have countersigned.
pub const RECOVERY: u8 = 101;
/// Keys of somebody whom nobody knows.
pub const STRANGER: u8 = 102;
/// The number of the first generation's keys is one more.
const GENERATIONS: u8 = 40;

static KEYS: LazyLock<Vec<StaffKeys>> = LazyLock::new(|| {
    let of = |number| StaffKeys::from_seed(&Seed::from_bytes([number; 32]));
    (0..=STRANGER).map(of).collect()
});

/// The keys of whoever has a number: the seed is that number 32 times. Made once, because histories need them by the thousand.
pub fn keys(number: u8) -> &'static StaffKeys {
    &KEYS[usize::from(number)]
}

/// The number of a person's keys: each has four pairs, one after the other. People count from 1 to 9.
pub fn own(person: u8, version: u8) -> u8 {
    person * 4 + version
}

/// The number of a generation's keys.
pub fn team_key(generation: u8) -> u8 {
    GENERATIONS + generation
}

pub fn public(number: u8) -> PublicKeys {
    PublicKeys {
        recipient: keys(number).recipient(),
        verify_key: keys(number).verify_key(),
    }
}

pub fn person(number: u8) -> StaffId {
    StaffId::from_bytes([number; 16])
}

pub fn quarter(number: u32) -> Quarter {
    Quarter::from_seconds(i64::from(number) * 900)
}

pub fn generation(number: u8) -> Generation {
    Generation {
        number: u32::from(number),
        key: KeyId::from_bytes([number; 16]),
        keys: public(team_key(number)),
    }
}

pub fn is_recovery_key(key: &VerifyKey) -> bool {
    *key == keys(RECOVERY).verify_key()
}

/// Everything is checked.
pub const NOTHING: Trust<'static> = Trust::Nothing {
    is_recovery_key: &is_recovery_key,
    until: LATEST,
};
/// No time is later in these tests.
pub const LATEST: Quarter = Quarter::from_seconds(2_000_000_000);

/// What a statement makes of a state, wherever the list ends.
pub fn applied<S: State + PartialEq + Debug>(
    before: Option<&S>,
    signed: &Signed<S::Body>,
    trust: Trust<'_>,
) -> Result<S, Refused> {
    let statement = &signed.statement;
    let mut ledger = Ledger {
        head: Head {
            sequence: statement.sequence - 1,
            digest: statement.previous,
        },
        state: before.cloned(),
        ..Ledger::default()
    };
    let outcome = ledger.take(statement.ledger, signed, trust);
    if outcome.is_err() {
        assert_eq!(ledger.state.as_ref(), before, "refused, and changed");
    }
    outcome.map(|()| ledger.state.unwrap())
}

/// What a list of statements comes to, as whoever trusts nothing reads it.
pub fn reread(ledger: LedgerId, kept: &[Vec<u8>]) -> Result<Book, Refused> {
    let mut book = Book::new(ledger);
    for kept in kept {
        book.take(Signed::parse(kept)?)?;
    }
    Ok(book)
}

/// A team's ledger.
#[derive(Clone)]
pub struct Book {
    pub ledger: LedgerId,
    pub read: Ledger<TeamState>,
    pub kept: Vec<Signed<TeamBody>>,
}

impl Book {
    pub fn new(ledger: LedgerId) -> Self {
        Self {
            ledger,
            read: Ledger::default(),
            kept: Vec::new(),
        }
    }

    /// Of a team of three: 1, who leads it, let 2 and 3 in.
    pub fn of_three(ledger: LedgerId) -> Self {
        let mut book = Self::new(ledger);
        book.say(1, 0, founding(true));
        for newcomer in [2, 3] {
            book.say(1, 0, approve(newcomer));
            book.say(1, 0, admit(newcomer));
        }
        book
    }

    pub fn head(&self) -> Head {
        self.read.head
    }

    /// As it is kept.
    pub fn to_bytes(&self) -> Vec<Vec<u8>> {
        self.kept.iter().map(Signed::to_bytes).collect()
    }

    pub fn state(&self) -> &TeamState {
        self.read.state.as_ref().unwrap()
    }

    /// The next statement, signed with the keys of these numbers.
    pub fn next(&self, author: u8, at: u32, body: TeamBody, by: &[u8]) -> Signed<TeamBody> {
        let who = (person(author), quarter(at));
        sign(Statement::after((self.ledger, self.head()), who, body), by)
    }

    /// Appends a statement if it is one that may stand here.
    pub fn take(&mut self, signed: Signed<TeamBody>) -> Result<(), Refused> {
        let before = self.read.clone();
        let outcome = self.read.take(self.ledger, &signed, NOTHING);
        match outcome {
            Ok(()) => self.kept.push(signed),
            Err(_) => assert_eq!(
                (self.read.head, self.read.suite, &self.read.state),
                (before.head, before.suite, &before.state),
                "refused, and changed"
            ),
        }
        outcome
    }

    /// What becomes of a statement; nothing is appended.
    pub fn tried(&self, author: u8, at: u32, body: TeamBody, by: &[u8]) -> Result<(), Refused> {
        self.clone().take(self.next(author, at, body, by))
    }

    /// Appends what somebody says with their first keys and may say, signed as its kind asks for.
    pub fn say(&mut self, author: u8, at: u32, body: TeamBody) {
        let by = self.signers(author, &body);
        let signed = self.next(author, at, body.clone(), &by);
        if let Err(refused) = self.take(signed) {
            panic!("{body:?}: {refused:?}");
        }
    }

    /// Whose keys' numbers such a statement needs, as long as nobody has other keys than their first.
    pub fn signers(&self, author: u8, body: &TeamBody) -> Vec<u8> {
        let newest = |state: &TeamState| {
            let number = state.generation.number;
            team_key(u8::try_from(number).unwrap())
        };
        let newest = self.read.state.as_ref().map_or(team_key(1), newest);
        match body {
            TeamBody::Root { .. } => vec![own(author, 0), newest],
            TeamBody::Generation(_) => vec![own(author, 0), newest, newest + 1],
            TeamBody::Exit { by: Some(_), .. } => vec![ADMINISTRATOR],
            TeamBody::Renew(_) => vec![own(author, 0), own(author, 1)],
            TeamBody::Recover { .. } => vec![RECOVERY, newest],
            _ => vec![own(author, 0)],
        }
    }
}

pub fn sign(statement: Statement<TeamBody>, by: &[u8]) -> Signed<TeamBody> {
    let by: Vec<&SigningKey> = by.iter().map(|number| keys(*number).signing()).collect();
    statement.sign(&by).unwrap()
}

/// Person 1 founds a team.
pub fn founding(lead: bool) -> TeamBody {
    TeamBody::Root {
        is_audit: false,
        keys: public(own(1, 0)),
        lead,
        generation: generation(1),
    }
}

pub fn approve(newcomer: u8) -> TeamBody {
    TeamBody::Approve {
        newcomer: person(newcomer),
        keys: public(own(newcomer, 0)),
    }
}

pub fn admit(newcomer: u8) -> TeamBody {
    TeamBody::Admit {
        newcomer: person(newcomer),
        keys: public(own(newcomer, 0)),
        lead: false,
    }
}

/// Somebody goes themselves.
pub fn leave(who: u8) -> TeamBody {
    TeamBody::Exit {
        person: person(who),
        by: None,
    }
}

/// An administrator closes somebody's account.
pub fn close(who: u8) -> TeamBody {
    TeamBody::Exit {
        person: person(who),
        by: Some(keys(ADMINISTRATOR).verify_key()),
    }
}

pub fn recover(who: u8) -> TeamBody {
    TeamBody::Recover {
        keys: public(own(who, 0)),
        recovery: keys(RECOVERY).verify_key(),
    }
}

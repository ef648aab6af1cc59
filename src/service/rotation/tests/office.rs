//! An office in memory: one team of three that custodians have signed for, two who wait at its door, and what its members' keys do.

use std::sync::LazyLock;

use crate::domain::alarm::Fault;
use crate::domain::clock::{Clock, Day};
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::rotation::RotationReason;
use crate::domain::staff::{MemberState, Role, StaffState, TeamKind};
use crate::domain::suite::Suite;
use crate::domain::urgency::Urgency;
use crate::ledger::office::{Charter, OfficeBody};
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{Generation, TeamBody};
use crate::seal::chain::{Custodian, CustodianPins, VerifiedKey};
use crate::seal::credentials::Credentials;
use crate::seal::keys::{Seed, StaffKeys};
use crate::seal::opening::{self, TeamSecrets};
use crate::seal::random;
use crate::seal::receipt::Master;
use crate::seal::sealing::{self, Draft};
use crate::service::audit_log::AuditLog;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::intake;
use crate::service::keyring::{MemberKeys, generation_row, public_of};
use crate::service::rotation::begin;
use crate::service::rotation::engine::{self, Work};
use crate::service::rotation::order::order_in_txn;
use crate::service::rotation::outcome::Step;
use crate::service::txn::Txn;
use crate::service::watch;
use crate::store::tests::fixture::{self, NOW};
use crate::store::{
    self, Channel, DbConnection, KeyRow, Membership, Staff, StoreError, StoreResult, Team, WrapRow,
};
use crate::witness::Witness;

pub const TEAM: TeamId = TeamId::from_bytes([7; 16]);
pub const CHANNEL: &str = "main";
/// Of whom the first are in the team.
pub const PEOPLE: usize = 5;
pub const FIRST: usize = 3;

static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::made_on(Day::from_number(20_000)));

pub struct Office {
    pub conn: DbConnection,
    pub clock: Clock,
    witness: Witness,
    log: AuditLog,
    /// The names of the tables.
    pub tables: Vec<String>,
    /// The first generation's key.
    pub first: VerifiedKey,
}

/// Whose number that is.
pub fn person(number: usize) -> StaffId {
    StaffId::from_bytes([u8::try_from(number).unwrap() + 1; 16])
}

pub fn own_key(number: usize) -> KeyId {
    KeyId::from_bytes([u8::try_from(number).unwrap() + 101; 16])
}

fn seed(number: usize) -> Seed {
    Seed::from_bytes([u8::try_from(number).unwrap() + 1; 32])
}

/// The keys of whoever has that number. The two after the people are the custodian and the administrator, the next one the thief's.
pub fn keys(number: usize) -> &'static StaffKeys {
    static KEYS: LazyLock<Vec<StaffKeys>> =
        LazyLock::new(|| (0..PEOPLE + 3).map(staff_keys).collect());
    &KEYS[number]
}

pub const CUSTODIAN: usize = PEOPLE;
pub const ADMINISTRATOR: usize = PEOPLE + 1;
pub const THIEF: usize = PEOPLE + 2;

pub fn public(number: usize) -> PublicKeys {
    PublicKeys {
        recipient: keys(number).recipient(),
        verify_key: keys(number).verify_key(),
    }
}

pub fn hand(number: usize) -> MemberKeys {
    MemberKeys::new(person(number), own_key(number), staff_keys(number))
}

fn staff_keys(number: usize) -> StaffKeys {
    StaffKeys::from_seed(&seed(number))
}

fn pins() -> CustodianPins {
    CustodianPins {
        threshold: 1,
        custodians: vec![Custodian::new(
            "one".to_owned(),
            keys(CUSTODIAN).verify_key(),
        )],
    }
}

impl Office {
    pub fn found() -> Self {
        let clock = Clock::manual(NOW);
        let witness = Witness::of_process(CREDENTIALS.witness_keys());
        let mut conn = fixture::in_memory();
        let tables = fixture::texts(
            &mut conn,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        );
        let mut office = Self {
            log: log(&clock, &witness),
            conn,
            clock,
            witness,
            tables,
            first: VerifiedKey {
                team: TEAM,
                root: [0; 32],
                decided: 0,
                key: own_key(0),
                generation: 0,
                recipient: keys(0).recipient(),
            },
        };
        office.settle().unwrap();
        office.first = office.receiver().unwrap().expect("a key");
        office.sql("ATTACH ':memory:' AS base; ATTACH ':memory:' AS old;");
        for table in office.tables.clone() {
            for schema in ["base", "old"] {
                office.sql(&format!(
                    "CREATE TABLE {schema}.{table} AS SELECT * FROM main.{table}"
                ));
            }
        }
        office
    }

    fn settle(&mut self) -> Result<(), Error> {
        let secrets = TeamSecrets::generate(Suite::X25519);
        self.write(|txn| {
            store::team_insert(
                txn,
                &Team::usual(TEAM, "Hotline".to_owned(), TeamKind::Casework),
            )?;
            store::channel_put(
                txn,
                &Channel {
                    id: CHANNEL.to_owned(),
                    team: TEAM,
                },
            )?;
            for number in 0..PEOPLE {
                enter(txn, number)?;
            }
            let generation = Generation {
                number: 1,
                key: random::key_id(),
                keys: public_of(&secrets),
            };
            let row = generation_row(TEAM, &generation, txn.today());
            let own = keys(0).signing();
            let root = TeamBody::Root {
                is_audit: false,
                keys: public(0),
                lead: true,
                generation,
            };
            let state = txn.say(TEAM, person(0), &[own, secrets.signing()], root)?;
            store::key_insert(txn, &row)?;
            for number in 0..FIRST {
                if number > 0 {
                    for body in words(number) {
                        txn.say(TEAM, person(0), &[own], body)?;
                    }
                }
                wrap(txn, number, &row, &secrets)?;
            }
            let charter = Charter {
                channel: CHANNEL.to_owned(),
                team: TEAM,
                root: state.root,
            };
            let custodian = keys(CUSTODIAN);
            let said = OfficeBody::Charter(charter, custodian.verify_key());
            txn.say_in_office(None, custodian.signing(), said)?;
            Ok(())
        })
    }

    /// As it was founded, in a process that has just started.
    pub fn begin_again(&mut self) {
        let mut sql = "PRAGMA foreign_keys = OFF; BEGIN;".to_owned();
        for table in &self.tables {
            sql += &format!(
                "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM base.{table};"
            );
        }
        self.sql(&(sql + "COMMIT; PRAGMA foreign_keys = ON;"));
        self.witness = Witness::of_process(CREDENTIALS.witness_keys());
        self.log = log(&self.clock, &self.witness);
        assert!(self.faults().unwrap().is_empty());
    }

    /// The same database and witness under a new process; a power cut may have come between the witness and the commit of a statement.
    pub fn restart(&mut self, cut: Option<u32>) {
        if let Some(sequence) = cut {
            let head = crate::ledger::statement::Head {
                sequence,
                digest: [9; 32],
            };
            self.witness.announce(&[(TEAM.into(), head)]).unwrap();
        }
        self.log = log(&self.clock, &self.witness);
    }

    pub fn sql(&mut self, statements: &str) {
        self.try_sql(statements)
            .unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    pub fn try_sql(&mut self, statements: &str) -> StoreResult<()> {
        let done = fixture::batch(&mut self.conn, statements);
        if done.is_err() {
            drop(fixture::batch(&mut self.conn, "ROLLBACK"));
        }
        done
    }

    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (log, now) = (self.log.clone(), self.clock.now());
        store::write_transaction(&mut self.conn, |conn| {
            work(&mut Txn::new(&log, conn.reborrow(), now))
        })
    }

    pub fn authority(&self) -> Authority {
        self.log.authority().clone()
    }

    /// What the worker's look finds.
    pub fn faults(&mut self) -> StoreResult<Vec<Fault>> {
        let authority = self.authority();
        Ok(watch::faults(&mut self.conn, &authority)?
            .into_iter()
            .collect())
    }

    /// The key that a report would be sealed to now.
    pub fn receiver(&mut self) -> StoreResult<Option<VerifiedKey>> {
        let authority = self.authority();
        Ok(authority.look(&mut self.conn, CHANNEL)?.key)
    }

    /// A report comes in, to that key.
    pub fn file(&mut self, to: &VerifiedKey) -> StoreResult<()> {
        let now = self.clock.now();
        let submission = sealing::seal_submission(&Draft {
            channel: CHANNEL,
            key: to.key,
            team: &to.recipient,
            answers: b"told",
            summary: b"card",
            master: &Master::from_bytes(random::bytes()),
            urgency: Urgency::U2,
            day: now.day(),
            due: now.quarter(),
            retention: "undecided",
            is_alike: false,
            mailbox_expires: now.day().plus(90),
        });
        let submission = submission.unwrap();
        let event = intake::event(submission.report, false, now);
        self.write(|txn| store::report_insert(txn, &submission, &event))
    }

    /// As a member lets a newcomer in whose digits they have compared.
    pub fn admit(&mut self, by: usize, who: usize) -> Result<(), Error> {
        self.write(|txn| {
            let hand = hand(by);
            let state = txn.team(TEAM)?;
            let ring = hand.keyring(txn, TEAM)?.ok_or(Error::Refused)?;
            if !hand.is_in(&state) || !ring.fits(&state) {
                return Err(Error::Refused);
            }
            for body in words(who) {
                txn.say(TEAM, person(by), &[keys(by).signing()], body)?;
            }
            for live in std::iter::once(&ring.active).chain(&ring.old) {
                wrap(txn, who, &live.row, &live.secrets)?;
            }
            let (from, to) = (MemberState::Waiting, MemberState::Member);
            Ok(store::membership_move(txn, TEAM, person(who), from, to)?)
        })
    }

    /// As an administrator closes an account: `service::admin::leaving` without what concerns sessions and restricted reports.
    pub fn close(&mut self, who: usize) -> Result<(), Error> {
        self.write(|txn| {
            let administrator = keys(ADMINISTRATOR);
            let stands = match txn.team(TEAM) {
                Ok(state) => state.members.contains_key(&person(who)),
                Err(Error::Refused | Error::NotFound) => false,
                Err(error) => return Err(error),
            };
            if stands {
                let body = TeamBody::Exit {
                    person: person(who),
                    by: Some(administrator.verify_key()),
                };
                txn.say(TEAM, random::staff_id(), &[administrator.signing()], body)?;
            }
            for (wrap, _) in store::wraps_of_parent(txn, own_key(who))? {
                store::wrap_delete(txn, wrap.parent, wrap.child)?;
            }
            store::membership_delete(txn, TEAM, person(who))?;
            store::staff_disable(txn, person(who))?;
            order_in_txn(txn, TEAM, RotationReason::Leaving, None)?;
            Ok(())
        })
    }

    pub fn order(&mut self) -> StoreResult<bool> {
        self.write(|txn| order_in_txn(txn, TEAM, RotationReason::Order, None))
    }

    /// The next step of a change, as the engine does it, one grant at most.
    pub fn step(&mut self, by: usize) -> Result<Step, Error> {
        let (hand, authority, day) = (hand(by), self.authority(), self.clock.today());
        match engine::find(&mut self.conn, (&authority, day), &hand, TEAM, 1)? {
            Work::Nothing | Work::Recovery | Work::Bodies(_) => Ok(Step::Idle),
            Work::Begin => {
                let begun = self.write(|txn| begin::begin_in_txn(txn, &hand, TEAM))?;
                Ok(if begun { Step::Begun } else { Step::Idle })
            }
            Work::Move(batch) => {
                let made = engine::reseal(&batch, 1);
                self.write(|txn| engine::keep_in_txn(txn, TEAM, &batch, made))
            }
            Work::Finish(stuck) => {
                let done = self.write(|txn| engine::finish_in_txn(txn, TEAM, &stuck))?;
                Ok(if done { Step::Finished } else { Step::Idle })
            }
        }
    }
}

fn log(clock: &Clock, witness: &Witness) -> AuditLog {
    let authority = Authority::new((clock.clone(), Suite::X25519), Some(witness.clone()), pins);
    let log = AuditLog::new(&CREDENTIALS).with_witness(witness.clone());
    log.under(authority)
}

/// A member's word for somebody, and that they are in.
fn words(who: usize) -> [TeamBody; 2] {
    let (newcomer, keys) = (person(who), public(who));
    [
        TeamBody::Approve {
            newcomer,
            keys: keys.clone(),
        },
        TeamBody::Admit {
            newcomer,
            keys,
            lead: false,
        },
    ]
}

fn wrap(txn: &mut Txn<'_>, to: usize, row: &KeyRow, secrets: &TeamSecrets) -> Result<(), Error> {
    let sealed = opening::seal_wrap(&keys(to).recipient(), row.id, row.generation, secrets)?;
    let (parent, child) = (own_key(to), row.id);
    Ok(store::wrap_insert(
        txn,
        &WrapRow {
            parent,
            child,
            sealed,
        },
    )?)
}

/// Somebody's account, with their key.
fn enter(txn: &mut Txn<'_>, number: usize) -> StoreResult<()> {
    let (recipient, verify_key) = (
        keys(number).recipient().to_string(),
        *keys(number).verify_key().as_bytes(),
    );
    let joined = txn.today();
    let account = Staff {
        id: person(number),
        handle: format!("person{number}"),
        role: Role::Caseworker,
        state: StaffState::Active,
        recipient: Some(recipient.clone()),
        verify_key: Some(verify_key),
        joined,
    };
    store::staff_insert(txn, &account)?;
    let key = KeyRow {
        id: own_key(number),
        kind: KeyKind::Staff,
        owner: *person(number).as_bytes(),
        generation: 1,
        recipient,
        verify_key,
        state: KeyState::Active,
        from: joined,
    };
    store::key_insert(txn, &key)?;
    let state = if number < FIRST {
        MemberState::Member
    } else {
        MemberState::Waiting
    };
    let membership = Membership {
        team: TEAM,
        staff: person(number),
        lead: number == 0,
        state,
    };
    store::membership_insert(txn, &membership)
}

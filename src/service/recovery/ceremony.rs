//! Letting one new person in with the recovery key: what leaves the service for the offline machine, what is done there, and what
//! comes back.
//!
//! Both files hold public keys and wraps only. The first is made by [`request`], the second by [`answer`] where the shares meet;
//! [`apply_in_txn`] believes nothing that it can check.

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};

use super::standing;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{InvalidId, KeyId, StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::sealed::{Sealed, Wrap};
use crate::domain::staff::{MemberState, Role, StaffState, TeamKind};
use crate::ledger::Refused;
use crate::ledger::office::RecoveryKey;
use crate::ledger::statement::{Head, PublicKeys, Signed, Statement};
use crate::ledger::team::TeamBody;
use crate::seal::SealError;
use crate::seal::keys::{StaffKeys, VerifyKey};
use crate::seal::opening;
use crate::seal::opening::KeyRecord;
use crate::seal::recovery::RecoveryPublic;
use crate::service::alarm;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::keyring;
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, KeyRow, Membership, StoreError, WrapRow};

const REQUEST: &str = "kapea-recovery-request-1";
const ANSWER: &str = "kapea-recovery-answer-1";

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// There is no such team or person.
    #[error("there is no such team or person")]
    NotFound,
    /// The person has no key to be let in with, or no part in the team.
    #[error(
        "the person must be a caseworker (for the auditors' own team: an auditor) with an account in use, invited to this team and not in it yet"
    )]
    NotWaiting,
    /// No recovery key is in force, or its record does not verify.
    #[error("there is no recovery key in force that enough custodians have signed")]
    NoKey,
    /// The team does without, or no member has wrapped its key yet.
    #[error("the team's key is not wrapped to a recovery key")]
    NoWraps,
    /// The team's ledger does not take it.
    #[error("the team's ledger does not take it: {0}")]
    Ledger(Refused),
    /// As [`CeremonyError::Ledger`], for a reason that is in the log.
    #[error("the team's ledger does not take it: {0}")]
    Said(#[from] Error),
    /// The file is another one, or was changed.
    #[error("the file is not what it should be: {0}")]
    File(&'static str),
    /// A wrap does not open, or opens another key.
    #[error("a wrapped key {0}")]
    Seal(#[from] SealError),
    /// Keys have changed since the request was made.
    #[error("keys have changed since the request was made; make a new one")]
    Changed,
    /// From the database.
    #[error("the database does not answer")]
    Store(#[source] StoreError),
}

/// What the offline machine needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    kind: String,
    team: String,
    /// The team's name.
    pub team_name: String,
    staff: String,
    /// The person's handle.
    pub handle: String,
    own: String,
    recipient: String,
    verify_key: String,
    /// The line of the recovery key that the wraps are to.
    recovery: String,
    generations: Vec<Generation>,
    /// Where the team's ledger ends, and when this was asked for: what is said there must follow.
    sequence: u32,
    digest: String,
    at: i64,
}

/// A live generation of the team and its wrap to the recovery key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Generation {
    key: String,
    number: u32,
    recipient: String,
    verify_key: String,
    is_active: bool,
    sealed: String,
}

/// What comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    kind: String,
    team: String,
    staff: String,
    own: String,
    wraps: Vec<Wrapped>,
    /// What is to be said in the team's ledger, signed.
    statement: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wrapped {
    key: String,
    sealed: String,
}

/// Who was let in, for the one who applied it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetIn {
    /// Into which team.
    pub team: TeamId,
    /// Who.
    pub staff: StaffId,
    /// How many generations they can open.
    pub wraps: usize,
}

impl Request {
    /// The recovery key that is needed.
    ///
    /// # Errors
    /// [`CeremonyError::File`].
    pub fn recovery(&self) -> Result<RecoveryPublic, CeremonyError> {
        self.recovery
            .parse()
            .map_err(|_| CeremonyError::File("the recovery key"))
    }

    /// 30 digits of the person's keys, which the person reads out from their own page.
    ///
    /// # Errors
    /// [`CeremonyError::File`].
    pub fn fingerprint(&self) -> Result<String, CeremonyError> {
        Ok(self.keys()?.fingerprint())
    }

    fn statement(
        &self,
        keys: PublicKeys,
        recovery: VerifyKey,
    ) -> Result<Statement<TeamBody>, CeremonyError> {
        let bad = |_| CeremonyError::File("the end of the team's ledger");
        let digest = HEXLOWER.decode(self.digest.as_bytes()).map_err(bad)?;
        let digest = digest.try_into();
        let head = Head {
            sequence: self.sequence,
            digest: digest.map_err(|_| CeremonyError::File("the end of the team's ledger"))?,
        };
        let team: TeamId = id(&self.team)?;
        let said = (id(&self.staff)?, Quarter::from_seconds(self.at));
        let body = TeamBody::Recover { keys, recovery };
        Ok(Statement::after((team.into(), head), said, body))
    }

    fn keys(&self) -> Result<PublicKeys, CeremonyError> {
        let bad = |_| CeremonyError::File("the person's keys");
        Ok(PublicKeys {
            recipient: self.recipient.parse().map_err(bad)?,
            verify_key: self.verify_key.parse().map_err(bad)?,
        })
    }
}

/// What the offline machine needs to let `handle` into the team. Changes nothing.
///
/// # Errors
/// [`CeremonyError`].
pub fn request(
    conn: &mut DbConnection,
    (authority, now): (&Authority, Timestamp),
    team_name: &str,
    handle: &str,
) -> Result<Request, CeremonyError> {
    let team = store::team_list(conn)?
        .into_iter()
        .find(|team| team.name == team_name)
        .ok_or(CeremonyError::NotFound)?;
    let staff = store::staff_by_handle(conn, handle)?.ok_or(CeremonyError::NotFound)?;
    let (own, _) = waiting(conn, team.id, staff.id)?;
    let wraps = store::recovery_wraps(conn)?;
    let standing = standing::standing(conn, authority)?;
    let ledger = authority.team(conn, team.id)?;
    let newest = ledger.state.as_ref().map(|state| state.at);
    let live = live(conn, team.id)?;
    // The key in force if it opens the team; an older one as long as the team has not come over.
    let holds = |row: &&KeyRow| live.iter().all(|g| wraps.contains(&(row.id, g.id)));
    let in_force = standing.current_row().filter(holds);
    let older = |row: &&KeyRow| row.state == KeyState::Retiring && holds(row);
    let mut chosen = in_force;
    if chosen.is_none() {
        chosen = standing.rows.iter().rev().find(older);
    }
    if standing.current.is_none() && chosen.is_none() {
        return Err(CeremonyError::NoKey);
    }
    let recovery = chosen
        .filter(|_| !live.is_empty())
        .ok_or(CeremonyError::NoWraps)?;
    let sealed = store::wraps_of_parent(conn, recovery.id)?;
    let generations = live.iter().filter_map(|key| {
        let (wrap, _) = sealed.iter().find(|(wrap, _)| wrap.child == key.id)?;
        Some(Generation {
            key: key.id.to_string(),
            number: key.generation,
            recipient: key.recipient.clone(),
            verify_key: VerifyKey::from_bytes(key.verify_key).to_string(),
            is_active: key.state == KeyState::Active,
            sealed: BASE64.encode(wrap.sealed.as_bytes()),
        })
    });
    let public = standing::record(recovery).ok_or(CeremonyError::NoKey)?;
    Ok(Request {
        kind: REQUEST.to_owned(),
        team: team.id.to_string(),
        team_name: team.name,
        staff: staff.id.to_string(),
        handle: staff.handle,
        own: own.id.to_string(),
        recipient: own.recipient,
        verify_key: VerifyKey::from_bytes(own.verify_key).to_string(),
        recovery: line(public).to_string(),
        generations: generations.collect(),
        sequence: ledger.head.sequence,
        digest: HEXLOWER.encode(&ledger.head.digest),
        at: now.quarter().max(newest.unwrap_or(now.quarter())).seconds(),
    })
}

/// Wraps the team's live keys to the person, and gives the team's word for them. Where the shares meet; needs no database.
///
/// # Errors
/// [`CeremonyError`] if anything is not exactly what the request says.
pub fn answer(request: &Request, recovery: &StaffKeys) -> Result<Answer, CeremonyError> {
    if request.kind != REQUEST {
        return Err(CeremonyError::File("not a request"));
    }
    if RecoveryPublic::of(recovery) != request.recovery()? {
        return Err(CeremonyError::Seal(SealError::WrongKey));
    }
    let keys = request.keys()?;
    let mut wraps = Vec::new();
    let mut statement = None;
    for generation in &request.generations {
        let key = id(&generation.key)?;
        let sealed = wrap(&generation.sealed)?;
        let verify_key: VerifyKey = generation
            .verify_key
            .parse()
            .map_err(|_| CeremonyError::Seal(SealError::WrongKey))?;
        let record = KeyRecord {
            key,
            generation: generation.number,
            recipient: &generation.recipient,
            verify_key: verify_key.as_bytes(),
        };
        let secrets = opening::open_wrap(recovery.identity(), &sealed, &record)?;
        let made = opening::seal_wrap(&keys.recipient, key, generation.number, &secrets)?;
        wraps.push(Wrapped {
            key: generation.key.clone(),
            sealed: BASE64.encode(made.as_bytes()),
        });
        if generation.is_active {
            let signers = [recovery.signing(), secrets.signing()];
            let said = request.statement(keys.clone(), recovery.verify_key())?;
            let signed = said
                .sign(&signers)
                .map_err(|_| CeremonyError::File("the time"))?;
            statement = Some(BASE64.encode(&signed.to_bytes()));
        }
    }
    let statement = statement.ok_or(CeremonyError::File("no active key"))?;
    Ok(Answer {
        kind: ANSWER.to_owned(),
        team: request.team.clone(),
        staff: request.staff.clone(),
        own: request.own.clone(),
        wraps,
        statement,
    })
}

/// Lets the person in: wraps, the team's word, an entry in the trail and an alarm that leads and auditors see.
///
/// # Errors
/// [`CeremonyError`]; nothing is half done.
pub fn apply_in_txn(txn: &mut Txn<'_>, answer: &Answer) -> Result<LetIn, CeremonyError> {
    let day = txn.today();
    if answer.kind != ANSWER {
        return Err(CeremonyError::File("not an answer"));
    }
    let (team, staff): (TeamId, StaffId) = (id(&answer.team)?, id(&answer.staff)?);
    let (own, membership) = waiting(txn, team, staff)?;
    let bytes = BASE64
        .decode(answer.statement.as_bytes())
        .map_err(|_| CeremonyError::File("the statement"))?;
    let signed = Signed::<TeamBody>::parse(&bytes).map_err(CeremonyError::Ledger)?;
    let TeamBody::Recover { keys, .. } = &signed.statement.body else {
        return Err(CeremonyError::File("the statement"));
    };
    let is_same = own.id.to_string() == answer.own
        && signed.statement.author == staff
        && keyring::public_keys(&own).as_ref() == Some(keys);
    let live = live(txn, team)?;
    let is_whole = answer.wraps.len() == live.len()
        && live
            .iter()
            .all(|key| answer.wraps.iter().any(|w| w.key == key.id.to_string()));
    let head = txn.authority().team(txn, team)?.head;
    let follows = signed.follows(team.into(), head);
    if !is_same || !is_whole || follows.is_err() {
        return Err(CeremonyError::Changed);
    }
    txn.take(team, &signed)?;
    for made in &answer.wraps {
        let row = WrapRow {
            parent: own.id,
            child: id(&made.key)?,
            sealed: wrap(&made.sealed)?,
        };
        store::wrap_insert(txn, &row)?;
    }
    store::membership_move(txn, team, staff, membership.state, MemberState::Member)?;
    let wraps = answer.wraps.len();
    let event = AuditEvent::RecoveryUsed {
        team,
        person: staff,
        recipient: own.recipient,
        wraps,
    };
    txn.record(None, event)?;
    let kind = AlarmKind::RecoveryUsed;
    if !txn.raise(kind, &team.to_string())? {
        // Nobody has looked into the last time yet: this is another one all the same.
        alarm::notice_in_txn(txn, day)?;
    }
    Ok(LetIn { team, staff, wraps })
}

/// Records that the shares were tried and hold.
///
/// # Errors
/// From the database.
pub fn drilled_in_txn(txn: &mut Txn<'_>, key: KeyId) -> Result<(), StoreError> {
    txn.record(None, AuditEvent::RecoveryDrilled { key })
}

/// The recovery key in force, and how many of the wraps to it these keys open. Changes nothing.
///
/// # Errors
/// [`CeremonyError::NoKey`] without one.
pub fn in_force(
    conn: &mut DbConnection,
    authority: &Authority,
) -> Result<(KeyId, RecoveryPublic), CeremonyError> {
    let standing = standing::standing(conn, authority)?;
    let current = standing.current.ok_or(CeremonyError::NoKey)?;
    Ok((current.key, line(current)))
}

fn line(key: RecoveryKey) -> RecoveryPublic {
    RecoveryPublic {
        recipient: key.keys.recipient,
        verify_key: key.keys.verify_key,
    }
}

/// How many teams' keys are wrapped to a recovery key, and how many of those wraps open. Changes nothing.
///
/// # Errors
/// From the database.
pub fn try_wraps(
    conn: &mut DbConnection,
    key: KeyId,
    recovery: &StaffKeys,
) -> Result<(usize, usize), StoreError> {
    let found = keyring::beneath(conn, (key, recovery.identity()), |_| true)?;
    let opened = found.open.len();
    Ok((opened + found.broken.len(), opened))
}

/// The person's key and place in the team, if they are one whom somebody could let in.
fn waiting(
    conn: &mut DbConnection,
    team: TeamId,
    staff: StaffId,
) -> Result<(KeyRow, Membership), CeremonyError> {
    let person = store::staff_find(conn, staff)?;
    let role = match store::team_find(conn, team)?.kind {
        TeamKind::Casework => Role::Caseworker,
        TeamKind::Audit => Role::Auditor,
    };
    if person.state != StaffState::Active || person.role != role {
        return Err(CeremonyError::NotWaiting);
    }
    let membership = store::memberships_of_staff(conn, staff)?
        .into_iter()
        .find(|membership| membership.team == team)
        .filter(|membership| membership.state != MemberState::Member)
        .ok_or(CeremonyError::NotWaiting)?;
    let own = store::staff_key_active(conn, staff)?.ok_or(CeremonyError::NotWaiting)?;
    Ok((own, membership))
}

fn live(conn: &mut DbConnection, team: TeamId) -> Result<Vec<KeyRow>, StoreError> {
    let mut keys = store::keys_of_team(conn, team)?;
    keys.retain(|key| matches!(key.state, KeyState::Active | KeyState::Retiring));
    Ok(keys)
}

fn id<T: std::str::FromStr<Err = InvalidId>>(text: &str) -> Result<T, CeremonyError> {
    text.parse().map_err(|_| CeremonyError::File("an id"))
}

fn wrap(text: &str) -> Result<Sealed<Wrap>, CeremonyError> {
    let bytes = BASE64
        .decode(text.as_bytes())
        .map_err(|_| CeremonyError::File("a wrapped key"))?;
    Sealed::parse(bytes).map_err(|_| CeremonyError::File("a wrapped key"))
}

impl From<StoreError> for CeremonyError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale | StoreError::Conflict => Self::Changed,
            StoreError::Busy
            | StoreError::Full
            | StoreError::ReadOnly
            | StoreError::CannotOpen
            | StoreError::Io
            | StoreError::Damaged
            | StoreError::Schema(_)
            | StoreError::Other(_) => Self::Store(error),
        }
    }
}

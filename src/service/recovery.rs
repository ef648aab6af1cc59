//! The recovery key as custodians and administrators see it, and the teams that do without.
//!
//! Its secret is never here: [`ceremony`] says what leaves the service for the offline machine, and what comes back.

pub mod ceremony;
pub(super) mod standing;
mod view;

use super::accounts::Caller;
use super::attempts;
use super::authority::Authority;
use super::context::Context;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::staff::Role;
use crate::ledger::office::OfficeBody;
use crate::ledger::team::TeamBody;
use crate::seal::keys::SigningKey;
use crate::seal::random;
use crate::seal::recovery::RecoveryPublic;
use crate::service::error::Error;
use crate::store::{self, DbConnection, KeyRow, StoreError, StoreResult, WriteTxn};

use standing::RecoveryStatus;
pub use view::{RecoveryKeyView, RecoveryOverview, TeamRecovery, TeamStanding};

/// A recovery key belongs to nobody.
const NOBODY: [u8; 16] = [0; 16];

/// See the module.
#[derive(Clone)]
pub struct Recovery {
    context: Context,
}

impl Recovery {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// The recovery keys and how far each team is. For custodians and administrators.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn overview(&self, caller: &Caller) -> Result<RecoveryOverview, Error> {
        if !matches!(caller.role, Role::Custodian | Role::Administrator) {
            return Err(Error::NotFound);
        }
        let authority = self.context.authority.clone();
        let today = self.context.clock.today();
        let me = authority.pins().custodian(&caller.keys.verify_key(), today);
        Ok(self
            .context
            .read(move |conn| view::overview(conn, &authority, me))
            .await?)
    }

    /// Keeps the public half of a new recovery key, for custodians to sign. One that was registered before and has not come into force
    /// is forgotten.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn register(&self, caller: &Caller, line: &str, code: &str) -> Result<(), Error> {
        self.custodian(caller)?;
        let public: RecoveryPublic = line.parse().map_err(|_| Error::NotALine)?;
        attempts::second_factor(&self.context, caller, code).await?;
        let actor = caller.staff;
        self.context
            .write(move |txn| register_in_txn(txn, &public, actor))
            .await
    }

    /// Signs a recovery key, if it still has the fingerprint that was shown. With enough signatures it comes into force, and the one
    /// before it is let go as the teams come over.
    ///
    /// # Errors
    /// [`Error::NotPinned`] if the signature would count for nothing.
    pub async fn sign(
        &self,
        caller: &Caller,
        key: KeyId,
        fingerprint: &str,
        code: &str,
    ) -> Result<(), Error> {
        self.custodian(caller)?;
        attempts::second_factor(&self.context, caller, code).await?;
        let actor = caller.staff;
        let (keys, fingerprint) = (caller.keys.share(), fingerprint.to_owned());
        self.context
            .write(move |txn| {
                let signing = Signing {
                    key,
                    fingerprint: &fingerprint,
                    custodian: keys.signing(),
                    actor: Some(actor),
                };
                sign_in_txn(txn, &signing)
            })
            .await
    }

    /// For each team that the caller is in: whether its key is also wrapped to the recovery key.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn teams(&self, caller: &Caller) -> Result<Vec<TeamRecovery>, Error> {
        let me = caller.staff;
        let authority = self.context.authority.clone();
        Ok(self
            .context
            .read(move |conn| view::teams_of(conn, &authority, me))
            .await?)
    }

    /// A lead's decision whether their team's key is also wrapped to the recovery key. Nobody else's, and no administrator's. What was
    /// wrapped goes at once.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn set_team(
        &self,
        caller: &Caller,
        team: TeamId,
        recovery: bool,
        code: &str,
    ) -> Result<(), Error> {
        let leads = self.teams(caller).await?;
        if !leads.iter().any(|own| own.team == team && own.is_lead) {
            return Err(Error::NotFound);
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let (actor, signing) = (caller.staff, caller.keys.signing().share());
        self.context
            .write(move |txn| {
                let body = TeamBody::Recovery { on: recovery };
                txn.say(team, actor, &[&signing], body)?;
                let event = if recovery {
                    AuditEvent::TeamRecoveryOn { team }
                } else {
                    let wraps = drop_wraps_in_txn(txn, team)?;
                    AuditEvent::TeamRecoveryOff { team, wraps }
                };
                txn.record(actor, event)?;
                let authority = txn.authority();
                let standing = standing::standing(txn, authority)?;
                destroy_older_in_txn(txn, &standing)?;
                Ok(())
            })
            .await
    }

    fn custodian(&self, caller: &Caller) -> Result<(), Error> {
        if caller.role != Role::Custodian {
            return Err(Error::NotFound);
        }
        let is_pinned = self.context.is_pinned(&caller.keys.verify_key());
        is_pinned.then_some(()).ok_or(Error::NotPinned)
    }
}

/// A custodian's signature to be made under what was shown to them.
pub struct Signing<'a> {
    /// The recovery key.
    pub key: KeyId,
    /// Its 30 digits, as they were compared.
    pub fingerprint: &'a str,
    /// Who signs.
    pub custodian: &'a SigningKey,
    /// Their account, if they have one.
    pub actor: Option<StaffId>,
}

/// Signs, and puts the key in force if these are enough signatures.
///
/// # Errors
/// [`Error::Changed`] if it is not the key that was shown, or not one to be signed.
pub fn sign_in_txn(txn: &mut Txn<'_>, signing: &Signing<'_>) -> Result<(), Error> {
    let authority = txn.authority();
    let (key, signer) = (signing.key, signing.custodian.verify_key());
    if authority.pins().custodian(&signer, txn.today()).is_none() {
        return Err(Error::NotPinned);
    }
    let row = store::key_find(txn, key)?;
    let can_sign =
        row.kind == KeyKind::Recovery && matches!(row.state, KeyState::Pending | KeyState::Active);
    let record = standing::record(&row).filter(|_| can_sign);
    let record = record.ok_or(Error::Changed)?;
    if record.keys.fingerprint() != signing.fingerprint {
        return Err(Error::Changed);
    }
    let body = OfficeBody::Recovery(record, signer);
    txn.say_in_office(signing.actor, signing.custodian, body)?;
    let event = AuditEvent::RecoveryKeySigned {
        key,
        number: row.generation,
        recipient: row.recipient,
    };
    txn.record(signing.actor, event)?;
    let standing = standing::standing(txn, authority)?;
    activate_in_txn(txn, &standing)?;
    Ok(())
}

/// The newest recovery key that custodians can sign, and its 30 digits.
///
/// # Errors
/// From the database.
pub fn to_sign(conn: &mut DbConnection) -> Result<Option<(KeyId, String)>, StoreError> {
    Ok(store::recovery_keys(conn)?
        .into_iter()
        .rfind(|row| matches!(row.state, KeyState::Pending | KeyState::Active))
        .and_then(|row| Some((row.id, standing::record(&row)?.keys.fingerprint()))))
}

fn register_in_txn(
    txn: &mut Txn<'_>,
    public: &RecoveryPublic,
    actor: StaffId,
) -> Result<(), Error> {
    let day = txn.today();
    let recipient = public.recipient.to_string();
    let mut number = 1;
    for row in store::recovery_keys(txn)? {
        if row.recipient == recipient {
            return Err(Error::Known);
        }
        number = row.generation.saturating_add(1);
        if row.state == KeyState::Pending {
            store::recovery_forget(txn, row.id)?;
            txn.record(actor, AuditEvent::RecoveryKeyForgotten { key: row.id })?;
        }
    }
    let key = random::key_id();
    store::key_insert(
        txn,
        &KeyRow {
            id: key,
            kind: KeyKind::Recovery,
            owner: NOBODY,
            generation: number,
            verify_key: *public.verify_key.as_bytes(),
            state: KeyState::Pending,
            from: day,
            recipient: recipient.clone(),
        },
    )?;
    let event = AuditEvent::RecoveryKeyRegistered {
        key,
        number,
        recipient,
    };
    txn.record(actor, event)?;
    Ok(())
}

/// Puts the key that enough custodians signed in force, and begins to let go of the one before it. `false` if it was so already.
pub(super) fn activate_in_txn(txn: &mut Txn<'_>, standing: &RecoveryStatus) -> StoreResult<bool> {
    let Some(current) = standing.current_row() else {
        return Ok(false);
    };
    let mut changed = false;
    for row in &standing.rows {
        if row.id != current.id && row.state == KeyState::Active {
            store::key_move(txn, row.id, KeyState::Active, KeyState::Retiring)?;
            changed = true;
        }
    }
    if current.state == KeyState::Pending {
        store::key_move(txn, current.id, KeyState::Pending, KeyState::Active)?;
        changed = true;
    }
    if changed {
        let event = AuditEvent::RecoveryKeyInForce {
            key: current.id,
            number: current.generation,
        };
        txn.record(None, event)?;
    }
    Ok(changed)
}

/// Recovery keys that nothing is wrapped to any more, and that no team waits to leave.
pub(super) fn older_done(
    conn: &mut DbConnection,
    authority: &Authority,
    standing: &RecoveryStatus,
) -> StoreResult<Vec<KeyRow>> {
    let Some(current) = standing.current.as_ref() else {
        return Ok(Vec::new());
    };
    let older: Vec<&KeyRow> = standing
        .rows
        .iter()
        .filter(|row| row.id != current.key)
        .filter(|row| matches!(row.state, KeyState::Retiring | KeyState::Retired))
        .collect();
    if older.is_empty() {
        return Ok(Vec::new());
    }
    let wraps = store::recovery_wraps(conn)?;
    let live = store::team_keys_live(conn)?;
    for (team, child) in &live {
        let is_covered = wraps.contains(&(current.key, *child));
        if !is_covered && authority.wants_recovery(conn, *team)? {
            return Ok(Vec::new());
        }
    }
    Ok(older
        .into_iter()
        .filter(|row| !wraps.iter().any(|(parent, _)| *parent == row.id))
        .cloned()
        .collect())
}

/// Destroys those. Says how many.
pub(super) fn destroy_older_in_txn(
    txn: &mut Txn<'_>,
    standing: &RecoveryStatus,
) -> StoreResult<usize> {
    let authority = txn.authority();
    let done = older_done(txn, authority, standing)?;
    for row in &done {
        if row.state == KeyState::Retiring {
            store::key_move(txn, row.id, KeyState::Retiring, KeyState::Retired)?;
        }
        store::key_move(txn, row.id, KeyState::Retired, KeyState::Destroyed)?;
        let event = AuditEvent::RecoveryKeyDestroyed {
            key: row.id,
            number: row.generation,
        };
        txn.record(None, event)?;
    }
    Ok(done.len())
}

/// Deletes what of a team is wrapped to any recovery key. Says how many wraps there were.
fn drop_wraps_in_txn(conn: &mut WriteTxn<'_>, team: TeamId) -> StoreResult<usize> {
    let mut dropped = 0;
    let live = store::team_keys_live(conn)?;
    for (parent, child) in store::recovery_wraps(conn)? {
        if live.contains(&(team, child)) && store::wrap_delete(conn, parent, child)? {
            dropped += 1;
        }
    }
    Ok(dropped)
}

//! From an invitation to an account: passphrase, second factor, recovery code, and the person's own key.

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::accounts::{Accounts, pack, strong, unpack};
use super::attempts;
use super::authenticator::Offer;
use super::error::Error;
use super::keyring::{self, generation_row, person_row, public_of, public_of_person};
use super::pending::{JOINING, Pending, TypedBack};
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::staff::{MemberState, Role, TeamKind};
use crate::ledger::team::{Generation, TeamBody};
use crate::seal::invitation::InvitationToken;
use crate::seal::keys::StaffKeys;
use crate::seal::opening::{self, TeamSecrets};
use crate::seal::unlock::StaffSecret;
use crate::seal::{passphrase, random};
use crate::store::{self, Invitation, Staff, StoreError, UnlockRow, WrapRow};

/// What the page of an invitation shows.
pub struct InvitationView {
    /// The person's handle, their authenticator and their recovery code.
    pub offer: Offer,
    /// The person's role.
    pub role: Role,
    /// Six words to use as the passphrase.
    pub generated_passphrase: SecretString,
}

impl Accounts {
    /// What the page of an invitation shows. `again` is the hidden field of an earlier showing, to keep its second factor and recovery code.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn invitation(
        &self,
        token: &str,
        again: Option<&str>,
    ) -> Result<InvitationView, Error> {
        let (_, _, staff) = self.invited(token).await?;
        let before = match again {
            Some(kept) => self.pending(JOINING, kept).await.ok(),
            None => None,
        };
        let pending = before
            .filter(|pending| read(pending).is_ok_and(|(id, _)| id == staff.id))
            .unwrap_or_else(|| {
                let suite = self.context.authority.newest_suite();
                let secret = pack(&StaffSecret::generate(suite));
                let with = [staff.id.as_bytes().as_slice(), &secret].concat();
                Pending::new(Zeroizing::new(with))
            });
        let unavailable = |_| Error::Unavailable;
        let (_, secret) = read(&pending).map_err(unavailable)?;
        let recovery = self.shown(JOINING, &pending).await;
        let recovery = recovery.map_err(unavailable)?;
        Ok(InvitationView {
            offer: Offer::new(&staff.handle, &secret.totp, recovery)?,
            generated_passphrase: passphrase::generate(),
            role: staff.role,
        })
    }

    /// Makes the account: the person's key, their unlock rows and, for the first of a team, the team's first key. The second of two clicks
    /// finds it made.
    ///
    /// # Errors
    /// [`Error`]; the invitation then stands.
    pub async fn enrol(&self, token: &str, back: TypedBack<'_>) -> Result<(), Error> {
        let pending = self.pending(JOINING, back.kept).await;
        let (token, invitation, staff) = match self.invited(token).await {
            Ok(found) => found,
            Err(Error::NotFound) => {
                let secret = back.passphrase.clone();
                return self.is_made(&pending?, &back.recovery, secret).await;
            }
            Err(_) => return Err(Error::Unavailable),
        };
        let pending = pending?;
        let (whose, mut secret) = read(&pending)?;
        if whose != staff.id {
            return Err(Error::Expired);
        }
        pending.must_be_typed_back(&back.recovery)?;
        let lane = &self.context.bulkheads.stranger;
        let chosen = strong(lane, back.passphrase.clone()).await?;
        if !attempts::of_shown(&secret.totp, back.code, &self.context.clock) {
            return Err(Error::WrongCode);
        }
        if let Some(made_before) = &invitation.secret_ct {
            let seed = token.open(staff.id, made_before)?;
            secret.seed = seed
                .as_slice()
                .try_into()
                .map(crate::seal::keys::Seed::from_bytes)
                .map_err(|_| Error::Unavailable)?;
        }
        let keys = secret.keys();
        let recovery = pending.row(staff.id, &secret)?;
        let unlock = self.passphrase_row(lane, staff.id, chosen, secret).await?;
        let made = NewAccount {
            token_hash: invitation.token_hash,
            staff,
            keys,
            unlocks: [unlock, recovery],
        };
        let stored = self.context.write(move |txn| made.store_in_txn(txn));
        match stored.await {
            Err(Error::NotFound) => {
                self.is_made(&pending, &back.recovery, back.passphrase)
                    .await
            }
            outcome => outcome,
        }
    }

    async fn is_made(
        &self,
        pending: &Pending,
        typed: &SecretString,
        passphrase: SecretString,
    ) -> Result<(), Error> {
        pending.must_be_typed_back(typed)?;
        let (staff, _) = read(pending)?;
        let is_made = self.is_made_with(staff, pending, passphrase).await?;
        is_made.then_some(()).ok_or(Error::NotFound)
    }

    async fn invited(&self, token: &str) -> Result<(InvitationToken, Invitation, Staff), Error> {
        let token = InvitationToken::parse(token).map_err(|_| Error::NotFound)?;
        let hash = token.hash();
        let now = self.context.clock.now();
        let found = self
            .context
            .read(move |conn| -> Result<_, StoreError> {
                let Some(row) = store::invitation_find(conn, &hash, now)? else {
                    return Ok(None);
                };
                let staff = store::staff_find(conn, row.staff)?;
                Ok(Some((row, staff)))
            })
            .await;
        match found {
            Ok(Some((row, staff))) => Ok((token, row, staff)),
            Ok(None) | Err(StoreError::NotFound) => Err(Error::NotFound),
            Err(_) => Err(Error::Unavailable),
        }
    }
}

/// Whose account is being made, and its secrets so far.
fn read(pending: &Pending) -> Result<(StaffId, StaffSecret), Error> {
    let (staff, secret) = pending
        .with
        .split_first_chunk::<16>()
        .ok_or(Error::Expired)?;
    let secret = unpack(secret).ok_or(Error::Expired)?;
    Ok((StaffId::from_bytes(*staff), secret))
}

struct NewAccount {
    token_hash: [u8; 32],
    staff: Staff,
    keys: StaffKeys,
    unlocks: [UnlockRow; 2],
}

impl NewAccount {
    fn store_in_txn(self, txn: &mut Txn<'_>) -> Result<(), Error> {
        let now = txn.now();
        if !store::invitation_use(txn, &self.token_hash, now)? {
            return Err(Error::NotFound);
        }
        let staff = self.staff.id;
        let row = person_row(txn, staff, &self.keys, now.day())?;
        store::staff_activate(txn, staff, &row.recipient, &row.verify_key)?;
        for row in &self.unlocks {
            store::unlock_put(txn, row)?;
        }
        store::key_insert(txn, &row)?;
        let own = row.id;
        txn.record(staff, AuditEvent::AccountMade { key: own })?;
        for membership in store::memberships_of_staff(txn, staff)? {
            self.join_in_txn(txn, (membership.team, membership.lead), own)?;
        }
        Ok(())
    }

    /// The first of a team makes its first generation; later ones wait for a member to let them in.
    fn join_in_txn(
        &self,
        txn: &mut Txn<'_>,
        (team, lead): (TeamId, bool),
        own: KeyId,
    ) -> Result<(), Error> {
        let day = txn.today();
        let staff = self.staff.id;
        if txn.authority().team(txn, team)?.state.is_some() {
            store::membership_move(txn, team, staff, MemberState::Invited, MemberState::Waiting)?;
            return Ok(());
        }
        let secrets = TeamSecrets::generate(txn.authority().newest_suite());
        let generation = Generation {
            number: 1,
            key: random::key_id(),
            keys: public_of(&secrets),
        };
        let body = TeamBody::Root {
            is_audit: store::team_find(txn, team)?.kind == TeamKind::Audit,
            keys: public_of_person(&self.keys),
            lead,
            generation: generation.clone(),
        };
        let signers = [self.keys.signing(), secrets.signing()];
        txn.say(team, staff, &signers, body)?;
        let row = generation_row(team, &generation, day);
        store::key_insert(txn, &row)?;
        // Opened once before it is kept.
        let sealed = opening::seal_wrap(&self.keys.recipient(), row.id, 1, &secrets)?;
        let wrap = WrapRow {
            parent: own,
            child: row.id,
            sealed,
        };
        keyring::open(self.keys.identity(), &wrap, &row).ok_or(Error::Unavailable)?;
        store::wrap_insert(txn, &wrap)?;
        store::membership_move(txn, team, staff, MemberState::Invited, MemberState::Member)?;
        txn.record(
            staff,
            AuditEvent::TeamKeyMade {
                team,
                key: row.id,
                recipient: row.recipient,
            },
        )?;
        Ok(())
    }
}

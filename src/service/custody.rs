//! Who may receive: custodians sign charters, members let newcomers in.

use super::accounts::{Caller, fresh_code};
use super::context::Context;
use super::journal::{Act, Journal};
use super::receivers;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::staff::{MemberState, Role, StaffState};
use crate::seal::chain::Charter;
use crate::seal::keys::{self, SigningKey, VerifyKey};
use crate::seal::member::Member;
use crate::seal::opening;
use crate::store::{self, CharterSignature, DbConnection, KeyRow, StoreError, WrapRow};

/// A channel as custodians see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterView {
    /// The channel.
    pub channel: String,
    /// The team that it should feed.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// 30 digits of the team's first verify key, to be compared by voice. `None` until the team has made its key.
    pub fingerprint: Option<String>,
    /// How many pinned custodians have signed.
    pub signatures: usize,
    /// How many are needed.
    pub threshold: usize,
    /// Whether the caller has signed.
    pub signed_by_me: bool,
    /// The charter's sequence.
    pub sequence: u32,
}

/// Somebody who waits to be let into a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMember {
    /// Who.
    pub staff: StaffId,
    /// Their handle.
    pub handle: String,
    /// Into which team.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// 30 digits of their key, to be compared by voice.
    pub fingerprint: String,
}

/// Why an act of custody was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    /// There is no such thing, or the caller has no part in it.
    #[error("not found")]
    NotFound,
    /// The six-digit code is wrong or was used.
    #[error("the code is wrong")]
    WrongCode,
    /// The caller's verify key is not pinned in the configuration file.
    #[error("the custodian's key is not pinned")]
    NotPinned,
    /// Somebody was faster.
    #[error("changed meanwhile")]
    Changed,
    /// The database does not answer.
    #[error("unavailable")]
    Unavailable,
}

/// See the module.
#[derive(Clone)]
pub struct Custody {
    context: Context,
}

impl Custody {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Every channel, with what is signed and what is not.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn pending(&self, caller: &Caller) -> Result<Vec<CharterView>, CustodyError> {
        if caller.role != Role::Custodian {
            return Err(CustodyError::NotFound);
        }
        let pins = self.context.pins();
        let me = caller.keys.verify_key();
        self.context
            .store
            .run(move |conn| -> Result<_, StoreError> {
                let mut views = Vec::new();
                for channel in store::channel_list(conn)? {
                    let proposal = proposal(conn, &channel.id, channel.team)?;
                    let team_name = store::team_find(conn, channel.team)?.name;
                    let signed: Vec<VerifyKey> = proposal
                        .signatures
                        .into_iter()
                        .map(|s| VerifyKey::from_bytes(s.custodian))
                        .filter(|key| pins.keys.contains(key))
                        .collect();
                    views.push(CharterView {
                        channel: channel.id,
                        team: channel.team,
                        team_name,
                        fingerprint: proposal.charter.as_ref().map(|c| c.first.fingerprint()),
                        signatures: signed.len(),
                        threshold: pins.threshold,
                        signed_by_me: signed.contains(&me),
                        sequence: proposal.sequence,
                    });
                }
                Ok(views)
            })
            .await
            .map_err(CustodyError::from)
    }

    /// Signs the charter of a channel as it stands now.
    ///
    /// # Errors
    /// [`CustodyError::NotPinned`] if the signature would count for nothing.
    pub async fn sign(
        &self,
        caller: &Caller,
        channel: &str,
        code: &str,
    ) -> Result<(), CustodyError> {
        let journal = self.context.journal.clone();
        if caller.role != Role::Custodian {
            return Err(CustodyError::NotFound);
        }
        if !self.context.pins().keys.contains(&caller.keys.verify_key()) {
            return Err(CustodyError::NotPinned);
        }
        self.confirm(caller, code).await?;
        let (channel, actor, now) = (channel.to_owned(), caller.staff, self.context.clock.now());
        let secret = caller.secret.seed.clone();
        self.context
            .store
            .write(move |conn| {
                let keys = keys::StaffKeys::from_seed(&secret);
                sign_in_txn(&journal, conn, &channel, keys.signing(), Some(actor), now)
            })
            .await
    }

    /// The caller's verify key, as it is pinned in the configuration file.
    pub fn my_verify_key(&self, caller: &Caller) -> String {
        caller.keys.verify_key().to_string()
    }

    /// Whether the caller's verify key is pinned.
    pub fn is_pinned(&self, caller: &Caller) -> bool {
        self.context.pins().keys.contains(&caller.keys.verify_key())
    }

    /// 30 digits of the caller's own key, to be read to a colleague.
    pub fn my_fingerprint(&self, caller: &Caller) -> String {
        keys::fingerprint(&caller.keys.recipient(), &caller.keys.verify_key())
    }

    /// Who waits to be let into the caller's teams.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn waiting(&self, caller: &Caller) -> Result<Vec<WaitingMember>, CustodyError> {
        if !matches!(caller.role, Role::Caseworker | Role::Auditor) {
            return Err(CustodyError::NotFound);
        }
        let me = caller.staff;
        self.context
            .store
            .run(move |conn| -> Result<_, StoreError> {
                let mut waiting = Vec::new();
                for own in store::memberships_of_staff(conn, me)? {
                    if own.state != MemberState::Member {
                        continue;
                    }
                    let team = store::team_find(conn, own.team)?;
                    for other in store::memberships_of_team(conn, own.team)? {
                        if other.state != MemberState::Waiting {
                            continue;
                        }
                        let person = store::staff_find(conn, other.staff)?;
                        if let Some(fingerprint) = fingerprint_of(&person) {
                            waiting.push(WaitingMember {
                                staff: person.id,
                                handle: person.handle,
                                team: team.id,
                                team_name: team.name.clone(),
                                fingerprint,
                            });
                        }
                    }
                }
                Ok(waiting)
            })
            .await
            .map_err(CustodyError::from)
    }

    /// Lets somebody into a team whose key the caller holds: wraps the team's live keys to the newcomer's key.
    ///
    /// `fingerprint` is what the page showed: if the newcomer's key is another one by now, nothing is done.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn admit(
        &self,
        caller: &Caller,
        newcomer: StaffId,
        team: TeamId,
        fingerprint: &str,
        code: &str,
    ) -> Result<(), CustodyError> {
        let journal = self.context.journal.clone();
        let waiting = self.waiting(caller).await?;
        let known = waiting
            .iter()
            .find(|w| w.staff == newcomer && w.team == team);
        match known {
            None => return Err(CustodyError::NotFound),
            Some(known) if known.fingerprint != fingerprint => return Err(CustodyError::Changed),
            Some(_) => {}
        }
        self.confirm(caller, code).await?;
        let own = caller.key.ok_or(CustodyError::NotFound)?;
        let (actor, now) = (caller.staff, self.context.clock.now());
        let seed = caller.secret.seed.clone();
        self.context
            .store
            .write(move |conn| {
                let keys = keys::StaffKeys::from_seed(&seed);
                let theirs = own_key(conn, newcomer)?;
                for row in wraps_for(conn, own, team, &keys, &theirs)? {
                    store::wrap_insert(conn, &row)?;
                }
                vouch(conn, own, team, &keys, newcomer, &theirs)?;
                store::membership_move(
                    conn,
                    team,
                    newcomer,
                    MemberState::Waiting,
                    MemberState::Member,
                )?;
                let act = Act {
                    class: "member-let-in",
                    actor: Some(actor),
                    report: None,
                    detail: &format!("{team} {newcomer} {}", theirs.recipient),
                };
                journal.record_in_txn(conn, now.day(), &act)?;
                Ok(())
            })
            .await
    }

    async fn confirm(&self, caller: &Caller, code: &str) -> Result<(), CustodyError> {
        match fresh_code(&self.context, caller.staff, &caller.secret.totp, code).await? {
            true => Ok(()),
            false => Err(CustodyError::WrongCode),
        }
    }
}

/// Signs a channel's charter with one custodian's key, and records it.
///
/// # Errors
/// [`CustodyError::NotFound`] while the team has no key.
pub fn sign_in_txn(
    journal: &Journal,
    conn: &mut DbConnection,
    channel: &str,
    custodian: &SigningKey,
    actor: Option<StaffId>,
    now: Timestamp,
) -> Result<(), CustodyError> {
    let row = store::channel_find(conn, channel)?.ok_or(CustodyError::NotFound)?;
    let proposal = proposal(conn, channel, row.team)?;
    let charter = proposal.charter.ok_or(CustodyError::NotFound)?;
    let sequence = i64::from(charter.sequence);
    if proposal.is_new {
        store::charter_insert(
            conn,
            &store::Charter {
                channel: charter.channel.clone(),
                sequence,
                team: charter.team,
                verify_key: *charter.first.as_bytes(),
            },
        )?;
    }
    let signature = CharterSignature {
        custodian: *custodian.verify_key().as_bytes(),
        signature: *charter.sign(custodian).as_bytes(),
    };
    match store::charter_sign(conn, channel, sequence, &signature) {
        Ok(()) => {}
        // Signed before: the same bytes, the same key.
        Err(StoreError::Conflict) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let act = Act {
        class: "charter-signed",
        actor,
        report: None,
        detail: &format!("{channel} {} {sequence}", charter.first),
    };
    journal.record_in_txn(conn, now.day(), &act)?;
    Ok(())
}

struct Proposal {
    sequence: u32,
    charter: Option<Charter>,
    signatures: Vec<CharterSignature>,
    /// No row yet: the newest one names another team, or there is none.
    is_new: bool,
}

/// The charter that the channel should have: its newest one, or the next if the administrator gave it to another team.
fn proposal(conn: &mut DbConnection, channel: &str, team: TeamId) -> Result<Proposal, StoreError> {
    let newest = store::charters_of_channel(conn, channel)?
        .into_iter()
        .max_by_key(|(charter, _)| charter.sequence);
    if let Some((row, signatures)) = newest.as_ref()
        && row.team == team
    {
        let sequence = u32::try_from(row.sequence).unwrap_or(0);
        let first = VerifyKey::from_bytes(row.verify_key);
        let charter = Charter {
            channel: channel.to_owned(),
            team,
            first,
            sequence,
        };
        return Ok(Proposal {
            sequence,
            charter: Some(charter),
            signatures: signatures.clone(),
            is_new: false,
        });
    }
    let sequence = newest.map_or(1, |(row, _)| u32::try_from(row.sequence).unwrap_or(0) + 1);
    let first = store::keys_of_team(conn, team)?
        .into_iter()
        .min_by_key(|key| key.generation);
    let charter = first.map(|key| Charter {
        channel: channel.to_owned(),
        team,
        first: VerifyKey::from_bytes(key.verify_key),
        sequence,
    });
    Ok(Proposal {
        sequence,
        charter,
        signatures: Vec::new(),
        is_new: true,
    })
}

/// Why a channel is closed, for the administrator's page: `None` if it is open.
pub(super) fn closed_because(
    conn: &mut DbConnection,
    context: &Context,
    channel: &str,
) -> Result<Option<crate::seal::chain::ChainError>, StoreError> {
    Ok(receivers::check(conn, &context.pins(), channel, None)?.err())
}

fn fingerprint_of(person: &store::Staff) -> Option<String> {
    if person.state != StaffState::Active {
        return None;
    }
    let recipient = person.recipient.as_ref()?.parse().ok()?;
    Some(keys::fingerprint(
        &recipient,
        &VerifyKey::from_bytes(person.verify_key?),
    ))
}

fn own_key(conn: &mut DbConnection, staff: StaffId) -> Result<KeyRow, CustodyError> {
    store::keys_of_staff(conn, staff)?
        .into_iter()
        .find(|key| key.state == KeyState::Active)
        .ok_or(CustodyError::NotFound)
}

/// The team's live keys, opened by the caller and wrapped to the newcomer.
fn wraps_for(
    conn: &mut DbConnection,
    own: KeyId,
    team: TeamId,
    caller: &keys::StaffKeys,
    newcomer: &KeyRow,
) -> Result<Vec<WrapRow>, CustodyError> {
    let recipient = newcomer
        .recipient
        .parse()
        .map_err(|_| CustodyError::Unavailable)?;
    let mut rows = Vec::new();
    for (wrap, key) in store::wraps_of_parent(conn, own)? {
        let live = matches!(key.state, KeyState::Active | KeyState::Retiring);
        if key.owner != *team.as_bytes() || !live {
            continue;
        }
        let secrets = opening::open_wrap(caller.identity(), &wrap.sealed, key.id, key.generation)
            .map_err(|_| CustodyError::Unavailable)?;
        let sealed = opening::seal_wrap(&recipient, key.id, key.generation, &secrets)
            .map_err(|_| CustodyError::Unavailable)?;
        rows.push(WrapRow {
            parent: newcomer.id,
            child: key.id,
            sealed,
        });
    }
    if rows.is_empty() {
        Err(CustodyError::NotFound)
    } else {
        Ok(rows)
    }
}

/// The word of the team's active generation for the newcomer's keys.
fn vouch(
    conn: &mut DbConnection,
    own: KeyId,
    team: TeamId,
    caller: &keys::StaffKeys,
    newcomer: StaffId,
    theirs: &KeyRow,
) -> Result<(), CustodyError> {
    let wraps = store::wraps_of_parent(conn, own)?;
    let (wrap, key) = wraps
        .into_iter()
        .find(|(_, key)| key.owner == *team.as_bytes() && key.state == KeyState::Active)
        .ok_or(CustodyError::NotFound)?;
    let secrets = opening::open_wrap(caller.identity(), &wrap.sealed, key.id, key.generation)
        .map_err(|_| CustodyError::Unavailable)?;
    let member = Member {
        team,
        staff: newcomer,
        recipient: theirs
            .recipient
            .parse()
            .map_err(|_| CustodyError::Unavailable)?,
        verify_key: VerifyKey::from_bytes(theirs.verify_key),
    };
    let word = member.sign(secrets.signing());
    store::membership_vouch(conn, team, newcomer, word.as_bytes(), key.id)?;
    Ok(())
}

impl From<StoreError> for CustodyError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale | StoreError::Conflict => Self::Changed,
            StoreError::Busy | StoreError::Full | StoreError::Other(_) => {
                tracing::error!(%error, "an act of custody could not reach the database");
                Self::Unavailable
            }
        }
    }
}

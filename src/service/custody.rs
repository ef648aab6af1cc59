//! Who may receive: custodians sign charters.

use super::accounts::Caller;
use super::attempts;
use super::authority::Authority;
use super::context::Context;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::credential::CHARTER_WARNING_DAYS;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::AUDIT_CHANNEL;
use crate::domain::staff::{Role, TeamKind};
use crate::seal::chain::{Charter, Custodian, CustodianPins};
use crate::seal::keys::{self, SigningKey, VerifyKey};
use crate::service::error::Error;
use crate::store::{self, CharterSignature, DbConnection, StoreError};

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
    /// Whether the caller has signed, with the key they have now.
    pub signed_by_me: bool,
    /// The last day on which the caller's earlier key counts, if it alone has signed.
    pub ends: Option<Day>,
    /// The charter's sequence.
    pub sequence: u32,
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
    /// [`Error`].
    pub async fn pending(&self, caller: &Caller) -> Result<Vec<CharterView>, Error> {
        if caller.role != Role::Custodian {
            return Err(Error::NotFound);
        }
        let pins = self.context.pins();
        let authority = self.context.authority.clone();
        let me = caller.keys.verify_key();
        self.context
            .store
            .run(move |conn| -> Result<_, StoreError> {
                let mut views = Vec::new();
                for channel in store::channel_list(conn)? {
                    let proposal = proposal(conn, &authority, &channel.id, channel.team)?;
                    let team_name = store::team_find(conn, channel.team)?.name;
                    let signed: Vec<VerifyKey> = proposal
                        .signatures
                        .into_iter()
                        .map(|s| VerifyKey::from_bytes(s.custodian))
                        .filter(|key| pins.contains(key))
                        .collect();
                    let signed_by_me = signed.contains(&me);
                    views.push(CharterView {
                        channel: channel.id,
                        team: channel.team,
                        team_name,
                        fingerprint: proposal.charter.as_ref().map(|c| c.first.fingerprint()),
                        signatures: pins.persons(&signed),
                        threshold: pins.threshold,
                        ends: pins
                            .custodian(&me)
                            .and_then(|custodian| ends(custodian, &signed)),
                        signed_by_me,
                        sequence: proposal.sequence,
                    });
                }
                Ok(views)
            })
            .await
            .map_err(Error::from)
    }

    /// Signs the charter of a channel as it stands now.
    ///
    /// # Errors
    /// [`Error::NotPinned`] if the signature would count for nothing.
    pub async fn sign(&self, caller: &Caller, channel: &str, code: &str) -> Result<(), Error> {
        if caller.role != Role::Custodian {
            return Err(Error::NotFound);
        }
        if !self.is_pinned(caller) {
            return Err(Error::NotPinned);
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let (channel, actor) = (channel.to_owned(), caller.staff);
        let secret = caller.secret.seed.clone();
        self.context
            .write(move |txn| {
                let keys = keys::StaffKeys::from_seed(&secret);
                sign_in_txn(txn, &channel, keys.signing(), Some(actor))
            })
            .await
    }

    /// The caller's verify key, as it is pinned in the configuration file.
    pub fn my_verify_key(&self, caller: &Caller) -> String {
        caller.keys.verify_key().to_string()
    }

    /// 30 digits of the caller's verify key, which the operator compares before pinning it.
    pub fn my_verify_fingerprint(&self, caller: &Caller) -> String {
        caller.keys.verify_key().fingerprint()
    }

    /// Whether the caller's verify key is pinned.
    pub fn is_pinned(&self, caller: &Caller) -> bool {
        self.context.pins().contains(&caller.keys.verify_key())
    }

    /// 30 digits of the caller's own key, to be read to a colleague.
    pub fn my_fingerprint(&self, caller: &Caller) -> String {
        keys::fingerprint(&caller.keys.recipient(), &caller.keys.verify_key())
    }
}

/// Signs a channel's charter with one custodian's key, and records it.
///
/// # Errors
/// [`Error::NotFound`] while the team has no key.
pub fn sign_in_txn(
    txn: &mut Txn<'_>,
    channel: &str,
    custodian: &SigningKey,
    actor: Option<StaffId>,
) -> Result<(), Error> {
    let row = store::channel_find(txn, channel)?.ok_or(Error::NotFound)?;
    let authority = txn.authority();
    let proposal = proposal(txn, authority, channel, row.team)?;
    let charter = proposal.charter.ok_or(Error::NotFound)?;
    let sequence = i64::from(charter.sequence);
    if proposal.is_new {
        store::charter_insert(
            txn,
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
    match store::charter_sign(txn, channel, sequence, &signature) {
        Ok(()) => {}
        // Signed before: the same bytes, the same key.
        Err(StoreError::Conflict) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    txn.record(
        actor,
        AuditEvent::CharterSigned {
            channel: charter.channel.clone(),
            sequence,
            digits: charter.first.fingerprint(),
        },
    )?;
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
fn proposal(
    conn: &mut DbConnection,
    authority: &Authority,
    channel: &str,
    team: TeamId,
) -> Result<Proposal, StoreError> {
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
    // Auditors receive no report, and nobody else the audit log. No page leads here: somebody has written to the table.
    let is_auditors = store::team_find(conn, team)?.kind == TeamKind::Audit;
    let fits = is_auditors == (channel == AUDIT_CHANNEL);
    let sequence = newest.map_or(1, |(row, _)| u32::try_from(row.sequence).unwrap_or(0) + 1);
    let first = first_key(conn, authority, team)?;
    let charter = first.filter(|_| fits).map(|first| Charter {
        channel: channel.to_owned(),
        team,
        first,
        sequence,
    });
    Ok(Proposal {
        sequence,
        charter,
        signatures: Vec::new(),
        is_new: true,
    })
}

/// The key that a charter of this team names; `None` while it has none.
///
/// # Errors
/// From the database.
pub fn first_key(
    conn: &mut DbConnection,
    authority: &Authority,
    team: TeamId,
) -> Result<Option<VerifyKey>, StoreError> {
    let ledger = authority.team(conn, team)?;
    let state = ledger.state.as_ref();
    Ok(state.map(|state| state.first_generation().keys.verify_key))
}

/// Raises an alarm for each channel whose charter holds today and soon holds no more, because earlier keys of custodians stop
/// counting. `pins` are those of the configuration, with the days. Says how many alarms are new.
///
/// # Errors
/// From the database.
pub fn charters_end_in_txn(txn: &mut Txn<'_>, pins: &CustodianPins) -> Result<usize, StoreError> {
    let (authority, today) = (txn.authority(), txn.today());
    let (now, then) = (pins.clone().on(today), today.plus(CHARTER_WARNING_DAYS));
    let then = pins.clone().on(then);
    let mut raised = 0;
    for channel in store::channel_list(txn)? {
        let holds = authority.check(txn, &now, &channel.id, None)?.is_ok();
        if holds && authority.check(txn, &then, &channel.id, None)?.is_err() {
            let kind = AlarmKind::CharterEnds;
            raised += usize::from(txn.raise(kind, &channel.id)?);
        }
    }
    Ok(raised)
}

/// The last day on which a custodian's signature counts, if they signed with their earlier key and not with the one they have now.
fn ends(custodian: &Custodian, signed: &[VerifyKey]) -> Option<Day> {
    custodian
        .previous
        .filter(|(previous, _)| signed.contains(previous) && !signed.contains(&custodian.key))
        .map(|(_, until)| until)
}

/// Why a channel is closed, for the administrator's page: `None` if it is open.
pub(super) fn closed_because(
    conn: &mut DbConnection,
    context: &Context,
    channel: &str,
) -> Result<Option<crate::seal::chain::ChainError>, StoreError> {
    let pins = context.pins();
    Ok(context.authority.check(conn, &pins, channel, None)?.err())
}

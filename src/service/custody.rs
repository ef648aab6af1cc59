//! Who may receive: custodians sign charters.

use super::accounts::Caller;
use super::attempts;
use super::authority::Authority;
use super::context::Context;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::AUDIT_CHANNEL;
use crate::domain::staff::{Role, TeamKind};
use crate::ledger::office::{Charter, OfficeBody};
use crate::seal::keys::{self, SigningKey};
use crate::service::error::Error;
use crate::store::{self, Channel, DbConnection, StoreError, StoreResult};

/// A channel as custodians see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterView {
    /// The channel.
    pub channel: String,
    /// The team that it should feed.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// 30 digits of the team, to be compared by voice. `None` until the team has made its key.
    pub fingerprint: Option<String>,
    /// How many pinned custodians have signed.
    pub signatures: usize,
    /// How many are needed.
    pub threshold: usize,
    /// Whether the caller has signed.
    pub signed_by_me: bool,
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
        let authority = self.context.authority.clone();
        let pins = authority.pins();
        let me = pins.custodian(&caller.keys.verify_key(), self.context.clock.today());
        self.context
            .read(move |conn| -> Result<_, StoreError> {
                let office = authority.office(conn)?;
                let mut views = Vec::new();
                for channel in store::channel_list(conn)? {
                    // Of a team that cannot be read nothing is signed.
                    let proposed = store::unless_damaged(proposed(conn, &authority, &channel))?;
                    let decision = office
                        .state
                        .as_ref()
                        .map(|it| it.charter(&pins, &channel.id));
                    let decision = decision.unwrap_or_default();
                    let voices = proposed.as_ref().map(|charter| decision.voices(charter));
                    let voices = voices.unwrap_or_default();
                    views.push(CharterView {
                        team: channel.team,
                        team_name: store::team_name(conn, channel.team)?,
                        channel: channel.id,
                        fingerprint: proposed.as_ref().map(Charter::fingerprint),
                        signatures: voices.len(),
                        threshold: pins.threshold,
                        signed_by_me: me.is_some_and(|me| voices.contains_key(&me)),
                    });
                }
                Ok(views)
            })
            .await
            .map_err(Error::from)
    }

    /// Signs the charter of a channel, if the team still has the digits that were shown.
    ///
    /// # Errors
    /// [`Error::NotPinned`] if the signature would count for nothing; [`Error::Changed`].
    pub async fn sign(
        &self,
        caller: &Caller,
        (channel, digits): (&str, &str),
        code: &str,
    ) -> Result<(), Error> {
        if caller.role != Role::Custodian {
            return Err(Error::NotFound);
        }
        if !self.is_pinned(caller) {
            return Err(Error::NotPinned);
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let (channel, digits) = (channel.to_owned(), digits.to_owned());
        let (actor, keys) = (caller.staff, caller.keys.share());
        self.context
            .write(move |txn| sign_in_txn(txn, (&channel, &digits), keys.signing(), Some(actor)))
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
        self.context.is_pinned(&caller.keys.verify_key())
    }

    /// 30 digits of the caller's own key, to be read to a colleague.
    pub fn my_fingerprint(&self, caller: &Caller) -> String {
        keys::fingerprint(&caller.keys.recipient(), &caller.keys.verify_key())
    }
}

/// Signs a channel's charter with one custodian's key, and records it. `digits` are those that were compared.
///
/// # Errors
/// [`Error::NotFound`] while the team has no key; [`Error::Changed`] if it is another team by now; [`Error::NotPinned`].
pub fn sign_in_txn(
    txn: &mut Txn<'_>,
    (channel, digits): (&str, &str),
    custodian: &SigningKey,
    actor: Option<StaffId>,
) -> Result<(), Error> {
    let authority = txn.authority();
    let row = store::channel_find(txn, channel)?.ok_or(Error::NotFound)?;
    let charter = proposed(txn, authority, &row)?.ok_or(Error::NotFound)?;
    if charter.fingerprint() != digits {
        return Err(Error::Changed);
    }
    let (pins, key) = (authority.pins(), custodian.verify_key());
    let mine = pins.custodian(&key, txn.today());
    let mine = mine.ok_or(Error::NotPinned)?;
    let office = authority.office(txn)?;
    let is_said = office.state.as_ref().is_some_and(|state| {
        let decision = state.charter(&pins, channel);
        decision.voices(&charter).contains_key(&mine)
    });
    if is_said {
        return Ok(());
    }
    let body = OfficeBody::Charter(charter, key);
    let sequence = txn.say_in_office(actor, custodian, body)?;
    let event = AuditEvent::CharterSigned {
        channel: channel.to_owned(),
        sequence: sequence.into(),
        digits: digits.to_owned(),
    };
    Ok(txn.record(actor, event)?)
}

/// The charter that the channel should have, as the administrators wish; `None` while its team has no key.
///
/// # Errors
/// From the database.
pub fn proposed(
    conn: &mut DbConnection,
    authority: &Authority,
    channel: &Channel,
) -> StoreResult<Option<Charter>> {
    // Auditors receive no report, and nobody else the audit log. No page leads here: somebody has written to the table.
    let is_auditors = store::team_find(conn, channel.team)?.kind == TeamKind::Audit;
    if is_auditors != (channel.id == AUDIT_CHANNEL) {
        return Ok(None);
    }
    let ledger = authority.team(conn, channel.team)?;
    Ok(ledger.state.as_ref().map(|state| Charter {
        channel: channel.id.clone(),
        team: channel.team,
        root: state.root,
    }))
}

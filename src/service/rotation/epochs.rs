//! When somebody has left a team, or its key is of a newer suite, each of its reports gets its next key on the way to the team's: what is written from then on is not
//! opened by a copy of the key before. What was written before stays as it is sealed.

use crate::domain::ids::{KeyId, ReportId};
use crate::domain::sealed::{Object, Sealed};
use crate::domain::submission::EarlierKey;
use crate::seal::keys::{Identity, Recipient, SigningKey};
use crate::seal::opening::{self, OpenReport};
use crate::service::authority::Authority;
use crate::service::keyring::MemberKeys;
use crate::service::prover::is_signed;
use crate::service::rekey::{self, Reach};
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, GrantRow, NextEpoch, Report, StoreError, StoreResult};

/// A report with what its next key takes.
pub(super) struct Work {
    row: Report,
    card: Sealed<Object>,
    earlier: Vec<EarlierKey>,
    holders: Vec<(KeyId, Recipient)>,
    /// The number of what is written next.
    until: u32,
    /// The keys that had a grant of it.
    seen: Vec<KeyId>,
}

/// A report's next key, ready to be kept.
pub(in crate::service) struct Made {
    next: NextEpoch,
    signer: Option<SigningKey>,
    seen: Vec<KeyId>,
}

/// What it takes for a report to go to its next key and to the team's, which is `new`. `None` if it goes as it is: its row cannot be read, it
/// is being destroyed, a grant of it was set aside, or nobody vouches for one of its readers.
pub(super) fn find(
    conn: &mut DbConnection,
    authority: &Authority,
    (hand, reach): (&MemberKeys, &Reach),
    (report, new): (ReportId, KeyId),
) -> StoreResult<Option<Work>> {
    let Some(row) = store::report_read(conn, report)? else {
        return Ok(None);
    };
    if store::shred_is_begun(conn, report)? || store::report_has_aside(conn, report)? {
        return Ok(None);
    }
    let Some(card) = store::card_of_report(conn, &row)? else {
        return Ok(None);
    };
    let Ok(holders) = rekey::holders(conn, authority, hand, reach, report)? else {
        return Ok(None);
    };
    if !holders.iter().any(|(key, _)| *key == new) {
        return Ok(None);
    }
    Ok(Some(Work {
        earlier: store::earlier_keys(conn, report)?,
        seen: store::grant_keys(conn, report)?,
        until: store::object_next_number(conn, report)?,
        row,
        card,
        holders,
    }))
}

impl Work {
    /// The work of the processor. `None` if the report does not open.
    pub(super) fn make(&self, holder: &Identity, grant: &GrantRow) -> Option<Made> {
        let (row, earlier) = (&self.row, &self.earlier);
        let sealed = &grant.sealed;
        let open = opening::open_grant(holder, sealed, row.id, &row.recipient, earlier).ok()?;
        let open = opening::open_card(open, row.card, &self.card).ok()?;
        made((&open, self.until), row, &self.holders, self.seen.clone())
    }
}

/// The next key of an open report, from that number on and for these holders.
pub(in crate::service) fn made(
    (open, until): (&OpenReport, u32),
    row: &Report,
    holders: &[(KeyId, Recipient)],
    seen: Vec<KeyId>,
) -> Option<Made> {
    let (keys, recipients): (Vec<_>, Vec<_>) = holders.iter().cloned().unzip();
    let next = opening::next_key(open, until, &recipients).ok()?;
    let state_key = *next.state_key.verify_key().as_bytes();
    Some(Made {
        // What nobody has decided stays so.
        signer: is_signed(row).then_some(next.state_key),
        next: NextEpoch {
            report: row.id,
            seen: row.version,
            before: next.before,
            recipient: next.recipient.to_string(),
            state_key,
            lookup: *open.lookup(),
            mailbox: next.mailbox,
            grants: keys.into_iter().zip(next.grants).collect(),
        },
        seen,
    })
}

impl Made {
    /// Keeps it. `false` if the report has changed since: it is looked at again.
    pub(in crate::service) fn keep_in_txn(self, txn: &mut Txn<'_>) -> StoreResult<bool> {
        let report = self.next.report;
        let row = store::report_read(txn, report)?;
        let is_sound = row.map(|row| txn.is_sound(&row)).transpose()?;
        if is_sound != Some(true) {
            txn.mend(report)?;
            return Ok(false);
        }
        if store::grant_keys(txn, report)? != self.seen {
            return Ok(false);
        }
        if let Some(key) = self.signer {
            txn.sign_with(key);
        }
        match store::report_epoch(txn, &self.next) {
            Ok(()) => Ok(true),
            Err(StoreError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

//! Destroying reports: begun by two people or by a clock, finished by whoever comes by. Takes no key that opens anything.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use super::audit_log::AuditLog;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Confirmed, Day};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::retention::RetentionClass;
use crate::seal::shred::commitment;
use crate::store::{self, Store, StoreError, StoreResult, Version};

/// Begins to destroy a report, with its entry in the trail: by a clock of its class, or because two people decided so. From here on
/// nobody opens it.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or under a legal hold.
pub fn begin_in_txn(
    txn: &mut Txn<'_>,
    report: (ReportId, Version),
    actor: Option<StaffId>,
    class: Option<RetentionClass>,
) -> StoreResult<()> {
    let today = txn.today();
    store::shred_begin(txn, report.0, report.1, today)?;
    txn.record(
        actor,
        AuditEvent::ShredBegun {
            report: report.0,
            class,
        },
    )
}

/// Begins to destroy a report if it has run out. `true` if it did. Nothing is destroyed that cannot be read.
///
/// # Errors
/// From the database.
pub fn begin_due_in_txn(txn: &mut Txn<'_>, report: ReportId, now: Confirmed) -> StoreResult<bool> {
    let Some(row) = store::report_run_out(txn, report, now)? else {
        return Ok(false);
    };
    if !txn.is_sound(&row)? {
        return txn.mend(report).map(|()| false);
    }
    begin_in_txn(txn, (report, row.version), None, Some(row.retention))?;
    Ok(true)
}

/// Finishes everything that was begun, wherever it stopped: content, the write-ahead log, the signed entry. Says how many reports
/// are gone now. What a reader of the log is in the way of is finished the next time.
///
/// # Errors
/// From the database. One that fails alone waits for whoever mends the file, and keeps no other from being finished.
pub fn finish(store: &Store, audit_log: &AuditLog, today: Day) -> StoreResult<usize> {
    let begun = store.blocking(store::shreds_begun)?;
    if begun.is_empty() || audit_log.is_behind() {
        return Ok(0);
    }
    let mut failed = None;
    let mut each = |reports: Vec<ReportId>, work: Step| -> StoreResult<Vec<ReportId>> {
        let mut done = Vec::with_capacity(reports.len());
        for report in reports {
            let outcome = store.blocking_write(|conn| {
                let mut txn = Txn::new(audit_log, conn.reborrow(), today.start());
                work(&mut txn, report)
            });
            match outcome {
                Err(error) if !error.is_of_all() => {
                    failed.get_or_insert(error);
                }
                outcome => done.extend(outcome?.then_some(report)),
            }
        }
        Ok(done)
    };
    let emptied = each(begun, |txn, report| {
        empty_in_txn(txn, report).map(|()| true)
    })?;
    let gone = match store.blocking(store::journal_scrub)? {
        true => each(emptied, done_in_txn)?.len(),
        false => 0,
    };
    failed.map_or(Ok(gone), Err)
}

/// Something that is done with one report. `false` if it was done already.
type Step = fn(&mut Txn<'_>, ReportId) -> StoreResult<bool>;

/// [`finish`] on a thread of its own.
///
/// # Errors
/// From the database.
pub async fn finish_soon(store: &Store, audit_log: &AuditLog, today: Day) -> StoreResult<usize> {
    let (store, audit_log) = (store.clone(), audit_log.clone());
    store::aside(move || finish(&store, &audit_log, today))
        .await
        .map_err(|error| StoreError::Other(Box::new(error)))?
}

/// An intent that is not the service's own goes, and its report stands.
fn empty_in_txn(txn: &mut Txn<'_>, report: ReportId) -> StoreResult<()> {
    if !store::shred_is_ours(txn, report)? {
        store::shred_forget(txn, report)?;
        txn.tell_forged()?;
        return txn.mend(report);
    }
    store::shred_empty(txn, report, |objects| {
        commitment(
            report,
            objects.iter().map(|object| (object.id, &object.sealed)),
        )
    })
}

fn done_in_txn(txn: &mut Txn<'_>, report: ReportId) -> StoreResult<bool> {
    let Some(was) = store::shred_done(txn, report)? else {
        return Ok(false);
    };
    let day = txn.log_day();
    let signature = txn
        .audit_log()
        .sign_shredded(report, was.objects, &was.commitment, day);
    txn.record(
        None,
        AuditEvent::ReportShredded {
            report,
            objects: was.objects,
            commitment: HEXLOWER.encode(&was.commitment),
            signature: BASE64URL_NOPAD.encode(signature.as_bytes()),
        },
    )?;
    Ok(true)
}

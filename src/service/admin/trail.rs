//! A page of the audit trail, as far as its reader may see it.

use std::collections::BTreeMap;

use super::AdminError;
use super::view::{AuditFilter, AuditLine, AuditPage};
use crate::domain::ids::StaffId;
use crate::service::anchor::BLANK;
use crate::service::journal::{Journal, Told};
use crate::store::{self, AuditRow, DbConnection};

/// Lines on a page.
const LINES: usize = 100;
/// Entries that are opened for one page: some 200 ms.
const LOOKED_AT: usize = 2_000;

pub(super) fn page(
    conn: &mut DbConnection,
    journal: &Journal,
    before: Option<i64>,
    filter: &AuditFilter,
    is_auditor: bool,
) -> Result<AuditPage, AdminError> {
    let handles: BTreeMap<StaffId, String> = store::staff_list(conn)?
        .into_iter()
        .map(|person| (person.id, person.handle))
        .collect();
    let mut lines = Vec::new();
    let (mut next, mut looked_at) = (before, 0);
    loop {
        let rows = store::audit_list(conn, next, 100)?;
        let is_last = rows.len() < 100;
        for row in rows {
            next = Some(row.seq);
            looked_at += 1;
            let told = journal.read(&row);
            if fits(filter, told.as_ref(), &handles) {
                lines.push(line(row, told, &handles, is_auditor));
            }
            if lines.len() == LINES {
                return Ok(AuditPage { lines, older: next });
            }
        }
        if is_last {
            return Ok(AuditPage { lines, older: None });
        }
        if looked_at >= LOOKED_AT {
            return Ok(AuditPage { lines, older: next });
        }
    }
}

fn fits(filter: &AuditFilter, told: Option<&Told>, handles: &BTreeMap<StaffId, String>) -> bool {
    if filter.class.is_none() && told.is_some_and(|told| told.class == BLANK) {
        return false;
    }
    let actor = told.and_then(|told| handles.get(&told.actor?));
    filter
        .class
        .as_ref()
        .is_none_or(|class| told.is_some_and(|told| told.class == *class))
        && filter
            .actor
            .as_ref()
            .is_none_or(|handle| actor == Some(handle))
        && filter
            .report
            .is_none_or(|report| told.is_some_and(|told| told.report == Some(report)))
}

fn line(
    row: AuditRow,
    told: Option<Told>,
    handles: &BTreeMap<StaffId, String>,
    is_auditor: bool,
) -> AuditLine {
    let shown = told.as_ref().filter(|_| is_auditor);
    AuditLine {
        sequence: row.seq,
        day: row.day,
        actor: shown.and_then(|told| handles.get(&told.actor?).cloned()),
        report: shown.and_then(|told| told.report),
        detail: shown.map(|told| told.detail.clone()).unwrap_or_default(),
        class: told.map(|told| told.class).unwrap_or_default(),
    }
}

//! A page of the audit trail, as far as its reader may see it.

use std::collections::BTreeMap;

use super::AdminError;
use super::view::{AuditFilter, AuditLine, AuditPage};
use crate::domain::ids::StaffId;
use crate::domain::staff::StaffName;
use crate::service::journal::{Journal, Told};
use crate::store::{self, AuditRow, DbConnection, Staff};

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
    let people: BTreeMap<StaffId, Staff> = store::staff_list(conn)?
        .into_iter()
        .map(|person| (person.id, person))
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
            if fits(filter, told.as_ref(), &people) {
                lines.push(line(row, told, &people, is_auditor));
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

fn fits(filter: &AuditFilter, told: Option<&Told>, people: &BTreeMap<StaffId, Staff>) -> bool {
    let actor = told.and_then(|told| people.get(&told.actor?));
    filter
        .class
        .as_ref()
        .is_none_or(|class| told.is_some_and(|told| told.class == *class))
        && filter
            .actor
            .as_ref()
            .is_none_or(|name| actor.is_some_and(|person| is_called(person, name)))
        && filter
            .report
            .is_none_or(|report| told.is_some_and(|told| told.report == Some(report)))
}

/// By the handle, also of somebody who has left: or by the digits that stand for them on the page.
fn is_called(person: &Staff, name: &str) -> bool {
    let shown = StaffName::of(person.id, &person.handle, person.state);
    person.handle == name || matches!(shown, StaffName::Former(digits) if digits == name)
}

fn line(
    row: AuditRow,
    told: Option<Told>,
    people: &BTreeMap<StaffId, Staff>,
    is_auditor: bool,
) -> AuditLine {
    let shown = told.as_ref().filter(|_| is_auditor);
    AuditLine {
        sequence: row.seq,
        day: row.day,
        actor: shown
            .and_then(|told| people.get(&told.actor?))
            .map(|person| StaffName::of(person.id, &person.handle, person.state)),
        report: shown.and_then(|told| told.report),
        detail: shown.map(|told| told.detail.clone()).unwrap_or_default(),
        class: told.map(|told| told.class).unwrap_or_default(),
    }
}

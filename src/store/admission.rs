//! Members' words for newcomers, and wishes for weaker rules.

use diesel::prelude::*;

use super::columns::Bytes;
use super::schema::{admissions, memberships, rule_changes, teams};
use super::staff::one_or;
use super::{DbConnection, StoreError, StoreResult};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::staff::MemberState;

/// A member's word for somebody who waits. Whether it holds is for `seal::approval` to say.
#[derive(Debug, Clone, Queryable)]
pub struct AdmissionRow {
    /// Into which team.
    pub team: TeamId,
    /// Who waits.
    pub staff: StaffId,
    /// Who gave it.
    pub approver: StaffId,
    /// The 30 digits that they compared.
    pub fingerprint: String,
    /// When.
    pub at: Quarter,
    /// The team's generation at that moment.
    pub generation: KeyId,
    /// By the approver's own key.
    #[diesel(deserialize_as = Bytes<64>)]
    pub signature: [u8; 64],
}

/// Keeps a word, in place of an older one by the same member.
///
/// # Errors
/// [`StoreError::NotFound`] if nobody waits there.
pub fn admission_put_in_txn(conn: &mut DbConnection, row: &AdmissionRow) -> StoreResult<()> {
    let key = (
        row.team.as_bytes().as_slice(),
        row.staff.as_bytes().as_slice(),
        row.approver.as_bytes().as_slice(),
    );
    diesel::delete(admissions::table.find(key)).execute(conn)?;
    diesel::insert_into(admissions::table)
        .values((
            admissions::team.eq(key.0),
            admissions::staff.eq(key.1),
            admissions::approver.eq(key.2),
            admissions::fingerprint.eq(&row.fingerprint),
            admissions::approved_at.eq(row.at.seconds()),
            admissions::generation.eq(row.generation.as_bytes().as_slice()),
            admissions::signature.eq(row.signature.as_slice()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The words for one newcomer, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_of(
    conn: &mut DbConnection,
    team: TeamId,
    staff: StaffId,
) -> StoreResult<Vec<AdmissionRow>> {
    Ok(admissions::table
        .filter(admissions::team.eq(team.as_bytes().as_slice()))
        .filter(admissions::staff.eq(staff.as_bytes().as_slice()))
        .order((admissions::approved_at, admissions::approver))
        .load(conn)?)
}

/// Whether anybody's word waits for anything.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admission_any(conn: &mut DbConnection) -> StoreResult<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        admissions::table.select(admissions::team),
    ))
    .get_result(conn)?)
}

/// Whether somebody waits at the door of a team that this person is a member of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn newcomer_waits_for(conn: &mut DbConnection, member: StaffId) -> StoreResult<bool> {
    let own = memberships::table
        .filter(memberships::staff.eq(member.as_bytes().as_slice()))
        .filter(memberships::state.eq(MemberState::Member.as_str()))
        .select(memberships::team)
        .load::<TeamId>(conn)?;
    if own.is_empty() {
        return Ok(false);
    }
    let teams: Vec<&[u8]> = own.iter().map(|team| team.as_bytes().as_slice()).collect();
    let waiting = memberships::table
        .filter(memberships::team.eq_any(teams))
        .filter(memberships::state.eq(MemberState::Waiting.as_str()));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(conn)?)
}

/// Deletes the words for one newcomer. Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_delete(
    conn: &mut DbConnection,
    team: TeamId,
    staff: StaffId,
) -> StoreResult<usize> {
    let rows = admissions::table
        .filter(admissions::team.eq(team.as_bytes().as_slice()))
        .filter(admissions::staff.eq(staff.as_bytes().as_slice()));
    Ok(diesel::delete(rows).execute(conn)?)
}

/// Deletes every word that somebody gave, and their wishes for other rules.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_delete_of_approver(conn: &mut DbConnection, staff: StaffId) -> StoreResult<()> {
    let key = staff.as_bytes().as_slice();
    diesel::delete(admissions::table.filter(admissions::approver.eq(key))).execute(conn)?;
    diesel::delete(rule_changes::table.filter(rule_changes::proposer.eq(key))).execute(conn)?;
    Ok(())
}

/// Weaker rules for a team's newcomers, as somebody wishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct RuleChange {
    /// Whose rules.
    pub team: TeamId,
    /// How many members must approve.
    pub approvals: i64,
    /// Hours for the others to object.
    pub delay_hours: i64,
    /// Who wishes it.
    pub proposer: StaffId,
    /// Since when.
    pub at: Quarter,
}

/// Keeps a wish, in place of an older one.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn rule_change_put_in_txn(conn: &mut DbConnection, row: &RuleChange) -> StoreResult<()> {
    rule_change_delete(conn, row.team)?;
    diesel::insert_into(rule_changes::table)
        .values((
            rule_changes::team.eq(row.team.as_bytes().as_slice()),
            rule_changes::approvals.eq(row.approvals),
            rule_changes::delay_hours.eq(row.delay_hours),
            rule_changes::proposer.eq(row.proposer.as_bytes().as_slice()),
            rule_changes::proposed_at.eq(row.at.seconds()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The wish for a team, if there is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rule_change_find(conn: &mut DbConnection, team: TeamId) -> StoreResult<Option<RuleChange>> {
    Ok(rule_changes::table
        .find(team.as_bytes().as_slice())
        .first(conn)
        .optional()?)
}

/// Takes a wish away. `false` if there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rule_change_delete(conn: &mut DbConnection, team: TeamId) -> StoreResult<bool> {
    let row = rule_changes::table.find(team.as_bytes().as_slice());
    Ok(diesel::delete(row).execute(conn)? == 1)
}

/// Sets a team's rules for newcomers.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn team_rules_set(
    conn: &mut DbConnection,
    team: TeamId,
    approvals: i64,
    delay_hours: i64,
) -> StoreResult<()> {
    let changed = diesel::update(teams::table.find(team.as_bytes().as_slice()))
        .set((
            teams::approvals.eq(approvals),
            teams::delay_hours.eq(delay_hours),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::NotFound)
}

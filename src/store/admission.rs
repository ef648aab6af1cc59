//! Members' words for newcomers, and wishes for weaker rules.

use super::columns::Bytes;
use super::prelude::*;
use super::schema::{admissions, memberships, rule_changes, teams};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::staff::MemberState;

/// A member's word for somebody who waits. Whether it holds is for `seal::approval` to say.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = admissions)]
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
    #[diesel(column_name = approved_at)]
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
pub fn admission_put(conn: &mut WriteTxn<'_>, row: &AdmissionRow) -> StoreResult<()> {
    let key = (row.team, row.staff, row.approver);
    admissions::table.find(key).delete(conn)?;
    admissions::table.insert(conn, row)
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
        .filter(admissions::team.eq(team))
        .filter(admissions::staff.eq(staff))
        .order((admissions::approved_at, admissions::approver))
        .load(conn)?)
}

/// Whether anybody's word waits for anything.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admission_any(conn: &mut DbConnection) -> StoreResult<bool> {
    admissions::table.select(admissions::team).exists(conn)
}

/// Whether somebody waits at the door of a team that this person is a member of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn newcomer_waits_for(conn: &mut DbConnection, member: StaffId) -> StoreResult<bool> {
    let teams: Vec<TeamId> = memberships::table
        .filter(memberships::staff.eq(member))
        .filter(memberships::state.eq(MemberState::Member))
        .select(memberships::team)
        .load(conn)?;
    memberships::table
        .filter(memberships::team.eq_any(teams))
        .filter(memberships::state.eq(MemberState::Waiting))
        .exists(conn)
}

/// Deletes the words for one newcomer. Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_delete(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    staff: StaffId,
) -> StoreResult<usize> {
    let rows = admissions::table
        .filter(admissions::team.eq(team))
        .filter(admissions::staff.eq(staff));
    rows.delete(conn)
}

/// Deletes every word that somebody gave, and their wishes for other rules.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_delete_of_approver(conn: &mut WriteTxn<'_>, staff: StaffId) -> StoreResult<()> {
    admissions::table
        .filter(admissions::approver.eq(staff))
        .delete(conn)?;
    diesel::delete(rule_changes::table.filter(rule_changes::proposer.eq(staff))).done(conn)
}

/// Weaker rules for a team's newcomers, as somebody wishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rule_changes)]
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
    #[diesel(column_name = proposed_at)]
    pub at: Quarter,
}

/// Keeps a wish, in place of an older one.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn rule_change_put(conn: &mut WriteTxn<'_>, row: &RuleChange) -> StoreResult<()> {
    rule_change_delete(conn, row.team)?;
    rule_changes::table.insert(conn, row)
}

/// The wish for a team, if there is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rule_change_find(conn: &mut DbConnection, team: TeamId) -> StoreResult<Option<RuleChange>> {
    rule_changes::table.find(team).maybe(conn)
}

/// Takes a wish away. `false` if there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rule_change_delete(conn: &mut WriteTxn<'_>, team: TeamId) -> StoreResult<bool> {
    diesel::delete(rule_changes::table.find(team)).one(conn)
}

/// Sets a team's rules for newcomers.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn team_rules_set(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    approvals: i64,
    delay_hours: i64,
) -> StoreResult<()> {
    diesel::update(teams::table.find(team))
        .set((
            teams::approvals.eq(approvals),
            teams::delay_hours.eq(delay_hours),
        ))
        .or_not_found(conn)
}

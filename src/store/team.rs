//! Teams, who is wanted in them, and the channels that should feed them.

use std::collections::BTreeSet;

use super::prelude::*;
use super::schema::{channels, memberships, reports, staff, teams};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{MemberState, TeamKind};

/// A team of caseworkers.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = teams)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The administrators' own label for it.
    pub name: String,
    /// What it is there for.
    pub kind: TeamKind,
    /// Days after which the team's generation is due to be changed.
    pub rotate_days: i64,
}

impl Team {
    /// A team with the usual rules: a new generation every half year.
    pub const fn usual(id: TeamId, name: String, kind: TeamKind) -> Self {
        Self {
            id,
            name,
            kind,
            rotate_days: 182,
        }
    }
}

/// Makes a team.
///
/// # Errors
/// [`StoreError::Conflict`] if the name is taken.
pub fn team_insert(conn: &mut WriteTxn<'_>, team: &Team) -> StoreResult<()> {
    teams::table.insert(conn, team)
}

/// One team.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn team_find(conn: &mut DbConnection, id: TeamId) -> StoreResult<Team> {
    Ok(teams::table.find(id).first(conn)?)
}

/// What a team is called, whatever else of its row cannot be read; its id, if it has no name that could be.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn team_name(conn: &mut DbConnection, id: TeamId) -> StoreResult<String> {
    let name = teams::table.find(id).select(teams::name);
    let name: Option<String> = unless_damaged(name.maybe(conn))?;
    Ok(name.unwrap_or_else(|| id.to_string()))
}

/// Every team, by name; the auditors' after those that read reports.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn team_list(conn: &mut DbConnection) -> StoreResult<Vec<Team>> {
    teams::table
        .order((teams::kind.desc(), teams::name))
        .listed(conn, "teams")
}

/// Whom the administrators want in a team, and how far they have come. Who is in it, the team's ledger says.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = memberships)]
pub struct Membership {
    /// Which team.
    pub team: TeamId,
    /// Who.
    pub staff: StaffId,
    /// Whether they should lead it.
    pub lead: bool,
    /// How far they have come into it.
    pub state: MemberState,
}

/// Puts somebody into a team.
///
/// # Errors
/// [`StoreError::Conflict`] if they are in it already.
pub fn membership_insert(conn: &mut WriteTxn<'_>, row: &Membership) -> StoreResult<()> {
    memberships::table.insert(conn, row)
}

/// Moves somebody from one step into a team to another.
///
/// # Errors
/// [`StoreError::Stale`] if they are not at `from`.
pub fn membership_move(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    staff: StaffId,
    from: MemberState,
    to: MemberState,
) -> StoreResult<()> {
    let row = memberships::table
        .find((team, staff))
        .filter(memberships::state.eq(from));
    diesel::update(row)
        .set(memberships::state.eq(to))
        .or_stale(conn)
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
        .readable(conn, "memberships")?;
    memberships::table
        .filter(memberships::team.eq_any(teams))
        .filter(memberships::state.eq(MemberState::Waiting))
        .exists(conn)
}

/// The teams somebody is in.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn memberships_of_staff(
    conn: &mut DbConnection,
    staff: StaffId,
) -> StoreResult<Vec<Membership>> {
    memberships::table
        .filter(memberships::staff.eq(staff))
        .order(memberships::team)
        .readable(conn, "memberships")
}

/// The same, all or none: for whoever takes somebody out of all of them.
///
/// # Errors
/// [`StoreError::Damaged`] if one of them cannot be read.
pub fn memberships_of_leaver(
    conn: &mut DbConnection,
    staff: StaffId,
) -> StoreResult<Vec<Membership>> {
    let theirs = memberships::table.filter(memberships::staff.eq(staff));
    Ok(theirs.order(memberships::team).load(conn)?)
}

/// Who is in a team, by handle.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn memberships_of_team(conn: &mut DbConnection, team: TeamId) -> StoreResult<Vec<Membership>> {
    memberships::table
        .inner_join(staff::table)
        .filter(memberships::team.eq(team))
        .order(staff::handle)
        .select(memberships::all_columns)
        .readable(conn, "memberships")
}

/// Whom the table has in a team, also if there is no such person.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn members_of_team(conn: &mut DbConnection, team: TeamId) -> StoreResult<BTreeSet<StaffId>> {
    let rows = memberships::table
        .filter(memberships::team.eq(team))
        .filter(memberships::state.eq(MemberState::Member));
    let members: Vec<StaffId> = rows
        .select(memberships::staff)
        .readable(conn, "memberships")?;
    Ok(members.into_iter().collect())
}

/// Takes somebody out of a team. `false` if they were not in it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn membership_delete(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    staff: StaffId,
) -> StoreResult<bool> {
    diesel::delete(memberships::table.find((team, staff))).one(conn)
}

/// A public form and the team it feeds. A wish of the administrators: only a signed charter makes it so.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = channels)]
pub struct Channel {
    /// Its name in the configuration.
    pub id: String,
    /// The team.
    pub team: TeamId,
}

/// Makes a channel, or lets it feed another team.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn channel_put(conn: &mut WriteTxn<'_>, row: &Channel) -> StoreResult<()> {
    let changed = diesel::update(channels::table.find(&row.id)).set(channels::team.eq(row.team));
    if !changed.one(conn)? {
        channels::table.insert(conn, row)?;
    }
    Ok(())
}

/// Every channel.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn channel_list(conn: &mut DbConnection) -> StoreResult<Vec<Channel>> {
    channels::table
        .order(channels::id)
        .readable(conn, "channels")
}

/// One channel, if it is there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn channel_find(conn: &mut DbConnection, id: &str) -> StoreResult<Option<Channel>> {
    channels::table.find(id).maybe(conn)
}

/// Whether any report came in by it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn channel_is_used(conn: &mut DbConnection, id: &str) -> StoreResult<bool> {
    let any = reports::table.filter(reports::channel.eq(id));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(conn)?)
}

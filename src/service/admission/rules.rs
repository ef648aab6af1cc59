//! A team's rules for newcomers: how many members must approve, and how long the others have to object.
//!
//! Stricter rules hold at once. Weaker ones need a second lead; where the team has no other, they wait as long as the rules had the
//! others wait, at least a day, and any member may stop them. Administrators set none.

use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{MemberState, StaffState};
use crate::store::{self, DbConnection, Membership, RuleChange, StoreError, Team, WriteTxn};

/// Weaker rules of a team with one lead wait at least so many hours.
const SHORTEST: i64 = 24;
/// The longest delay, in hours.
pub const LONGEST_DELAY: i64 = 168;

/// How newcomers are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub(super) approvals: i64,
    pub(super) delay_hours: i64,
}

impl Rules {
    /// `None` unless one or two approvals and at most [`LONGEST_DELAY`] hours are asked for.
    pub fn new(approvals: i64, delay_hours: i64) -> Option<Self> {
        let fits = (1..=2).contains(&approvals) && (0..=LONGEST_DELAY).contains(&delay_hours);
        fits.then_some(Self {
            approvals,
            delay_hours,
        })
    }

    /// How many members must approve.
    pub fn approvals(self) -> usize {
        usize::try_from(self.approvals).unwrap_or(2)
    }

    /// Hours for the others to object.
    pub const fn delay_hours(self) -> i64 {
        self.delay_hours
    }

    /// When the door opens after the last word that was needed. A delay is never shorter than it says.
    pub(super) const fn opens(self, last: Quarter) -> Timestamp {
        if self.delay_hours == 0 {
            last.start()
        } else {
            last.next().start().plus(self.delay_hours * 3_600)
        }
    }

    pub(super) const fn is_at_least(self, other: Self) -> bool {
        self.approvals >= other.approvals && self.delay_hours >= other.delay_hours
    }
}

/// The rules that hold: the team's, or weaker ones whose time has come.
pub(super) fn in_force(
    conn: &mut DbConnection,
    team: &Team,
    now: Timestamp,
) -> Result<Rules, StoreError> {
    let holds = Rules {
        approvals: team.approvals,
        delay_hours: team.delay_hours,
    };
    let Some(wish) = store::rule_change_find(conn, team.id)? else {
        return Ok(holds);
    };
    let from = People::of(conn, team.id)?.comes(&wish, holds);
    Ok(match from {
        Some(from) if from <= now => wish.rules(),
        _ => holds,
    })
}

/// Writes down what has come into force by waiting, before who is in the team changes: a new lead would put it off again.
pub(super) fn settle_in_txn(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = store::team_find(conn, team)?;
    let rules = in_force(conn, &row, now)?;
    let is_new = rules.approvals != row.approvals || rules.delay_hours != row.delay_hours;
    if is_new {
        put_in_txn(conn, team, rules)?;
    }
    Ok(())
}

/// Somebody goes. What has come into force by then stays. Weaker rules that waited for a lead's word must be wished anew: otherwise
/// whoever closes that lead's account would bring them into force.
pub(in crate::service) fn member_goes_in_txn(
    conn: &mut WriteTxn<'_>,
    leaver: &Membership,
    now: Timestamp,
) -> Result<(), StoreError> {
    if leaver.state != MemberState::Member {
        return Ok(());
    }
    settle_in_txn(conn, leaver.team, now)?;
    if leaver.lead {
        store::rule_change_delete(conn, leaver.team)?;
    }
    Ok(())
}

pub(super) fn put_in_txn(
    conn: &mut WriteTxn<'_>,
    team: TeamId,
    rules: Rules,
) -> Result<(), StoreError> {
    store::team_rules_set(conn, team, rules.approvals, rules.delay_hours)?;
    store::rule_change_delete(conn, team)?;
    Ok(())
}

impl RuleChange {
    pub(super) const fn rules(&self) -> Rules {
        Rules {
            approvals: self.approvals,
            delay_hours: self.delay_hours,
        }
    }
}

/// Who is in a team.
pub(super) struct People {
    pub(super) members: Vec<StaffId>,
    leads: Vec<StaffId>,
}

impl People {
    pub(super) fn of(conn: &mut DbConnection, team: TeamId) -> Result<Self, StoreError> {
        let (mut members, mut leads) = (Vec::new(), Vec::new());
        for membership in store::memberships_of_team(conn, team)? {
            let is_member = membership.state == MemberState::Member
                && store::staff_find(conn, membership.staff)?.state == StaffState::Active;
            if is_member {
                members.push(membership.staff);
                if membership.lead {
                    leads.push(membership.staff);
                }
            }
        }
        Ok(Self { members, leads })
    }

    /// A lead; anybody, where there is none.
    pub(super) fn may_set(&self, staff: StaffId) -> bool {
        self.leads.contains(&staff) || (self.leads.is_empty() && self.members.contains(&staff))
    }

    pub(super) fn may_confirm(&self, staff: StaffId, wish: &RuleChange) -> bool {
        staff != wish.proposer && self.leads.contains(&staff)
    }

    /// When a wish comes into force by itself: where nobody else can agree to it, and whoever wishes it still may.
    pub(super) fn comes(&self, wish: &RuleChange, holds: Rules) -> Option<Timestamp> {
        let has_other = self.leads.iter().any(|lead| *lead != wish.proposer);
        let hours = holds.delay_hours.max(SHORTEST);
        (!has_other && self.may_set(wish.proposer))
            .then(|| wish.at.next().start().plus(hours * 3_600))
    }
}

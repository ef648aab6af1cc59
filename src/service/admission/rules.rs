//! A team's rules for newcomers: how many members must approve, and how long the others have to object.
//!
//! Stricter rules hold at once. Weaker ones need a second lead; where the team has no other, they wait as long as the rules had the
//! others wait, at least a day, and any member may stop them. Administrators set none.

use super::{Admission, AdmissionError};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{MemberState, StaffState};
use crate::service::accounts::Caller;
use crate::service::attempts;
use crate::service::receivers;
use crate::service::rotation::{Hand, hand};
use crate::store::{self, DbConnection, Membership, RuleChange, StoreError, Team};

/// Weaker rules of a team with one lead wait at least so many hours.
const SHORTEST: i64 = 24;
/// The longest delay, in hours.
pub const LONGEST_DELAY: i64 = 168;

/// How newcomers are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    approvals: i64,
    delay_hours: i64,
}

/// The rules of a team as its members see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRules {
    /// The team.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// 30 digits of its first verify key, which a member reads to custodians. `None` if the records do not lead
    /// to the key that the caller holds.
    pub fingerprint: Option<String>,
    /// What holds.
    pub rules: Rules,
    /// Whether the caller may set others.
    pub may_set: bool,
    /// Weaker rules that somebody wishes.
    pub wish: Option<Wish>,
}

/// Weaker rules that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What would hold.
    pub rules: Rules,
    /// Handle of who wishes it.
    pub proposer: String,
    /// When they come into force by themselves; `None` if a second lead must agree.
    pub from: Option<Timestamp>,
    /// Whether the caller can be that lead.
    pub may_confirm: bool,
}

/// What came of new rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// They hold.
    InForce,
    /// They are weaker, and wait.
    Waits,
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

    const fn is_at_least(self, other: Self) -> bool {
        self.approvals >= other.approvals && self.delay_hours >= other.delay_hours
    }
}

impl Admission {
    /// The rules of the caller's teams.
    ///
    /// # Errors
    /// [`AdmissionError`].
    pub async fn rules(&self, caller: &Caller) -> Result<Vec<TeamRules>, AdmissionError> {
        let hand = hand(caller).ok_or(AdmissionError::NotFound)?;
        let now = self.context.clock.now();
        self.context
            .store
            .run(move |conn| {
                let mut views = Vec::new();
                for team in hand.teams(conn)? {
                    views.push(view(conn, &hand, team, now)?);
                }
                Ok(views)
            })
            .await
    }

    /// Sets a team's rules, or wishes for weaker ones.
    ///
    /// # Errors
    /// [`AdmissionError::NotFound`] if the caller does not lead the team; [`AdmissionError::TooFew`] if two approvals are more
    /// than its members can give.
    pub async fn set_rules(
        &self,
        caller: &Caller,
        team: TeamId,
        wanted: Rules,
        code: &str,
    ) -> Result<Set, AdmissionError> {
        let hand = hand(caller).ok_or(AdmissionError::NotFound)?;
        self.lead_confirms(caller, team, code).await?;
        let now = self.context.clock.now();
        self.context
            .write(move |txn| {
                let people = People::of(txn, team)?;
                if !people.may_set(hand.staff) {
                    return Err(AdmissionError::NotFound);
                }
                if people.members.len() < wanted.approvals() {
                    return Err(AdmissionError::TooFew);
                }
                let row = store::team_find(txn, team)?;
                let holds = in_force(txn, &row, now)?;
                let (approvals, hours) = (wanted.approvals, wanted.delay_hours);
                if wanted.is_at_least(holds) {
                    put_in_txn(txn, team, wanted)?;
                    let event = AuditEvent::TeamRulesSet {
                        team,
                        approvals,
                        hours,
                    };
                    txn.record(hand.staff, event)?;
                    return Ok(Set::InForce);
                }
                // What has come into force by itself is written down before another wish takes its place.
                put_in_txn(txn, team, holds)?;
                let wish = RuleChange {
                    team,
                    approvals: wanted.approvals,
                    delay_hours: wanted.delay_hours,
                    proposer: hand.staff,
                    at: now.quarter(),
                };
                store::rule_change_put_in_txn(txn, &wish)?;
                let event = AuditEvent::TeamRulesWished {
                    team,
                    approvals,
                    hours,
                };
                txn.record(hand.staff, event)?;
                Ok(Set::Waits)
            })
            .await
    }

    /// A second lead agrees to weaker rules: they hold at once.
    ///
    /// # Errors
    /// [`AdmissionError::NotFound`] if there is no wish, or it is the caller's own.
    pub async fn confirm_rules(
        &self,
        caller: &Caller,
        team: TeamId,
        code: &str,
    ) -> Result<(), AdmissionError> {
        let hand = hand(caller).ok_or(AdmissionError::NotFound)?;
        self.lead_confirms(caller, team, code).await?;
        self.context
            .write(move |txn| {
                let wish = store::rule_change_find(txn, team)?.ok_or(AdmissionError::Changed)?;
                if !People::of(txn, team)?.may_confirm(hand.staff, &wish) {
                    return Err(AdmissionError::NotFound);
                }
                put_in_txn(txn, team, wish.rules())?;
                let (approvals, hours) = (wish.approvals, wish.delay_hours);
                let event = AuditEvent::TeamRulesAgreed {
                    team,
                    approvals,
                    hours,
                };
                Ok(txn.record(hand.staff, event)?)
            })
            .await
    }

    /// Any member stops weaker rules that wait.
    ///
    /// # Errors
    /// [`AdmissionError::Changed`] if there are none.
    pub async fn stop_rules(&self, caller: &Caller, team: TeamId) -> Result<(), AdmissionError> {
        let hand = hand(caller).ok_or(AdmissionError::NotFound)?;
        let now = self.context.clock.now();
        self.context
            .write(move |txn| {
                if !hand.teams(txn)?.contains(&team) {
                    return Err(AdmissionError::NotFound);
                }
                let row = store::team_find(txn, team)?;
                let is_in_force = store::rule_change_find(txn, team)?
                    .is_none_or(|wish| in_force(txn, &row, now).ok() == Some(wish.rules()));
                if is_in_force {
                    return Err(AdmissionError::Changed);
                }
                store::rule_change_delete(txn, team)?;
                Ok(txn.record(hand.staff, AuditEvent::TeamRulesStopped { team })?)
            })
            .await
    }

    /// Looks before a code is used up.
    async fn lead_confirms(
        &self,
        caller: &Caller,
        team: TeamId,
        code: &str,
    ) -> Result<(), AdmissionError> {
        let views = self.rules(caller).await?;
        if !views.iter().any(|view| view.team == team && view.may_set) {
            return Err(AdmissionError::NotFound);
        }
        attempts::second_factor(&self.context, caller, code).await
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
    conn: &mut DbConnection,
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
    conn: &mut DbConnection,
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

fn put_in_txn(conn: &mut DbConnection, team: TeamId, rules: Rules) -> Result<(), StoreError> {
    store::team_rules_set(conn, team, rules.approvals, rules.delay_hours)?;
    store::rule_change_delete(conn, team)?;
    Ok(())
}

fn view(
    conn: &mut DbConnection,
    hand: &Hand,
    team: TeamId,
    now: Timestamp,
) -> Result<TeamRules, AdmissionError> {
    let row = store::team_find(conn, team)?;
    let people = People::of(conn, team)?;
    let rules = in_force(conn, &row, now)?;
    let wish = match store::rule_change_find(conn, team)? {
        Some(wish) if wish.rules() != rules => Some(Wish {
            rules: wish.rules(),
            proposer: store::staff_find(conn, wish.proposer)?.handle,
            from: people.comes(&wish, rules),
            may_confirm: people.may_confirm(hand.staff, &wish),
        }),
        _ => None,
    };
    Ok(TeamRules {
        fingerprint: fingerprint(conn, hand, team)?,
        team,
        name: row.name,
        rules,
        may_set: people.may_set(hand.staff),
        wish,
    })
}

/// The number of the row that custodians sign, if its chain leads to the key that the member's own key opens: a row that somebody
/// has written would show custodian and member the same number.
fn fingerprint(
    conn: &mut DbConnection,
    hand: &Hand,
    team: TeamId,
) -> Result<Option<String>, StoreError> {
    let held = hand.keyring(conn, team)?;
    let held = held.map(|ring| ring.active.secrets.signing().verify_key());
    let chain = receivers::chain_of(conn, team)?;
    match chain {
        Ok((first, newest)) if held == Some(newest.verify_key) => Ok(Some(first.fingerprint())),
        outcome => {
            let error = outcome.err().map(|error| error.to_string());
            tracing::error!(%team, error, "ALARM: the team's key records do not lead to the key that a member holds");
            Ok(None)
        }
    }
}

impl RuleChange {
    const fn rules(&self) -> Rules {
        Rules {
            approvals: self.approvals,
            delay_hours: self.delay_hours,
        }
    }
}

/// Who is in a team.
struct People {
    members: Vec<StaffId>,
    leads: Vec<StaffId>,
}

impl People {
    fn of(conn: &mut DbConnection, team: TeamId) -> Result<Self, StoreError> {
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
    fn may_set(&self, staff: StaffId) -> bool {
        self.leads.contains(&staff) || (self.leads.is_empty() && self.members.contains(&staff))
    }

    fn may_confirm(&self, staff: StaffId, wish: &RuleChange) -> bool {
        staff != wish.proposer && self.leads.contains(&staff)
    }

    /// When a wish comes into force by itself: where nobody else can agree to it, and whoever wishes it still may.
    fn comes(&self, wish: &RuleChange, holds: Rules) -> Option<Timestamp> {
        let has_other = self.leads.iter().any(|lead| *lead != wish.proposer);
        let hours = holds.delay_hours.max(SHORTEST);
        (!has_other && self.may_set(wish.proposer))
            .then(|| wish.at.next().start().plus(hours * 3_600))
    }
}

//! A team's rules as its members see and change them: weaker ones wait, see [`super::rules`].

use super::Admission;
use super::rules::{People, Rules, in_force, put_in_txn};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::TeamId;
use crate::service::accounts::Caller;
use crate::service::attempts;
use crate::service::error::Error;
use crate::service::keyring::MemberKeys;
use crate::service::receivers;
use crate::store::{self, DbConnection, RuleChange, StoreError};

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
    pub wish: Option<RuleRequest>,
}

/// Weaker rules that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRequest {
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

impl Admission {
    /// The rules of the caller's teams.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn rules(&self, caller: &Caller) -> Result<Vec<TeamRules>, Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
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
    /// [`Error::NotFound`] if the caller does not lead the team; [`Error::TooFew`] if two approvals are more
    /// than its members can give.
    pub async fn set_rules(
        &self,
        caller: &Caller,
        team: TeamId,
        wanted: Rules,
        code: &str,
    ) -> Result<Set, Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        self.lead_confirms(caller, team, code).await?;
        let now = self.context.clock.now();
        self.context
            .write(move |txn| {
                let people = People::of(txn, team)?;
                if !people.may_set(hand.staff) {
                    return Err(Error::NotFound);
                }
                if people.members.len() < wanted.approvals() {
                    return Err(Error::TooFew);
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
                store::rule_change_put(txn, &wish)?;
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
    /// [`Error::NotFound`] if there is no wish, or it is the caller's own.
    pub async fn confirm_rules(
        &self,
        caller: &Caller,
        team: TeamId,
        code: &str,
    ) -> Result<(), Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        self.lead_confirms(caller, team, code).await?;
        self.context
            .write(move |txn| {
                let wish = store::rule_change_find(txn, team)?.ok_or(Error::Changed)?;
                if !People::of(txn, team)?.may_confirm(hand.staff, &wish) {
                    return Err(Error::NotFound);
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
    /// [`Error::Changed`] if there are none.
    pub async fn stop_rules(&self, caller: &Caller, team: TeamId) -> Result<(), Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        let now = self.context.clock.now();
        self.context
            .write(move |txn| {
                if !hand.teams(txn)?.contains(&team) {
                    return Err(Error::NotFound);
                }
                let row = store::team_find(txn, team)?;
                let is_in_force = store::rule_change_find(txn, team)?
                    .is_none_or(|wish| in_force(txn, &row, now).ok() == Some(wish.rules()));
                if is_in_force {
                    return Err(Error::Changed);
                }
                store::rule_change_delete(txn, team)?;
                Ok(txn.record(hand.staff, AuditEvent::TeamRulesStopped { team })?)
            })
            .await
    }

    /// Looks before a code is used up.
    async fn lead_confirms(&self, caller: &Caller, team: TeamId, code: &str) -> Result<(), Error> {
        let views = self.rules(caller).await?;
        if !views.iter().any(|view| view.team == team && view.may_set) {
            return Err(Error::NotFound);
        }
        attempts::second_factor(&self.context, caller, code).await
    }
}

fn view(
    conn: &mut DbConnection,
    hand: &MemberKeys,
    team: TeamId,
    now: Timestamp,
) -> Result<TeamRules, Error> {
    let row = store::team_find(conn, team)?;
    let people = People::of(conn, team)?;
    let rules = in_force(conn, &row, now)?;
    let wish = match store::rule_change_find(conn, team)? {
        Some(wish) if wish.rules() != rules => Some(RuleRequest {
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
    hand: &MemberKeys,
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

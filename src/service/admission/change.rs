//! A team's rules as its members see and change them: stricter rules hold at once. Weaker ones need a second lead; where the team has no
//! other, they wait as long as the rules had the others wait, at least a day, and any member may stop them. Administrators set none.

use super::Admission;
use super::lead::{self, LeadChange};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::TeamId;
use crate::ledger::rules::Rules;
use crate::ledger::team::TeamBody;
use crate::seal::keys::team_fingerprint;
use crate::service::accounts::Caller;
use crate::service::attempts;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::keyring::MemberKeys;
use crate::store::{self, DbConnection};

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
    /// What the caller may decide about who leads.
    pub leads: Vec<LeadChange>,
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
        let (authority, now) = (self.context.authority.clone(), self.context.clock.now());
        self.context
            .read(move |conn| {
                let mut views = Vec::new();
                for team in hand.teams(conn)? {
                    views.extend(view(conn, &authority, &hand, team, now)?);
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
        self.context
            .write(move |txn| {
                let now = txn.now();
                let holds = txn.team(team)?.rules(now);
                let is_weaker = !wanted.is_at_least(holds);
                let body = match is_weaker {
                    true => TeamBody::RulesWish(wanted),
                    false => TeamBody::Rules(wanted),
                };
                txn.say(team, hand.staff, &[hand.keys.signing()], body)?;
                let (approvals, hours) = in_numbers(wanted);
                let event = match is_weaker {
                    true => AuditEvent::TeamRulesWished {
                        team,
                        approvals,
                        hours,
                    },
                    false => AuditEvent::TeamRulesSet {
                        team,
                        approvals,
                        hours,
                    },
                };
                txn.record(hand.staff, event)?;
                Ok(if is_weaker { Set::Waits } else { Set::InForce })
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
                let now = txn.now();
                let wish = txn.team(team)?.wish(now).ok_or(Error::Changed)?;
                let body = TeamBody::Rules(wish.rules);
                txn.say(team, hand.staff, &[hand.keys.signing()], body)?;
                let (approvals, hours) = in_numbers(wish.rules);
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
        self.context
            .write(move |txn| {
                let keys = [hand.keys.signing()];
                txn.say(team, hand.staff, &keys, TeamBody::RulesStop)?;
                Ok(txn.record(hand.staff, AuditEvent::TeamRulesStopped { team })?)
            })
            .await
    }

    /// Looks before a code is used up.
    pub(super) async fn lead_confirms(
        &self,
        caller: &Caller,
        team: TeamId,
        code: &str,
    ) -> Result<(), Error> {
        let views = self.rules(caller).await?;
        if !views.iter().any(|view| view.team == team && view.may_set) {
            return Err(Error::NotFound);
        }
        attempts::second_factor(&self.context, caller, code).await
    }
}

fn view(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
    team: TeamId,
    now: Timestamp,
) -> Result<Option<TeamRules>, Error> {
    let ledger = authority.team(conn, team)?;
    let Some(state) = ledger.state.as_ref().filter(|state| hand.is_in(state)) else {
        return Ok(None);
    };
    let wish = match state.wish(now) {
        None => None,
        Some(wish) => Some(RuleRequest {
            rules: wish.rules,
            proposer: store::staff_handle(conn, wish.by)?,
            from: state.comes(&wish),
            may_confirm: state.may_confirm(hand.staff, &wish),
        }),
    };
    // A number is shown only if the ledger leads to the key that the member's own key opens.
    let ring = hand.keyring(conn, team)?;
    let holds = ledger.fault.is_none() && ring.is_some_and(|ring| ring.fits(state));
    if !holds {
        tracing::error!(event = "records-broken", %team, "ALARM: the team's ledger does not lead to the key that a member holds");
    }
    Ok(Some(TeamRules {
        fingerprint: holds.then(|| team_fingerprint(&state.root)),
        team,
        name: store::team_name(conn, team)?,
        rules: state.rules(now),
        may_set: state.may_lead(hand.staff),
        leads: lead::changes(conn, state, hand.staff)?,
        wish,
    }))
}

/// Approvals and hours, as the log has them.
fn in_numbers(rules: Rules) -> (i64, i64) {
    let approvals = i64::try_from(rules.approvals()).unwrap_or(i64::MAX);
    (approvals, i64::from(rules.delay_hours()))
}

//! Who may read a report: leads hand it to somebody, share it with another team, move it there, or restrict it to named people.
//!
//! Another team's key counts only if custodians' charters lead to it, and a person's only if their team's key has signed it, so that
//! nobody is let in by a row in the database.

use super::history::DecisionBody;
use super::opened::OpenedReport;
use super::{Triage, reason_of};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, ReportId, StaffId, TeamId};
use crate::domain::staff::TeamKind;
use crate::domain::state::State;
use crate::seal::Kind;
use crate::seal::keys::Recipient;
use crate::seal::opening;
use crate::service::accounts::Caller;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, public_keys};
use crate::service::rekey;
use crate::service::rotation::epochs;
use crate::store::{self, ClaimOutcome, DbConnection, StoreError, Version};

/// How often a report is sealed for another team at most, if something changes under it.
const SEALINGS: u32 = 4;

/// What a lead can choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessView {
    /// Who can read the report now.
    pub readers: Vec<(StaffId, String)>,
    /// Other teams that it can be shared with; none if it is restricted.
    pub teams: Vec<(TeamId, String)>,
    /// Members that it can be restricted to.
    pub members: Vec<(StaffId, String)>,
    /// Whether it is restricted to named people.
    pub restricted: bool,
}

impl AccessView {
    pub(super) fn find(
        conn: &mut DbConnection,
        authority: &Authority,
        me: StaffId,
        report: &store::Report,
    ) -> Result<Self, StoreError> {
        let readers = store::report_readers(conn, report.id)?;
        let members = own_members(conn, authority, me)?;
        let teams = if report.restricted {
            Vec::new()
        } else {
            other_teams(conn, authority, me)?
        };
        let mut named =
            |staff| -> Result<_, StoreError> { Ok((staff, store::staff_handle(conn, staff)?)) };
        let mut by_handle = |staff: Vec<StaffId>| -> Result<Vec<_>, StoreError> {
            let mut people: Vec<_> = staff
                .into_iter()
                .map(&mut named)
                .collect::<Result<_, _>>()?;
            people.sort_by(|(_, one), (_, other)| one.cmp(other));
            Ok(people)
        };
        let members = members.into_iter().map(|(staff, ..)| staff);
        Ok(Self {
            readers: by_handle(readers)?,
            teams,
            members: by_handle(members.collect())?,
            restricted: report.restricted,
        })
    }
}

impl Triage {
    /// Hands the report to somebody who can read it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller leads no team, or the other one cannot read it.
    pub async fn assign(
        &self,
        caller: &Caller,
        report: ReportId,
        to: StaffId,
    ) -> Result<(), Error> {
        let opened = self.open_as_lead(caller, report).await?;
        if opened.row.state == State::Locked {
            return Err(Error::NotPossible);
        }
        let (actor, now) = (caller.staff, self.context.clock.now());
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                txn.must_read(report, to)?;
                match store::claim_holder(txn, report)? {
                    Some(holder) if holder == to => return Ok(()),
                    Some(holder) => {
                        store::claim_release(txn, report, holder)?;
                    }
                    None => {}
                }
                let row = store::report_by_id(txn, report)?;
                let seen = (row.state, row.version);
                match store::claim(txn, report, seen, to, now)? {
                    ClaimOutcome::Claimed(_) => {}
                    ClaimOutcome::HeldBy(_) | ClaimOutcome::Changed => {
                        return Err(Error::NotPossible);
                    }
                }
                txn.record(actor, AuditEvent::ReportAssigned { report, person: to })?;
                Ok(())
            })
            .await
    }

    /// Grants the report to another team; `moves` takes it from the caller's teams at the same moment.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller leads no team or there is no such team that can receive;
    /// [`Error::NotPossible`] for a restricted report, which is for those who were named and for no team.
    pub async fn share(
        &self,
        caller: &Caller,
        report: ReportId,
        to: TeamId,
        moves: bool,
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        for _ in 1..SEALINGS {
            match self.share_once(caller, report, (to, moves), &reason).await {
                // A key was changed, or the reporter wrote, between sealing and keeping.
                Err(Error::Changed) => {}
                other => return other,
            }
        }
        self.share_once(caller, report, (to, moves), &reason).await
    }

    async fn share_once(
        &self,
        caller: &Caller,
        report: ReportId,
        (to, moves): (TeamId, bool),
        reason: &str,
    ) -> Result<(), Error> {
        let opened = self.open_as_lead(caller, report).await?;
        if opened.row.restricted {
            return Err(Error::NotPossible);
        }
        let authority = self.context.authority.clone();
        let me = caller.staff;
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        let (key, name, stay) = self
            .context
            .read(move |conn| -> Result<_, StoreError> {
                let is_known = other_teams(conn, &authority, me)?
                    .iter()
                    .any(|(team, _)| *team == to);
                let key = authority.rooted_key(conn, to)?;
                let key = key.filter(|_| is_known).ok_or(StoreError::NotFound)?;
                let stay = match moves {
                    true => others(conn, &authority, &hand, report)?,
                    false => None,
                };
                Ok((key, store::team_find(conn, to)?.name, stay))
            })
            .await?;
        let grant = opening::regrant(opened.open.grant(), &key.recipient)?;
        // Whoever had it opens nothing of what is written from now on.
        let next = stay.and_then(|(mut holders, seen)| {
            holders.retain(|(holder, _)| *holder != key.key);
            holders.push((key.key, key.recipient.clone()));
            // This decision is the last that is written under the key that it has now.
            let until = opened.next.saturating_add(1);
            epochs::made((&opened.open, until), &opened.row, &holders, seen)
        });
        let now = self.context.clock.now();
        let text = format!("{} {name}\n{reason}", if moves { "→" } else { "+" });
        let object = self.decision(caller, &opened, text, now)?;
        let recipient = opened.row.recipient.clone();
        let actor = caller.staff;
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                store::object_insert(txn, report, &recipient, &object)?;
                match next {
                    Some(next) => {
                        let is_kept = next.keep_in_txn(txn)?;
                        is_kept.then_some(()).ok_or(Error::Changed)?;
                    }
                    None => match store::grant_insert(txn, report, key.key, &grant) {
                        // It has it already.
                        Ok(()) | Err(StoreError::Conflict) => {}
                        Err(error) => return Err(error.into()),
                    },
                }
                if moves {
                    if let Some(holder) = store::claim_holder(txn, report)? {
                        txn.give_back(report, holder)?;
                    }
                    for own in store::memberships_of_staff(txn, actor)? {
                        store::grants_delete_of_team(txn, report, own.team)?;
                    }
                    txn.keep_in_hands(report, None)?;
                }
                let event = if moves {
                    AuditEvent::ReportMoved { report, team: to }
                } else {
                    AuditEvent::ReportShared { report, team: to }
                };
                Ok(txn.record(actor, event)?)
            })
            .await
    }

    /// Gives the report a new key that only the named people hold; the old grants go. The caller must be among them.
    ///
    /// # Errors
    /// [`Error::NotPossible`] without the caller; [`Error::NotFound`] for people whose key nobody vouched for.
    pub async fn restrict(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        people: &[StaffId],
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        let (authority, me) = (self.context.authority.clone(), caller.staff);
        let rows = move |conn: &mut DbConnection, _: &store::Report, _| {
            let objects = store::objects_of_report(conn, report)?;
            Ok((objects, own_members(conn, &authority, me)?))
        };
        let (opened, (objects, mut holders)) = self
            .look(caller, report, rows, |opened, rows| (opened, rows))
            .await?;
        let opened = opened.led()?;
        if !people.contains(&caller.staff) {
            return Err(Error::NotPossible);
        }
        holders.retain(|(staff, ..)| people.contains(staff));
        if people
            .iter()
            .any(|staff| !holders.iter().any(|(known, ..)| known == staff))
        {
            return Err(Error::NotFound);
        }
        let now = self.context.clock.now();
        let object = self.decision(caller, &opened, reason, now)?;
        let mut objects: Vec<_> = objects.iter().map(|o| (o.id, &o.sealed)).collect();
        objects.push((object.id, &object.sealed));
        let holders = holders
            .into_iter()
            .map(|(_, key, recipient)| (key, recipient));
        let holders: Vec<_> = holders.collect();
        let (mut rekey, key) = rekey::sealed_anew(&opened.open, &opened.row, &objects, &holders)?;
        rekey.seen = Version::from_number(version);
        let object = object.clone();
        let (actor, named) = (caller.staff, people.to_vec());
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                store::object_insert(txn, report, &rekey.old, &object)?;
                txn.sign_with(key);
                let dropped = store::report_rekey(txn, &rekey)?;
                super::proposals::dropped_in_txn(txn, (actor, report), dropped)?;
                // A new key that was ordered for it is hereby made.
                store::rekey_done(txn, report)?;
                if let Some(holder) = store::claim_holder(txn, report)?
                    && !store::report_readers(txn, report)?.contains(&holder)
                {
                    txn.give_back(report, holder)?;
                }
                txn.keep_in_hands(report, None)?;
                let people = named;
                Ok(txn.record(actor, AuditEvent::ReportRestricted { report, people })?)
            })
            .await?;
        self.context.scrub().await;
        Ok(())
    }

    pub(super) fn decision(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        text: String,
        now: Timestamp,
    ) -> Result<crate::domain::submission::SealedObject, Error> {
        let body = DecisionBody {
            author: caller.handle.clone(),
            text,
            ..DecisionBody::default()
        };
        self.object(opened, Kind::Decision, caller, &body, (now, 0))
    }
}

/// Who has a grant from now on, and which keys have one now.
type Readers = (Vec<(KeyId, Recipient)>, Vec<KeyId>);

/// Whose grants stay when a report is moved away from the hand's teams, and which keys have one now. `None` if nobody vouches for one of
/// them.
fn others(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
    report: ReportId,
) -> Result<Option<Readers>, StoreError> {
    let reach = rekey::reach(conn, authority, hand)?;
    let Ok(mut holders) = rekey::holders(conn, authority, hand, &reach, report)? else {
        return Ok(None);
    };
    let mut own = Vec::new();
    for team in hand.teams(conn)? {
        let keys = store::keys_of_team(conn, team)?;
        own.extend(keys.into_iter().map(|key| key.id));
    }
    holders.retain(|(key, _)| !own.contains(key));
    Ok(Some((holders, store::grant_keys(conn, report)?)))
}

/// Members of somebody's teams, as the teams' ledgers have them, each once: who, and the key that a grant goes to.
fn own_members(
    conn: &mut DbConnection,
    authority: &Authority,
    me: StaffId,
) -> Result<Vec<(StaffId, KeyId, Recipient)>, StoreError> {
    let mut members: Vec<(StaffId, KeyId, Recipient)> = Vec::new();
    for own in store::memberships_of_staff(conn, me)? {
        let Ok(team) = authority.sound_team(conn, own.team) else {
            continue;
        };
        if !team.members.contains_key(&me) {
            continue;
        }
        for (staff, member) in &team.members {
            let key = store::unless_damaged(store::staff_key_active(conn, *staff))?;
            let key = key.filter(|row| public_keys(row).as_ref() == Some(&member.keys));
            let is_new = members.iter().all(|(known, ..)| known != staff);
            if let Some(key) = key.filter(|_| is_new) {
                members.push((*staff, key.id, member.keys.recipient.clone()));
            }
        }
    }
    Ok(members)
}

/// Teams that somebody is not in and whose key custodians' charters lead to.
fn other_teams(
    conn: &mut DbConnection,
    authority: &Authority,
    me: StaffId,
) -> Result<Vec<(TeamId, String)>, StoreError> {
    let own = store::memberships_of_staff(conn, me)?;
    let mut teams = Vec::new();
    for team in store::team_list(conn)? {
        let is_mine = own.iter().any(|membership| membership.team == team.id);
        if team.kind == TeamKind::Casework
            && !is_mine
            && authority.rooted_key(conn, team.id)?.is_some()
        {
            teams.push((team.id, team.name));
        }
    }
    Ok(teams)
}

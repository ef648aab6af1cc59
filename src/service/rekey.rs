//! Restricted reports get a new key of their own after somebody's key may have fallen into wrong hands: by the next of their readers
//! who comes by, for the readers that remain.

use std::sync::Arc;

use super::authority::Authority;
use super::context::Context;
use super::keyring::{MemberKeys, TeamKeyring, public_keys};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{KeyId, ObjectId, ReportId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::sealed::{Object, Sealed};
use crate::domain::submission::EarlierKey;
use crate::ledger::team::TeamState;
use crate::seal::SealError;
use crate::seal::keys::{Identity, Recipient, SigningKey};
use crate::seal::opening::{self, OpenReport};
use crate::seal::state;
use crate::service::error::Error;
use crate::store::{self, DbConnection, GrantRow, KeyRow, ObjectRow, Rekey, Report, StoreError};

/// Reports that are looked at to find one that can be done.
const LOOKED_AT: i64 = 32;

/// A report with everything that its new key takes.
struct Work {
    row: Report,
    grant: GrantRow,
    earlier: Vec<EarlierKey>,
    objects: Vec<ObjectRow>,
    identity: Identity,
    holders: Vec<(KeyId, Recipient)>,
}

enum Found {
    Nothing,
    Work(Box<Work>),
    /// Only reports of which a reader's key is not vouched for; a team of that reader.
    Unvouched(TeamId),
}

/// What a hand opens, and whom its teams vouch for.
pub(super) struct Reach {
    keys: Vec<(KeyId, Identity)>,
    teams: Vec<(TeamId, TeamState)>,
    /// Which of the keys is of which team.
    generations: Vec<(KeyId, TeamId)>,
}

/// Gives one report that waits for it, and that the member can read, a new key. `false` if there is none.
///
/// # Errors
/// [`Error`]; nothing is half done.
pub(super) async fn step(context: &Context, hand: &Arc<MemberKeys>) -> Result<bool, Error> {
    if context.read(store::rekeys_count).await? == 0 {
        return Ok(false);
    }
    let (authority, reader) = (context.authority.clone(), Arc::clone(hand));
    let found = context
        .read(move |conn| find(conn, &authority, &reader))
        .await?;
    let work = match found {
        Found::Work(work) => work,
        Found::Nothing => return Ok(false),
        Found::Unvouched(team) => {
            tell(context, team).await?;
            return Ok(false);
        }
    };
    let report = work.row.id;
    let made = store::aside(move || make(&work))
        .await
        .map_err(|_| Error::Unavailable)?;
    let (rekey, key) = match made {
        Ok(rekey) => rekey,
        Err(error) => {
            tracing::error!(event = "report-damaged", %error, "ALARM: a restricted report does not open for its reader; it keeps its key");
            return Ok(false);
        }
    };
    let actor = hand.staff;
    context
        .write(move |txn| -> Result<(), StoreError> {
            if !store::rekey_done(txn, report)? {
                return Err(StoreError::Stale);
            }
            txn.sign_with(key);
            store::report_rekey(txn, &rekey)?;
            txn.record(
                actor,
                AuditEvent::ReportRekeyed {
                    report,
                    readers: rekey.grants.len(),
                },
            )
        })
        .await?;
    context.scrub().await;
    Ok(true)
}

/// Whoever may look into it hears that a reader's key is not one that anybody vouches for.
async fn tell(context: &Context, team: TeamId) -> Result<(), Error> {
    let (kind, subject) = (AlarmKind::MemberUnvouched, team.to_string());
    let open = context.read(store::alarms_open).await?;
    if open
        .iter()
        .any(|alarm| alarm.kind == kind && alarm.subject == subject)
    {
        return Ok(());
    }
    context.write(move |txn| txn.raise(kind, &subject)).await?;
    Ok(())
}

fn find(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
) -> Result<Found, StoreError> {
    let mut found = Found::Nothing;
    let reach = reach(conn, authority, hand)?;
    let holding: Vec<KeyId> = reach.keys.iter().map(|(id, _)| *id).collect();
    for report in store::rekeys_of_keys(conn, &holding, LOOKED_AT)? {
        let (row, grant) = store::report_find(conn, report, &holding)?;
        let holders = match holders(conn, authority, hand, &reach, report)? {
            Ok(holders) => holders,
            Err(team) => {
                tracing::error!(
                    event = "report-damaged",
                    "ALARM: nobody vouches for the key of one of a restricted report's readers; it keeps its key"
                );
                found = Found::Unvouched(team);
                continue;
            }
        };
        let own = reach.keys.iter().find(|(id, _)| *id == grant.key);
        let Some((_, identity)) = own else {
            continue;
        };
        return Ok(Found::Work(Box::new(Work {
            objects: store::objects_of_report(conn, report)?,
            earlier: store::earlier_keys(conn, report)?,
            identity: identity.share(),
            row,
            grant,
            holders,
        })));
    }
    Ok(found)
}

pub(super) fn reach(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
) -> Result<Reach, StoreError> {
    let mut reach = Reach {
        keys: vec![(hand.own, hand.keys.identity().share())],
        teams: Vec::new(),
        generations: Vec::new(),
    };
    for team in hand.teams(conn)? {
        let Some(ring) = hand.keyring(conn, team)? else {
            continue;
        };
        let state = authority.sound_team(conn, team).ok();
        reach.take_in(hand, (team, &ring), state);
    }
    Ok(reach)
}

impl Reach {
    /// What a team's keys that the hand has opened add to it, whatever rows say of the team or of who is in it.
    pub(super) fn take_in(
        &mut self,
        hand: &MemberKeys,
        (team, ring): (TeamId, &TeamKeyring),
        state: Option<TeamState>,
    ) {
        for live in std::iter::once(&ring.active).chain(&ring.old) {
            let identity = live.secrets.identity().share();
            self.keys.push((live.row.id, identity));
            self.generations.push((live.row.id, team));
        }
        if let Some(state) = state.filter(|state| hand.is_in(state) && ring.fits(state)) {
            self.teams.push((team, state));
        }
    }
}

/// Who can read the report and still has an account, with keys that somebody vouches for. If nobody does for one of
/// them, a team of theirs.
pub(super) fn holders(
    conn: &mut DbConnection,
    authority: &Authority,
    hand: &MemberKeys,
    reach: &Reach,
    report: ReportId,
) -> Result<Result<Vec<(KeyId, Recipient)>, TeamId>, StoreError> {
    let mut holders: Vec<(KeyId, Recipient)> = Vec::new();
    for key in store::grant_keys(conn, report)? {
        let row = store::key_find(conn, key)?;
        let is_live = matches!(row.state, KeyState::Active | KeyState::Retiring);
        // What opened beneath the hand's own key is what it is, whatever its row says by now.
        let generation = reach.generations.iter().find(|(id, _)| *id == key);
        let holder = match (generation, row.kind) {
            (Some((_, team)), _) => of_team(conn, authority, reach, *team)?,
            _ if !is_live => continue,
            (None, KeyKind::Recovery) => continue,
            (None, KeyKind::Team) => {
                of_team(conn, authority, reach, TeamId::from_bytes(row.owner))?
            }
            (None, KeyKind::Staff) if key == hand.own => Some((key, hand.keys.recipient())),
            (None, KeyKind::Staff) => {
                let staff = StaffId::from_bytes(row.owner);
                if !store::staff_is_active(conn, staff)? {
                    continue;
                }
                of_person(conn, authority, reach, staff, &row)?
            }
        };
        match holder {
            None => return Ok(Err(team_of(conn, &row)?)),
            Some(holder) if holders.iter().all(|(id, _)| *id != holder.0) => holders.push(holder),
            Some(_) => {}
        }
    }
    Ok(Ok(holders))
}

/// The team that a key is of, or that its person is in.
fn team_of(conn: &mut DbConnection, row: &KeyRow) -> Result<TeamId, StoreError> {
    let own = TeamId::from_bytes(row.owner);
    if row.kind == KeyKind::Team {
        return Ok(own);
    }
    let memberships = store::memberships_of_staff(conn, StaffId::from_bytes(row.owner))?;
    Ok(memberships
        .first()
        .map_or(own, |membership| membership.team))
}

fn of_team(
    conn: &mut DbConnection,
    authority: &Authority,
    reach: &Reach,
    team: TeamId,
) -> Result<Option<(KeyId, Recipient)>, StoreError> {
    if let Some((_, own)) = reach.teams.iter().find(|(id, _)| *id == team) {
        let newest = &own.generation;
        return Ok(Some((newest.key, newest.keys.recipient.clone())));
    }
    let rooted = authority.rooted_key(conn, team)?;
    Ok(rooted.map(|key| (key.key, key.recipient)))
}

/// A person's key, if the ledger of one of the hand's teams, or of one that custodians' charters lead to, has them in it with that key.
fn of_person(
    conn: &mut DbConnection,
    authority: &Authority,
    reach: &Reach,
    staff: StaffId,
    row: &KeyRow,
) -> Result<Option<(KeyId, Recipient)>, StoreError> {
    let has = |team: &TeamState| {
        let member = team.members.get(&staff)?;
        let fits = public_keys(row).as_ref() == Some(&member.keys);
        fits.then(|| (row.id, member.keys.recipient.clone()))
    };
    for membership in store::memberships_of_staff(conn, staff)? {
        let team = membership.team;
        let own = reach.teams.iter().find(|(id, _)| *id == team);
        let found = match own {
            Some((_, state)) => has(state),
            None if authority.rooted_key(conn, team)?.is_some() => {
                authority.sound_team(conn, team).ok().as_ref().and_then(has)
            }
            None => None,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The work of the processor, outside any transaction.
fn make(work: &Work) -> Result<(Rekey, SigningKey), SealError> {
    let row = &work.row;
    let (sealed, earlier) = (&work.grant.sealed, &work.earlier);
    let grant = opening::open_grant(&work.identity, sealed, row.id, &row.recipient, earlier)?;
    let card = work.objects.iter().find(|object| object.id == row.card);
    let card = card.ok_or(SealError::WrongObject)?;
    let open = opening::open_card(grant, card.id, &card.sealed)?;
    let objects: Vec<_> = work.objects.iter().map(|o| (o.id, &o.sealed)).collect();
    sealed_anew(&open, row, &objects, &work.holders)
}

/// Everything of an open report under a key that it has not had, for these people, and what signs its state then.
pub(super) fn sealed_anew(
    open: &OpenReport,
    row: &Report,
    objects: &[(ObjectId, &Sealed<Object>)],
    holders: &[(KeyId, Recipient)],
) -> Result<(Rekey, SigningKey), SealError> {
    let (keys, recipients): (Vec<_>, Vec<_>) = holders.iter().cloned().unzip();
    let made = opening::rekey(open, objects, &recipients)?;
    let rekey = Rekey {
        report: row.id,
        seen: row.version,
        old: row.recipient.clone(),
        new: made.recipient.to_string(),
        state_key: *made.state_key.verify_key().as_bytes(),
        contents: state::contents_of(objects.iter().map(|(id, sealed)| (*id, sealed.as_bytes()))),
        objects: made.objects,
        lookup: *open.lookup(),
        mailbox: made.mailbox,
        grants: keys.into_iter().zip(made.grants).collect(),
    };
    Ok((rekey, made.state_key))
}

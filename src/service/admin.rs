//! Running the service: people, teams, mail, state. Nothing here takes a key, and nothing here shows content.

mod arrival;
mod founding;
mod holders;
mod leaving;
mod renewals;
mod reset;
mod view;

use super::accounts::Caller;
use super::attempts;
use super::authority::ChainError;
use super::context::Context;
use super::damage;
use super::failing::failing;
use super::once::{Once, Sent};
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Standing, Timestamp};
use crate::domain::ids::{OutboxId, StaffId, TeamId};
use crate::domain::inert;
use crate::domain::staff::{Handle, MemberState, Role, StaffState};
use crate::service::error::Error;
use crate::store::{self, DbConnection, Invitation as InvitationRow, Membership, Staff, Team};

pub use super::failing::FailingAddress;
pub use arrival::Arrival;
pub use founding::{Invitee, invite_in_txn, team_create_in_txn};
pub use leaving::{Closed, Leaving};
pub use renewals::{PeopleKeys, PersonKey, order_renewal_in_txn, renewals_due};
pub use reset::ResetView;
pub use view::{ChannelClosed, ChannelView, Invitation, Person, PersonState, Status, TeamView};

/// See the module.
#[derive(Clone)]
pub struct Admin {
    context: Context,
}

impl Admin {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Everybody who has or had an account.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn people(&self, caller: &Caller) -> Result<Vec<Person>, Error> {
        administrator(caller)?;
        self.run(|conn| {
            let pending = store::unless_damaged(store::invitations_pending(conn))?;
            let teams = store::unless_damaged(store::team_list(conn))?;
            let mut people = Vec::new();
            for person in store::staff_list(conn)? {
                let memberships = store::memberships_of_staff(conn, person.id);
                let memberships = store::unless_damaged(memberships)?;
                let last_holder = holders::held_alone(conn, person.id);
                people.push(Person {
                    last_holder: store::unless_damaged(last_holder)?,
                    id: person.id,
                    role: person.role,
                    teams: names(&teams, &memberships),
                    state: person_state(&person, &memberships, &pending),
                    joined: person.joined,
                    handle: person.handle,
                });
            }
            Ok(people)
        })
        .await
    }

    /// Every team.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn teams(&self, caller: &Caller) -> Result<Vec<TeamView>, Error> {
        administrator(caller)?;
        self.run(|conn| {
            let channels = store::unless_damaged(store::channel_list(conn))?;
            let mut views = Vec::new();
            for team in store::team_list(conn)? {
                let members = store::memberships_of_team(conn, team.id);
                let members = store::unless_damaged(members)?;
                let generation = store::unless_damaged(store::keys_of_team(conn, team.id))?
                    .iter()
                    .map(|k| k.generation)
                    .max();
                views.push(TeamView {
                    id: team.id,
                    name: team.name,
                    kind: team.kind,
                    channels: channels
                        .iter()
                        .filter(|channel| channel.team == team.id)
                        .map(|channel| channel.id.clone())
                        .collect(),
                    members: members
                        .iter()
                        .filter(|m| m.state == MemberState::Member)
                        .count(),
                    generation,
                });
            }
            Ok(views)
        })
        .await
    }

    /// Invites somebody. The same form of the same page makes the same link again.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn invite(
        &self,
        caller: &Caller,
        page: Option<Once>,
        handle: &str,
        role: Role,
        team: Option<TeamId>,
        lead: bool,
    ) -> Result<Invitation, Error> {
        administrator(caller)?;
        let handle: Handle = handle.parse().map_err(|_| Error::InvalidHandle)?;
        if (role == Role::Caseworker) != team.is_some() {
            return Err(Error::TeamMissing);
        }
        let whom = format!("new {handle} {role} {lead} {team:?}");
        let token = Once::invitation(page, &self.context, caller.staff, &whom).await?;
        let made = Invitation::new(handle.as_str(), &token);
        let hash = token.hash();
        let who = Invitee {
            handle,
            role,
            team: team.map(|team| (team, lead)),
            secret: None,
            token,
        };
        let (actor, now) = (Some(caller.staff), self.context.clock.now());
        let until = now.plus(self.context.settings.invitation_seconds);
        self.write(caller, move |txn| {
            if store::invitation_find(txn, &hash, now)?.is_none() {
                invite_in_txn(txn, who, actor, until)?;
            }
            Ok(made)
        })
        .await
    }

    /// Makes a new link for somebody whose link was lost or has ended. The old one opens nothing any more.
    ///
    /// # Errors
    /// [`Error::Changed`] if the person has an account by now.
    pub async fn invite_again(
        &self,
        caller: &Caller,
        sent: Option<Sent<'_>>,
        staff: StaffId,
    ) -> Result<Invitation, Error> {
        administrator(caller)?;
        let (actor, now) = (caller.staff, self.context.clock.now());
        let expires_at = now.plus(self.context.settings.invitation_seconds);
        let whom = format!("again {staff}");
        let page = sent.map(|sent| sent.once);
        let token = Once::invitation(page, &self.context, actor, &whom).await?;
        let seen = sent.map(|sent| (sent.once, sent.seen.to_owned()));
        self.write(caller, move |txn| {
            let person = store::staff_find(txn, staff)?;
            if person.state != StaffState::Invited {
                return Err(Error::Changed);
            }
            let made = Invitation::new(&person.handle, &token);
            let hash = token.hash();
            if store::invitation_find(txn, &hash, now)?.is_some() {
                return Ok(made);
            }
            let waits = store::invitations_pending(txn)?
                .into_iter()
                .find(|(whose, _)| *whose == staff)
                .map_or_else(String::new, |(_, until)| until.seconds().to_string());
            let sent = seen.as_ref().map(|(once, seen)| Sent { once: *once, seen });
            if !Sent::is_current(sent, &waits) {
                return Err(Error::Changed);
            }
            let row = InvitationRow {
                token_hash: hash,
                staff,
                expires_at,
                secret_ct: None,
            };
            store::invitation_put(txn, &row)?;
            txn.record(actor, AuditEvent::PersonInvitedAgain { person: staff })?;
            Ok(made)
        })
        .await
    }

    /// Makes a team and names the channels that should feed it. Custodians must sign before anything does.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn create_team(
        &self,
        caller: &Caller,
        name: &str,
        channels: Vec<String>,
    ) -> Result<TeamId, Error> {
        administrator(caller)?;
        let name = name.trim().to_owned();
        if inert::is_blank(&name) || name.chars().count() > 80 || name.chars().any(char::is_control)
        {
            return Err(Error::InvalidName);
        }
        let actor = caller.staff;
        let known = self.context.forms.now().channels();
        if channels.iter().any(|channel| !known.contains(channel)) {
            return Err(Error::NotFound);
        }
        self.write(caller, move |txn| {
            team_create_in_txn(txn, &name, &channels, Some(actor))
        })
        .await
    }

    /// What waits and what is wrong.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn status(&self, caller: &Caller) -> Result<Status, Error> {
        administrator(caller)?;
        let (context, disk) = (self.context.clone(), self.context.disk().await);
        self.run(move |conn| {
            let (mail_waiting, mail_dead) = store::unless_damaged(store::outbox_counts(conn))?;
            let mut channels = Vec::new();
            for id in context.forms.now().channels() {
                let view = channel_view(conn, &context, &id).map(Some);
                channels.extend(store::unless_damaged(view)?);
            }
            let mut members_waiting = 0;
            for team in store::unless_damaged(store::team_list(conn))? {
                let members = store::memberships_of_team(conn, team.id);
                members_waiting += store::unless_damaged(members)?
                    .iter()
                    .filter(|m| m.state == MemberState::Waiting)
                    .count();
            }
            let backup = store::unless_damaged(store::backup_last(conn))?;
            Ok(Status {
                damaged: damage::tables(&context.store, conn)?,
                refused: context.store.refused().map(|(fault, _)| fault),
                disk,
                backup,
                is_backup_late: backup.is_late(context.clock.today()),
                channels,
                mail_waiting,
                mail_dead,
                mail_failing: store::unless_damaged(failing(conn, &context.credentials()))?.len(),
                members_waiting,
                processes: store::unless_damaged(context.processes(conn))?,
                clock: context.clock.standing(),
                day: store::unless_damaged(context.last_day(conn))?,
            })
        })
        .await
    }

    /// Believes the machine's clock, if the caller's phone says the same.
    ///
    /// # Errors
    /// [`Error::WrongCode`]; [`Error::NotPossible`] if the phone says what the service has counted instead.
    pub async fn confirm_clock(&self, caller: &Caller, code: &str) -> Result<(), Error> {
        administrator(caller)?;
        // What the code says of the clock is seen where it is found right.
        attempts::second_factor(&self.context, caller, code).await?;
        match self.context.clock.standing() {
            Standing::Confirmed => Ok(()),
            Standing::Unconfirmed { .. } => Err(Error::NotPossible),
        }
    }

    /// Addresses to which mail does not leave, from the first failure on: those that were given up first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn failing_mail(&self, caller: &Caller) -> Result<Vec<FailingAddress>, Error> {
        administrator(caller)?;
        let context = self.context.clone();
        self.run(move |conn| Ok(failing(conn, &context.credentials())?))
            .await
    }

    /// Tries a given-up mail for another three days.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn retry_mail(&self, caller: &Caller, id: OutboxId) -> Result<(), Error> {
        administrator(caller)?;
        let (actor, now) = (caller.staff, self.context.clock.now());
        self.write(caller, move |txn| {
            store::dead_letter_requeue(txn, id, now.quarter())?;
            Ok(txn.record(actor, AuditEvent::MailTriedAgain { mail: id })?)
        })
        .await?;
        self.context.wake.notify_one();
        Ok(())
    }

    /// Removes a given-up mail.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn dismiss_mail(&self, caller: &Caller, id: OutboxId) -> Result<(), Error> {
        administrator(caller)?;
        let actor = caller.staff;
        self.write(caller, move |txn| {
            store::dead_letter_dismiss(txn, id)?;
            Ok(txn.record(actor, AuditEvent::MailDismissed { mail: id })?)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.context.read(work).await
    }

    /// An administrator's act. Whose account was closed or reset since they came in does no more: of two who close each other's, one stays.
    async fn write<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let by = caller.staff;
        let act = move |txn: &mut Txn<'_>| match store::staff_find(txn, by)?.state {
            StaffState::Active => work(txn),
            StaffState::Invited | StaffState::Disabled => Err(Error::NotFound),
        };
        self.context.write(act).await
    }
}

pub(super) fn administrator(caller: &Caller) -> Result<(), Error> {
    if caller.role == Role::Administrator {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

fn names(teams: &[Team], memberships: &[Membership]) -> Vec<String> {
    memberships
        .iter()
        .filter_map(|membership| teams.iter().find(|team| team.id == membership.team))
        .map(|team| team.name.clone())
        .collect()
}

fn person_state(
    person: &Staff,
    memberships: &[Membership],
    pending: &[(StaffId, Timestamp)],
) -> PersonState {
    match person.state {
        StaffState::Disabled => PersonState::Disabled,
        StaffState::Invited => PersonState::Invited(
            pending
                .iter()
                .find(|(staff, _)| *staff == person.id)
                .map(|(_, until)| *until),
        ),
        StaffState::Active if memberships.iter().any(|m| m.state == MemberState::Waiting) => {
            PersonState::Waiting
        }
        StaffState::Active => PersonState::Active,
    }
}

fn channel_view(
    conn: &mut DbConnection,
    context: &Context,
    id: &str,
) -> store::StoreResult<ChannelView> {
    let Some(row) = store::channel_find(conn, id)? else {
        return Ok(ChannelView {
            id: id.to_owned(),
            team: None,
            closed: Some(ChannelClosed::NoTeam),
        });
    };
    let team = store::team_name(conn, row.team)?;
    let has_key = !store::keys_of_team(conn, row.team)?.is_empty();
    let closed = match context.authority.of_channel(conn, id)?.fault {
        None => None,
        Some(_) if !has_key => Some(ChannelClosed::NoKey),
        Some(ChainError::Pins) => Some(ChannelClosed::NoCustodian),
        Some(ChainError::NoCharter) => Some(ChannelClosed::NotSigned),
        Some(_) => Some(ChannelClosed::Broken),
    };
    Ok(ChannelView {
        id: id.to_owned(),
        team: Some(team),
        closed,
    })
}

//! What whoever has restored must know: how things stood on the day of the backup, as far as the ledgers tell, and what to do next. What
//! happened after that day nobody but the people can tell.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::place::Places;
use crate::cli::archive::Manifest;
use crate::cli::common::configuration_in;
use crate::cli::offline;
use crate::config::{Config, Database, Environment};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::staff::{MemberState, StaffState};
use crate::service::Authority;
use crate::store::{self, DbConnection, Location, Store, StoreResult, Team};

/// # Errors
/// If the configuration or the database cannot be read where they were put: everything is in place all the same.
pub(super) fn tell(places: &Places, manifest: &Manifest) -> anyhow::Result<()> {
    let (day, counts) = (&manifest.day, manifest.counts);
    println!(
        "Restored: the backup of {day} (UTC), made by release {}.",
        manifest.version
    );
    println!("  configuration: {}", places.configuration().display());
    println!("  data folder:   {}", places.data.display());
    println!(
        "  {} reports, {} accounts, {} entries of the audit log",
        counts.reports, counts.staff, counts.entries
    );
    let environment = Environment::default().without_secrets();
    let config = configuration_in(&places.configuration(), &environment)
        .context("all is in place, but the configuration cannot be read")?;
    println!();
    println!(
        "How things stood on {day}. Compare it with what you know: what came after is not in it, and must be repeated."
    );
    stood(&config).context("all is in place, but the ledgers cannot be read")?;
    println!();
    println!("Next:");
    for (number, step) in (1..).zip(steps(places)) {
        println!("  {number}. {step}");
    }
    Ok(())
}

fn stood(config: &Config) -> anyhow::Result<()> {
    let Database::Sqlite(path) = &config.data.database;
    let store = Store::open_read_only(Location::Sqlite(path.clone()))?;
    let authority = offline::authority(config, None)?;
    store.blocking(|conn| {
        let handles: BTreeMap<StaffId, String> = store::staff_list(conn)?
            .into_iter()
            .map(|person| (person.id, person.handle))
            .collect();
        for channel in store::channel_list(conn)? {
            let key = authority.of_channel(conn, &channel.id)?.key;
            let team = key
                .map(|key| store::team_find(conn, key.team))
                .transpose()?;
            let fed = team.map_or(
                "no team that custodians have signed for".to_owned(),
                |team| team.name,
            );
            println!("  Channel {} feeds {fed}", channel.id);
        }
        for team in store::team_list(conn)? {
            say_team(conn, &authority, &team, &handles)?;
        }
        say_people(conn, Clock::system().now())
    })
}

fn say_team(
    conn: &mut DbConnection,
    authority: &Authority,
    team: &Team,
    handles: &BTreeMap<StaffId, String>,
) -> anyhow::Result<()> {
    println!("  Team {}", team.name);
    let name = |id: &StaffId| handles.get(id).cloned().unwrap_or_else(|| id.to_string());
    let ledger = authority.team(conn, team.id)?;
    if let Some(state) = &ledger.state {
        let members = state.members.iter().map(|(id, member)| {
            let leads = if member.lead { " (leads)" } else { "" };
            format!("{}{leads}", name(id))
        });
        let members: Vec<String> = members.collect();
        println!("    in it: {}", members.join(", "));
        println!("    key: generation {}", state.generation.number);
        if state.must_rotate {
            println!("    somebody had left, and the key was not changed yet");
        }
    }
    let waiting = store::memberships_of_team(conn, team.id)?;
    let waiting = waiting.iter().filter(|it| it.state != MemberState::Member);
    let waiting: Vec<String> = waiting.map(|it| name(&it.staff)).collect();
    if !waiting.is_empty() {
        println!("    waiting to be let in: {}", waiting.join(", "));
    }
    for order in store::rotations_open(conn, team.id)? {
        let (reason, day) = (order.reason, order.ordered);
        println!(
            "    a change of its key was ordered on {day} ({reason}) and not done: members' sessions go on with it"
        );
    }
    Ok(())
}

fn say_people(conn: &mut DbConnection, now: Timestamp) -> anyhow::Result<()> {
    let people = store::staff_list(conn)?;
    let closed = people.iter().filter(|it| it.state == StaffState::Disabled);
    let closed: Vec<&str> = closed.map(|it| it.handle.as_str()).collect();
    if !closed.is_empty() {
        println!("  Accounts that were closed: {}", closed.join(", "));
    }
    for person in &people {
        if let Some(day) = store::renewal_ordered(conn, person.id)? {
            println!(
                "  {} was to renew their own key, since {day}",
                person.handle
            );
        }
    }
    for (id, until) in pending(conn, now)? {
        let person = people.iter().find(|it| it.id == id);
        let handle = person.map_or("somebody", |it| it.handle.as_str());
        println!(
            "  An invitation of {handle} works again until {}: invite anew if it was used",
            until.day()
        );
    }
    Ok(())
}

fn pending(conn: &mut DbConnection, now: Timestamp) -> StoreResult<Vec<(StaffId, Timestamp)>> {
    let mut pending = store::invitations_pending(conn)?;
    pending.retain(|(_, until)| *until > now);
    Ok(pending)
}

fn steps(places: &Places) -> Vec<String> {
    let (to, config) = (places.to.display(), places.configuration());
    let config = config.display();
    vec![
        format!("Put your copy of the credentials there: install -m 0600 credentials.toml {to}/credentials.toml; and the mail password where mail.password_file says. They are in no backup. If each process has an account of its own, give database and witness file to them (deploy/README.md)."),
        format!("kapea check-config --config {config} and kapea doctor --config {config}"),
        format!("If the old witness file is still there, it is newer than this backup: put it in place of the restored one. In any case, and with a second person: kapea witness accept --config {config}. It writes into the audit log that a backup was put back; whoever keeps anchors is told why the log is shorter."),
        "Start the service. Every session has ended: everybody signs in again, with the passphrase and second factor of that day.".to_owned(),
        "Repeat each exit since then first, as leaving or as compromised: whoever has left is in their team again. Then each change of a key, each newcomer, each signature of a custodian, each destruction of a report.".to_owned(),
        "Reports and messages that came in since then are gone, and their codes are unknown. Say so on the page, with the days: silence would look like an answer.".to_owned(),
    ]
}

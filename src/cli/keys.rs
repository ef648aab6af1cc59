//! `kapea keys`: who may receive, checked from outside, and changes of keys carried on from a terminal.

use anyhow::{Context, anyhow, bail};
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;

use super::arguments::{KeysRotateTeamArguments, KeysVerifyArguments};
use super::common::runtime;
use super::{configuration, offline, prompt};
use crate::app;
use crate::config::Database;
use crate::domain::clock::Clock;
use crate::domain::ids::LedgerId;
use crate::domain::keys::KeyState;
use crate::domain::receipt::western_digits;
use crate::ledger::Refused;
use crate::ledger::office::OfficeBody;
use crate::ledger::replay::leads_to;
use crate::ledger::statement::{Body, Head};
use crate::ledger::team::{TeamBody, TeamState};
use crate::service::authority::ChainError;
use crate::service::due::BATCH;
use crate::service::error::Error;
use crate::service::keyring::MemberKeys;
use crate::service::{Authority, Services};
use crate::store::{self, DbConnection, Location, Store};

/// Prints who may receive and says whether the ledgers hold. Changes nothing, not even the database's journal.
pub(super) fn verify(arguments: &KeysVerifyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let heads = arguments.head.iter().map(|text| parse_head(text));
    let heads = heads.collect::<anyhow::Result<Vec<_>>>()?;
    let Database::Sqlite(path) = &config.data.database;
    let store = Store::open_read_only(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let authority = offline::authority(&config, None)?;
    let mut broken = Vec::new();
    store.blocking(|conn| -> anyhow::Result<()> {
        println!("Office");
        let id = authority.office_id(conn)?;
        let mut known = vec![id];
        let why = authority.look_at_office(conn)?;
        let head = authority.office(conn)?.head;
        if !say_ledger::<OfficeBody>(conn, (id, head), why, &heads)? {
            broken.push("the office".to_owned());
        }
        for channel in store::channel_list(conn)? {
            println!("Channel {}", channel.id);
            if !say_channel(conn, &authority, &channel.id)? {
                broken.push(channel.id);
            }
        }
        for team in store::team_list(conn)? {
            println!("Team {}", team.name);
            let why = authority.look_at_team(conn, team.id)?;
            let ledger = authority.team(conn, team.id)?;
            say_team(conn, ledger.state.as_ref())?;
            let place = (team.id.into(), ledger.head);
            known.push(place.0);
            if !say_ledger::<TeamBody>(conn, place, why, &heads)? {
                broken.push(team.name);
            }
        }
        let gone = heads.iter().filter(|(id, _)| !known.contains(id));
        broken.extend(gone.map(|(id, _)| format!("{id}, which is gone")));
        Ok(())
    })?;
    if broken.is_empty() {
        return Ok(());
    }
    bail!("the records of {} do not hold", broken.join(", "))
}

/// How far a ledger goes, or why it does not hold: by itself, beside the rows that repeat it, and by what was seen of it before.
fn say_ledger<B: Body>(
    conn: &mut DbConnection,
    (id, head): (LedgerId, Head),
    why: Option<String>,
    seen: &[(LedgerId, Head)],
) -> anyhow::Result<bool> {
    let all = store::statements_from(conn, id, 1)?;
    let mut seen = seen.iter().filter(|(of, _)| *of == id);
    let is_lost = seen.any(|(_, seen)| !leads_to::<B>(id, Head::default(), &all, *seen));
    match why.or_else(|| is_lost.then(|| Refused::RolledBack.to_string())) {
        Some(why) => {
            println!("  DOES NOT HOLD: {why}");
            Ok(false)
        }
        None => {
            let (number, digest) = (head.sequence, HEXLOWER.encode(&head.digest));
            println!("  holds; next time: --head {id}:{number}:{digest}");
            Ok(true)
        }
    }
}

fn say_channel(
    conn: &mut DbConnection,
    authority: &Authority,
    channel: &str,
) -> anyhow::Result<bool> {
    let pins = authority.pins();
    let office = authority.office(conn)?;
    let decision = office.state.as_ref().map(|it| it.charter(&pins, channel));
    let decision = decision.unwrap_or_default();
    for (charter, voices) in &decision.open {
        let counts = match decision.current == Some(*charter) {
            true => "in force",
            false => "waits for more",
        };
        let custodians = voices
            .keys()
            .filter_map(|place| pins.custodians.get(*place));
        let names: Vec<&str> = custodians.map(|it| it.name.as_str()).collect();
        let (team, digits) = (charter.team, charter.fingerprint());
        let names = names.join(", ");
        println!("  charter, {counts}: team {team}, {digits}; signed by {names}");
    }
    match authority.of_channel(conn, channel)?.fault {
        None => println!("  holds"),
        // A new installation; or everything that custodians said was deleted, which the office's head tells.
        Some(ChainError::NoCharter) if !store::channel_is_used(conn, channel)? => {
            println!("  not in force yet: too few custodians have signed");
        }
        Some(why) => {
            println!("  DOES NOT HOLD: {why}");
            return Ok(false);
        }
    }
    Ok(true)
}

fn say_team(conn: &mut DbConnection, team: Option<&TeamState>) -> anyhow::Result<()> {
    let Some(team) = team else {
        return Ok(());
    };
    for generation in team.generations() {
        let row = store::key_find(conn, generation.key)?;
        println!(
            "  generation {} ({}, since {}): {}",
            generation.number,
            state(row.state),
            row.from,
            generation.keys.fingerprint()
        );
        println!("    {}", generation.keys.recipient);
    }
    match team.members.len() {
        1 => println!("  1 member"),
        more => println!("  {more} members"),
    }
    Ok(())
}

fn parse_head(text: &str) -> anyhow::Result<(LedgerId, Head)> {
    let parsed = || {
        let (rest, digest) = text.rsplit_once(':')?;
        let (ledger, sequence) = rest.rsplit_once(':')?;
        let digest = HEXLOWER.decode(digest.as_bytes()).ok()?;
        let head = Head {
            sequence: sequence.parse().ok()?,
            digest: digest.try_into().ok()?,
        };
        Some((ledger.parse().ok()?, head))
    };
    parsed().with_context(|| format!("{text} is not LEDGER:NUMBER:DIGEST"))
}

const fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending => "not yet in force",
        KeyState::Active => "in force",
        KeyState::Retiring => "being replaced",
        KeyState::Retired | KeyState::Destroyed => "destroyed",
    }
}

/// Does what a member's pages do behind their work, all at once.
pub(super) fn rotate_team(arguments: &KeysRotateTeamArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let context = app::offline(&config, Clock::system())?;
    let services = Services::new(&context);
    let passphrase = prompt::secret("Passphrase")?;
    let code = prompt::secret("Six-digit code")?;
    let code = western_digits(code.expose_secret());
    runtime()?.block_on(async {
        let accounts = &services.accounts;
        let caller = accounts
            .at_terminal(arguments.handle.as_str(), passphrase, &code)
            .await
            .map_err(|error| match error {
                Error::WrongCode => anyhow!("the handle, the passphrase or the code is wrong"),
                other => anyhow!(other),
            })?;
        let hand =
            MemberKeys::of(&caller).context("only caseworkers and auditors hold a team's key")?;
        let moved = services.rotation.run(&hand, BATCH).await?;
        println!("{moved} reports went over to a new key.");
        let renewed = services.rotation.rekey_all(&hand).await?;
        if renewed > 0 {
            println!("{renewed} restricted reports got a new key of their own.");
        }
        for key in services.rotation.keys(&caller).await? {
            let number = key.generation.unwrap_or_default();
            println!("{}: generation {number}, {} reports", key.name, key.moved);
            if key.remaining > 0 {
                println!("  {} are still under an older key", key.remaining);
            }
            if key.set_aside > 0 {
                println!("  {} do not open and were set aside", key.set_aside);
            }
        }
        Ok(())
    })
}

//! `kapea keys`: the chain of who may receive, checked from outside, and changes of keys carried on from a terminal.

use anyhow::{Context, anyhow, bail, ensure};
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;

use super::arguments::{KeysRotateTeamArguments, KeysVerifyArguments};
use super::{configuration, offline, prompt, runtime};
use crate::app;
use crate::config::Database;
use crate::domain::clock::Clock;
use crate::domain::ids::TeamId;
use crate::domain::keys::KeyState;
use crate::domain::receipt::western_digits;
use crate::ledger::Refused;
use crate::ledger::replay::leads_to;
use crate::ledger::statement::Head;
use crate::seal::chain::{CustodianPins, Seen, SignedCharter};
use crate::service::accounts::LoginError;
use crate::service::authority::charters;
use crate::service::due::BATCH;
use crate::service::keyring::MemberKeys;
use crate::service::{Authority, Services};
use crate::store::{self, Location, Store};

/// Prints the chain of every channel and says whether it holds. Changes nothing, not even the database's journal.
pub(super) fn verify(arguments: &KeysVerifyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let seen = arguments
        .seen
        .iter()
        .map(|text| parse_seen(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let heads = arguments.head.iter().map(|text| parse_head(text));
    let heads = heads.collect::<anyhow::Result<Vec<_>>>()?;
    let Database::Sqlite(path) = &config.data.database;
    let store = Store::open_read_only(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let authority = offline::authority(&config, None)?;
    let channels = store.blocking(store::channel_list)?;
    ensure!(!channels.is_empty(), "no channel has a team yet");
    for (channel, _) in &seen {
        ensure!(
            channels.iter().any(|known| known.id == *channel),
            "the channel {channel} was seen before and is gone"
        );
    }
    let mut broken = Vec::new();
    for channel in channels {
        let before = seen.iter().find(|(id, _)| *id == channel.id);
        let before = before.map(|(_, seen)| *seen);
        println!("Channel {}", channel.id);
        print_chain(&store, &authority, &channel.id)?;
        let pins = authority.pins(Clock::system().today());
        let verdict = store.blocking(|conn| authority.check(conn, &pins, &channel.id, before))?;
        match verdict {
            Ok(key) => println!(
                "  holds; next time: --seen {}:{}:{}",
                channel.id, key.seen.charter, key.seen.generation
            ),
            Err(error) => {
                println!("  DOES NOT HOLD: {error}");
                broken.push(channel.id);
            }
        }
    }
    for team in store.blocking(store::team_list)? {
        println!("Team {}", team.name);
        let seen = heads.iter().filter(|(of, _)| *of == team.id);
        match ledger_fault(&store, &authority, team.id, seen.map(|(_, head)| *head))? {
            Ok(head) => println!(
                "  holds; next time: --head {}:{}:{}",
                team.id,
                head.sequence,
                HEXLOWER.encode(&head.digest)
            ),
            Err(why) => {
                println!("  DOES NOT HOLD: {why}");
                broken.push(team.name);
            }
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("the records of {} do not hold", broken.join(", "))
}

/// How far a team's ledger goes, or why it does not hold: by itself, beside the rows that repeat it, and by what was seen of it before.
fn ledger_fault(
    store: &Store,
    authority: &Authority,
    team: TeamId,
    seen: impl Iterator<Item = Head>,
) -> anyhow::Result<Result<Head, String>> {
    if let Some(why) = store.blocking(|conn| authority.look_at_team(conn, team))? {
        return Ok(Err(why));
    }
    let all = store.blocking(|conn| store::statements_from(conn, team.into(), 1))?;
    for head in seen {
        if !leads_to(team.into(), Head::default(), &all, head) {
            return Ok(Err(Refused::RolledBack.to_string()));
        }
    }
    Ok(Ok(store.blocking(|conn| authority.team(conn, team))?.head))
}

fn parse_head(text: &str) -> anyhow::Result<(TeamId, Head)> {
    let parsed = || {
        let (rest, digest) = text.rsplit_once(':')?;
        let (team, sequence) = rest.rsplit_once(':')?;
        let digest = HEXLOWER.decode(digest.as_bytes()).ok()?;
        let head = Head {
            sequence: sequence.parse().ok()?,
            digest: digest.try_into().ok()?,
        };
        Some((team.parse().ok()?, head))
    };
    parsed().with_context(|| format!("{text} is not TEAM:NUMBER:DIGEST"))
}

fn print_chain(store: &Store, authority: &Authority, channel: &str) -> anyhow::Result<()> {
    let pins = authority.pins(Clock::system().today());
    let charters = store.blocking(|conn| charters(conn, channel))?;
    for signed in &charters {
        let charter = &signed.charter;
        println!(
            "  charter {}: team {}, first key {}",
            charter.sequence,
            charter.team,
            charter.first.fingerprint()
        );
        for line in signers(&pins, signed) {
            println!("    {line}");
        }
    }
    let Some(newest) = charters.first() else {
        return Ok(());
    };
    let ledger = store.blocking(|conn| authority.team(conn, newest.charter.team))?;
    if let Some(team) = &ledger.state {
        for generation in team.generations() {
            let row = store.blocking(|conn| store::key_find(conn, generation.key))?;
            println!(
                "  generation {} ({}, since {}): {}",
                generation.number,
                state(row.state),
                row.from,
                generation.keys.fingerprint()
            );
            println!("    {}", generation.keys.recipient);
        }
        println!("  {} members", team.members.len());
    }
    Ok(())
}

fn signers(pins: &CustodianPins, signed: &SignedCharter) -> Vec<String> {
    let message = signed.charter.to_bytes();
    signed
        .signatures
        .iter()
        .map(|(key, signature)| {
            let pinned = pins.custodian(key);
            let name = pinned.map_or("somebody who is not pinned", |pinned| &pinned.name);
            let until = pinned
                .filter(|pinned| pinned.key != *key)
                .and_then(|pinned| pinned.previous)
                .map(|(_, until)| format!(" with an earlier key, which counts until {until}"));
            match key.verify(&message, signature) {
                Ok(()) => format!("signed by {name}{}", until.unwrap_or_default()),
                Err(_) => format!("FALSE SIGNATURE in the name of {name}"),
            }
        })
        .collect()
}

const fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending => "not yet in force",
        KeyState::Active => "in force",
        KeyState::Retiring => "being replaced",
        KeyState::Retired | KeyState::Destroyed => "destroyed",
    }
}

fn parse_seen(text: &str) -> anyhow::Result<(String, Seen)> {
    let parsed = || {
        let (rest, generation) = text.rsplit_once(':')?;
        let (channel, charter) = rest.rsplit_once(':')?;
        let seen = Seen {
            charter: charter.parse().ok()?,
            generation: generation.parse().ok()?,
        };
        Some((channel.to_owned(), seen))
    };
    parsed().with_context(|| format!("{text} is not CHANNEL:CHARTER:GENERATION"))
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
                LoginError::Wrong => anyhow!("the handle, the passphrase or the code is wrong"),
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

//! `kapea keys`: the chain of who may receive, checked from outside, and changes of keys carried on from a terminal.

use anyhow::{Context, anyhow, bail, ensure};
use secrecy::ExposeSecret;

use super::arguments::{KeysRotateTeamArguments, KeysVerifyArguments};
use super::{configuration, prompt, runtime};
use crate::app;
use crate::config::Database;
use crate::domain::clock::Clock;
use crate::domain::keys::KeyState;
use crate::domain::receipt::western_digits;
use crate::seal::chain::{CustodianPins, Seen, SignedCharter};
use crate::seal::keys::fingerprint;
use crate::service::accounts::LoginError;
use crate::service::due::BATCH;
use crate::service::keyring::MemberKeys;
use crate::service::{Inspection, Services, inspect};
use crate::store::{self, Location, Store};

/// Prints the chain of every channel and says whether it holds. Changes nothing, not even the database's journal.
pub(super) fn verify(arguments: &KeysVerifyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let seen = arguments
        .seen
        .iter()
        .map(|text| parse_seen(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let Database::Sqlite(path) = &config.data.database;
    let store = Store::open_read_only(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let today = Clock::system().today();
    let pins = app::pins(&config, today)?.on(today);
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
        let found = store.blocking(|conn| inspect(conn, &pins, &channel.id, before))?;
        println!("Channel {}", channel.id);
        print_chain(&store, &pins, &found)?;
        match &found.verdict {
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
    if broken.is_empty() {
        return Ok(());
    }
    bail!("the records of {} do not hold", broken.join(", "))
}

fn print_chain(store: &Store, pins: &CustodianPins, found: &Inspection) -> anyhow::Result<()> {
    for signed in &found.charters {
        let charter = &signed.charter;
        println!(
            "  charter {}: team {}, first key {}",
            charter.sequence,
            charter.team,
            charter.first.fingerprint()
        );
        for line in signers(pins, signed) {
            println!("    {line}");
        }
    }
    for signed in &found.generations {
        let generation = &signed.generation;
        let row = store.blocking(|conn| store::key_find(conn, generation.key))?;
        println!(
            "  generation {} ({}, since {}): {}",
            generation.number,
            state(row.state),
            row.from,
            fingerprint(&generation.recipient, &generation.verify_key)
        );
        println!("    {}", generation.recipient);
        println!("    {} members when it was made", generation.members.len());
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

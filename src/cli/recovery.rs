//! `kapea recovery`: the key of last resort, made and used on an offline machine, in the presence of those who hold its shares.

mod papers;
mod shares;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::arguments::{
    ConfigFile, RecoveryApplyArguments, RecoveryCombineArguments, RecoveryCommand,
    RecoveryCreateArguments, RecoveryDrillArguments, RecoveryRequestArguments, SignArguments,
};
use super::{configuration, custodian, files, prompt};
use crate::app;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::seal::keys::{Seed, StaffKeys};
use crate::seal::recovery::{RecoveryPublic, split};
use crate::service::Context;
use crate::service::recovery::ceremony::{self, Answer, LetIn, Request};
use crate::service::recovery::{self, Signing};

/// No request or answer is longer: a team has few live generations.
const LONGEST_FILE: u64 = 256 * 1024;

pub(super) fn run(command: &RecoveryCommand) -> anyhow::Result<()> {
    match command {
        RecoveryCommand::Create(arguments) => create(arguments),
        RecoveryCommand::Sign(arguments) => sign(arguments),
        RecoveryCommand::Request(arguments) => request(arguments),
        RecoveryCommand::Combine(arguments) => combine(arguments),
        RecoveryCommand::Apply(arguments) => apply(arguments),
        RecoveryCommand::Drill(arguments) => drill(arguments),
    }
}

/// Makes a key, prints its shares and its public line, and forgets it. Nothing is written to a disk unless a folder is named.
fn create(arguments: &RecoveryCreateArguments) -> anyhow::Result<()> {
    let seed = Seed::random();
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&seed));
    let shares = split(&seed, arguments.threshold, arguments.shares)?;
    let pages: Vec<_> = shares
        .iter()
        .map(|share| papers::page(share, &public, arguments.shares))
        .collect();
    println!("{}", papers::cover(&public, arguments));
    match &arguments.out {
        None => {
            for page in &pages {
                // A new sheet of paper for each.
                print!("\u{c}{}", page.as_str());
            }
        }
        Some(folder) => {
            files::private_folder(folder)?;
            for (share, page) in shares.iter().zip(&pages) {
                let file = folder.join(format!("share-{}.txt", share.number()));
                files::private_file(&file, page.as_bytes())?;
            }
            println!("The shares are in {}.", folder.display());
            println!("Give each holder theirs and destroy the files.");
        }
    }
    Ok(())
}

/// Signs the newest registered key, once the fingerprint was compared.
fn sign(arguments: &SignArguments) -> anyhow::Result<()> {
    let context = offline_context(&configuration(&arguments.config)?)?;
    let custodian = custodian::read_key(&arguments.key)?;
    let found = context.store.blocking(recovery::to_sign)?;
    let (key, fingerprint) = found.context("no recovery key is registered")?;
    println!("The newest recovery key has this fingerprint:");
    println!("  {fingerprint}");
    println!("Compare it with the sheet that was printed when the key was made.");
    if !arguments.yes && !prompt::confirmed("Is it the same?")? {
        bail!("not signed");
    }
    let signing = Signing {
        key,
        fingerprint: &fingerprint,
        custodian: &custodian,
        actor: None,
    };
    context
        .blocking_write(|txn| recovery::sign_in_txn(txn, &signing))
        .context("not signed")?;
    println!("Signed.");
    Ok(())
}

/// Writes what the offline machine needs to let one person into one team.
fn request(arguments: &RecoveryRequestArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let context = offline_context(&config)?;
    let request = requested(&context, &arguments.team, arguments.person.as_str())?;
    write(&arguments.out, &request)?;
    println!(
        "{} holds what is needed to let {} into {}: public keys and sealed ones.",
        arguments.out.display(),
        request.handle,
        request.team_name
    );
    println!("Carry it to the offline machine and run there:");
    println!(
        "  kapea recovery combine {} --out ANSWER",
        arguments.out.display()
    );
    Ok(())
}

/// Puts the key together and lets the person of the request in.
fn combine(arguments: &RecoveryCombineArguments) -> anyhow::Result<()> {
    if let (Some(path), Some(team), Some(person)) =
        (&arguments.config, &arguments.team, &arguments.person)
    {
        let file = ConfigFile { path: path.clone() };
        let context = offline_context(&configuration(&file)?)?;
        let request = requested(&context, team, person.as_str())?;
        let answer = answered(&request)?;
        return applied(&context, &answer);
    }
    let (Some(file), Some(out)) = (&arguments.request, &arguments.out) else {
        bail!("name the request and, with --out, the answer to write");
    };
    ensure!(!out.exists(), "{} is there already", out.display());
    let request: Request = read(file)?;
    let answer = answered(&request)?;
    write(out, &answer)?;
    println!("Carry {} back and run there:", out.display());
    println!("  kapea recovery apply {}", out.display());
    Ok(())
}

/// Takes the answer in.
fn apply(arguments: &RecoveryApplyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let answer: Answer = read(&arguments.answer)?;
    applied(&offline_context(&config)?, &answer)
}

/// Proves that enough shares are there and legible. Changes nothing; with a configuration, the trail says that it was done.
fn drill(arguments: &RecoveryDrillArguments) -> anyhow::Result<()> {
    if let Some(line) = &arguments.public {
        let public: RecoveryPublic = line
            .parse()
            .context("the line is not the one that kapea recovery create printed")?;
        shares::ask(&public)?;
        println!(
            "These shares come to the recovery key {}.",
            public.fingerprint()
        );
        println!("Nothing was changed.");
        return Ok(());
    }
    let Some(path) = &arguments.config else {
        bail!("name the configuration with --config, or the recovery key's line with --public");
    };
    let config = configuration(&ConfigFile { path: path.clone() })?;
    let context = offline_context(&config)?;
    let (key, public) = context
        .store
        .blocking(|conn| ceremony::in_force(conn, &context.authority))?;
    let keys = shares::ask(&public)?;
    let (wraps, opened) = context
        .store
        .blocking(|conn| ceremony::try_wraps(conn, key, &keys))?;
    drop(keys);
    context.blocking_write(|txn| ceremony::drilled_in_txn(txn, key))?;
    println!(
        "These shares come to the recovery key {}.",
        public.fingerprint()
    );
    println!("{opened} of {wraps} team keys that are wrapped to it open.");
    println!("Nothing was changed but for the entry in the trail.");
    ensure!(opened == wraps, "a wrapped team key does not open");
    Ok(())
}

fn requested(context: &Context, team: &str, person: &str) -> anyhow::Result<Request> {
    let asked = (&context.authority, context.clock.now());
    context
        .store
        .blocking(|conn| ceremony::request(conn, asked, team, person))
        .with_context(|| format!("{person} cannot be let into {team}"))
}

/// The comparison, the shares, and the one wrap.
fn answered(request: &Request) -> anyhow::Result<Answer> {
    println!(
        "{} is to be let into the team {}.",
        request.handle, request.team_name
    );
    println!("Their key has this fingerprint:");
    println!("  {}", request.fingerprint()?);
    println!(
        "They read theirs to you from their page \"Your account\", by telephone or in person."
    );
    if !prompt::confirmed("Is it the same?")? {
        bail!("nothing was done");
    }
    let keys = shares::ask(&request.recovery()?)?;
    ceremony::answer(request, &keys).context("the team's key was not passed on")
}

fn applied(context: &Context, answer: &Answer) -> anyhow::Result<()> {
    let LetIn { staff, wraps, .. } = context
        .blocking_write(|txn| ceremony::apply_in_txn(txn, answer))
        .context("nobody was let in")?;
    println!("{staff} holds {wraps} of the team's keys now.");
    println!("The trail says so, and every lead and auditor is told.");
    Ok(())
}

fn offline_context(config: &Config) -> anyhow::Result<Context> {
    app::offline(config, Clock::system())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let cannot = || format!("cannot read {}", path.display());
    let size = fs::metadata(path).with_context(cannot)?.len();
    ensure!(size <= LONGEST_FILE, "{} is too large", path.display());
    let text = fs::read_to_string(path).with_context(cannot)?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not a file of this ceremony", path.display()))
}

fn write<T: serde::Serialize>(path: &Path, content: &T) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(content)?;
    text.push('\n');
    files::private_file(path, text.as_bytes())
}

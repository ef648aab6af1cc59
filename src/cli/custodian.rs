//! `kapea custodian new` and `sign`: a custodian whose key never touches the server.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::arguments::{CustodianChangeArguments, CustodianNewArguments, CustodianSignArguments};
use super::common::{configuration, quoted};
use super::{files, offline, prompt};
use crate::config::Config;
use crate::domain::clock::{Clock, Day};
use crate::seal::keys::{Seed, SigningKey, VerifyKey};
use crate::service::audit_log::AuditLog;
use crate::service::custody;
use crate::service::txn::Txn;
use crate::store::{self, Store};

const HEADER: &str =
    "# A custodian's secret key for Kapea. Whoever has it can help decide who receives reports.\n";

/// Makes a key file and prints what to pin.
pub(super) fn new(arguments: &CustodianNewArguments) -> anyhow::Result<()> {
    let seed = Seed::random();
    let secret = Zeroizing::new(BASE64URL_NOPAD.encode(seed.expose()));
    let content = Zeroizing::new(format!("{HEADER}{}\n", *secret));
    files::private_file(&arguments.file, content.as_bytes())?;
    let key = SigningKey::from_seed(&seed).verify_key();
    let name = quoted(&arguments.name);
    println!(
        "The secret key is in {}. Keep it offline.",
        arguments.file.display()
    );
    println!("For custodians.keys in the configuration:");
    println!("  {{ name = {name}, verify_key = \"{key}\" }},");
    println!("Compare it with the operator, by telephone or in person:");
    println!("  Fingerprint: {}", key.fingerprint());
    Ok(())
}

/// Prints the line that pins a custodian's new key beside the one they have, for a while.
pub(super) fn change(arguments: &CustodianChangeArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let new: VerifyKey = arguments
        .verify_key
        .parse()
        .map_err(|_| anyhow::anyhow!("the new verify key must have 43 characters"))?;
    let pinned = &config.custodians.keys;
    let old = pinned
        .iter()
        .find(|custodian| custodian.name == arguments.name)
        .with_context(|| format!("no custodian is called {}", quoted(&arguments.name)))?;
    let is_known = pinned.iter().any(|custodian| {
        let mut earlier = custodian.earlier.iter();
        custodian.verify_key == *new.as_bytes()
            || earlier.any(|key| key.verify_key == *new.as_bytes())
    });
    ensure!(!is_known, "this key is pinned already");
    let until = Clock::system().today().plus(arguments.days);
    let one = |key: &[u8; 32], until: Day| {
        let key = VerifyKey::from_bytes(*key);
        format!("{{ verify_key = \"{key}\", until = \"{until}\" }}")
    };
    let earlier = old
        .earlier
        .iter()
        .map(|key| one(&key.verify_key, key.until));
    let earlier: Vec<String> = earlier.chain([one(&old.verify_key, until)]).collect();
    println!("Compare the new key with its custodian, by telephone or in person:");
    println!("  Fingerprint: {}", new.fingerprint());
    println!("In custodians.keys, in place of their line:");
    println!(
        "  {{ name = {}, verify_key = \"{new}\", earlier = [{}] }},",
        quoted(&old.name),
        earlier.join(", ")
    );
    println!("The running service takes it up with: systemctl reload 'kapea-*' (or SIGHUP)");
    println!("What the old key has signed goes on to count: the line stays in the file as it is.");
    Ok(())
}

/// Reads a key file.
pub(super) fn read_key(path: &Path) -> anyhow::Result<SigningKey> {
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let secret = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let bytes = BASE64URL_NOPAD
        .decode(secret.as_bytes())
        .map(Zeroizing::new)
        .ok();
    let seed: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
    let seed = seed.with_context(|| format!("{} is not a custodian's key", path.display()))?;
    Ok(SigningKey::from_seed(&Seed::from_bytes(seed)))
}

/// Signs which team a channel feeds, once the fingerprint was compared.
pub(super) fn sign(arguments: &CustodianSignArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.with.config)?;
    let key = read_key(&arguments.with.key)?;
    pinned(&config, &key.verify_key())?;
    let store = offline::store(&config)?;
    let audit_log = offline::audit_log(&config, &store)?;
    let digits = proposed(&audit_log, &store, &arguments.channel)?;

    println!(
        "The reports of the channel {} will go to the team",
        arguments.channel
    );
    println!("with this number:");
    println!("  Key number of the team: {digits}");
    println!("Compare it with what a member of the team reads to you, by telephone or in person.");
    if !arguments.with.yes && !prompt::confirmed("Is it the same?")? {
        bail!("not signed");
    }
    let channel = &arguments.channel;
    record(&audit_log, &store, (channel, &digits), &key)?;
    println!("Signed.");
    Ok(())
}

fn pinned(config: &Config, key: &VerifyKey) -> anyhow::Result<()> {
    let today = Clock::system().today();
    let pins = crate::app::pins(config, today)?;
    ensure!(
        pins.custodian(key, today).is_some(),
        "the configuration does not name this key as a custodian's"
    );
    Ok(())
}

/// 30 digits of the team that the channel is meant to feed.
pub(super) fn proposed(
    audit_log: &AuditLog,
    store: &Store,
    channel: &str,
) -> anyhow::Result<String> {
    let authority = audit_log.authority();
    let found = store.blocking(|conn| match store::channel_find(conn, channel)? {
        Some(row) => custody::proposed(conn, authority, &row),
        None => Ok(None),
    });
    let found = found.context("cannot read the teams' ledgers")?;
    let charter = found
        .with_context(|| format!("the channel {channel} has no team yet, or the team no key"))?;
    Ok(charter.fingerprint())
}

/// Signs, if it is still the team whose digits were shown.
pub(super) fn record(
    audit_log: &AuditLog,
    store: &Store,
    shown: (&str, &str),
    key: &SigningKey,
) -> anyhow::Result<()> {
    let now = Clock::system().now();
    store
        .blocking_write(|conn| {
            let mut txn = Txn::new(audit_log, conn.reborrow(), now);
            custody::sign_in_txn(&mut txn, shown, key, None)
        })
        .context("not signed")
}

//! `kapea custodian new` and `sign`: a custodian whose key never touches the server.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::arguments::{CustodianNewArguments, CustodianSignArguments};
use super::{configuration, files, offline, prompt, quoted};
use crate::config::Config;
use crate::domain::clock::{Clock, Timestamp};
use crate::seal::chain;
use crate::seal::keys::{Seed, SigningKey, VerifyKey};
use crate::store::{self, Charter, CharterSignature, Store};

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
    println!(
        "Fingerprint, to be compared by telephone or in person: {}",
        key.fingerprint()
    );
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

/// Signs the newest charter of a channel, once the fingerprint was compared.
pub(super) fn sign(arguments: &CustodianSignArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let key = read_key(&arguments.key)?;
    pinned(&config, &key.verify_key())?;
    let store = offline::store(&config)?;
    let charter = pending(&store, &arguments.channel, &key.verify_key())?;

    let first = VerifyKey::from_bytes(charter.verify_key);
    println!("Channel {}, charter {}.", charter.channel, charter.sequence);
    println!("Its reports will go to the team whose key has this fingerprint:");
    println!("  {}", first.fingerprint());
    println!("Compare it with what a member of the team reads to you, by telephone or in person.");
    if !arguments.yes && !prompt::confirmed("Is it the same?")? {
        bail!("not signed");
    }
    record(&store, &charter, &first, &key, Clock::system().now())?;
    println!("Signed.");
    Ok(())
}

fn pinned(config: &Config, key: &VerifyKey) -> anyhow::Result<()> {
    let known = config
        .custodians
        .keys
        .iter()
        .any(|custodian| custodian.verify_key == *key.as_bytes());
    ensure!(
        known,
        "the configuration does not name this key as a custodian's"
    );
    Ok(())
}

/// The newest charter of the channel, if this custodian has not signed it.
pub(super) fn pending(store: &Store, channel: &str, key: &VerifyKey) -> anyhow::Result<Charter> {
    let charters = store
        .blocking(|conn| store::charters_of_channel(conn, channel))
        .context("cannot read the charters")?;
    let Some((charter, signatures)) = charters.into_iter().next() else {
        bail!("nobody has put a charter for the channel {channel} forward yet");
    };
    let signed = signatures
        .iter()
        .any(|signature| signature.custodian == *key.as_bytes());
    ensure!(
        !signed,
        "this custodian has signed charter {} already",
        charter.sequence
    );
    Ok(charter)
}

/// Signs a charter and keeps the signature.
pub(super) fn record(
    store: &Store,
    charter: &Charter,
    first: &VerifyKey,
    key: &SigningKey,
    now: Timestamp,
) -> anyhow::Result<()> {
    let statement = chain::Charter {
        channel: charter.channel.clone(),
        team: charter.team,
        first: *first,
        sequence: u32::try_from(charter.sequence).context("the charter has no valid sequence")?,
    };
    let signed = CharterSignature {
        custodian: *key.verify_key().as_bytes(),
        signature: *statement.sign(key).as_bytes(),
    };
    store
        .blocking_write(|conn| {
            store::charter_sign(conn, &charter.channel, charter.sequence, &signed)?;
            offline::record_in_txn(conn, "charter-signed", &statement.to_bytes(), now)
        })
        .context("cannot keep the signature")
}

//! What may change under a running service, as a configuration has it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::domain::clock::Day;
use crate::domain::credential::CUSTODIAN_DAYS;
use crate::seal::chain::{Custodian, CustodianPins};
use crate::seal::credentials::Credentials;
use crate::seal::keys::VerifyKey;
use crate::service::Reloadable;

/// Credentials and pins. Whether these end in time is for [`pins_end`] to say.
///
/// # Errors
/// With the file that cannot be read.
pub(super) fn reloadable(config: &Config) -> anyhow::Result<Reloadable> {
    Ok(Reloadable {
        credentials: Arc::new(read_credentials(&config.data.credentials)?),
        pins: pinned(config),
    })
}

/// The custodians of a configuration, for whoever reads it by hand.
///
/// # Errors
/// As [`pins_end`].
pub fn pins(config: &Config, today: Day) -> anyhow::Result<CustodianPins> {
    pins_end(config, today)?;
    Ok(pinned(config))
}

/// Whether a change of a custodian's key comes to its end: one may go on signing with an earlier key for 30 days and no longer. By a clock
/// that is behind none does, so nothing that the service needs for its start may hang on it.
///
/// # Errors
/// If one may.
pub fn pins_end(config: &Config, today: Day) -> anyhow::Result<()> {
    let latest = today.plus(CUSTODIAN_DAYS);
    for key in &config.custodians.keys {
        let name = &key.name;
        anyhow::ensure!(
            key.earlier.iter().all(|earlier| earlier.until <= latest),
            "custodians.keys: until of an earlier key of {name} may be {latest} at the latest, {CUSTODIAN_DAYS} days from today"
        );
    }
    Ok(())
}

fn pinned(config: &Config) -> CustodianPins {
    let keys = config.custodians.keys.iter();
    let custodians = keys.map(|key| Custodian {
        name: key.name.clone(),
        key: VerifyKey::from_bytes(key.verify_key),
        earlier: key
            .earlier
            .iter()
            .map(|key| (VerifyKey::from_bytes(key.verify_key), key.until))
            .collect(),
    });
    CustodianPins {
        threshold: config.custodians.threshold,
        custodians: custodians.collect(),
    }
}

/// Reads the server's credentials.
///
/// # Errors
/// With the file's name.
pub fn read_credentials(path: &Path) -> anyhow::Result<Credentials> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the credentials in {}", path.display()))?;
    Credentials::parse(&text).with_context(|| path.display().to_string())
}

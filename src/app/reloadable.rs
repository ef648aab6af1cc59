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

/// Credentials and pins.
///
/// # Errors
/// With the file that cannot be read, or what is wrong with the pins.
pub(super) fn reloadable(config: &Config, today: Day) -> anyhow::Result<Reloadable> {
    Ok(Reloadable {
        credentials: Arc::new(read_credentials(&config.data.credentials)?),
        pins: pins(config, today)?,
    })
}

/// The custodians of a configuration. One may go on signing with an earlier key for 30 days and no longer, so that a change comes to its
/// end.
///
/// # Errors
/// If one may.
pub fn pins(config: &Config, today: Day) -> anyhow::Result<CustodianPins> {
    let latest = today.plus(CUSTODIAN_DAYS);
    let mut custodians = Vec::new();
    for key in &config.custodians.keys {
        let name = &key.name;
        anyhow::ensure!(
            key.earlier.iter().all(|earlier| earlier.until <= latest),
            "custodians.keys: until of an earlier key of {name} may be {latest} at the latest, {CUSTODIAN_DAYS} days from today"
        );
        let earlier = key.earlier.iter();
        custodians.push(Custodian {
            name: name.clone(),
            key: VerifyKey::from_bytes(key.verify_key),
            earlier: earlier
                .map(|key| (VerifyKey::from_bytes(key.verify_key), key.until))
                .collect(),
        });
    }
    Ok(CustodianPins {
        threshold: config.custodians.threshold,
        custodians,
    })
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

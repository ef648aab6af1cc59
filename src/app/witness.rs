//! What the installation remembers outside its database.

use crate::config::Config;
use crate::seal::credentials::Credentials;
use crate::store::{self, Store, StoreResult};
use crate::witness::Witness;

/// The witness of a configuration's installation. What is wrong with its file is told, and is no reason not to start.
///
/// # Errors
/// From the database.
pub fn witness(config: &Config, store: &Store, credentials: &Credentials) -> StoreResult<Witness> {
    let installation = store.blocking(store::installation_find)?;
    let folder = config.data.witness.clone();
    let keys = credentials.witness_keys();
    Ok(Witness::open(folder, keys, installation))
}

//! What the installation remembers outside its database.

use crate::config::Config;
use crate::seal::credentials::Credentials;
use crate::store::{self, Store, StoreResult};
use crate::witness::Witness;

/// The witness of a configuration's installation. What is wrong with its file is told, and is no reason not to start. Where the database is too
/// damaged to say which installation it is, the file does.
///
/// # Errors
/// From the database.
pub fn witness(config: &Config, store: &Store, credentials: &Credentials) -> StoreResult<Witness> {
    let folder = config.data.witness.clone();
    let keys = credentials.witness_keys();
    match store.blocking(store::installation_find) {
        Err(error) if error.is_damage() => Ok(Witness::open_alone(folder, keys)),
        installation => Ok(Witness::open(folder, keys, installation?)),
    }
}

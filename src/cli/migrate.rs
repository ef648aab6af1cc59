//! `kapea migrate`: brings the tables up to date. On SQLite the start does it as well; here it can be done by hand, and looked at.

use anyhow::Context as _;

use super::arguments::ConfigFile;
use super::common::configuration_in;
use crate::config::{Database, Environment};
use crate::store::{Location, Store};

pub(super) fn run(file: &ConfigFile) -> anyhow::Result<()> {
    let environment = Environment::of_process().without_secrets();
    let config = configuration_in(&file.path, &environment)?;
    let Database::Sqlite(path) = &config.data.database;
    let shown = path.display();
    let ran = Store::migrate(Location::Sqlite(path.clone()));
    let ran = ran.with_context(|| format!("the database {shown}"))?;
    for version in &ran {
        println!("changed its tables: {version}");
    }
    let release = env!("CARGO_PKG_VERSION");
    println!("{shown} has the tables of release {release}");
    Ok(())
}

//! The command line: what an operator can ask for, and which function does it.

mod arguments;
mod check_config;
mod custodian;
mod files;
mod healthcheck;
mod init;
mod invite;
mod mail_test;
mod offline;
mod open;
mod prompt;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{Config, ConfigError};
use crate::telemetry;
use arguments::{Arguments, Command, CustodianCommand, MailCommand, StaffCommand};

pub use arguments::{
    ConfigFile, CustodianNewArguments, CustodianSignArguments, DemoArguments, InitArguments,
    MailTestArguments, OpenArguments, ServeArguments, StaffInviteArguments,
};
pub use invite::{Invited, Invitee, invite};
pub use mail_test::transport;

/// The whole program: hardens the process, reads the command line, does what it says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = telemetry::harden() {
        eprintln!("kapea: the process cannot be kept out of core dumps: {error}");
        return ExitCode::FAILURE;
    }
    match dispatch(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kapea: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(arguments) => serve(arguments),
        Command::Demo(arguments) => demo(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::CheckConfig(arguments) => check_config::run(arguments),
        Command::Open(arguments) => open::run(arguments),
        Command::Healthcheck(arguments) => healthcheck::run(arguments),
        Command::Mail(MailCommand::Test(arguments)) => mail_test::run(arguments),
        Command::Staff(StaffCommand::Invite(arguments)) => invite::run(arguments),
        Command::Custodian(CustodianCommand::New(arguments)) => custodian::new(arguments),
        Command::Custodian(CustodianCommand::Sign(arguments)) => custodian::sign(arguments),
    }
}

fn serve(arguments: &ServeArguments) -> anyhow::Result<()> {
    let mut config = configuration(&arguments.config)?;
    if let Some(roles) = arguments.roles() {
        config.server.roles = roles;
    }
    telemetry::start(config.log);
    anyhow::bail!("this build has no server in it yet")
}

fn demo(arguments: &DemoArguments) -> anyhow::Result<()> {
    let _ = arguments;
    anyhow::bail!("this build has no demonstration in it yet")
}

/// Reads the configuration; everything wrong with it becomes one error of several lines.
fn configuration(file: &ConfigFile) -> anyhow::Result<Config> {
    Config::load(&file.path).map_err(|errors| anyhow::anyhow!(listed(&errors)))
}

fn listed(errors: &[ConfigError]) -> String {
    let count = match errors.len() {
        1 => "one thing is".to_owned(),
        count => format!("{count} things are"),
    };
    let lines = errors.iter().map(|error| format!("\n  {error}"));
    format!(
        "{count} wrong with the configuration:{}",
        lines.collect::<String>()
    )
}

/// As a text in TOML, which quotes like JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

//! The command line: what an operator can ask for, and which function does it.

mod archive;
mod arguments;
mod audit;
mod backup;
mod check_config;
mod common;
mod credentials;
mod custodian;
pub mod demo;
mod doctor;
mod files;
mod form;
mod healthcheck;
mod init;
mod invite;
mod keys;
mod mail_test;
mod migrate;
mod offline;
mod open;
mod prompt;
mod recovery;
mod restore;
mod serve;
mod witness;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;

use crate::telemetry;
use common::configuration;

use arguments::{
    Arguments, AuditCommand, Command, CredentialsCommand, CustodianCommand, FormCommand,
    KeysCommand, MailCommand, StaffCommand, WitnessCommand,
};

pub use arguments::{
    BackupArguments, ConfigFile, CustodianNewArguments, CustodianSignArguments, DemoArguments,
    DoctorArguments, HealthcheckArguments, InitArguments, MailTestArguments, OpenArguments,
    RestoreArguments, ServeArguments, StaffInviteArguments,
};
pub use invite::{Invited, Invitee, invite};
pub use witness::begin_witness;

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
        Command::Serve(arguments) => serve::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::CheckConfig(arguments) => check_config::run(arguments),
        Command::Backup(arguments) => backup::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::Migrate(file) => migrate::run(file),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::Open(arguments) => open::run(arguments),
        Command::Healthcheck(arguments) => healthcheck::run(arguments),
        Command::Mail(MailCommand::Test(arguments)) => mail_test::run(arguments),
        Command::Staff(StaffCommand::Invite(arguments)) => invite::run(arguments),
        Command::Audit(AuditCommand::Verify(arguments)) => audit::verify(arguments),
        Command::Audit(AuditCommand::Head(arguments)) => audit::head(arguments),
        Command::Audit(AuditCommand::Key(arguments)) => audit::key(arguments),
        Command::Audit(AuditCommand::VerifyAnchors(arguments)) => audit::verify_anchors(arguments),
        Command::Witness(WitnessCommand::Show(file)) => witness::show(file),
        Command::Witness(WitnessCommand::Accept(arguments)) => witness::accept(arguments),
        Command::Keys(KeysCommand::Verify(arguments)) => keys::verify(arguments),
        Command::Keys(KeysCommand::RotateTeam(arguments)) => keys::rotate_team(arguments),
        Command::Recovery(command) => recovery::run(command),
        Command::Custodian(CustodianCommand::New(arguments)) => custodian::new(arguments),
        Command::Custodian(CustodianCommand::Sign(arguments)) => custodian::sign(arguments),
        Command::Custodian(CustodianCommand::Change(arguments)) => custodian::change(arguments),
        Command::Credentials(CredentialsCommand::Rotate(file)) => credentials::rotate(file),
        Command::Credentials(CredentialsCommand::Show(file)) => credentials::show(file),
        Command::Form(FormCommand::Check(arguments)) => form::check(arguments),
        Command::Form(FormCommand::Preview(arguments)) => form::preview(arguments),
    }
}

//! What can be written on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, BaseUrl, EmailAddress, Role};
use crate::domain::ids::ReportId;
use crate::domain::language::Locale;
use crate::domain::staff::{Handle, Role as StaffRole};
use crate::seal::keys::VerifyKey;

/// Confidential intake of reports of child abuse.
#[derive(Debug, Parser)]
#[command(name = "kapea", version, about, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the service
    Serve(ServeArguments),
    /// Run a service with sample accounts and sample reports, to try it out
    Demo(DemoArguments),
    /// Make a new installation: folder, configuration, credentials, first invitations
    Init(InitArguments),
    /// Report everything that is wrong with a configuration
    CheckConfig(ConfigFile),
    /// Make one age file of the database, the witness file and the configuration, while the service runs, and read it again
    Backup(BackupArguments),
    /// Put a backup into an empty place, and say what must be repeated
    Restore(RestoreArguments),
    /// Bring the database's tables up to date; the start does it too
    Migrate(ConfigFile),
    /// Look at everything that the service needs, and say what to do where something is wrong
    Doctor(DoctorArguments),
    /// Open a report without the service, from a copy of the data folder and a recovery code
    Open(OpenArguments),
    /// Say whether the service on this machine is ready; for container and service managers
    Healthcheck(HealthcheckArguments),
    /// Mail
    #[command(subcommand)]
    Mail(MailCommand),
    /// Accounts
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Custodians, who sign which team receives reports
    #[command(subcommand)]
    Custodian(CustodianCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What is remembered outside the database
    #[command(subcommand)]
    Witness(WitnessCommand),
    /// Keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The recovery key, for when everybody has lost access
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// The server's own secrets
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// The public form
    #[command(subcommand)]
    Form(FormCommand),
}

/// About the public form.
#[derive(Debug, Subcommand)]
pub(super) enum FormCommand {
    /// Report everything that is wrong with a form and with the sentences beside it
    Check(FormCheckArguments),
    /// Run a demonstration that asks a form, to go through it as reporters do; what is saved meanwhile is taken up
    Preview(FormPreviewArguments),
}

/// `kapea form check`
#[derive(Debug, Clone, Args)]
pub struct FormCheckArguments {
    /// The form's file, and its sentences (en.ftl, km.ftl); or the folder that they are in. Sentences alone are checked beside the built-in form
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `kapea form preview`
#[derive(Debug, Clone, Args)]
pub struct FormPreviewArguments {
    /// The folder with report.toml and its sentences
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Where the reporters' side listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub public: SocketAddr,
    /// Where the staff side listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    pub staff: SocketAddr,
}

/// About the server's own secrets.
#[derive(Debug, Subcommand)]
pub(super) enum CredentialsCommand {
    /// Make a new version of their root; the running service takes it up, and goes on opening what earlier ones made
    Rotate(ConfigFile),
    /// Print the versions, how old they are and what is under them
    Show(ConfigFile),
}

/// About mail.
#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Send the constant notice to one address, to see whether mail works
    Test(MailTestArguments),
}

/// About accounts.
#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// Make an account and print its one-time link
    Invite(StaffInviteArguments),
}

/// About the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check the whole log, and name the first entry that is not as it was written
    Verify(AuditVerifyArguments),
    /// Check the log, sign its head and print it, to be kept elsewhere
    Head(ConfigFile),
    /// Print the key that the heads of the log verify with, for those who keep anchors
    Key(ConfigFile),
    /// Check the log from the anchor mails that an outsider has kept, without the server
    VerifyAnchors(AuditVerifyAnchorsArguments),
}

/// About the witness file.
#[derive(Debug, Subcommand)]
pub(super) enum WitnessCommand {
    /// Print what the witness file says, and what the database says
    Show(ConfigFile),
    /// Take what is in the database for true, after a backup was put back and two people have looked at it
    Accept(WitnessAcceptArguments),
}

/// `kapea witness accept`
#[derive(Debug, Clone, Args)]
pub struct WitnessAcceptArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// Accept without asking back
    #[arg(long)]
    pub yes: bool,
}

/// `kapea audit verify`
#[derive(Debug, Clone, Args)]
pub struct AuditVerifyArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// A text file with signed heads that were kept elsewhere (a mailbox file, what `kapea audit head` printed)
    #[arg(long, value_name = "FILE")]
    pub anchors: Option<PathBuf>,
}

/// `kapea audit verify-anchors`
#[derive(Debug, Clone, Args)]
pub struct AuditVerifyAnchorsArguments {
    /// A mailbox file (mbox), or mails one after the other
    #[arg(value_name = "MBOX")]
    pub mails: PathBuf,
    /// What `kapea audit key` printed; repeat it where the key was changed
    #[arg(long = "key", value_name = "VERIFYKEY", required = true, allow_hyphen_values = true, value_parser = verify_key)]
    pub keys: Vec<VerifyKey>,
    /// Compare with the running log as well, whose configuration this is
    #[arg(long = "config", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

fn verify_key(text: &str) -> Result<VerifyKey, String> {
    let key = text.parse();
    key.map_err(|_| "not a verify key: 43 characters, as `kapea audit key` prints it".to_owned())
}

/// About keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Check from outside who may receive reports, and print it
    Verify(KeysVerifyArguments),
    /// Carry on, as a member, the changes of keys that are ordered for one's teams
    RotateTeam(KeysRotateTeamArguments),
}

/// `kapea keys verify`
#[derive(Debug, Clone, Args)]
pub struct KeysVerifyArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// Where a ledger ended by an earlier run: it must still lead there; repeat it for several
    #[arg(long, value_name = "LEDGER:NUMBER:DIGEST")]
    pub head: Vec<String>,
}

/// `kapea keys rotate-team`
#[derive(Debug, Clone, Args)]
pub struct KeysRotateTeamArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// The member
    #[arg(long, value_name = "HANDLE")]
    pub handle: Handle,
}

/// About the recovery key.
#[derive(Debug, Subcommand)]
pub(super) enum RecoveryCommand {
    /// Make a recovery key on an offline machine, and print its shares
    Create(RecoveryCreateArguments),
    /// Sign a registered recovery key with a custodian's key file
    Sign(SignArguments),
    /// Write what the offline machine needs to let one person into one team
    Request(RecoveryRequestArguments),
    /// Put the key together from its shares and let the person of a request in
    Combine(RecoveryCombineArguments),
    /// Take in what "combine" wrote
    Apply(RecoveryApplyArguments),
    /// Prove that the shares are there and legible; changes nothing
    Drill(RecoveryDrillArguments),
}

/// `kapea recovery create`
#[derive(Debug, Clone, Args)]
pub struct RecoveryCreateArguments {
    /// How many shares to print
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub shares: u8,
    /// How many of them come to the key
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    pub threshold: u8,
    /// Write each share to a file in this new folder instead of printing it
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What a custodian signs with.
#[derive(Debug, Clone, Args)]
pub struct SignArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// The custodian's key file
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Sign without asking back; the fingerprint must have been compared before
    #[arg(long)]
    pub yes: bool,
}

/// `kapea recovery request`
#[derive(Debug, Clone, Args)]
pub struct RecoveryRequestArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// The team
    #[arg(long, value_name = "NAME")]
    pub team: String,
    /// Who is to be let in: a caseworker with an account who waits for this team
    #[arg(long, value_name = "HANDLE")]
    pub person: Handle,
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `kapea recovery combine`
#[derive(Debug, Clone, Args)]
pub struct RecoveryCombineArguments {
    /// What "request" wrote
    #[arg(value_name = "FILE", required_unless_present = "config")]
    pub request: Option<PathBuf>,
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE", required_unless_present = "config")]
    pub out: Option<PathBuf>,
    /// Request, combine and apply at once, where the service runs: for offices without an offline machine
    #[arg(long, value_name = "FILE", conflicts_with_all = ["request", "out"], requires = "team", requires = "person")]
    pub config: Option<PathBuf>,
    /// The team, with --config
    #[arg(long, value_name = "NAME", requires = "config")]
    pub team: Option<String>,
    /// Who is to be let in, with --config
    #[arg(long, value_name = "HANDLE", requires = "config")]
    pub person: Option<Handle>,
}

/// `kapea recovery apply`
#[derive(Debug, Clone, Args)]
pub struct RecoveryApplyArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// What "combine" wrote
    #[arg(value_name = "FILE")]
    pub answer: PathBuf,
}

/// `kapea recovery drill`
#[derive(Debug, Clone, Args)]
pub struct RecoveryDrillArguments {
    /// Try the key in force of this installation, and note the drill in its trail
    #[arg(long, value_name = "FILE", required_unless_present = "public")]
    pub config: Option<PathBuf>,
    /// Try the key of this line, as "create" printed it; needs no installation
    #[arg(long, value_name = "LINE", conflicts_with = "config")]
    pub public: Option<String>,
}

/// About custodians.
#[derive(Debug, Subcommand)]
pub(super) enum CustodianCommand {
    /// Make a custodian's key, on a machine of the custodian's own
    New(CustodianNewArguments),
    /// Sign which team a channel feeds
    Sign(CustodianSignArguments),
    /// Print what to pin so that a custodian's new key counts, and the old one for a while as well
    Change(CustodianChangeArguments),
}

/// `kapea custodian change`
#[derive(Debug, Clone, Args)]
pub struct CustodianChangeArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// The custodian's name in the configuration
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Days for which the custodian may go on signing with the old key, at most 30
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(i64).range(0..=30))]
    pub days: i64,
    /// The new verify key, as `kapea custodian new` or the custodian's own page shows it
    #[arg(value_name = "VERIFY-KEY", allow_hyphen_values = true)]
    pub verify_key: String,
}

/// Which configuration.
#[derive(Debug, Clone, Args)]
pub struct ConfigFile {
    /// The configuration file; KAPEA_CONFIG or /etc/kapea/kapea.toml if left out
    #[arg(long = "config", value_name = "FILE", default_value_os_t = config::default_file())]
    pub path: PathBuf,
}

/// `kapea serve`
#[derive(Debug, Clone, Args)]
pub struct ServeArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// One process that does this and no more: intake, casework, worker. Left out, what the configuration says runs, intake in a process apart from the others
    #[arg(long, value_name = "ROLES", value_delimiter = ',', num_args = 1, value_parser = role)]
    pub roles: Vec<Role>,
    /// Whoever starts this process holds a line to it, its standard input
    #[arg(long, hide = true, requires = "roles")]
    pub watched: bool,
}

/// `kapea healthcheck`
#[derive(Debug, Clone, Args)]
pub struct HealthcheckArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// Ask the one process that was started with these roles. Left out, each that the configuration says is asked
    #[arg(long, value_name = "ROLES", value_delimiter = ',', num_args = 1, value_parser = role)]
    pub roles: Vec<Role>,
}

/// `kapea demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArguments {
    /// Where the reporters' side listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub public: SocketAddr,
    /// Where the staff side listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    pub staff: SocketAddr,
    /// The folder to keep things in; a temporary one if left out
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Leave the folder behind at the end
    #[arg(long, requires = "data")]
    pub keep: bool,
    /// Ask the form in this folder, and no reports in it
    #[arg(skip)]
    pub form: Option<PathBuf>,
}

/// `kapea init`
#[derive(Debug, Clone, Args)]
pub struct InitArguments {
    /// The folder for configuration and credentials; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "kapea")]
    pub dir: PathBuf,
    /// The data folder; "data" in the other one if left out
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The address that reporters type
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: BaseUrl,
    /// The address that staff type
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8081")]
    pub staff_url: BaseUrl,
    /// The handle of the first administrator
    #[arg(long, value_name = "HANDLE", default_value = "administrator")]
    pub administrator: Handle,
    /// The handle of a custodian with an account; repeat it for several
    #[arg(long, value_name = "HANDLE", default_value = "custodian")]
    pub custodian: Vec<Handle>,
    /// How many custodians must sign; all of them if left out
    #[arg(long, value_name = "NUMBER")]
    pub threshold: Option<usize>,
}

/// `kapea open`
#[derive(Debug, Clone, Args)]
pub struct OpenArguments {
    /// The copy of the data folder
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The database in it
    #[arg(long, value_name = "FILE", default_value = "kapea.db")]
    pub database: PathBuf,
    /// Whose recovery code it is
    #[arg(long, value_name = "HANDLE")]
    pub handle: Handle,
    /// Write the report's age files and its key to this new folder, for the stock age program, instead of showing it
    #[arg(long, value_name = "DIR", requires = "report")]
    pub export: Option<PathBuf>,
    /// The report; a list of those that can be opened if left out
    #[arg(value_name = "REPORT")]
    pub report: Option<ReportId>,
}

/// `kapea backup`
#[derive(Debug, Clone, Args)]
pub struct BackupArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// The folder to put it in, which must be there; its name is kapea- and the UTC day
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Who can open it, as `age-keygen` prints it; repeat it for several
    #[arg(long, value_name = "AGE1…", required = true)]
    pub recipient: Vec<String>,
    /// Delete the oldest backups there until so many are left, once this one was read again whole. Left out, none is deleted
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

/// `kapea restore`
#[derive(Debug, Clone, Args)]
pub struct RestoreArguments {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The key that opens it, as `age-keygen` has written it
    #[arg(long, value_name = "FILE")]
    pub identity: PathBuf,
    /// The folder for the configuration: a new or an empty one
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The data folder, a new or an empty one; "data" in the other one if left out
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `kapea doctor`
#[derive(Debug, Clone, Args)]
pub struct DoctorArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// Say it in JSON
    #[arg(long)]
    pub json: bool,
    /// More certificates to trust (PEM) for the addresses that people type, for an inner network with an authority of its own
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// `kapea mail test`
#[derive(Debug, Clone, Args)]
pub struct MailTestArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// Whom to send it to
    #[arg(value_name = "ADDRESS", value_parser = <EmailAddress as std::str::FromStr>::from_str)]
    pub address: EmailAddress,
    /// The language in which a failure is explained (en, km); English if it is left out
    #[arg(long, value_name = "LANGUAGE", value_parser = <Locale as std::str::FromStr>::from_str)]
    pub language: Option<Locale>,
}

/// `kapea staff invite`
#[derive(Debug, Clone, Args)]
pub struct StaffInviteArguments {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigFile,
    /// What the account is for: caseworker, custodian, administrator, auditor
    #[arg(long, value_name = "ROLE")]
    pub role: StaffRole,
    /// A caseworker's team
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
    /// The name to log in with
    #[arg(value_name = "HANDLE")]
    pub handle: Handle,
}

/// `kapea custodian new`
#[derive(Debug, Clone, Args)]
pub struct CustodianNewArguments {
    /// A label for the configuration file
    #[arg(long, value_name = "NAME", default_value = "Custodian")]
    pub name: String,
    /// The file to keep the secret key in; it must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `kapea custodian sign`
#[derive(Debug, Clone, Args)]
pub struct CustodianSignArguments {
    /// With which key.
    #[command(flatten)]
    pub with: SignArguments,
    /// The channel
    #[arg(value_name = "CHANNEL", default_value = "main")]
    pub channel: String,
}

fn role(name: &str) -> Result<Role, String> {
    let names = || Role::ALL.map(Role::as_str).join(", ");
    name.parse()
        .map_err(|_| format!("expected one of {}", names()))
}

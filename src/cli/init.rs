//! `kapea init`: a new installation, from nothing to the point where people can set up their accounts.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use secrecy::ExposeSecret;

use super::arguments::InitArguments;
use super::common::quoted;
use super::files;
use super::invite::{Invited, Invitee, invite};
use super::witness::begin_witness;
use crate::app::read_credentials;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::staff::{Handle, Role};
use crate::seal::credentials::Credentials;
use crate::seal::keys::VerifyKey;
use crate::service::audit_log::AuditLog;
use crate::store::{Location, Store};

const TEMPLATE: &str = include_str!("../../config/default.toml");
const INVITATION_HOURS: u32 = 72;

/// The files of an installation.
pub(super) struct Installation {
    pub(super) config: PathBuf,
    pub(super) credentials: PathBuf,
    pub(super) data: PathBuf,
}

pub(super) fn run(arguments: &InitArguments) -> anyhow::Result<()> {
    let invited = make(arguments, Clock::system().now())?;
    let places = Installation::of(arguments)?;
    println!("Configuration:   {}", places.config.display());
    println!("Credentials:     {}", places.credentials.display());
    println!("Data folder:     {}", places.data.display());
    println!();
    println!(
        "One-time links, for {INVITATION_HOURS} hours. Give each to its person, and to nobody else:"
    );
    for (handle, invited) in &invited {
        println!("  {handle}");
        println!("    {}", invited.link(&arguments.staff_url).expose_secret());
        if let Some(key) = &invited.verify_key {
            println!(
                "    the custodian's key. Fingerprint: {}",
                key.fingerprint()
            );
        }
    }
    println!();
    println!("Next: fill in what is marked REQUIRED in the configuration, then");
    println!("  kapea check-config --config {}", places.config.display());
    println!("  kapea serve --config {}", places.config.display());
    Ok(())
}

impl Installation {
    pub(super) fn of(arguments: &InitArguments) -> anyhow::Result<Self> {
        let dir = std::path::absolute(&arguments.dir).context("the folder has no absolute name")?;
        let data = match &arguments.data {
            Some(data) => {
                std::path::absolute(data).context("the data folder has no absolute name")?
            }
            None => dir.join("data"),
        };
        Ok(Self {
            config: dir.join("kapea.toml"),
            credentials: dir.join("credentials.toml"),
            data,
        })
    }

    fn database(&self) -> PathBuf {
        self.data.join("kapea.db")
    }

    /// Nothing of an earlier installation may be there: its credentials cannot be made again.
    fn refuse_existing(&self) -> anyhow::Result<()> {
        for path in [&self.config, &self.credentials, &self.database()] {
            if path.try_exists().unwrap_or(true) {
                bail!("{} is there already; nothing was changed", path.display());
            }
        }
        Ok(())
    }
}

/// Makes the installation and gives the invitations: the administrator's first, then the custodians'.
pub(super) fn make(
    arguments: &InitArguments,
    now: Timestamp,
) -> anyhow::Result<Vec<(Handle, Invited)>> {
    let custodians = &arguments.custodian;
    let threshold = arguments.threshold.unwrap_or(custodians.len());
    ensure!(
        (1..=custodians.len()).contains(&threshold),
        "the threshold must be from 1 to {}, the number of custodians",
        custodians.len()
    );
    let places = Installation::of(arguments)?;
    places.refuse_existing()?;
    if let Some(parent) = places.config.parent() {
        files::private_folder(parent)?;
    }
    files::private_folder(&places.data)?;

    let credentials = Credentials::made_on(now.day());
    files::private_file(&places.credentials, credentials.to_text().as_bytes())?;
    // Read back: an installation whose credentials do not open must fail here, not on the day they are needed.
    let credentials = read_credentials(&places.credentials)?;
    let audit_log = AuditLog::new(&credentials);
    let store = Store::open(Location::Sqlite(places.database()), 1)
        .with_context(|| format!("cannot make {}", places.database().display()))?;
    begin_witness(&store, &credentials, &places.data.join("witness"))?;

    let mut invited = Vec::new();
    let people = std::iter::once((&arguments.administrator, Role::Administrator))
        .chain(custodians.iter().map(|handle| (handle, Role::Custodian)));
    for (handle, role) in people {
        let team = None;
        let invitation = invite(
            &audit_log,
            &store,
            &Invitee { handle, role, team },
            now,
            INVITATION_HOURS,
        )?;
        invited.push((handle.clone(), invitation));
    }
    // The configuration comes last: where it is, everything is.
    let text = configuration(arguments, &places, threshold, &invited);
    files::private_file(&places.config, text.as_bytes())?;
    Ok(invited)
}

/// The template with what is known filled in.
fn configuration(
    arguments: &InitArguments,
    places: &Installation,
    threshold: usize,
    invited: &[(Handle, Invited)],
) -> String {
    let pins = invited
        .iter()
        .filter_map(|(handle, invited)| Some((handle, invited.verify_key.as_ref()?)))
        .map(|(handle, key)| pin(handle, key))
        .collect::<String>();
    let known = [
        ("public_url", quoted(arguments.public_url.as_str())),
        ("staff_url", quoted(arguments.staff_url.as_str())),
        ("dir", quoted(&path_text(&places.data, &places.config))),
        ("threshold", threshold.to_string()),
        ("keys", format!("[\n{pins}]")),
    ];
    let lines = TEMPLATE.lines().map(|line| {
        let key = line.split_once(" = ").map(|(key, _)| key);
        match known.iter().find(|(name, _)| key == Some(*name)) {
            Some((name, value)) => format!("{name} = {value}\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

fn pin(handle: &Handle, key: &VerifyKey) -> String {
    format!("    {{ name = \"{handle}\", verify_key = \"{key}\" }},\n")
}

/// Relative to the configuration file where it lies beneath it, so that the folder can be moved as a whole.
fn path_text(path: &Path, config: &Path) -> String {
    let beneath = config.parent().and_then(|dir| path.strip_prefix(dir).ok());
    beneath.unwrap_or(path).display().to_string()
}

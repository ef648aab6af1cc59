//! `kapea open`: reads one report with a copy of the data folder and a person's recovery code, without the service.
//!
//! For the day on which the service cannot be brought back, and as proof that nobody is locked in.

#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::arguments::OpenArguments;
use super::{files, prompt};
use crate::domain::form::SealedAnswers;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::inert::{Segment, segments};
use crate::domain::staff::UnlockMethod;
use crate::seal::keys::{Identity, StaffKeys};
use crate::seal::opening::{self, OpenGrant, Opened};
use crate::seal::recovery_code::{self, RecoveryCode};
use crate::seal::{Kind, unlock};
use crate::service::keyring;
use crate::store::{self, Location, ObjectRow, QueueFilter, QueueTurn, Report, Store, StoreError};

/// The keys a person holds: their own and their teams'.
pub(super) struct Holding(Vec<(KeyId, Identity)>);

pub(super) fn run(arguments: &OpenArguments) -> anyhow::Result<()> {
    let database = arguments.data.join(&arguments.database);
    let store = Store::open_read_only(Location::Sqlite(database.clone()))
        .with_context(|| format!("cannot read {}", database.display()))?;
    let code = prompt::secret("Recovery code")?;
    let code = recovery_code::parse(code.expose_secret())
        .map_err(|_| anyhow!("that is not a recovery code; a letter or digit is wrong"))?;
    let holding = Holding::of(&store, arguments.handle.as_str(), &code)?;
    let Some(report) = arguments.report else {
        return list(&store, &holding);
    };
    let (report, grant) = find(&store, &holding, report)?;
    let objects = store.blocking(|conn| store::objects_of_report(conn, report.id))?;
    match &arguments.export {
        Some(folder) => export(folder, &grant, &objects),
        None => {
            print!("{}", *text(&report, grant, &objects)?);
            Ok(())
        }
    }
}

impl Holding {
    /// Opens what the recovery code opens.
    pub(super) fn of(store: &Store, handle: &str, code: &RecoveryCode) -> anyhow::Result<Self> {
        let found = store
            .blocking(|conn| {
                let Some(staff) = store::staff_by_handle(conn, handle)? else {
                    return Ok(None);
                };
                let row = store::unlock_find(conn, staff.id, UnlockMethod::Recovery)?;
                Ok::<_, StoreError>(row)
            })
            .context("cannot read the accounts")?;
        let row = found.with_context(|| format!("{handle} has no recovery code here"))?;
        let sealed = unlock::Unlock {
            salt: row.salt,
            pepper_version: row.pepper_version,
            sealed: row.sealed,
        };
        let secret = unlock::open_with_recovery(&sealed, code, row.staff)
            .map_err(|_| anyhow!("this is not the recovery code of {handle}"))?;
        Self::beneath(store, row.staff, &secret.keys())
    }

    /// The person's key, and the team keys wrapped to it.
    fn beneath(store: &Store, staff: StaffId, own: &StaffKeys) -> anyhow::Result<Self> {
        let recipient = own.recipient();
        let rows = store.blocking(|conn| store::keys_of_staff(conn, staff))?;
        let row = rows
            .into_iter()
            .find(|row| row.recipient == recipient.as_str())
            .context("the account has no key of this recovery code")?;
        let mut held = vec![(row.id, own.identity().share())];
        let found =
            store.blocking(|conn| keyring::beneath(conn, (row.id, own.identity()), |_| true))?;
        // What is whole is read all the same.
        for key in &found.broken {
            eprintln!(
                "left out: the wrap of key {} is damaged, or holds another key than its record names",
                key.id
            );
        }
        for generation in found.open {
            held.push((generation.row.id, generation.secrets.identity().share()));
        }
        Ok(Self(held))
    }

    fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    fn identity(&self, key: KeyId) -> Option<&Identity> {
        self.0
            .iter()
            .find(|(id, _)| *id == key)
            .map(|(_, identity)| identity)
    }
}

fn list(store: &Store, holding: &Holding) -> anyhow::Result<()> {
    let ids = holding.ids();
    let mut filter = QueueFilter::default();
    loop {
        let page = store.blocking(|conn| store::queue_page(conn, &ids, &filter))?;
        for row in &page.rows {
            let report = &row.report;
            println!(
                "{}  {}  {}  {}",
                report.id, report.day, report.urgency, report.state
            );
        }
        let Some(place) = page.after else {
            return Ok(());
        };
        filter.turn = QueueTurn::After(place);
    }
}

/// The report and its opened grant, if one of these keys opens it.
pub(super) fn find(
    store: &Store,
    holding: &Holding,
    id: ReportId,
) -> anyhow::Result<(Report, OpenGrant)> {
    let ids = holding.ids();
    let ((report, row), earlier) = store
        .blocking(|conn| {
            let found = store::report_find(conn, id, &ids)?;
            Ok::<_, StoreError>((found, store::earlier_keys(conn, id)?))
        })
        .context("there is no such report, or this person may not read it")?;
    let identity = holding
        .identity(row.key)
        .context("the grant names another key")?;
    let grant = opening::open_grant(identity, &row.sealed, id, &report.recipient, &earlier)
        .context("the grant is damaged")?;
    Ok((report, grant))
}

/// Everything in the report, in its order, as text that does nothing to the terminal.
pub(super) fn text(
    report: &Report,
    grant: OpenGrant,
    objects: &[ObjectRow],
) -> anyhow::Result<Zeroizing<String>> {
    let card = objects
        .iter()
        .find(|object| object.id == report.card)
        .context("the card is missing")?;
    let open = opening::open_card(grant, card.id, &card.sealed).context("the card is damaged")?;
    let mut parts = Vec::new();
    for object in objects.iter().filter(|object| object.id != report.card) {
        let opened = opening::open_object(&open, object.id, &object.sealed)
            .with_context(|| format!("object {} is damaged", object.id))?;
        parts.push(opened);
    }
    parts.sort_by_key(|part| part.position.number);

    // Room from the start: a text that grows leaves copies behind.
    let bytes: usize = parts.iter().map(|part| part.body.len()).sum();
    let room = bytes.saturating_mul(2).saturating_add(4096);
    let mut text = Zeroizing::new(String::with_capacity(room));
    writeln!(
        text,
        "Report {}, {}, {}, {}",
        report.id, report.day, report.urgency, report.state
    )?;
    for part in &parts {
        write_part(&mut text, part)?;
    }
    Ok(text)
}

fn write_part(out: &mut String, part: &Opened) -> anyhow::Result<()> {
    let title = match part.kind {
        Kind::Answers => "Report as answered",
        Kind::ReporterMessage => "Message from the reporter",
        Kind::StaffMessage => "Message to the reporter",
        Kind::Note => "Note",
        Kind::Decision => "Decision",
        Kind::Card | Kind::MailboxCard | Kind::MailItem | Kind::Proposal => {
            bail!("an object of an unexpected kind")
        }
    };
    writeln!(out, "\n== {}. {title}", part.position.number)?;
    if part.kind != Kind::Answers {
        return write_inert(out, &String::from_utf8_lossy(&part.body));
    }
    let answers = SealedAnswers::parse(&part.body).context("the answers cannot be read")?;
    for answer in &answers.answers {
        write_inert(out, &format!("{}:", answer.label))?;
        for line in answer.lines() {
            write!(out, "  ")?;
            write_inert(out, line)?;
        }
    }
    Ok(())
}

fn write_inert(out: &mut String, text: &str) -> anyhow::Result<()> {
    for segment in segments(text) {
        match segment {
            Segment::Text(text) => out.push_str(text),
            Segment::Mark(mark) => write!(out, "{mark}")?,
        }
    }
    out.push('\n');
    Ok(())
}

/// The report's keys, the newest first, and age files, for `age -d -i key.txt OBJECT.age`.
pub(super) fn export(
    folder: &Path,
    grant: &OpenGrant,
    objects: &[ObjectRow],
) -> anyhow::Result<()> {
    if folder.try_exists().unwrap_or(true) {
        bail!("{} is there already", folder.display());
    }
    files::private_folder(folder)?;
    let mut keys = Zeroizing::new(String::new());
    for identity in grant.identities() {
        keys.push_str(identity.to_age_string().expose_secret());
        keys.push('\n');
    }
    files::private_file(&folder.join("key.txt"), keys.as_bytes())?;
    for object in objects {
        let name = format!("{}.age", object.id);
        files::private_file(&folder.join(name), object.sealed.as_bytes())?;
    }
    println!(
        "{} age files and key.txt are in {}",
        objects.len(),
        folder.display()
    );
    Ok(())
}

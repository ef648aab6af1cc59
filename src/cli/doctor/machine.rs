//! The machine: what could keep a copy of the memory, and how much room there is.

use anyhow::{Context as _, ensure};
use rustix::process::{DumpableBehavior, Resource};

use super::finding::Finding;
use super::network::Service;
use crate::cli::healthcheck::Remark;
use crate::config::{Config, Database};
use crate::store;
use crate::telemetry;

/// Room that is needed beside what the database takes once more when it is written anew, and once more for a copy.
const SPARE: u64 = 256 << 20;

/// Every process of the program does what this one does first.
pub(super) fn core_dumps() -> Finding {
    let limit = rustix::process::getrlimit(Resource::Core).maximum;
    let dumps = rustix::process::dumpable_behavior();
    let is_off = limit == Some(0) && matches!(dumps, Ok(DumpableBehavior::NotDumpable));
    let check = "core dumps";
    match is_off {
        true => Finding::good(check, "this program leaves none, whatever the system says"),
        false => Finding::bad(
            check,
            "the system lets this program be dumped",
            "set LimitCORE=0 in its unit, and look into what changes it (a debugger, a container's profile)",
        ),
    }
}

/// The machine has no swap, or the running service keeps out of it.
pub(super) fn swap(services: &[Service]) -> Finding {
    let check = "swap";
    let answers = services.iter().map(|service| service.answer.as_ref());
    let answers: Option<Vec<_>> = answers.map(Result::ok).collect();
    if telemetry::is_swap_off() {
        return Finding::good(check, "there is none that could be written to");
    }
    match answers {
        None => Finding::skipped(
            check,
            "the machine has swap; whether the service keeps its memory out of it is known when it runs",
        ),
        Some(answers)
            if answers
                .iter()
                .any(|remark| matches!(remark, Some(Remark::Swap(_)))) =>
        {
            Finding::bad(
                check,
                "what is typed can be written to swap, on a disk",
                "turn swap off (swapoff -a, and out of /etc/fstab), or let the service lock its memory: LimitMEMLOCK=infinity in its unit",
            )
        }
        Some(answers) if answers.iter().any(|remark| remark.is_some()) => Finding::skipped(
            check,
            "the machine has swap; the running service says first what is wrong with its clock",
        ),
        Some(_) => Finding::good(check, "the running service keeps its memory out of it"),
    }
}

/// The database is written anew each night, and copied for a backup.
pub(super) fn disk(config: &Config) -> Finding {
    let looked = room(config);
    Finding::of(
        "free disk",
        looked,
        "make room: old logs, old backups, a larger disk. When the reserve is used up the form closes",
    )
}

fn room(config: &Config) -> anyhow::Result<String> {
    let folder = &config.data.dir;
    let shown = folder.display();
    let disk = store::disk_at(folder).with_context(|| format!("cannot look at {shown}"))?;
    let free = disk.free;
    let Database::Sqlite(path) = &config.data.database;
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    let needed = size.saturating_mul(3).saturating_add(SPARE);
    ensure!(
        free >= needed,
        "{} MiB are free at {shown}, and {} are needed to write the database anew and to copy it",
        free >> 20,
        needed >> 20
    );
    ensure!(
        !disk.is_low(),
        "{} MiB of {} MiB are free at {shown}",
        free >> 20,
        disk.size >> 20
    );
    Ok(format!("{} MiB are free at {shown}", free >> 20))
}

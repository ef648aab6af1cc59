//! What an installation remembers outside its database: a small file in a folder of its own, so that a database that was cut, put back
//! or exchanged is noticed after a restart as well.
//!
//! Several processes may share it: each change is read, made and written under a lock on the folder. Every function that writes waits for
//! the disk: call it where blocking is allowed.

mod error;
mod file;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::clock::Quarter;
use crate::domain::ids::{InstallationId, LedgerId};
use crate::seal::MacKeys;
use crate::seal::chain::VerifiedKey;
use crate::seal::checkpoint::Checkpoint;
use crate::seal::witness::{LedgerHead, LedgerHeads, WitnessRecord};

pub use error::WitnessError;
pub use file::NAME as FILE_NAME;

/// See the module. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Witness(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// `None`: remembers for this process alone.
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    keys: MacKeys,
    /// All that was seen or said.
    record: WitnessRecord,
    /// What was in the file when it was last read or written here.
    kept: Option<WitnessRecord>,
    /// Whether `record` holds what could not be written.
    is_behind: bool,
    fault: Option<WitnessError>,
}

impl Witness {
    /// One that remembers for this process alone.
    pub fn of_process(keys: MacKeys) -> Self {
        Self::over(None, keys, InstallationId::from_bytes([0; 16]))
    }

    /// Makes the folder's first file, for a new installation.
    ///
    /// # Errors
    /// [`WitnessError::Unwritable`]
    pub fn create(
        folder: &Path,
        keys: &MacKeys,
        record: &WitnessRecord,
    ) -> Result<(), WitnessError> {
        file::make_folder(folder)?;
        file::replace(folder, &record.to_bytes(keys))
    }

    /// The witness of an installation. `None`: the database does not say which one it is. Whatever is wrong is a [`Witness::fault`], and
    /// then it remembers for this process.
    pub fn open(folder: PathBuf, keys: MacKeys, installation: Option<InstallationId>) -> Self {
        let nobody = InstallationId::from_bytes([0; 16]);
        let witness = Self::over(Some(folder), keys, installation.unwrap_or(nobody));
        if let Err(error) = witness.look() {
            tracing::error!(event = "witness-failing", %error, "the witness says nothing that could be relied on");
        }
        witness
    }

    /// The same where nothing can say which installation it is: the one whose file lies there, as the server has written it.
    pub fn open_alone(folder: PathBuf, keys: MacKeys) -> Self {
        let bytes = file::read(&folder).ok();
        let record = bytes.and_then(|bytes| WitnessRecord::parse(&bytes, &keys).ok());
        Self::open(folder, keys, record.map(|record| record.installation))
    }

    fn over(folder: Option<PathBuf>, keys: MacKeys, installation: InstallationId) -> Self {
        Self(Arc::new(Shared {
            folder,
            state: Mutex::new(State {
                keys,
                record: WitnessRecord::new(installation),
                kept: None,
                is_behind: false,
                fault: None,
            }),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with these keys: the next change is written with the newest.
    pub fn renew(&self, keys: MacKeys) {
        self.state().keys = keys;
    }

    /// What is wrong with the file, as far as is known.
    pub fn fault(&self) -> Option<WitnessError> {
        self.state().fault
    }

    /// All that it remembers.
    pub fn record(&self) -> WitnessRecord {
        self.state().record.clone()
    }

    /// What it saw of a ledger; `None` if nothing.
    pub fn ledger(&self, id: LedgerId) -> Option<LedgerHeads> {
        self.state().record.ledgers.get(&id).copied()
    }

    /// The installation whose it is.
    pub fn installation(&self) -> InstallationId {
        self.state().record.installation
    }

    /// The last good key of a channel.
    pub fn receiver(&self, channel: &str) -> Option<VerifiedKey> {
        self.state().record.receivers.get(channel).cloned()
    }

    /// Says which key a channel's reports are sealed to. Writes nothing if that is known.
    ///
    /// # Errors
    /// As [`Witness::announce`].
    pub fn receive(&self, channel: &str, key: &VerifiedKey) -> Result<(), WitnessError> {
        if self.receiver(channel).as_ref() == Some(key) {
            return Ok(());
        }
        self.change(|record| {
            record.receivers.insert(channel.to_owned(), key.clone());
        })
    }

    /// Says, before a transaction commits, which statements it writes. Durable when this returns `Ok`; remembered here in any case.
    ///
    /// # Errors
    /// [`WitnessError`]
    pub fn announce(&self, heads: &[(LedgerId, LedgerHead)]) -> Result<(), WitnessError> {
        self.change(|record| {
            for (id, head) in heads {
                record.ledgers.entry(*id).or_default().next = Some(*head);
            }
        })
    }

    /// Says that these statements are in the database: after the commit, or when they were found there at the start.
    ///
    /// # Errors
    /// As [`Witness::announce`].
    pub fn confirm(&self, heads: &[(LedgerId, LedgerHead)]) -> Result<(), WitnessError> {
        self.change(|record| {
            for (id, head) in heads {
                let heads = record.ledgers.entry(*id).or_default();
                // Another process may have confirmed a later one.
                if heads.last.is_none_or(|last| last.sequence <= head.sequence) {
                    heads.last = Some(*head);
                    heads.next = heads.next.filter(|next| next.sequence > head.sequence);
                }
            }
        })
    }

    /// Says how long the audit log is, and what time it is.
    ///
    /// # Errors
    /// As [`Witness::announce`].
    pub fn audit_head(&self, log: Checkpoint, time: Quarter) -> Result<(), WitnessError> {
        self.change(|record| {
            if log.size > record.log.size {
                record.log = log;
            }
            record.time = record.time.max(time);
        })
    }

    /// Says what time it is, whatever was said before: something else than the machine's clock has confirmed it.
    ///
    /// # Errors
    /// As [`Witness::announce`].
    pub fn set_time(&self, time: Quarter) -> Result<(), WitnessError> {
        self.change(|record| record.time = time)
    }

    /// So many of the earliest versions of the root prove no report's row any more.
    pub fn outdated(&self) -> u32 {
        self.state().record.outdated
    }

    /// Says that so many of them do not from here on. Writes nothing if that is known.
    ///
    /// # Errors
    /// As [`Witness::announce`].
    pub fn outdate(&self, earliest: u32) -> Result<(), WitnessError> {
        if self.outdated() >= earliest {
            return Ok(());
        }
        self.change(|record| record.outdated = record.outdated.max(earliest))
    }

    /// Reads the file and remembers what it says.
    ///
    /// # Errors
    /// [`WitnessError`]
    pub fn look(&self) -> Result<(), WitnessError> {
        self.change(|_| {})
    }

    /// Takes something else for true than what was seen, and writes it.
    ///
    /// # Errors
    /// [`WitnessError::Unwritable`]
    pub fn accept(&self, record: WitnessRecord) -> Result<(), WitnessError> {
        let Some(folder) = &self.0.folder else {
            return Ok(());
        };
        file::make_folder(folder)?;
        let mut state = self.state();
        let _lock = file::lock(folder)?;
        file::replace(folder, &record.to_bytes(&state.keys))?;
        state.keep(record);
        state.fault = None;
        Ok(())
    }

    fn change(&self, change: impl Fn(&mut WitnessRecord)) -> Result<(), WitnessError> {
        let mut state = self.state();
        let Some(folder) = &self.0.folder else {
            change(&mut state.record);
            return Ok(());
        };
        let done = file::lock(folder).and_then(|_lock| {
            let read = state.read(folder)?;
            let mut record = read.clone();
            if state.is_behind {
                join(&mut record, &state.record);
            }
            change(&mut record);
            if record != read {
                file::replace(folder, &record.to_bytes(&state.keys))?;
            }
            state.keep(record);
            Ok(())
        });
        if done.is_err() {
            change(&mut state.record);
            state.is_behind = true;
        }
        state.fault = done.err();
        done
    }
}

impl State {
    fn read(&self, folder: &Path) -> Result<WitnessRecord, WitnessError> {
        let record = WitnessRecord::parse(&file::read(folder)?, &self.keys)?;
        if record.installation != self.record.installation {
            return Err(WitnessError::OtherInstallation);
        }
        match &self.kept {
            Some(kept) if is_older(&record, kept) => Err(WitnessError::Older),
            _ => Ok(record),
        }
    }

    fn keep(&mut self, record: WitnessRecord) {
        self.kept = Some(record.clone());
        self.record = record;
        self.is_behind = false;
    }
}

/// Whether a record lacks something that another has seen.
fn is_older(record: &WitnessRecord, seen: &WitnessRecord) -> bool {
    let lacks_log = record.log.size < seen.log.size
        || (record.log.size == seen.log.size && record.log.head != seen.log.head);
    // Of two that differ in the time alone none is older: one that was wrong is taken back.
    lacks_log
        || record.outdated < seen.outdated
        || seen.ledgers.iter().any(|(id, heads)| {
            let Some(last) = heads.last else {
                return false;
            };
            let kept = record.ledgers.get(id).and_then(|heads| heads.last);
            kept.is_none_or(|kept| {
                kept.sequence < last.sequence
                    || (kept.sequence == last.sequence && kept.digest != last.digest)
            })
        })
}

/// Adds what was seen and could not be written.
fn join(record: &mut WitnessRecord, seen: &WitnessRecord) {
    if seen.log.size > record.log.size {
        record.log = seen.log;
    }
    record.time = record.time.max(seen.time);
    record.outdated = record.outdated.max(seen.outdated);
    for (id, heads) in &seen.ledgers {
        let known = record.ledgers.entry(*id).or_default();
        let later = heads.last.filter(|last| {
            known
                .last
                .is_none_or(|known| known.sequence < last.sequence)
        });
        known.last = later.or(known.last);
        known.next = heads.next;
    }
    record.receivers.extend(seen.receivers.clone());
}

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::domain::clock::Day;
use crate::seal::credentials::Credentials;
use crate::seal::witness::BadWitness;

const DAY: Day = Day::from_number(20_780);

const OURS: InstallationId = InstallationId::from_bytes([1; 16]);
const LEDGER: LedgerId = LedgerId::from_bytes([2; 16]);

struct Place {
    root: tempfile::TempDir,
    keys: MacKeys,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            root: tempfile::tempdir().unwrap(),
            keys: Credentials::made_on(DAY).witness_keys(),
        };
        Witness::create(&place.folder(), &place.keys, &WitnessRecord::new(OURS)).unwrap();
        place
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("witness")
    }

    fn file(&self) -> PathBuf {
        self.folder().join(file::NAME)
    }

    fn open(&self) -> Witness {
        Witness::open(self.folder(), self.keys.share(), Some(OURS))
    }
}

fn head(sequence: u32) -> LedgerHead {
    LedgerHead {
        sequence,
        digest: [u8::try_from(sequence).unwrap(); 32],
    }
}

fn log(size: i64) -> Checkpoint {
    Checkpoint {
        size,
        head: [3; 32],
    }
}

#[test]
fn what_was_announced_and_confirmed_is_there_after_a_restart() {
    let place = Place::new();
    let witness = place.open();
    assert_eq!((witness.fault(), witness.ledger(LEDGER)), (None, None));
    let heads = |last: Option<u32>, next: Option<u32>| {
        Some(LedgerHeads {
            last: last.map(head),
            next: next.map(head),
        })
    };
    witness.announce(&[(LEDGER, head(1))]).unwrap();
    assert_eq!(place.open().ledger(LEDGER), heads(None, Some(1)));
    witness.confirm(&[(LEDGER, head(1))]).unwrap();
    assert_eq!(place.open().ledger(LEDGER), heads(Some(1), None));
    // One that was given up is followed by another in its place.
    witness.announce(&[(LEDGER, head(2))]).unwrap();
    let other = LedgerHead {
        digest: [9; 32],
        ..head(2)
    };
    witness.announce(&[(LEDGER, other)]).unwrap();
    let found = place.open().ledger(LEDGER).unwrap();
    assert_eq!((found.last, found.next), (Some(head(1)), Some(other)));
    witness
        .audit_head(log(7), Quarter::from_seconds(900))
        .unwrap();
    let record = place.open().record();
    assert_eq!((record.log, record.time.seconds()), (log(7), 900));
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(place.folder()), mode(place.file())), (0o700, 0o600));
}

#[test]
fn two_processes_keep_what_the_other_saw() {
    let place = Place::new();
    let [one, other] = [place.open(), place.open()];
    one.confirm(&[(LEDGER, head(1))]).unwrap();
    other.audit_head(log(4), Quarter::from_seconds(0)).unwrap();
    one.confirm(&[(LedgerId::from_bytes([5; 16]), head(3))])
        .unwrap();
    let record = place.open().record();
    assert_eq!((record.ledgers.len(), record.log), (2, log(4)));
}

/// Spoils the folder of a witness.
type Spoil = fn(&Place);

#[test]
fn each_bad_file_has_a_name_and_is_left_as_it_is() {
    let cases: [(&str, Spoil, WitnessError); 7] = [
        (
            "missing",
            |place| std::fs::remove_file(place.file()).unwrap(),
            WitnessError::Missing,
        ),
        (
            "its folder missing",
            |place| std::fs::remove_dir_all(place.folder()).unwrap(),
            WitnessError::Missing,
        ),
        (
            "a folder",
            |place| {
                std::fs::remove_file(place.file()).unwrap();
                std::fs::create_dir(place.file()).unwrap();
            },
            WitnessError::Unreadable(ErrorKind::IsADirectory),
        ),
        (
            "empty",
            |place| std::fs::write(place.file(), []).unwrap(),
            WitnessError::Bad(BadWitness::Damaged),
        ),
        (
            "changed",
            |place| {
                let mut bytes = std::fs::read(place.file()).unwrap();
                bytes[30] ^= 1;
                std::fs::write(place.file(), bytes).unwrap();
            },
            WitnessError::Bad(BadWitness::Forged),
        ),
        (
            "made with other credentials",
            |place| {
                let keys = Credentials::made_on(DAY).witness_keys();
                let record = WitnessRecord::new(OURS);
                Witness::create(&place.folder(), &keys, &record).unwrap();
            },
            WitnessError::Bad(BadWitness::Forged),
        ),
        (
            "of another installation",
            |place| {
                let record = WitnessRecord::new(InstallationId::from_bytes([8; 16]));
                Witness::create(&place.folder(), &place.keys, &record).unwrap();
            },
            WitnessError::OtherInstallation,
        ),
    ];
    for (what, spoil, expected) in cases {
        let place = Place::new();
        let running = place.open();
        spoil(&place);
        let before = std::fs::read(place.file()).ok();
        for witness in [running, place.open()] {
            let said = witness.announce(&[(LEDGER, head(1))]);
            assert_eq!(said, Err(expected), "{what}");
            assert_eq!(witness.fault(), Some(expected), "{what}");
            let kept = witness.ledger(LEDGER).and_then(|heads| heads.next);
            assert_eq!(kept, Some(head(1)), "{what}: the process remembers");
        }
        assert_eq!(std::fs::read(place.file()).ok(), before, "{what}");
        if place.file().is_dir() {
            std::fs::remove_dir(place.file()).unwrap();
        }
        let witness = place.open();
        witness.accept(WitnessRecord::new(OURS)).unwrap();
        assert_eq!(witness.fault(), None, "{what}");
        assert_eq!(place.open().fault(), None, "{what}");
    }
}

#[test]
fn an_older_copy_is_noticed_by_who_saw_the_newer_one() {
    let place = Place::new();
    let witness = place.open();
    type Change = fn(&Witness) -> Result<(), WitnessError>;
    let changes: [Change; 2] = [
        |witness| witness.audit_head(log(9), Quarter::from_seconds(900)),
        |witness| witness.confirm(&[(LEDGER, head(1))]),
    ];
    for change in changes {
        let older = std::fs::read(place.file()).unwrap();
        change(&witness).unwrap();
        let newer = std::fs::read(place.file()).unwrap();
        std::fs::write(place.file(), older).unwrap();
        assert_eq!(witness.look(), Err(WitnessError::Older));
        std::fs::write(place.file(), newer).unwrap();
        assert_eq!(witness.look(), Ok(()));
    }
}

#[test]
fn a_time_that_was_wrong_is_taken_back_and_another_process_takes_that() {
    let place = Place::new();
    let (witness, other) = (place.open(), place.open());
    let time = |seconds| Quarter::from_seconds(seconds);
    witness.audit_head(log(9), time(9_000)).unwrap();
    other.look().unwrap();
    // A reading that is not confirmed says no time, and so does an earlier one.
    witness.audit_head(log(9), time(0)).unwrap();
    assert_eq!(other.record().time, time(9_000));
    witness.set_time(time(900)).unwrap();
    assert_eq!(other.look(), Ok(()));
    assert_eq!(other.record().time, time(900));
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let place = Place::new();
    let witness = place.open();
    witness.confirm(&[(LEDGER, head(1))]).unwrap();
    // In its way, and not to be removed as a file.
    let way = place.folder().join("witness.new");
    std::fs::create_dir(&way).unwrap();
    let said = witness.audit_head(log(9), Quarter::from_seconds(0));
    assert!(matches!(said, Err(WitnessError::Unwritable(_))), "{said:?}");
    assert_eq!(place.open().record().log.size, 0);
    std::fs::remove_dir(&way).unwrap();
    witness.announce(&[(LEDGER, head(2))]).unwrap();
    let record = place.open().record();
    assert_eq!(record.log, log(9));
    assert_eq!(witness.fault(), None);
}

#[test]
fn an_earlier_version_of_the_root_opens_it_and_the_newest_writes_it() {
    let mut credentials = Credentials::made_on(DAY);
    let place = Place {
        keys: credentials.witness_keys(),
        ..Place::new()
    };
    Witness::create(&place.folder(), &place.keys, &WitnessRecord::new(OURS)).unwrap();
    credentials.rotate(DAY);
    let witness = Witness::open(place.folder(), credentials.witness_keys(), Some(OURS));
    assert_eq!(witness.fault(), None);
    witness.confirm(&[(LEDGER, head(1))]).unwrap();
    assert_eq!(
        place.open().fault(),
        Some(WitnessError::Bad(BadWitness::Forged)),
        "the old key alone"
    );
}

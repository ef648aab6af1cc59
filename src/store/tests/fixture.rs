//! A database in a folder of its own, and things to put into it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{QueryDsl as _, RunQueryDsl as _};
use tempfile::TempDir;

use crate::domain::clock::{Clock, Confirmed, Day, Quarter, Timestamp};
use crate::domain::ids::{KeyId, MailItemId, ObjectId, OutboxId, ReportId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::notice::NoticeList;
use crate::domain::sealed::Sealed;
use crate::domain::staff::{Role, StaffState, TeamKind};
use crate::domain::submission::{SealedMailbox, SealedObject, SealedSubmission};
use crate::domain::urgency::Urgency;
use crate::store::*;

/// 2026-11-23 10:00:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_428_000);

/// That time, as a clock says it that nobody doubts.
pub(crate) fn confirmed(at: Timestamp) -> Confirmed {
    Clock::manual(at).confirmed().unwrap()
}
pub(crate) const CHANNEL: &str = "public";

/// A database of its own in memory, with its tables.
pub(crate) fn in_memory() -> DbConnection {
    let sqlite = diesel::Connection::establish(":memory:").expect("a database");
    let mut conn = DbConnection::Sqlite(sqlite);
    migrations::migrate(&mut conn).expect("tables");
    conn
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    /// A team's active key.
    pub(crate) key: KeyId,
    pub(crate) team: TeamId,
    /// What proves reports' rows.
    pub(crate) prover: Arc<dyn Prover>,
}

impl World {
    /// A team with a key and a channel that feeds it.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = Store::open_path(&folder.path().join("kapea.db")).expect("a new database");
        let (key, team) = store
            .blocking_write(|conn| {
                let team = Team::usual(
                    TeamId::from_bytes(bytes()),
                    "Hotline".to_owned(),
                    TeamKind::Casework,
                );
                team_insert(conn, &team)?;
                let channel = Channel {
                    id: CHANNEL.to_owned(),
                    team: team.id,
                };
                channel_put(conn, &channel)?;
                let key = key_row(team.id, 1);
                key_insert(conn, &key)?;
                Ok::<_, StoreError>((key.id, team.id))
            })
            .expect("the first rows");
        Self {
            store,
            folder,
            key,
            team,
            prover: Arc::new(AnyRow),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("kapea.db")
    }

    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut WriteTxn<'_>) -> StoreResult<T>) -> T {
        self.try_write(work).expect("written")
    }

    pub(crate) fn try_write<T>(
        &self,
        work: impl FnOnce(&mut WriteTxn<'_>) -> StoreResult<T>,
    ) -> StoreResult<T> {
        self.store.blocking_write(|conn| {
            conn.prove_with(Arc::clone(&self.prover));
            work(conn)
        })
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut DbConnection) -> StoreResult<T>) -> T {
        self.store.blocking(work).expect("read")
    }

    /// How many reports have come in.
    pub(crate) fn reports(&self) -> i64 {
        let count = schema::reports::table.count();
        self.read(|conn| Ok(count.get_result(conn)?))
    }

    pub(crate) fn submission(&self) -> SealedSubmission {
        SealedSubmission {
            report: ReportId::from_bytes(bytes()),
            recipient: "age1recipient".to_owned(),
            channel: CHANNEL.to_owned(),
            key: self.key,
            grant: sealed(b"grant"),
            objects: vec![object(0, b"card"), object(1, b"answers")],
            mailbox: SealedMailbox {
                lookup: bytes(),
                card: sealed(b"mailbox card"),
                expires: NOW.day().plus(90),
            },
            state_key: [0; 32],
            urgency: Urgency::U2,
            day: NOW.day(),
            due: NOW.quarter(),
            retention: "undecided".to_owned(),
            is_alike: false,
        }
    }

    /// A report that has come in.
    pub(crate) fn report(&self) -> SealedSubmission {
        let submission = self.submission();
        self.write(|conn| report_insert(conn, &submission, &ordinary()));
        submission
    }

    /// An urgent report that has come in, with its event.
    pub(crate) fn urgent_report(&self) -> SealedSubmission {
        let mut submission = self.submission();
        submission.urgency = Urgency::U0;
        let event = NewEvent {
            urgent: Some(submission.report),
            list: NoticeList::OnCall,
            due: NOW.quarter(),
            ..ordinary()
        };
        self.write(|conn| report_insert(conn, &submission, &event));
        submission
    }

    /// The same after noise has come in the place of a page of a table or an index: of those without pages below, the first or the last one in
    /// its order.
    pub(crate) fn with_damage(self, tree: &str, is_first: bool) -> Self {
        use std::os::unix::fs::FileExt as _;
        let pages = format!(
            "SELECT CAST(pageno AS TEXT) FROM dbstat WHERE name = '{tree}' AND pagetype = 'leaf' ORDER BY path"
        );
        assert!(self.read(journal_scrub));
        let pages = self.read(|conn| Ok(texts(conn, &pages)));
        let page = if is_first {
            pages.first()
        } else {
            pages.last()
        };
        let page: u64 = page.unwrap().parse().unwrap();
        let path = self.path();
        let Self {
            store,
            folder,
            key,
            team,
            prover,
        } = self;
        drop(store);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0x55; 16_384], (page - 1) * 16_384)
            .unwrap();
        Self {
            store: Store::open_path(&path).unwrap(),
            folder,
            key,
            team,
            prover,
        }
    }

    pub(crate) fn caseworker(&self, handle: &str) -> StaffId {
        let person = staff(handle);
        self.write(|conn| staff_insert(conn, &person));
        person.id
    }

    /// What is in the files now, journal included.
    pub(crate) fn contains(&self, needle: &[u8]) -> bool {
        std::fs::read_dir(self.folder.path())
            .expect("the folder")
            .map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file"))
            .any(|file| file.windows(needle.len()).any(|window| window == needle))
    }
}

pub(crate) fn staff(handle: &str) -> Staff {
    Staff {
        id: StaffId::from_bytes(bytes()),
        handle: handle.to_owned(),
        role: Role::Caseworker,
        state: StaffState::Invited,
        recipient: None,
        verify_key: None,
        joined: Day::from_number(20_000),
    }
}

pub(crate) fn key_row(team: TeamId, generation: u32) -> KeyRow {
    KeyRow {
        id: KeyId::from_bytes(bytes()),
        kind: KeyKind::Team,
        owner: *team.as_bytes(),
        generation,
        recipient: "age1team".to_owned(),
        verify_key: bytes(),
        state: KeyState::Active,
        from: NOW.day(),
    }
}

pub(crate) fn ordinary() -> NewEvent {
    NewEvent {
        id: OutboxId::from_bytes(bytes()),
        urgent: None,
        list: NoticeList::Hotline,
        due: Quarter::from_seconds(NOW.seconds()).next(),
    }
}

pub(crate) fn object(number: u32, marker: &[u8]) -> SealedObject {
    SealedObject {
        id: ObjectId::from_bytes(bytes()),
        number,
        sealed: sealed(marker),
    }
}

pub(crate) fn mail_item(number: i64, marker: &[u8]) -> MailItemRow {
    MailItemRow {
        id: MailItemId::from_bytes(bytes()),
        number,
        sealed: sealed(marker),
    }
}

/// The form of an age file, with a mark in the place of the ciphertext.
pub(crate) fn sealed<T>(marker: &[u8]) -> Sealed<T> {
    let line = "A".repeat(43);
    let mut file =
        format!("age-encryption.org/v1\n-> X25519 {line}\n{line}\n--- {line}\n").into_bytes();
    file.extend_from_slice(&[0; 32]);
    file.extend_from_slice(marker);
    Sealed::parse(file).expect("the form of an age file")
}

/// Bytes that nobody got before, in no order (SplitMix64).
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut out = [0; N];
    for chunk in out.chunks_mut(8) {
        let mut z = NEXT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let random = (z ^ (z >> 31)).to_le_bytes();
        chunk.copy_from_slice(&random[..chunk.len()]);
    }
    out
}

/// Whatever a row says is proven.
pub(crate) struct AnyRow;

impl Prover for AnyRow {
    fn is_proven(&self, _: &Report) -> bool {
        true
    }

    fn prove(&self, _: &Report) -> Option<Vec<u8>> {
        Some(Vec::new())
    }

    fn contents_after(&self, _: &[u8; 32], _: ObjectId, _: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    fn is_ending(&self, _: &Report) -> bool {
        true
    }

    fn prove_ending(&self, _: &Report) -> Vec<u8> {
        Vec::new()
    }

    fn is_emptied(&self, _: ReportId, _: &Shredded, _: &[u8]) -> bool {
        true
    }

    fn prove_emptied(&self, _: ReportId, _: &Shredded) -> Vec<u8> {
        vec![0; 32]
    }
}

/// One column of text, for a test that reads tables as somebody with the file does.
pub(crate) fn texts(conn: &mut DbConnection, select: &str) -> Vec<String> {
    diesel::dsl::sql::<diesel::sql_types::Text>(select)
        .load(conn)
        .unwrap()
}

/// One column of bytes.
pub(crate) fn blobs(conn: &mut DbConnection, select: &str) -> Vec<Vec<u8>> {
    diesel::dsl::sql::<diesel::sql_types::Binary>(select)
        .load(conn)
        .unwrap()
}

/// Statements, as somebody with the file writes them.
pub(crate) fn batch(conn: &mut DbConnection, statements: &str) -> StoreResult<()> {
    Ok(conn.batch_execute(statements)?)
}

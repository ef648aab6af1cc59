//! One value of any sealed, signed or key column is exchanged, laid over another, turned, cut, put back to what it was, taken away or
//! laid down twice, by somebody who can write to the database, while a team's key is half-way changed. Whatever it was: nothing is
//! shown under another report or to another person, nobody derives more, and reports go to the team's own key or to none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kapea::domain::ids::ReportId;
use kapea::domain::rotation::RotationReason;
use kapea::service::keyring::MemberKeys;
use kapea::service::rotation::order;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::access_matrix::{EXTRA, settled};
use crate::support::TestApp;
use crate::support::adversary::{Adversary, Column, Fault};
use crate::support::app::{Settled, apart, private_folder};
use crate::support::client::Page;
use crate::support::oracle::{Holder, Oracle};
use crate::support::staff::Session;

const CASES: u32 = 96;
/// A fault could keep a change of a key from ending; nothing is measured by it.
const HANG: Duration = Duration::from_secs(90);

/// Reports, whether they are about officials, and who may read them.
const REPORTS: [(&str, bool, &[&str]); 4] = [
    ("ALPHA", false, &["sokha", "dara"]),
    ("BRAVO", false, &["sokha", "dara"]),
    ("CHARLIE", true, &["bopha"]),
    ("DELTA", false, &["sokha"]),
];
const READERS: [&str; 3] = ["sokha", "dara", "bopha"];
const OTHERS: [&str; 3] = ["admin", "custodian", "auditor"];

/// Tables about which nothing is claimed here: the trail has its own tests, and what is about to be mailed says nothing.
const LEFT_OUT: &[&str] = &["settings", "audit", "alarms", "outbox", "totp_uses"];
/// Columns of keys and signatures that are not binary.
const KEYS: &[&str] = &[
    "recipient",
    "generation",
    "sequence",
    "state",
    "channel",
    "kind",
    "pepper_version",
    "fingerprint",
];

struct Told {
    name: &'static str,
    id: String,
    code: String,
    readers: &'static [&'static str],
}

struct Seeded {
    settled: Settled,
    told: Vec<Told>,
    /// The database before the key was being changed and a report restricted.
    older: PathBuf,
    _folder: TempDir,
}

#[derive(Debug, Clone)]
struct Forgery {
    column: usize,
    fault: Fault,
    one: usize,
    other: usize,
    /// Whether the service has seen the records while they were whole.
    warm: bool,
}

fn forgeries() -> impl Strategy<Value = Forgery> {
    let fault = prop_oneof![
        3 => Just(Fault::Swap),
        3 => Just(Fault::Copy),
        2 => (0..4_096_usize).prop_map(Fault::Flip),
        1 => (1..40_usize).prop_map(Fault::Cut),
        2 => Just(Fault::Replay),
        1 => Just(Fault::Revive),
        1 => Just(Fault::Delete),
        2 => Just(Fault::Duplicate),
    ];
    (
        0..1_000_usize,
        fault,
        0..64_usize,
        0..64_usize,
        any::<bool>(),
    )
        .prop_map(|(column, fault, one, other, warm)| Forgery {
            column,
            fault,
            one,
            other,
            warm,
        })
}

fn seeded() -> &'static Seeded {
    static SEEDED: OnceLock<Seeded> = OnceLock::new();
    SEEDED.get_or_init(|| apart(seed))
}

/// A report with a question to its reporter, a reply and a note.
async fn tell(
    app: &TestApp,
    name: &'static str,
    officials: bool,
    worker: &Session,
) -> (String, String) {
    let reporter = app.reporter("en");
    let account = format!("{name}-account");
    let mut answers = vec![("danger", "over"), ("account", account.as_str())];
    if officials {
        answers.push(("barred", "officials"));
    }
    let before = worker.queue("").await;
    let code = reporter.file(&answers).await;
    let mut queue = worker.queue("").await;
    queue.retain(|id| !before.contains(id));
    let id = queue.remove(0);
    worker.claim(&id).await.expect(303);
    worker
        .message(&id, &format!("{name}-question"))
        .await
        .expect(303);
    let mailbox = reporter.mailbox(&code).await;
    mailbox.write(&format!("{name}-reply")).await.expect(200);
    (id, code)
}

async fn seed() -> Seeded {
    let app = settled().start(EXTRA);
    let (sokha, bopha) = (app.sign_in("sokha").await, app.sign_in("bopha").await);
    let mut told = Vec::new();
    for (name, officials, readers) in REPORTS {
        let worker = if officials { &bopha } else { &sokha };
        let (id, code) = tell(&app, name, officials, worker).await;
        told.push(Told {
            name,
            id,
            code,
            readers,
        });
    }
    let folder = private_folder();
    let older = folder.path().join("older.db");
    let mut truth = Oracle::of(&app.database());
    truth.run(&format!("VACUUM INTO '{}'", older.display()));

    for told in &told {
        let worker = if told.readers.contains(&"bopha") {
            &bopha
        } else {
            &sokha
        };
        worker
            .note(&told.id, &format!("{}-note", told.name))
            .await
            .expect(303);
    }
    let delta = &told[3].id;
    let me = truth
        .words("SELECT lower(hex(id)) AS word FROM staff WHERE handle = 'sokha'")
        .remove(0);
    let version = sokha.version(delta).await;
    let pairs = [
        ("version", version.as_str()),
        ("reason", "DELTA-reason"),
        ("staff", me.as_str()),
    ];
    sokha
        .post(&format!("/reports/{delta}/restrict"), &pairs)
        .await
        .expect(303);
    half_change(&app, &truth).await;
    assert_eq!(
        truth.count("keys WHERE kind = 'team' AND state = 'retiring'"),
        1
    );
    Seeded {
        settled: app.settle(),
        told,
        older,
        _folder: folder,
    }
}

/// Of the three grants under the team's key one has gone over, and then the process ended.
async fn half_change(app: &TestApp, truth: &Oracle) {
    let admin = app.sign_in("admin").await;
    for form in admin
        .get("/keys")
        .await
        .expect(200)
        .forms_to("/keys/rotate")
    {
        admin
            .post_fields("/keys/rotate", &form.fields)
            .await
            .expect(303);
    }
    let hand = Arc::new(truth.hand(&truth.holder(app.people.get("sokha"))));
    app.store.fail_after_commits(Some(3));
    assert!(app.services.rotation.run(&hand, 1).await.is_err());
    app.store.fail_after_commits(None);
}

/// One case: an installation of its own, and what everybody knew while it was whole.
struct Case {
    app: TestApp,
    truth: Oracle,
    holders: BTreeMap<&'static str, Holder>,
    hand: Arc<MemberKeys>,
    sessions: BTreeMap<&'static str, Session>,
    seeded: &'static Seeded,
    what: String,
}

impl Case {
    fn begin() -> Self {
        let seeded = seeded();
        let app = seeded.settled.start(EXTRA);
        app.leaves_undone("half-way through a change, and what was spoilt may stop it");
        let mut truth = Oracle::of(&app.database());
        let mut holders = BTreeMap::new();
        for handle in READERS.into_iter().chain(OTHERS) {
            let mut holder = truth.holder(app.people.get(handle));
            truth.learn(&mut holder);
            holders.insert(handle, holder);
        }
        Self {
            hand: Arc::new(truth.hand(&holders["sokha"])),
            app,
            truth,
            holders,
            sessions: BTreeMap::new(),
            seeded,
            what: String::new(),
        }
    }

    async fn sign_in(&mut self) {
        for handle in READERS {
            let person = self.app.people.get(handle);
            if let Ok(session) = person
                .sign_in_or_not(&self.app.staff, &self.app.clock)
                .await
            {
                self.sessions.insert(handle, session);
            }
        }
    }

    /// Spoils the column at that place, or the next one after it where that can be done.
    fn spoil(&mut self, forgery: &Forgery) {
        let mut adversary = Adversary::at(&self.app.database(), &self.seeded.older);
        let is_meant = |column: &Column| {
            !LEFT_OUT.contains(&column.table.as_str())
                && (column.kind == "BLOB" || KEYS.contains(&column.name.as_str()))
        };
        let mut columns = adversary.columns();
        columns.retain(is_meant);
        let count = columns.len();
        for (row, at) in (0..8).flat_map(|row| (0..count).map(move |at| (row, at))) {
            let column = &columns[(forgery.column + at) % count];
            if adversary.spoil(column, &forgery.fault, forgery.one + row, forgery.other) {
                self.what = format!(
                    "{}.{}, row {row} on: {forgery:?}",
                    column.table, column.name
                );
                return;
            }
        }
        panic!("nothing can be spoilt so: {forgery:?}");
    }

    /// No word of a report stands where it should not, and what is wrong is refused by name. A row whose ids are cut cannot be
    /// read at all: then the storage does not answer, and nothing is shown.
    fn assert_page(&self, page: &Page, may_show: Option<&str>, who: &str) {
        self.assert_no_fault(page, who);
        let body = page.body();
        for told in &self.seeded.told {
            let shown = ["account", "question", "reply", "note", "reason"]
                .into_iter()
                .find(|word| body.contains(&format!("{}-{word}", told.name)));
            let may = may_show == Some(told.name);
            assert!(
                shown.is_none() || may,
                "{}: {who} is shown the {shown:?} of {}",
                self.what,
                told.name
            );
        }
    }

    fn assert_no_fault(&self, page: &Page, who: &str) {
        let refused = page
            .text()
            .contains("What is stored does not match its seal");
        assert!(
            page.status < 500 || page.status == 503 || refused,
            "{}: {who}: {} {}",
            self.what,
            page.status,
            page.text()
        );
    }

    async fn walk(&self) {
        for (handle, session) in &self.sessions {
            let queue = session.get("/queue").await;
            let cards = queue.body();
            for card in cards.split("<li").skip(1) {
                let told = self.seeded.told.iter().find(|told| card.contains(&told.id));
                let may = told.filter(|told| told.readers.contains(handle));
                for other in &self.seeded.told {
                    let is_own = may.is_some_and(|told| told.name == other.name);
                    let shown = card.contains(&format!("{}-", other.name));
                    assert!(
                        is_own || !shown,
                        "{}: a card shows {handle} {}",
                        self.what,
                        other.name
                    );
                }
            }
            self.assert_no_fault(&queue, handle);
            for told in &self.seeded.told {
                let page = session.read(&told.id).await;
                let may = told.readers.contains(handle).then_some(told.name);
                self.assert_page(&page, may, handle);
            }
        }
        for told in &self.seeded.told {
            let page = self.app.reporter("en").try_code(&told.code).await;
            self.assert_page(&page, Some(told.name), "the reporter");
            for word in ["account", "note", "reason"] {
                assert!(
                    !page.body().contains(&format!("{}-{word}", told.name)),
                    "{}",
                    self.what
                );
            }
        }
    }

    /// A report that comes in now is for the team, by a key that it had before; or none comes in.
    async fn file(&mut self) {
        let reporter = self.app.reporter("en");
        let form = self.app.public.get("/en/report").await;
        self.assert_no_fault(&form, "a reporter");
        if !form.body().contains("name=\"ticket\"") {
            return;
        }
        let known = self.reports();
        let page = reporter
            .send(&[("danger", "over"), ("account", "new-account")])
            .await;
        let new: BTreeSet<_> = self.reports().difference(&known).copied().collect();
        if page.status != 200 {
            assert_eq!(page.status, 503, "{}: {}", self.what, page.text());
            assert!(new.is_empty(), "{}", self.what);
            return;
        }
        assert_eq!(new.len(), 1, "{}", self.what);
        let mut ours = BTreeSet::new();
        for (handle, holder) in &mut self.holders {
            let opened = self.truth.learn(holder);
            match *handle {
                // Members; one whose own key was spoilt gets no wrap of the next one of the team.
                "sokha" | "dara" => ours.extend(opened),
                other => assert!(
                    !new.is_subset(&opened),
                    "{}: a report went to {other}",
                    self.what
                ),
            }
        }
        assert!(
            new.is_subset(&ours),
            "{}: a report went to another key",
            self.what
        );
    }

    fn reports(&mut self) -> BTreeSet<ReportId> {
        let ids = self
            .truth
            .words("SELECT lower(hex(id)) AS word FROM reports WHERE length(id) = 16");
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    /// Nobody derives what they should not, by whatever lies in the database now and what they kept.
    fn assert_keys(&mut self) {
        for (handle, holder) in &mut self.holders {
            let opened = self.truth.learn(holder);
            for told in &self.seeded.told {
                let id: ReportId = told.id.parse().unwrap();
                let may = told.readers.contains(handle);
                assert!(
                    may || !opened.contains(&id),
                    "{}: {handle} derives {}",
                    self.what,
                    told.name
                );
            }
            let none = OTHERS.contains(handle);
            assert!(
                !none || opened.is_empty(),
                "{}: {handle} derives {opened:?}",
                self.what
            );
        }
    }

    /// The change goes on, and there is another one.
    async fn carry_on(&mut self) {
        let team = self.truth.words(
            "SELECT lower(hex(team)) AS word FROM channels WHERE id = 'main' AND length(team) = 16",
        );
        for _ in 0..2 {
            let run = self.app.services.rotation.run(&self.hand, 4);
            let ended = tokio::time::timeout(HANG, run).await.expect("it ends");
            // Whether it can be finished does not matter here.
            let (reason, team) = (RotationReason::Order, team.first());
            if let (Ok(_), Some(team)) = (ended, team) {
                let team = team.parse().unwrap();
                let ordered = self
                    .app
                    .write(|txn| order::order_in_txn(txn, team, reason, None));
                drop(ordered);
            }
        }
    }
}

async fn run(forgery: &Forgery) {
    let mut case = Case::begin();
    if forgery.warm {
        case.sign_in().await;
        case.file().await;
    }
    case.spoil(forgery);
    if !forgery.warm {
        case.sign_in().await;
    }
    case.walk().await;
    case.file().await;
    case.assert_keys();
    case.carry_on().await;
    case.walk().await;
    case.assert_keys();
    case.file().await;
}

fn cases() -> u32 {
    std::env::vars()
        .find(|(name, _)| name == "KAPEA_FORGERY_CASES")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(CASES)
}

#[test]
fn no_change_of_a_row_shows_or_opens_more_than_before() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&forgeries(), |forgery| {
        runtime.block_on(run(&forgery));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

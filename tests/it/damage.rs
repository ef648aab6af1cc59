//! A damaged database (B6): each row on its own, what is damaged is named, and the numbers to call are always there.

mod beside;

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use kapea::web::access::{Port, Verb};
use kapea::web::routes;

use crate::support::app::{copy, private_folder};
use crate::support::binary::Installation;
use crate::support::reporter::fill;
use crate::support::staff::{Person, Session};
use crate::support::{TestApp, eventually, settings, sql};

const DAMAGED: &str = "Something in the database cannot be read";
const LINE: &str = "cannot be read. The database is damaged here";
const WHY: &str = "what is damaged stays so";

/// Writes what no column takes.
fn harm(app: &TestApp, statement: &str) {
    let mut conn = sql::connect(app);
    conn.batch_execute(&format!(
        "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {statement}"
    ))
    .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// The alarm names the table, once the file was checked or the row was read.
async fn is_alarmed(app: &TestApp, custodian: &Session, table: &str) {
    eventually(table, async || {
        app.worker.step().await;
        let page = custodian.get("/alarms").await;
        let text = page.text();
        (text.contains(DAMAGED) && text.contains(table)).then_some(())
    })
    .await;
}

/// Every page without a part in its address, as each of them sees it.
async fn failing_pages(sessions: &[&Session], what: &str) -> Vec<String> {
    let mut failing = Vec::new();
    for session in sessions {
        let pages = routes::all().filter(|route| {
            route.port == Port::Staff && route.verb == Verb::Get && !route.path.contains('{')
        });
        for page in pages {
            let status = session.get(page.path).await.status;
            let who = &session.person.handle;
            if status >= 500 {
                failing.push(format!("{what}: {} for {who}: {status}", page.path));
            }
        }
    }
    failing
}

/// Row by row, in every table that pages list: the row that cannot be read is in no other's way, and it is told of.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_hides_no_other_and_fails_no_page() {
    let rows = [
        (
            "staff",
            "UPDATE staff SET role = 'wizard' WHERE handle = 'dara'",
        ),
        (
            "staff",
            "UPDATE staff SET state = 'asleep' WHERE handle = 'dara'",
        ),
        (
            "staff",
            "UPDATE staff SET verify_key = x'00' WHERE handle = 'dara'",
        ),
        (
            "teams",
            "UPDATE teams SET kind = 'choir' WHERE kind = 'audit'",
        ),
        (
            "memberships",
            "UPDATE memberships SET state = 'gone' WHERE staff = (SELECT id FROM staff WHERE handle = 'dara')",
        ),
        (
            "keys",
            "UPDATE keys SET state = 'bent' WHERE owner = (SELECT id FROM staff WHERE handle = 'dara')",
        ),
        (
            "keys",
            "UPDATE keys SET verify_key = x'00' WHERE owner = (SELECT id FROM staff WHERE handle = 'dara')",
        ),
        ("claims", "UPDATE claims SET staff = x'00'"),
        ("proposals", "UPDATE proposals SET proposer = x'00'"),
        (
            "outbox",
            "UPDATE outbox SET list = 'nobody' WHERE kind = 'urgent'",
        ),
        (
            "alarms",
            "INSERT INTO alarms VALUES (randomblob(16), 'fire', 'x', 1, 'open')",
        ),
        ("audit", "UPDATE audit SET leaf = x'00' WHERE seq = 3"),
        (
            "invitations",
            "INSERT INTO invitations SELECT x'00', x'00', 9999999999, NULL",
        ),
        (
            "rotations",
            "INSERT INTO rotations SELECT randomblob(16), id, 'whim', 1, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
        ),
    ];
    let mut failing = Vec::new();
    for (table, statement) in rows {
        let app = TestApp::start_with(&[("mail", "alarm = [\"alarm@outside.example\"]")]).await;
        app.leaves_undone(WHY);
        let [sokha, admin, custodian, auditor] = [
            app.sign_in("sokha").await,
            app.sign_in("admin").await,
            app.sign_in("custodian").await,
            app.sign_in("auditor").await,
        ];
        let reporter = app.reporter("en");
        reporter
            .file(&[("danger", "over"), ("account", "one")])
            .await;
        reporter
            .file(&[("danger", "now"), ("account", "two")])
            .await;
        let reports = sokha.queue("").await;
        sokha.claim(&reports[1]).await.expect(303);
        sokha
            .propose(&reports[1], "shred", &[("reason", "twice")])
            .await
            .expect(303);
        app.mailed();
        harm(&app, statement);

        let all = [&sokha, &admin, &custodian, &auditor];
        failing.extend(failing_pages(&all, statement).await);
        let mut is_so = |is: bool, what: &str| {
            if !is {
                failing.push(format!("{statement}: {what}"));
            }
        };
        let queue = sokha.get("/queue").await;
        is_so(
            Session::reports_on(&queue).len() == 2,
            "two reports in the queue",
        );
        for report in &reports {
            is_so(sokha.read(report).await.status == 200, "a report is read");
        }
        is_alarmed(&app, &custodian, table).await;
        let heard = eventually("a mail", async || {
            app.later(900).await;
            let heard = app.mailed();
            heard
                .contains(&"alarm@outside.example".to_owned())
                .then_some(heard)
        });
        heard.await;
        let status = admin.get("/status").await;
        is_so(
            status.text().contains(table),
            "its table on the page of the state",
        );
        for (of, path) in [("staff", "/people"), ("teams", "/teams")] {
            let page = admin.get(path).await;
            is_so(page.text().contains(LINE) == (of == table), path);
        }
        let page = reporter.send(&[("account", "afterwards")]).await;
        is_so(page.status == 200, "a report is taken");
    }
    assert!(failing.is_empty(), "{failing:#?}");
}

/// A report is never gone, whatever somebody or something has written in its row: it is a line until it is put right, and then the first.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_read_is_a_line_and_no_gap() {
    let columns = [
        "urgency = 'U9'",
        "state = 'elsewhere'",
        "retention = 'for ever'",
        "contents = x'00'",
        "state = 'received ', urgency = 'U1 '",
    ];
    for column in columns {
        let app = TestApp::start().await;
        app.leaves_undone(WHY);
        let (sokha, custodian) = (app.sign_in("sokha").await, app.sign_in("custodian").await);
        let reporter = app.reporter("en");
        reporter
            .file(&[("danger", "over"), ("account", "one")])
            .await;
        let one = sokha.queue("").await.remove(0);
        reporter
            .file(&[("danger", "over"), ("account", "two")])
            .await;
        harm(
            &app,
            &format!("UPDATE reports SET {column} WHERE hex(id) = upper('{one}')"),
        );

        let page = sokha.get("/queue").await.expect(200);
        page.says(&format!("{}: {LINE}", &one[..8]));
        assert_eq!(Session::reports_on(&page).len(), 1, "{column}");
        // Whoever has seen the line has had it put right: nothing of the report was lost.
        eventually(column, async || {
            app.worker.step().await;
            (sokha.queue("").await == [one.clone(), sokha.queue("").await.pop()?]).then_some(())
        })
        .await;
        sokha.read(&one).await.expect(200).says("one");
        is_alarmed(&app, &custodian, "reports").await;
    }
}

/// The copy that the queue is read from may be damaged alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_of_the_queue_hides_no_report() {
    for column in ["urgency = 'U9'", "state = 'elsewhere'"] {
        let app = TestApp::start().await;
        app.leaves_undone(WHY);
        let sokha = app.sign_in("sokha").await;
        app.reporter("en").file(&[("account", "one")]).await;
        let one = sokha.queue("").await.remove(0);
        harm(&app, &format!("UPDATE queue SET {column}"));
        let page = sokha.get("/queue").await.expect(200);
        page.says(&one[..8]);
        eventually(column, async || {
            app.worker.step().await;
            sokha.queue("").await.contains(&one).then_some(())
        })
        .await;
    }
}

/// Grants that no key opens are as good as none, and somebody hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_grant_is_of_no_key_is_told_of() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    let custodian = app.sign_in("custodian").await;
    app.reporter("en").file(&[("account", "one")]).await;
    harm(&app, "UPDATE grants SET key = randomblob(16)");
    eventually("an alarm", async || {
        app.worker.step().await;
        let page = custodian.get("/alarms").await;
        page.text().contains("A report does not open").then_some(())
    })
    .await;
}

/// Letters that cannot be read are first for ever, and keep none behind them.
#[tokio::test(flavor = "multi_thread")]
async fn letters_that_cannot_be_read_keep_no_urgent_one_back() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    harm(
        &app,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO outbox SELECT randomblob(16), 'delivery', NULL, 'oncall', x'00', NULL, 0, 0, 0, 'waiting', 0, NULL, 'moonlight' FROM n;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO outbox SELECT randomblob(16), 'urgent', x'00', 'oncall', NULL, NULL, 0, 0, 0, 'waiting', 0, NULL, NULL FROM n",
    );
    app.reporter("en")
        .file(&[("danger", "now"), ("account", "urgent")])
        .await;
    app.worker.step().await;
    assert!(app.mailed().contains(&"on-call@hotline.example".to_owned()));
}

/// By name, the first page of each table and index.
fn trees(database: &Path) -> BTreeMap<String, i64> {
    #[derive(QueryableByName)]
    struct Tree {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        page: i64,
    }
    let mut conn = sql::open(database);
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let trees = "SELECT name, rootpage AS page FROM sqlite_schema WHERE rootpage > 0";
    let trees: Vec<Tree> = diesel::sql_query(trees).load(&mut conn).unwrap();
    trees
        .into_iter()
        .map(|tree| (tree.name, tree.page))
        .collect()
}

/// Noise in the place of a page.
fn destroy(database: &Path, page: i64) {
    const PAGE: u64 = 16_384;
    let noise: Vec<u8> = (0..PAGE)
        .map(|at| u8::try_from(at % 251).unwrap() | 1)
        .collect();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(database)
        .unwrap();
    file.write_all_at(&noise, (u64::try_from(page).unwrap() - 1) * PAGE)
        .unwrap();
}

/// What still works.
#[derive(Debug, Default)]
struct Works {
    submits: bool,
    signs_in: bool,
    queue: bool,
}

/// The service starts, the numbers show, and the form is either there or says before anything is typed that it is not.
async fn look(app: &TestApp, what: &str) -> Works {
    for path in ["/en/", "/km/help"] {
        app.public.get(path).await.expect(200).says(settings::PHONE);
    }
    let form = app.public.get("/en/report").await.expect(200);
    let forms = form.document().forms();
    let mut works = Works::default();
    if forms.is_empty() {
        form.says(settings::PHONE);
    } else {
        let mut form = form.form("form");
        fill(&mut form, &[("danger", "over"), ("account", "typed")]);
        let sent = app.public.submit(&form, "send").await;
        works.submits = sent.status == 200;
        if !works.submits {
            assert_eq!(sent.status, 503, "{what}");
            sent.says(settings::PHONE).says("typed");
        }
    }
    let person = app.people.get("sokha");
    if let Ok(sokha) = person.sign_in_or_not(&app.staff, &app.clock).await {
        works.signs_in = true;
        works.queue = sokha.get("/queue").await.status == 200;
    }
    works
}

/// Each table and each index in turn, all of it.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_page_is_damaged_the_service_starts_and_says_whom_to_call() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    app.reporter("en")
        .file(&[("danger", "now"), ("account", "one")])
        .await;
    app.sign_in("sokha").await.queue("").await;
    app.worker.step().await;
    let people: Vec<Person> = app.people.all().to_vec();
    let now = app.clock.now().plus(60);
    let folder = app.stop();
    let mut all = trees(&folder.path().join("data/kapea.db"));
    all.insert("sqlite_schema".to_owned(), 1);
    let (mut refused, mut locked, mut blind) = (Vec::new(), Vec::new(), Vec::new());
    for (name, page) in &all {
        let damaged = private_folder();
        copy(folder.path(), damaged.path());
        destroy(&damaged.path().join("data/kapea.db"), *page);
        let people = people.iter().map(Person::copied).collect();
        let app = TestApp::of(damaged, now, people);
        app.leaves_undone(WHY);
        let works = look(&app, name).await;
        let name = name.as_str();
        if !works.submits {
            refused.push(name);
        }
        if !works.signs_in {
            locked.push(name);
        } else if !works.queue {
            blind.push(name);
        }
        // An index has its table's name in front.
        eventually(name, async || {
            app.worker.step().await;
            let damaged = app.store.damaged();
            let is_named = |table: &String| name == table || name.contains(table.as_str());
            (damaged.contains_key("database") || damaged.keys().any(is_named)).then_some(())
        })
        .await;
    }
    assert_eq!(refused, REFUSED, "a report is not taken");
    assert_eq!(locked, LOCKED, "nobody signs in");
    assert_eq!(blind, BLIND, "the queue is not shown");
}

/// Where a report is kept, and what it is told by: SQLite writes each index with its table.
const REFUSED: &[&str] = &[
    "audit",
    "audit_body_key",
    "channels",
    "grants",
    "grants_key",
    "keys",
    "mailboxes",
    "mailboxes_expires",
    "objects",
    "objects_number",
    "outbox",
    "outbox_due",
    "quarantine",
    "queue",
    "queue_due",
    "queue_order",
    "reports",
    "sqlite_schema",
    "statements",
];
/// What says who somebody is and with which keys, and keeps that they came.
const LOCKED: &[&str] = &[
    "attempts",
    "audit",
    "audit_body_key",
    "keys",
    "sessions",
    "sessions_staff",
    "sqlite_autoindex_keys_2",
    "sqlite_autoindex_staff_2",
    "sqlite_schema",
    "staff",
    "statements",
    "totp_uses",
    "unlocks",
];
/// What opens reports.
const BLIND: &[&str] = &["wraps"];

/// The real program over a file that is none.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_over_a_file_that_is_no_database() {
    for (what, page) in [("the first page", 1), ("all of it", 0)] {
        let installation = Installation::settled();
        let database = installation.database();
        trees(&database);
        if page == 0 {
            std::fs::write(&database, "nothing that was ever a database").unwrap();
        } else {
            destroy(&database, page);
        }
        let served = installation.serve().await;
        for path in ["/en/", "/en/help", "/km/report"] {
            let page = served.public().get(path).await.expect(200);
            page.says(settings::PHONE);
        }
        served.staff().get("/login").await.expect(200);
        assert_eq!(served.health().get("/readyz").await.status, 503, "{what}");
        let log = served.written();
        assert!(
            log.contains("the service starts without its database"),
            "{log}"
        );
        assert!(log.contains("the database is damaged"), "{log}");
    }
}

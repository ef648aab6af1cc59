//! Somebody who can write to the database exchanges, flips, cuts and replays what lies in it. Nothing is ever shown under another
//! report, what is wrong is refused by name, and reports go to the key that custodians vouched for or to none.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use kapea::domain::audit::AuditEvent;

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::staff::Session;

const ALPHA: [&str; 3] = ["ALPHA-account", "ALPHA-question", "ALPHA-reply"];
const BRAVO: [&str; 3] = ["BRAVO-account", "BRAVO-question", "BRAVO-reply"];

/// Columns of age files beside a report, and how a row of report A or B is found.
const REPORT_COLUMNS: &[(&str, &str, &str)] = &[
    ("grants", "sealed", "report"),
    ("objects", "sealed", "report"),
    ("reports", "recipient", "id"),
    ("reports", "card", "id"),
];

/// Two reports of one team, each with a question to its reporter and a reply.
struct Pair {
    app: TestApp,
    sokha: Session,
    alpha: Side,
    bravo: Side,
    database: SqliteConnection,
}

struct Side {
    report: String,
    code: String,
}

impl Pair {
    async fn build() -> Self {
        let app = TestApp::start().await;
        let sokha = app.sign_in("sokha").await;
        let alpha = side(&app, &sokha, ALPHA).await;
        let bravo = side(&app, &sokha, BRAVO).await;
        let database = save(&app);
        Self {
            app,
            sokha,
            alpha,
            bravo,
            database,
        }
    }

    fn run(&mut self, sql: &str) {
        let sql = sql
            .replace(":A", &format!("X'{}'", self.alpha.report))
            .replace(":B", &format!("X'{}'", self.bravo.report));
        self.database
            .batch_execute(&sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn restore(&mut self) {
        restore(&mut self.database);
    }

    /// Both reports and both mailboxes, as those who may see them see them now. Nothing of one is on a page of the other.
    async fn look(&self, what: &str) -> [Page; 4] {
        let reporter = self.app.reporter("en");
        let pages = [
            self.sokha.read(&self.alpha.report).await,
            self.sokha.read(&self.bravo.report).await,
            reporter.try_code(&self.alpha.code).await,
            reporter.try_code(&self.bravo.code).await,
        ];
        for (page, foreign) in pages.iter().zip([BRAVO, ALPHA, BRAVO, ALPHA]) {
            let refused = page
                .text()
                .contains("What is stored does not match its seal");
            assert!(page.status < 500 || refused, "{what}: {}", page.text());
            let body = page.body();
            for words in foreign {
                assert!(
                    !body.contains(words),
                    "{what}: {words} is shown under another report"
                );
            }
        }
        let queue = self.sokha.get("/queue").await.expect(200).body();
        for (side, foreign) in [(&self.alpha, "BRAVO"), (&self.bravo, "ALPHA")] {
            let card = queue.split("<li").find(|card| card.contains(&side.report));
            assert!(
                card.is_none_or(|card| !card.contains(foreign)),
                "{what}: a card shows {foreign}"
            );
        }
        pages
    }

    /// Both open as if nothing had ever been wrong.
    async fn whole(&self) {
        let [a, b, c, d] = self.look("restored").await;
        for (page, words) in [
            (a, &ALPHA[..]),
            (b, &BRAVO[..]),
            (c, &ALPHA[1..2]),
            (d, &BRAVO[1..2]),
        ] {
            assert_eq!(page.status, 200, "{}", page.text());
            for words in words {
                page.says(words);
            }
        }
    }

    /// How many parts of the two auditors were told of as not being what was sealed, and how often one was mended.
    fn alarms(&self) -> usize {
        let own = [&self.alpha.report, &self.bravo.report];
        let told = self.app.trail(0).into_iter();
        told.filter_map(|told| match told.event {
            AuditEvent::ReportNotOpened { report, count, .. } => {
                own.contains(&&report.to_string()).then_some(count)
            }
            AuditEvent::ReportMended { report } => own.contains(&&report.to_string()).then_some(1),
            _ => None,
        })
        .sum()
    }
}

async fn side(app: &TestApp, sokha: &Session, words: [&str; 3]) -> Side {
    let reporter = app.reporter("en");
    let before = sokha.queue("").await;
    let code = reporter
        .file(&[("danger", "over"), ("account", words[0])])
        .await;
    let mut queue = sokha.queue("").await;
    queue.retain(|id| !before.contains(id));
    let report = queue.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.message(&report, words[1]).await.expect(303);
    reporter
        .mailbox(&code)
        .await
        .write(words[2])
        .await
        .expect(200);
    Side { report, code }
}

/// A connection of somebody who should have none, with a copy of every table.
pub(crate) fn save(app: &TestApp) -> SqliteConnection {
    let mut conn = crate::support::sql::open(app.database());
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF; ATTACH ':memory:' AS saved;",
    )
    .unwrap();
    for table in tables(&mut conn) {
        conn.batch_execute(&format!(
            "CREATE TABLE saved.{table} AS SELECT * FROM main.{table}"
        ))
        .unwrap();
    }
    conn
}

/// What was changed becomes as it was; what the service itself wrote meanwhile (the trail, sessions) stays.
fn restore(conn: &mut SqliteConnection) {
    let own = ["audit", "sessions", "totp_uses", "outbox", "claims"];
    let mut changed = tables(conn);
    changed.retain(|table| !own.contains(&table.as_str()));
    put_back(conn, &changed);
}

pub(crate) fn put_back(conn: &mut SqliteConnection, tables: &[impl std::fmt::Display]) {
    for table in tables {
        conn.batch_execute(&format!(
            "BEGIN IMMEDIATE; DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM saved.{table}; COMMIT"
        ))
        .unwrap();
    }
}

fn tables(conn: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
    crate::support::sql::texts(conn, sql)
}

/// SQL that spoils one value, by the name of the fault. Blobs are compared as hexadecimal text because SQLite has no other way to cut them.
fn faults(column: &str) -> Vec<(&'static str, String)> {
    let at = |place: &str| {
        format!(
            "unhex(substr(hex({column}), 1, {place}) || CASE WHEN substr(hex({column}), {place} + 1, 2) = '41' THEN '42' ELSE '41' END || substr(hex({column}), {place} + 3))"
        )
    };
    vec![
        (
            "the last byte",
            at("2 * (length(:c) - 1)").replace(":c", column),
        ),
        (
            "a byte in the middle",
            at("2 * (length(:c) / 2)").replace(":c", column),
        ),
        ("a byte of the header", at("2 * 40")),
        (
            "one byte short",
            format!("substr({column}, 1, length({column}) - 1)"),
        ),
        ("half", format!("substr({column}, 1, length({column}) / 2)")),
        ("one byte long", format!("unhex(hex({column}) || '00')")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exchanged_between_reports_is_refused() {
    let mut pair = Pair::build().await;
    pair.whole().await;
    for (table, column, key) in REPORT_COLUMNS {
        let what = format!("{table}.{column} exchanged");
        let (seen, sql) = (pair.alarms(), exchange(table, column, key));
        pair.run(&sql);
        let [a, b, ..] = pair.look(&what).await;
        for (page, own) in [(a, ALPHA), (b, BRAVO)] {
            assert!(
                !page.body().contains(own[0]),
                "{what}: {} {}",
                page.status,
                page.text()
            );
        }
        assert!(pair.alarms() > seen, "{what}: nobody was told");
        pair.restore();
    }
    // Whole rows under the other report, one kind at a time and all at once.
    let move_all = |table: &str| {
        format!(
            "UPDATE {table} SET report = X'00' WHERE report = :A; UPDATE {table} SET report = :A WHERE report = :B; \
             UPDATE {table} SET report = :B WHERE report = X'00';"
        )
    };
    for tables in [&["objects"][..], &["grants"], &["objects", "grants"]] {
        let what = format!("{tables:?} moved");
        let (seen, sql) = (
            pair.alarms(),
            tables
                .iter()
                .map(|table| move_all(table))
                .collect::<String>(),
        );
        pair.run(&sql);
        pair.look(&what).await;
        assert!(pair.alarms() > seen, "{what}: nobody was told");
        pair.restore();
    }
    // Objects of the other laid beside one's own.
    let seen = pair.alarms();
    pair.run(
        "INSERT INTO objects SELECT :A, id, number + 1000, sealed FROM objects WHERE report = :B",
    );
    let [a, ..] = pair.look("objects added").await;
    a.expect(200).says(ALPHA[0]);
    assert!(pair.alarms() > seen);
    pair.restore();
    pair.whole().await;
    pair.app
        .leaves_undone("rows were mended as urgent ones and put back by hand");
}

/// Exchanges a column between a row of A and one of B. Among objects it is the card and everything else alike.
fn exchange(table: &str, column: &str, key: &str) -> String {
    format!(
        "CREATE TEMP TABLE mine AS SELECT rank() OVER (PARTITION BY {key} ORDER BY length({column}), {column}) AS place, {key} AS own, {column} AS held, \
           hex({key}) || hex({column}) AS name FROM main.{table} WHERE {key} IN (:A, :B); \
         UPDATE main.{table} SET {column} = (SELECT other.held FROM mine JOIN mine AS other ON other.place = mine.place AND other.own <> mine.own \
           WHERE mine.name = hex({table}.{key}) || hex({table}.{column})) WHERE {key} IN (:A, :B); DROP TABLE mine;"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_flipped_or_cut_is_refused() {
    let mut pair = Pair::build().await;
    for (table, column, key) in [
        ("grants", "sealed", "report"),
        ("objects", "sealed", "report"),
    ] {
        for (fault, value) in faults(column) {
            let (what, seen) = (format!("{table}.{column}: {fault}"), pair.alarms());
            pair.run(&format!(
                "UPDATE {table} SET {column} = {value} WHERE {key} = :A"
            ));
            let [a, b, ..] = pair.look(&what).await;
            assert!(!a.body().contains(ALPHA[0]), "{what}: {}", a.text());
            b.expect(200).says(BRAVO[0]);
            let told = pair.alarms() > seen || a.status >= 500;
            assert!(told, "{what}: nobody was told ({})", a.status);
            pair.restore();
        }
    }
    for (table, column) in [
        ("mailboxes", "card"),
        ("mail_items", "sealed"),
        ("wraps", "sealed"),
    ] {
        for (fault, value) in faults(column) {
            let what = format!("{table}.{column}: {fault}");
            pair.run(&format!("UPDATE {table} SET {column} = {value}"));
            let [a, _, mailbox, _] = pair.look(&what).await;
            let page = if table == "wraps" { a } else { mailbox };
            let lost = if table == "wraps" { ALPHA[0] } else { ALPHA[1] };
            assert!(!page.body().contains(lost), "{what}: {}", page.text());
            pair.restore();
        }
    }
    pair.whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_object_does_not_come_back_as_a_newer_one() {
    let mut pair = Pair::build().await;
    // The note as it was is laid in place of every other object of the same report: each is known by its id.
    let seen = pair.alarms();
    pair.run(
        "UPDATE objects SET sealed = (SELECT o.sealed FROM objects o, reports r WHERE r.id = :A AND o.report = :A AND o.id <> r.card ORDER BY o.id LIMIT 1) \
         WHERE report = :A AND id <> (SELECT card FROM reports WHERE id = :A)",
    );
    let [a, ..] = pair.look("replayed").await;
    let body = a.expect(200).body();
    let shown = ALPHA.iter().filter(|words| body.contains(**words)).count();
    assert!(shown <= 1, "{shown} objects are shown out of one");
    assert!(pair.alarms() >= seen + 2);
    pair.restore();
    // A mailbox cannot be fed with the message of another, or the same one twice.
    pair.run(
        "CREATE TEMP TABLE two AS SELECT lookup, id, number, sealed FROM mail_items; \
         INSERT INTO mail_items SELECT a.lookup, b.id, b.number + 1000, b.sealed FROM two a, two b WHERE a.lookup <> b.lookup; \
         INSERT INTO mail_items SELECT lookup, unhex('000102030405060708090a0b0c0d0e0f'), number + 2000, sealed FROM two; DROP TABLE two;",
    );
    let [_, _, c, d] = pair.look("mail items replayed").await;
    for (page, words) in [(c, ALPHA[1]), (d, BRAVO[1])] {
        assert_eq!(page.body().matches(words).count(), 1);
    }
    pair.restore();
    pair.run(
        "CREATE TEMP TABLE cards AS SELECT lookup, card FROM mailboxes; \
         UPDATE mailboxes SET card = (SELECT card FROM cards WHERE cards.lookup <> mailboxes.lookup); DROP TABLE cards;",
    );
    let [_, _, c, d] = pair.look("mailbox cards exchanged").await;
    assert_ne!((c.status, d.status), (200, 200));
    pair.restore();
    pair.whole().await;
}

/// What the ways of [`CHAIN`] change.
pub(crate) const CHAIN_TABLES: &[&str] = &["statements"];

/// What is laid behind a ledger leaves what stands before it.
const BESIDE: &[&str] = &["a statement of one's own", "a word said twice"];

/// Ways to slip another key under a channel.
pub(crate) const CHAIN: &[(&str, &str)] = &[
    (
        "another statement in its place",
        "UPDATE statements SET signed = randomblob(length(signed))",
    ),
    (
        "another team's statement",
        "UPDATE statements SET signed = (SELECT o.signed FROM statements o JOIN teams t ON t.id = o.ledger WHERE t.kind = 'audit' \
         AND o.sequence = 1)",
    ),
    (
        "one byte of a statement",
        "UPDATE statements SET signed = CAST(substr(signed, 1, 150) || X'00' || substr(signed, 152) AS BLOB)",
    ),
    (
        "a signature cut off",
        "UPDATE statements SET signed = substr(signed, 1, length(signed) - 64)",
    ),
    ("no statement", "DELETE FROM statements"),
    (
        "a statement of one's own",
        "INSERT INTO statements SELECT ledger, max(sequence) + 1, randomblob(300) FROM statements GROUP BY ledger",
    ),
    (
        "no word of a custodian",
        "DELETE FROM statements WHERE ledger NOT IN (SELECT id FROM teams)",
    ),
    (
        "a word of nobody's",
        "UPDATE statements SET signed = CAST(substr(signed, 1, length(signed) - 64) || randomblob(64) AS BLOB) \
         WHERE ledger NOT IN (SELECT id FROM teams)",
    ),
    (
        "a word said twice",
        "INSERT INTO statements SELECT ledger, sequence + 7, signed FROM statements WHERE ledger NOT IN (SELECT id FROM teams)",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_chain_leaves_the_last_good_key() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    let reporter = app.reporter("en");
    reporter
        .file(&[("danger", "over"), ("account", "while all was well")])
        .await;
    let mut database = save(&app);
    for (what, sql) in CHAIN {
        database
            .batch_execute(sql)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let page = reporter
            .send(&[("danger", "over"), ("account", what)])
            .await;
        assert_eq!(page.status, 200, "{what}: {}", page.text());
        // The row of the team's key, which the grant names, becomes as it was; the reports that came meanwhile stay.
        put_back(&mut database, CHAIN_TABLES);
        let found = sokha.queue("").await;
        let mut pages = Vec::new();
        for report in &found {
            pages.push(sokha.read(report).await.expect(200).text());
        }
        assert!(
            pages.iter().any(|page| page.contains(what)),
            "{what}: not readable by the team"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_never_was_whole_closes_the_form() {
    let app = TestApp::start().await.unwitnessed(&[]);
    let mut database = save(&app);
    for (what, sql) in CHAIN.iter().filter(|(what, _)| !BESIDE.contains(what)) {
        database
            .batch_execute(sql)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        for lang in ["en", "km"] {
            let page = app.public.get(&format!("/{lang}/report")).await.expect(200);
            let typed = page
                .document()
                .forms()
                .iter()
                .any(|form| form.value("account").is_some());
            assert!(
                !typed && !page.body().contains("name=\"ticket\""),
                "{what}: the form is open"
            );
            page.says(crate::support::settings::PHONE);
        }
        put_back(&mut database, CHAIN_TABLES);
    }
    app.public.get("/en/report").await.expect(200).form("form");
}

//! The keys that receipt codes are made with live for two days: whoever has a blank page of a form, the credentials and the database makes its
//! code for as long, and nobody afterwards.

use std::path::Path;

use kapea::domain::clock::{Day, Timestamp};
use kapea::seal::credentials::{Credentials, LiveKeys, ServerKey};
use kapea::seal::{receipt, ticket};
use kapea::service::Services;
use kapea::service::intake::FormStatus;

use crate::support::TestApp;
use crate::support::html::Form;
use crate::support::reporter::code_of;
use crate::support::sql;

const DAY: i64 = 86_400;

/// Somebody who has looked at the page of a form, and has the credentials and a database.
pub struct Thief {
    credentials: Credentials,
    ticket: String,
}

impl Thief {
    pub fn new(app: &TestApp, form: &Form) -> Self {
        Self {
            credentials: credentials(app),
            ticket: form.value("ticket").unwrap().to_owned(),
        }
    }

    /// The code of the form, before or after it is sent.
    pub fn code(&self, database: &Path) -> Option<String> {
        let mut conn = sql::open(database);
        let days = sql::texts(&mut conn, "SELECT CAST(day AS TEXT) FROM ticket_keys");
        let rows = sql::blobs(&mut conn, "SELECT sealed FROM ticket_keys");
        // The label is the product's; the thief tries every day with every row.
        let days: Vec<i64> = days.iter().map(|day| day.parse().unwrap()).collect();
        let tried = rows.iter().flat_map(|row| {
            let open = |day| self.credentials.ticket_key_open(Day::from_number(day), row);
            days.iter().filter_map(move |day| open(*day).ok())
        });
        let keys: Vec<ServerKey> = tried.collect();
        let (first, rest) = keys.split_first()?;
        let keys = LiveKeys::new(first.share(), rest.iter().map(ServerKey::share).collect());
        let later = Timestamp::from_seconds(4_000_000_000);
        let (ticket, key) =
            ticket::check_any(&keys, "report", &self.ticket, later, u32::MAX).ok()?;
        Some(receipt::derive_code(key, &ticket.nonce).digits().to_owned())
    }
}

fn credentials(app: &TestApp) -> Credentials {
    let text = std::fs::read_to_string(app.folder.path().join("credentials.toml")).unwrap();
    Credentials::parse(&text).unwrap()
}

/// To that second of the day that comes, or of today if it is not over.
fn go_to(app: &TestApp, second: i64) {
    let now = app.clock.now().seconds();
    app.clock.advance((second - now).rem_euclid(DAY));
}

async fn blank(app: &TestApp) -> Form {
    app.reporter("en").open_form().await
}

/// Sends the form, or what it has become, and says its code; `None` if the page is not known any more.
async fn send(app: &TestApp, form: &Form) -> Option<String> {
    let mut form = form.clone();
    form.set("danger", "over");
    form.set("account", "the same words");
    let page = app.public.submit(&form, "send").await;
    (page.status == 200 && !page.document().of_class("code").is_empty()).then(|| code_of(&page))
}

fn in_files(app: &TestApp, what: &[u8]) -> bool {
    let files = std::fs::read_dir(app.folder.path().join("data")).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let mut contents = files.filter(|path| path.is_file()).map(std::fs::read);
    contents.any(|bytes| {
        let bytes = bytes.unwrap();
        bytes.windows(what.len()).any(|window| window == what)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_days_a_page_the_credentials_and_the_database_give_no_code() {
    let app = TestApp::start().await;
    let page = blank(&app).await;
    let thief = Thief::new(&app, &page);
    let row = sql::blobs(&mut sql::connect(&app), "SELECT sealed FROM ticket_keys").remove(0);
    let old = app.folder.path().join("old.db");
    sql::run(&app, &format!("VACUUM INTO '{}'", old.display()));
    assert!(in_files(&app, &row), "it would be seen");
    // What is left, and said in SECURITY.md: for as long as the key lives.
    let code = thief.code(&app.database());
    assert!(code.is_some() && code == send(&app, &page).await);
    go_to(&app, DAY - 1);
    app.worker.step().await;
    app.clock.advance(DAY);
    app.worker.step().await;
    assert_eq!(thief.code(&app.database()), code, "its last second");

    app.clock.advance(1);
    blank(&app).await;
    app.worker.step().await;
    app.tend_tickets().await;
    assert_eq!(thief.code(&app.database()), None);
    assert!(
        !in_files(&app, &row),
        "neither in the file nor in its journal"
    );
    assert_eq!(send(&app, &page).await, None);
    assert_eq!(thief.code(&old), code, "a copy of those days keeps it");
    // Whoever puts the old row back, on its own day or on this one, brings no key back.
    let today = app.clock.today().number();
    for day in [today - 2, today - 1, today] {
        let put = format!(
            "INSERT OR REPLACE INTO ticket_keys SELECT {day}, x'{}'",
            data_encoding::HEXLOWER.encode(&row)
        );
        assert_eq!(sql::run(&app, &put), 1);
    }
    let app = app.restart();
    assert_eq!(send(&app, &page).await, None);
    // Nor does what is asked from now on come from a key of which somebody has a copy.
    let fresh = blank(&app).await;
    assert_eq!(Thief::new(&app, &fresh).code(&old), None);
    assert!(send(&app, &fresh).await.is_some(), "the form is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_last_minute_of_a_day_can_be_sent_until_its_end() {
    let app = TestApp::start().await;
    go_to(&app, DAY - 30);
    let forms = [blank(&app).await, blank(&app).await, blank(&app).await];
    app.clock.advance(60);
    app.worker.step().await;
    app.tend_tickets().await;
    let first = send(&app, &forms[0]).await.expect("after midnight");
    let app = app.restart();
    app.clock.advance(DAY - 60);
    app.worker.step().await;
    app.tend_tickets().await;
    assert!(send(&app, &forms[1]).await.is_some(), "its last minute");
    app.clock.advance(60);
    assert_eq!(send(&app, &forms[2]).await, None, "a minute too late");
    app.reporter("en").mailbox(&first).await;
}

/// An insider's hand in the table keeps no reporter out, and brings no process to forget what it has given out.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_the_rows_pages_that_are_out_are_good() {
    let mut app = TestApp::start().await;
    for harm in [
        "DELETE FROM ticket_keys",
        "UPDATE ticket_keys SET sealed = x'00'",
        "UPDATE ticket_keys SET sealed = randomblob(length(sealed))",
        "UPDATE ticket_keys SET sealed = CAST(x'7f' || substr(sealed, 2) AS BLOB)",
        "UPDATE ticket_keys SET day = day + 1",
        "DROP TABLE ticket_keys",
    ] {
        let page = blank(&app).await;
        sql::run(&app, harm);
        let sent = blank(&app).await;
        assert!(send(&app, &sent).await.is_some(), "{harm}");
        let code = send(&app, &page).await;
        assert!(code.is_some(), "{harm}");
        app.tend_tickets().await;
        if harm.starts_with("DROP") {
            // Not even the first key of a day needs it.
            app.clock.advance(2 * DAY);
            let sent = blank(&app).await;
            assert!(send(&app, &sent).await.is_some(), "{harm}");
            break;
        }
        // A new process goes on with what the old one has put right.
        app = app.restart();
        assert_eq!(send(&app, &page).await, code, "{harm}");
        let fresh = blank(&app).await;
        assert!(send(&app, &fresh).await.is_some(), "{harm}");
    }
    // Without the table this process cannot work on when it ends: nothing more is asked of it.
    sql::run(
        &app,
        "CREATE TABLE ticket_keys (day INTEGER NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_and_roots_share_the_keys() {
    let app = TestApp::start().await;
    let beside = Services::new(&app.beside());
    let FormStatus::Open { ticket } = beside.intake.form_status().await else {
        panic!("the form is closed");
    };
    let mut page = blank(&app).await;
    page.set("ticket", &ticket);
    let code = send(&app, &page).await;
    assert!(code.is_some());
    // Under a new root, in a process that has nothing in memory.
    let version = "SELECT hex(substr(sealed, 1, 4)) FROM ticket_keys ORDER BY day";
    let mut credentials = credentials(&app);
    credentials.rotate(app.clock.today());
    let file = app.folder.path().join("credentials.toml");
    std::fs::write(file, credentials.to_text().as_bytes()).unwrap();
    let app = app.restart();
    assert_eq!(send(&app, &page).await, code);
    app.clock.advance(DAY);
    blank(&app).await;
    let versions = sql::texts(&mut sql::connect(&app), version);
    assert_eq!(versions, ["00000001", "00000002"]);
}

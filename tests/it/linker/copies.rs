//! Copies of the database as somebody finds them: what the columns say, and where each row lies in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use kapea::domain::clock::Day;
use kapea::store;

use crate::support::TestApp;
use crate::support::sql;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    /// How long what is sealed of it is.
    size: i64,
    /// Days and times in clear.
    days: Vec<i64>,
    /// Everything of it.
    whole: String,
}

/// See the module.
#[derive(Default)]
pub struct Copy {
    reports: BTreeMap<String, Row>,
    mailboxes: BTreeMap<String, Row>,
    /// The pages of the tables that have the rows, by their place in the file.
    pages: Vec<(usize, Vec<u8>)>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = BigInt)]
    due: i64,
    #[diesel(sql_type = Text)]
    whole: String,
}

const REPORTS: &str = "SELECT hex(id) AS id, day, due, \
    (SELECT sum(length(sealed)) FROM objects WHERE report = reports.id) AS size, \
    (SELECT group_concat(hex(id)) FROM objects WHERE report = reports.id) AS whole FROM reports";
const MAILBOXES: &str = "SELECT hex(lookup) AS id, expires_day AS day, 0 AS due, length(card) AS size, \
    hex(card) || coalesce((SELECT group_concat(hex(sealed)) FROM mail_items i WHERE i.lookup = m.lookup), '') AS whole \
    FROM mailboxes m";

fn rows(conn: &mut SqliteConnection, query: &str) -> BTreeMap<String, Row> {
    let found: Vec<Found> = diesel::sql_query(query).load(conn).unwrap();
    let row = |found: Found| {
        let (size, days) = (found.size, vec![found.day, found.due]);
        let whole = found.whole;
        (found.id, Row { size, days, whole })
    };
    found.into_iter().map(row).collect()
}

impl Copy {
    /// The columns alone.
    fn of(database: PathBuf) -> Self {
        let mut conn = sql::open(database);
        Self {
            reports: rows(&mut conn, REPORTS),
            mailboxes: rows(&mut conn, MAILBOXES),
            pages: Vec::new(),
        }
    }

    /// Where the row lies in the file. Within a page new rows come before older ones, so that it is turned round there.
    pub fn place(&self, id: &str) -> Vec<u8> {
        let key = data_encoding::HEXUPPER.decode(id.as_bytes()).unwrap();
        let mut found = self.pages.iter().filter_map(|(number, bytes)| {
            let at = memchr::memmem::find(bytes, &key)?;
            Some([number.to_be_bytes(), (bytes.len() - at).to_be_bytes()].concat())
        });
        found.next().expect("it is in the file")
    }

    pub fn report_size(&self, report: &str) -> Vec<u8> {
        self.reports[report].size.to_be_bytes().to_vec()
    }

    pub fn mailbox_size(&self, lookup: &str) -> Vec<u8> {
        self.mailboxes[lookup].size.to_be_bytes().to_vec()
    }

    pub fn report_days(&self, report: &str) -> Vec<u8> {
        flat(&self.reports[report].days)
    }

    pub fn mailbox_days(&self, lookup: &str) -> Vec<u8> {
        flat(&self.mailboxes[lookup].days)
    }

    pub fn day(&self, report: &str) -> Day {
        Day::from_number(self.reports[report].days[0])
    }

    /// The second of the day by which it should be claimed.
    pub fn due_second(&self, report: &str) -> i64 {
        self.reports[report].days[1].rem_euclid(86_400)
    }

    pub fn report_differs(&self, before: &Self, report: &str) -> bool {
        self.reports.get(report) != before.reports.get(report)
    }

    pub fn mailbox_differs(&self, before: &Self, lookup: &str) -> bool {
        self.mailboxes.get(lookup) != before.mailboxes.get(lookup)
    }
}

fn flat(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_be_bytes()).collect()
}

/// The keys of reports and of mailboxes.
pub fn keys(app: &TestApp) -> [BTreeSet<String>; 2] {
    let mut conn = sql::connect(app);
    let queries = [
        "SELECT hex(id) FROM reports",
        "SELECT hex(lookup) FROM mailboxes",
    ];
    queries.map(|query| sql::texts(&mut conn, query).into_iter().collect())
}

/// With the pages of a file: where its tables are, SQLite tells itself.
fn with_pages(database: PathBuf) -> Copy {
    let mut conn = sql::open(&database);
    let numbers = "SELECT CAST(pageno AS TEXT) FROM dbstat WHERE name IN ('reports', 'mailboxes')";
    let numbers = sql::texts(&mut conn, numbers);
    let size = sql::texts(
        &mut conn,
        "SELECT CAST(page_size AS TEXT) FROM pragma_page_size",
    );
    let size: usize = size[0].parse().unwrap();
    let bytes = std::fs::read(&database).unwrap();
    let page = |number: &String| {
        let number: usize = number.parse().unwrap();
        let start = (number - 1) * size;
        (number, bytes[start..start + size].to_vec())
    };
    Copy {
        pages: numbers.iter().map(page).collect(),
        ..Copy::of(database)
    }
}

/// Tonight's backup, copied as `kapea backup` copies it.
pub fn night(app: &TestApp, number: usize) -> Copy {
    let path = app.folder.path().join(format!("night-{number}.db"));
    let copied = app.store.blocking(|conn| store::copy_make(conn, &path));
    copied.unwrap();
    let copy = with_pages(path.clone());
    std::fs::remove_file(path).unwrap();
    copy
}

/// The file itself, and as good as nothing beside it: the worker has just emptied the write-ahead log.
pub fn live(app: &TestApp) -> Copy {
    let journal = app.folder.path().join("data/kapea.db-wal");
    // No more than the key of a new day, which the service may have written since.
    let length = std::fs::metadata(journal).map_or(0, |it| it.len());
    assert!(length <= 40_000, "{length} bytes of journal");
    with_pages(app.database())
}

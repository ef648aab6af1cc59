//! Somebody who writes to the database and knows its tables.

use super::moves::{Fault, Pick, Write};
use super::office::{Office, THIEF, keys};
use crate::store::tests::fixture;

/// Tables that say something about keys, people or reports.
const TABLES: [&str; 16] = [
    "channels",
    "epochs",
    "grants",
    "keys",
    "mailboxes",
    "memberships",
    "objects",
    "quarantine",
    "queue",
    "reports",
    "rotations",
    "shreds",
    "staff",
    "statements",
    "teams",
    "wraps",
];

/// Words that stand in columns.
const WORDS: [&str; 12] = [
    "active",
    "retiring",
    "retired",
    "destroyed",
    "ordered",
    "begun",
    "done",
    "member",
    "waiting",
    "disabled",
    "schedule",
    "leaving",
];

#[derive(Debug, Clone)]
struct Column {
    table: String,
    name: String,
    kind: String,
    /// Whether it is in the primary key.
    is_key: bool,
}

/// The tables' columns.
pub struct Columns(Vec<Column>);

impl Columns {
    pub fn of(office: &mut Office) -> Self {
        let all = fixture::texts(
            &mut office.conn,
            "SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || (c.pk > 0) FROM main.sqlite_schema AS m, pragma_table_info(m.name) AS c \
             WHERE m.type = 'table' ORDER BY m.name, c.cid",
        );
        let columns = all.iter().filter_map(|line| {
            let [table, name, kind, is_key] =
                line.split(' ').collect::<Vec<_>>().try_into().ok()?;
            Some(Column {
                table: str::to_owned(table),
                name: str::to_owned(name),
                kind: str::to_owned(kind),
                is_key: is_key == "1",
            })
        });
        let mut all: Vec<Column> = columns.collect();
        all.retain(|column| TABLES.contains(&column.table.as_str()));
        Self(all)
    }

    /// Which one that is.
    pub fn place(&self, table: &str, name: &str) -> Pick {
        let mut all = self.0.iter();
        let place =
            all.position(|column| (column.table.as_str(), column.name.as_str()) == (table, name));
        place.unwrap()
    }

    /// The key's columns, as SQL has them.
    fn keys(&self, table: &str) -> String {
        let own = self
            .0
            .iter()
            .filter(|column| column.table == table && column.is_key);
        let names: Vec<&str> = own.map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    fn names(&self, table: &str) -> Vec<&str> {
        let own = self.0.iter().filter(|column| column.table == table);
        own.map(|column| column.name.as_str()).collect()
    }

    /// The statement that does it, and the table that it touches.
    pub fn statement(&self, write: &Write) -> (String, String) {
        match write {
            Write::Row {
                column,
                row,
                other,
                fault,
            } => self.row(*column, *row, *other, *fault),
            Write::PutBack { table } => {
                let table = TABLES[table % TABLES.len()];
                let sql = format!(
                    "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM old.{table};"
                );
                (sql, table.to_owned())
            }
            Write::NoOrders => ("DELETE FROM rotations;".to_owned(), "rotations".to_owned()),
            Write::Reason { done } => {
                let what = if *done {
                    "state = 'done'"
                } else {
                    "reason = 'schedule'"
                };
                (
                    format!("UPDATE rotations SET {what} WHERE state <> 'done';"),
                    "rotations".to_owned(),
                )
            }
            Write::Older { generation } => (older(*generation), "keys".to_owned()),
            Write::OwnKey { row } => {
                let thief = keys(THIEF);
                let verify_key = hex(thief.verify_key().as_bytes());
                let sql = format!(
                    "UPDATE main.keys SET recipient = '{}', verify_key = X'{verify_key}' WHERE id = ({});",
                    thief.recipient(),
                    place("id", "keys", *row)
                );
                (sql, "keys".to_owned())
            }
            Write::Lay { .. } | Write::Cover => unreachable!("no plain statement"),
        }
    }

    fn row(&self, column: Pick, row: Pick, other: Pick, fault: Fault) -> (String, String) {
        let Column {
            table, name, kind, ..
        } = &self.0[column % self.0.len()];
        let keys = self.keys(table);
        let whole = format!("({keys}) = ({})", place(&keys, table, row));
        let sql = match fault {
            Fault::Copy => format!(
                "UPDATE main.{table} SET {name} = ({}) WHERE {whole};",
                place(name, table, other)
            ),
            Fault::Replay => {
                let same: Vec<String> = keys
                    .split(", ")
                    .map(|key| format!("o.{key} = {table}.{key}"))
                    .collect();
                let same = same.join(" AND ");
                format!(
                    "UPDATE main.{table} SET {name} = (SELECT o.{name} FROM old.{table} AS o WHERE {same}) WHERE {whole};"
                )
            }
            Fault::Noise => {
                let value = match kind.as_str() {
                    "BLOB" => format!("randomblob(length({name}))"),
                    "INTEGER" => format!("{name} + {} - 1", other % 3),
                    _ => format!("'{}'", WORDS[other % WORDS.len()]),
                };
                format!("UPDATE main.{table} SET {name} = {value} WHERE {whole};")
            }
            Fault::Delete => format!("DELETE FROM main.{table} WHERE {whole};"),
            Fault::Duplicate => {
                let values: Vec<String> = self
                    .names(table)
                    .into_iter()
                    .map(|own| {
                        if own == name {
                            format!("({})", place(name, table, other))
                        } else {
                            own.to_owned()
                        }
                    })
                    .collect();
                let values = values.join(", ");
                format!("INSERT INTO main.{table} SELECT {values} FROM main.{table} WHERE {whole};")
            }
            Fault::Revive => {
                format!("INSERT OR IGNORE INTO main.{table} SELECT * FROM old.{table};")
            }
        };
        (sql, table.clone())
    }
}

/// A team's earlier generation in force once more, as an old copy of the database has it, and a change that is under way.
fn older(generation: Pick) -> String {
    let newest = "(SELECT max(generation) FROM main.keys WHERE kind = 'team')";
    let chosen = format!("1 + {generation} % max(1, {newest} - 1)");
    format!(
        "INSERT OR IGNORE INTO main.wraps SELECT * FROM old.wraps; \
         UPDATE main.keys SET state = CASE WHEN generation = {chosen} THEN 'active' ELSE 'retiring' END WHERE kind = 'team'; \
         INSERT OR IGNORE INTO main.rotations SELECT randomblob(16), owner, 'leaving', 0, 'begun', id, NULL FROM main.keys \
         WHERE kind = 'team' AND generation = {chosen};"
    )
}

/// A row's columns, whichever stands at that place, counted around.
fn place(columns: &str, table: &str, row: Pick) -> String {
    format!(
        "SELECT {columns} FROM main.{table} ORDER BY 1 LIMIT 1 OFFSET {row} % max(1, (SELECT count(*) FROM main.{table}))"
    )
}

pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXUPPER.encode(bytes)
}

impl Office {
    /// What somebody with the file writes. `false` if that is no change or the database forbids it.
    pub fn overwrite(&mut self, sql: &str) -> bool {
        let before = self.changes();
        let free = "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;";
        let done = self.try_sql(&format!("{free} BEGIN; {sql} COMMIT;"));
        self.sql("PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = OFF;");
        done.is_ok() && self.changes() > before
    }

    fn changes(&mut self) -> i64 {
        let all = fixture::texts(&mut self.conn, "SELECT CAST(total_changes() AS TEXT)");
        all[0].parse().unwrap()
    }

    /// The writer's copy of the database is that of now.
    pub fn copy(&mut self) {
        let all = TABLES.map(|table| {
            format!("DELETE FROM old.{table}; INSERT INTO old.{table} SELECT * FROM main.{table};")
        });
        self.sql(&all.concat());
    }
}

//! Somebody who can write to the database and knows its tables, but has none of the keys: one change of one value or row.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// What is done to a row, or between two.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Two rows exchange a value.
    Swap,
    /// One row's value is laid over another's.
    Copy,
    /// One bit is turned: its place, counted around.
    Flip(usize),
    /// So many bytes are cut off the end.
    Cut(usize),
    /// The value that stood there some time ago.
    Replay,
    /// Every row of the table that has gone since then comes back.
    Revive,
    /// The row is deleted.
    Delete,
    /// The row stands a second time, with this value taken from the other row.
    Duplicate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Null,
    Number(i64),
    Words(String),
    Bytes(Vec<u8>),
}

/// See the module.
pub struct Adversary {
    conn: SqliteConnection,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Its place in the primary key, 0 if it is not in it.
    #[diesel(sql_type = BigInt)]
    pub key: i64,
}

impl Adversary {
    /// At that database; `older` is a copy of it from some time ago.
    pub fn at(database: &Path, older: &Path) -> Self {
        let mut conn = crate::support::sql::open(database);
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = OFF; ATTACH '{}' AS older;",
            older.to_str().expect("UTF-8")
        ))
        .expect("attached");
        Self { conn }
    }

    /// Every column there is.
    pub fn columns(&mut self) -> Vec<Column> {
        diesel::sql_query(
            "SELECT m.name AS \"table\", c.name, c.type AS kind, c.pk AS \"key\" FROM main.sqlite_master AS m, pragma_table_info(m.name) AS c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, c.cid",
        )
        .load(&mut self.conn)
        .expect("the tables")
    }

    /// Does it to the rows at these places, counted around. `false` if there is no such row or the database itself forbids it.
    pub fn spoil(&mut self, column: &Column, fault: &Fault, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.row(column, one), self.row(column, other)) else {
            return false;
        };
        let (table, name) = (&column.table, &column.name);
        let set = |row: &str, value: &str| {
            format!("UPDATE main.{table} SET {name} = {value} WHERE {row};")
        };
        let (mine, theirs) = (self.value(column, &one), self.value(column, &other));
        let sql = match fault {
            Fault::Swap if mine == theirs => return false,
            Fault::Swap => {
                // Where it is the key, a row between the two keeps them apart.
                let between = Value::random(&mine);
                let moved = one.replace(&mine.literal(), &between.literal());
                let middle = if column.key > 0 { &moved } else { &one };
                [
                    set(&one, &between.literal()),
                    set(&other, &mine.literal()),
                    set(middle, &theirs.literal()),
                ]
                .concat()
            }
            Fault::Copy if mine == theirs => return false,
            Fault::Copy => set(&one, &theirs.literal()),
            Fault::Flip(bit) => set(&one, &mine.flipped(*bit).literal()),
            Fault::Cut(count) => set(&one, &mine.cut(*count).literal()),
            Fault::Replay => {
                let sql = format!("SELECT quote({name}) AS value FROM older.{table} WHERE {one}");
                match self.literals(&sql).pop() {
                    Some(before) if before != mine.literal() => set(&one, &before),
                    _ => return false,
                }
            }
            Fault::Revive => {
                format!("INSERT OR IGNORE INTO main.{table} SELECT * FROM older.{table};")
            }
            Fault::Delete => format!("DELETE FROM main.{table} WHERE {one};"),
            Fault::Duplicate => {
                let columns = self.columns();
                let own = columns.iter().filter(|known| known.table == *table);
                let values: Vec<String> = own
                    .map(|known| {
                        if known.name == *name {
                            theirs.literal()
                        } else {
                            known.name.clone()
                        }
                    })
                    .collect();
                let values = values.join(", ");
                format!("INSERT INTO main.{table} SELECT {values} FROM main.{table} WHERE {one};")
            }
        };
        let whole = format!("BEGIN IMMEDIATE; {sql} COMMIT;");
        let done = self.conn.batch_execute(&whole).is_ok();
        if !done {
            drop(self.conn.batch_execute("ROLLBACK"));
        }
        done
    }

    /// The condition that names the row.
    fn row(&mut self, column: &Column, at: usize) -> Option<String> {
        let table = &column.table;
        let mut keys: Vec<Column> = self.columns();
        keys.retain(|known| known.table == *table && known.key > 0);
        let parts: Vec<String> = keys
            .iter()
            .map(|known| format!("'{0} = ' || quote({0})", known.name))
            .collect();
        let names: Vec<&str> = keys.iter().map(|known| known.name.as_str()).collect();
        let rows = self.literals(&format!(
            "SELECT {} AS value FROM main.{table} ORDER BY {}",
            parts.join(" || ' AND ' || "),
            names.join(", ")
        ));
        (!rows.is_empty()).then(|| rows[at % rows.len()].clone())
    }

    fn value(&mut self, column: &Column, row: &str) -> Value {
        let sql = format!(
            "SELECT quote({}) AS value FROM main.{} WHERE {row}",
            column.name, column.table
        );
        Value::parse(&self.literals(&sql)[0])
    }

    fn literals(&mut self, query: &str) -> Vec<String> {
        crate::support::sql::texts(&mut self.conn, query)
    }
}

impl Value {
    fn parse(literal: &str) -> Self {
        if literal == "NULL" {
            return Self::Null;
        }
        if let Some(hex) = literal.strip_prefix("X'") {
            let hex = hex.trim_end_matches('\'').to_ascii_lowercase();
            return Self::Bytes(data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex"));
        }
        match literal.parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Words(literal.trim_matches('\'').replace("''", "'")),
        }
    }

    fn literal(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Words(words) => format!("'{}'", words.replace('\'', "''")),
            Self::Bytes(bytes) => format!("X'{}'", data_encoding::HEXUPPER.encode(bytes)),
        }
    }

    /// Of the same kind and size, and nothing that stands anywhere.
    fn random(like: &Self) -> Self {
        let noise: [u8; 16] = kapea::seal::random::bytes();
        match like {
            Self::Null => Self::Null,
            Self::Number(_) => Self::Number(i64::from(u32::from_be_bytes([
                noise[0] >> 1,
                noise[1],
                noise[2],
                noise[3],
            ]))),
            Self::Words(_) => Self::Words(data_encoding::HEXLOWER.encode(&noise)),
            Self::Bytes(bytes) => {
                Self::Bytes(noise.iter().cycle().take(bytes.len()).copied().collect())
            }
        }
    }

    fn flipped(&self, bit: usize) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Number(number) => Self::Number(number ^ (1 << (bit % 4))),
            Self::Words(words) => {
                let mut letters: Vec<char> = words.chars().collect();
                let count = letters.len().max(1);
                if let Some(letter) = letters.get_mut(bit % count) {
                    *letter = if *letter == 'q' { 'p' } else { 'q' };
                }
                Self::Words(letters.into_iter().collect())
            }
            Self::Bytes(bytes) => {
                let mut bytes = bytes.clone();
                let count = bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(bit / 8 % count) {
                    *byte ^= 1 << (bit % 8);
                }
                Self::Bytes(bytes)
            }
        }
    }

    fn cut(&self, count: usize) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Number(number) => Self::Number(number / 2),
            Self::Words(words) => {
                let kept = words.chars().count().saturating_sub(count);
                Self::Words(words.chars().take(kept).collect())
            }
            Self::Bytes(bytes) => Self::Bytes(bytes[..bytes.len().saturating_sub(count)].to_vec()),
        }
    }
}

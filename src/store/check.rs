//! A check of the whole file, a table at a time.

use std::collections::BTreeMap;

use diesel::sql_types::Text;

use super::damage::FILE;
use super::prelude::*;

/// The tables in which something is damaged, and how: a page of the table or of one of its indexes, or a value that no column takes. SQLite's
/// words for it name pages, rows by number and columns, and nothing of what stands in them.
///
/// Each table is read in a transaction of its own, so that nobody's writes wait in the journal for all of it.
///
/// # Errors
/// [`StoreError`] if not even the list of tables can be read, for another reason than damage.
pub(super) fn tables_damaged(conn: &mut DbConnection) -> StoreResult<BTreeMap<String, String>> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let names: StoreResult<Vec<Name>> = diesel::sql_query(names).load(conn).map_err(Into::into);
    let names = match names {
        Err(error) if error.is_damage() => {
            return Ok(file_damaged(&error));
        }
        names => names?,
    };
    let mut damaged = BTreeMap::new();
    for Name { name } in names {
        match damage_of(conn, &name) {
            Ok(None) => {}
            Ok(Some(said)) => {
                damaged.insert(name, said);
            }
            Err(error) if error.is_damage() => {
                damaged.insert(name, error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(damaged)
}

/// Nothing can be said of the tables.
pub(super) fn file_damaged(why: &StoreError) -> BTreeMap<String, String> {
    BTreeMap::from([(FILE.to_owned(), why.to_string())])
}

fn damage_of(conn: &mut DbConnection, table: &str) -> StoreResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        quick_check: String,
    }
    let check = format!("PRAGMA quick_check(\"{}\")", table.replace('"', "\"\""));
    let lines: Vec<Line> = diesel::sql_query(check).load(conn)?;
    let said = lines.into_iter().map(|line| line.quick_check);
    Ok(said.into_iter().find(|line| line != "ok"))
}

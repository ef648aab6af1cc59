//! Rows read one by one: one that cannot be read keeps no other from being read.

use diesel::QueryableByName;
use diesel::connection::{Connection, LoadConnection};
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::row::{Field as _, Row};
use diesel::sql_types::{Binary, Untyped};

use super::connection::DbConnection;
use super::error::{StoreError, StoreResult};
use super::noted::{self, Unreadable};

type Any = <DbConnection as Connection>::Backend;

/// The rows of a list, and those that belong into it and cannot be read.
pub(super) struct Rows<U> {
    pub(super) rows: Vec<U>,
    pub(super) unreadable: Vec<Unreadable>,
    /// Whether it breaks off at a page that cannot be read.
    pub(super) is_cut: bool,
}

impl<U: Ord> Rows<U> {
    /// Ids that an index gives, in its order. Where it breaks off, with those of the table itself, which is looked through, in theirs: by the
    /// index that SQLite says is its own (`sqlite_autoindex_…_1`). To `NOT INDEXED` it does not listen where a table has no row numbers.
    pub(super) fn or_of(
        mut self,
        table: impl FnOnce() -> StoreResult<Vec<U>>,
    ) -> StoreResult<Vec<U>> {
        if self.is_cut {
            self.rows.extend(table()?);
            self.rows.sort_unstable();
            self.rows.dedup();
        }
        Ok(self.rows)
    }
}

/// The first rows of a table that can be read, and the others before them, which are noted.
///
/// diesel's own `load` builds all rows or none, and does not tell which one it stumbled over.
///
/// # Errors
/// [`StoreError`] from the database, but for a page that cannot be read.
pub(super) fn read<'q, Q, U>(
    query: Q,
    conn: &mut DbConnection,
    table: &'static str,
    most: usize,
) -> StoreResult<Rows<U>>
where
    Q: AsQuery,
    Q::Query: QueryFragment<Any> + QueryId + 'q,
    Any: QueryMetadata<Q::SqlType>,
    U: FromSqlRow<Q::SqlType, Any>,
{
    let mut found = Rows {
        rows: Vec::new(),
        unreadable: Vec::new(),
        is_cut: false,
    };
    for row in LoadConnection::load(conn, query.as_query())? {
        match row.map_err(StoreError::from) {
            Ok(row) => match U::build_from_row(&row) {
                Ok(row) => found.rows.push(row),
                Err(_) => found.unreadable.push(Unreadable::new(table, first(&row))),
            },
            Err(error) if error.is_damage() => {
                found.unreadable.push(Unreadable::new(table, None));
                found.is_cut = true;
                break;
            }
            Err(error) => return Err(error),
        }
        if found.rows.len() >= most {
            break;
        }
    }
    found.unreadable.iter().for_each(noted::row);
    Ok(found)
}

/// The ids, as `id`, that a statement in words of its own gives.
///
/// # Errors
/// As [`read`].
pub(super) fn ids<'q, Q, T>(
    statement: Q,
    conn: &mut DbConnection,
    table: &'static str,
) -> StoreResult<Vec<T>>
where
    Q: AsQuery<SqlType = Untyped>,
    Q::Query: QueryFragment<Any> + QueryId + 'q,
    Any: QueryMetadata<Untyped>,
    T: FromSql<Binary, Any> + 'static,
{
    let found: Vec<Id<T>> = read(statement, conn, table, usize::MAX)?.rows;
    Ok(found.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct Id<T> {
    #[diesel(sql_type = Binary)]
    id: T,
}

/// The bytes of a row's first column.
fn first<'a>(row: &impl Row<'a, Any>) -> Option<Vec<u8>> {
    let field = row.get(0)?;
    FromSql::<Binary, Any>::from_sql(field.value()?).ok()
}

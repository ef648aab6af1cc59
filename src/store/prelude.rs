//! What every file of rows begins with: diesel, the connection, and short words for what is asked of it.

use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Limit, delete, exists, insert_into, select};
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{
    AsQuery, DeleteStatement, InsertStatement, IntoUpdateTarget, QueryFragment, QueryId,
};
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};

use super::noted;
use super::rows;

pub(super) use diesel::prelude::*;

pub(super) use super::error::unless_damaged;
pub(super) use super::{DbConnection, StoreError, StoreResult, Version, WriteTxn};

/// What a query found.
pub(super) trait Query: RunQueryDsl<DbConnection> + Sized {
    /// The first row, if there is one.
    fn maybe<'q, U>(self, conn: &mut DbConnection) -> StoreResult<Option<U>>
    where
        Self: LimitDsl,
        Limit<Self>: LoadQuery<'q, DbConnection, U>,
    {
        Ok(self.first(conn).optional()?)
    }

    /// Every row of a table that can be read. The others are noted and left out: for whoever does with each what is to be done with it.
    fn readable<'q, U>(self, conn: &mut DbConnection, table: &'static str) -> StoreResult<Vec<U>>
    where
        Self: AsQuery,
        Self::Query: QueryFragment<Any> + QueryId + 'q,
        Any: QueryMetadata<Self::SqlType>,
        U: FromSqlRow<Self::SqlType, Any>,
    {
        self.readable_first(conn, table, usize::MAX)
    }

    /// The first of them. Instead of a limit: a row that cannot be read takes no other's place.
    fn readable_first<'q, U>(
        self,
        conn: &mut DbConnection,
        table: &'static str,
        most: usize,
    ) -> StoreResult<Vec<U>>
    where
        Self: AsQuery,
        Self::Query: QueryFragment<Any> + QueryId + 'q,
        Any: QueryMetadata<Self::SqlType>,
        U: FromSqlRow<Self::SqlType, Any>,
    {
        let found = rows::read(self, conn, table, most)?;
        match found.is_cut {
            true => Err(StoreError::Damaged),
            false => Ok(found.rows),
        }
    }

    /// The same for a list that somebody is shown: it ends where a page of it cannot be read, and what is noted stands beside it until it is
    /// listed again.
    fn listed<'q, U>(self, conn: &mut DbConnection, table: &'static str) -> StoreResult<Vec<U>>
    where
        Self: AsQuery,
        Self::Query: QueryFragment<Any> + QueryId + 'q,
        Any: QueryMetadata<Self::SqlType>,
        U: FromSqlRow<Self::SqlType, Any>,
    {
        noted::listed(table);
        Ok(rows::read(self, conn, table, usize::MAX)?.rows)
    }

    /// Whether there is any row.
    fn exists<'q>(self, conn: &mut DbConnection) -> StoreResult<bool>
    where
        exists<Self>: Expression,
        select<exists<Self>>: AsQuery + LoadQuery<'q, DbConnection, bool>,
    {
        Ok(select(exists(self)).get_result(conn)?)
    }

    /// Puts a row in.
    fn insert<V>(self, conn: &mut DbConnection, row: V) -> StoreResult<()>
    where
        Self: Table,
        V: Insertable<Self>,
        InsertStatement<Self, V::Values>: ExecuteDsl<DbConnection>,
    {
        insert_into(self).values(row).execute(conn)?;
        Ok(())
    }

    /// Deletes the rows. Says how many there were.
    fn delete(self, conn: &mut DbConnection) -> StoreResult<usize>
    where
        Self: IntoUpdateTarget,
        DeleteStatement<Self::Table, Self::WhereClause>: ExecuteDsl<DbConnection>,
    {
        Ok(delete(self).execute(conn)?)
    }
}

impl<Q: RunQueryDsl<DbConnection>> Query for Q {}

/// What a change did, by the number of rows it changed.
pub(super) trait Change: ExecuteDsl<DbConnection> {
    /// Changes as many rows as there are.
    fn done(self, conn: &mut DbConnection) -> StoreResult<()> {
        Self::execute(self, conn)?;
        Ok(())
    }

    /// Whether exactly one row was changed.
    fn one(self, conn: &mut DbConnection) -> StoreResult<bool> {
        Ok(Self::execute(self, conn)? == 1)
    }

    /// Exactly one row was changed, or what the caller has seen is stale.
    fn or_stale(self, conn: &mut DbConnection) -> StoreResult<()> {
        self.one(conn)?.then_some(()).ok_or(StoreError::Stale)
    }

    /// Exactly one row was changed, or it is not there.
    fn or_not_found(self, conn: &mut DbConnection) -> StoreResult<()> {
        self.one(conn)?.then_some(()).ok_or(StoreError::NotFound)
    }
}

impl<Q: ExecuteDsl<DbConnection>> Change for Q {}

/// The columns of a row, to be read row by row; `as_select` reads all or none.
pub(super) fn columns_of<U: Selectable<Any>>() -> U::SelectExpression {
    U::construct_selection()
}

type Any = <DbConnection as Connection>::Backend;

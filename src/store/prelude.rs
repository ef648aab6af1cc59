//! What every file of rows begins with: diesel, the connection, and short words for what is asked of it.

use diesel::dsl::{Limit, delete, exists, insert_into, select};
use diesel::expression::Expression;
use diesel::query_builder::{AsQuery, DeleteStatement, InsertStatement, IntoUpdateTarget};
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};

pub(super) use diesel::prelude::*;

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

//! How the words of the domain are read from columns and written to them.
//!
//! The types are `pub` because public rows name them in a derive; the module is private all the same.

use diesel::backend::Backend;
use diesel::connection::Connection;
use diesel::deserialize::{self, FromSql, FromSqlRow, FromStaticSqlRow, Queryable};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::{DbConnection, Version};
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{
    AlarmId, KeyId, LedgerId, MailItemId, ObjectId, OutboxId, ProposalId, ReportId, RotationId,
    StaffId, TeamId,
};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::mail_fault::MailFailure;
use crate::domain::notice::NoticeList;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::rotation::{RotationReason, RotationState};
use crate::domain::sealed::Sealed;
use crate::domain::staff::{MemberState, Role, StaffState, TeamKind, UnlockMethod, Way};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// The backend of [`DbConnection`], which passes values on to the one in use.
type Any = <DbConnection as Connection>::Backend;

/// `$name` is a column of `$sql`, read by way of `$raw`.
macro_rules! column {
    ($($name:ident),+ : $sql:ident, $raw:ty, $read:expr) => {$(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive, sql_type = $sql)]
            #[expect(dead_code, reason = "names the type to the derives")]
            struct Column($name);
        };

        impl<DB: Backend> FromSql<$sql, DB> for $name
        where
            $raw: FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let read: fn($raw) -> deserialize::Result<Self> = $read;
                read(FromSql::<$sql, DB>::from_sql(bytes)?)
            }
        }
    )+};
}

/// A [`column`] that is written as the bytes or the text that `$name` lends.
macro_rules! lent {
    ($($name:ident),+ : $sql:ident, $lent:ty, $lend:ident, $raw:ty, $read:expr) => {$(
        column! { $name: $sql, $raw, $read }

        impl<DB: Backend> ToSql<$sql, DB> for $name
        where
            $lent: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <$lent as ToSql<$sql, DB>>::to_sql(self.$lend(), out)
            }
        }
    )+};
}

/// A [`column`] that is written as a number that `$name` makes: it cannot be lent, so each backend takes it in its own way.
macro_rules! number {
    ($($name:ident),+ : $make:ident, $read:expr) => {$(
        column! { $name: BigInt, i64, $read }

        impl ToSql<BigInt, Any> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Any>) -> serialize::Result {
                out.set_value((BigInt, self));
                Ok(IsNull::No)
            }
        }

        impl ToSql<BigInt, Sqlite> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.$make());
                Ok(IsNull::No)
            }
        }
    )+};
}

lent! {
    AlarmId, LedgerId, ProposalId, ReportId, ObjectId, KeyId, TeamId, StaffId, OutboxId, MailItemId, RotationId:
    Binary, [u8], as_bytes, Vec<u8>, |raw| Ok(Self::from_bytes(fixed(raw)?))
}
lent! {
    State, Urgency, Role, StaffState, MemberState, UnlockMethod, TeamKind, KeyKind, KeyState, NoticeList, RotationReason,
    RotationState, AlarmKind, ProposalKind, RetentionClass, Way:
    Text, str, as_str, String, |raw| Ok(raw.parse()?)
}
column! { MailFailure: Text, String, |raw| Ok(raw.parse()?) }

impl ToSql<Text, Any> for MailFailure {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Any>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Sqlite> for MailFailure {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

number! { Day, Version: number, |raw| Ok(Self::from_number(raw)) }
number! { Quarter, Timestamp: seconds, |raw| Ok(Self::from_seconds(raw)) }

const _: () = {
    #[derive(AsExpression, FromSqlRow)]
    #[diesel(foreign_derive, sql_type = Binary)]
    #[expect(dead_code, reason = "names the type to the derives")]
    struct Column<T>(Sealed<T>);
};

impl<T, DB: Backend> ToSql<Binary, DB> for Sealed<T>
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_bytes().to_sql(out)
    }
}

impl<T, DB: Backend> FromSql<Binary, DB> for Sealed<T>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let stored = <Vec<u8> as FromSql<Binary, DB>>::from_sql(bytes)?;
        Ok(Self::parse(stored).unwrap_or_else(|_| Self::unreadable()))
    }
}

/// A column of exactly `N` bytes.
#[derive(Debug, FromSqlRow)]
pub struct Bytes<const N: usize>([u8; N]);

impl<const N: usize, DB: Backend> FromSql<Binary, DB> for Bytes<N>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        fixed(<Vec<u8> as FromSql<Binary, DB>>::from_sql(bytes)?).map(Self)
    }
}

impl<const N: usize> From<Bytes<N>> for [u8; N] {
    fn from(bytes: Bytes<N>) -> Self {
        bytes.0
    }
}

/// A nullable column of exactly `N` bytes.
#[derive(Debug)]
pub struct MaybeBytes<const N: usize>(Option<[u8; N]>);

impl<const N: usize, DB: Backend> Queryable<Nullable<Binary>, DB> for MaybeBytes<N>
where
    Option<Vec<u8>>: FromStaticSqlRow<Nullable<Binary>, DB>,
{
    type Row = Option<Vec<u8>>;

    fn build(row: Self::Row) -> deserialize::Result<Self> {
        Ok(Self(row.map(fixed).transpose()?))
    }
}

impl<const N: usize> From<MaybeBytes<N>> for Option<[u8; N]> {
    fn from(bytes: MaybeBytes<N>) -> Self {
        bytes.0
    }
}

fn fixed<const N: usize>(raw: Vec<u8>) -> deserialize::Result<[u8; N]> {
    raw.try_into().map_err(|raw: Vec<u8>| {
        format!("a column of {} bytes where {N} were expected", raw.len()).into()
    })
}

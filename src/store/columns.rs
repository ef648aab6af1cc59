//! How the words of the domain are read from columns. Written the other way they are plain bytes, text and numbers.
//!
//! The types are `pub` because public rows name them in a derive; the module is private all the same.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::sql_types::{BigInt, Binary, Nullable, SingleValue, Text};

use super::Version;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{
    AlarmId, KeyId, MailItemId, ObjectId, OutboxId, ProposalId, ReportId, RotationId, StaffId,
    TeamId,
};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::notice::NoticeList;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::rotation::{RotationReason, RotationState};
use crate::domain::sealed::Sealed;
use crate::domain::staff::{MemberState, Role, StaffState, TeamKind, UnlockMethod};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// `$name` is read from a column of `$sql`, by way of `$raw`.
macro_rules! column {
    ($($name:ident),+ : $sql:ident, $raw:ty, $read:expr) => {$(
        impl<DB: Backend> FromSql<$sql, DB> for $name
        where
            $raw: FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let raw = <$raw as FromSql<$sql, DB>>::from_sql(bytes)?;
                let read: fn($raw) -> deserialize::Result<Self> = $read;
                read(raw)
            }
        }

        impl<DB: Backend, ST: SingleValue> Queryable<ST, DB> for $name
        where
            Self: FromSql<ST, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )+};
}

column!(AlarmId, ProposalId, ReportId, ObjectId, KeyId, TeamId, StaffId, OutboxId, MailItemId, RotationId: Binary, Vec<u8>, |raw| {
    Ok(Self::from_bytes(fixed(raw)?))
});
column!(State, Urgency, Role, StaffState, MemberState, UnlockMethod, TeamKind, KeyKind, KeyState, NoticeList, RotationReason, RotationState, AlarmKind, ProposalKind, RetentionClass: Text, String, |raw| {
    Ok(raw.parse()?)
});
column!(Day: BigInt, i64, |raw| Ok(Self::from_number(raw)));
column!(Quarter, Timestamp: BigInt, i64, |raw| Ok(Self::from_seconds(raw)));
column!(Version: BigInt, i64, |raw| Ok(Self(raw)));

impl<T, DB: Backend> FromSql<Binary, DB> for Sealed<T>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let stored = <Vec<u8> as FromSql<Binary, DB>>::from_sql(bytes)?;
        Ok(Self::parse(stored).unwrap_or_else(|_| Self::unreadable()))
    }
}

impl<T, DB: Backend, ST: SingleValue> Queryable<ST, DB> for Sealed<T>
where
    Self: FromSql<ST, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

/// A column of exactly `N` bytes.
#[derive(Debug)]
pub struct Bytes<const N: usize>([u8; N]);

impl<const N: usize, DB: Backend> FromSql<Binary, DB> for Bytes<N>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        fixed(<Vec<u8> as FromSql<Binary, DB>>::from_sql(bytes)?).map(Self)
    }
}

impl<const N: usize, DB: Backend, ST: SingleValue> Queryable<ST, DB> for Bytes<N>
where
    Self: FromSql<ST, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl<const N: usize> From<Bytes<N>> for [u8; N] {
    fn from(bytes: Bytes<N>) -> Self {
        bytes.0
    }
}

/// A nullable column of exactly `N` bytes.
#[derive(Debug)]
pub struct MaybeBytes<const N: usize>(Option<Bytes<N>>);

impl<const N: usize, DB: Backend> FromSql<Nullable<Binary>, DB> for MaybeBytes<N>
where
    Option<Bytes<N>>: FromSql<Nullable<Binary>, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Option::from_sql(bytes).map(Self)
    }

    fn from_nullable_sql(bytes: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        Option::from_nullable_sql(bytes).map(Self)
    }
}

impl<const N: usize, DB: Backend, ST: SingleValue> Queryable<ST, DB> for MaybeBytes<N>
where
    Self: FromSql<ST, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl<const N: usize> From<MaybeBytes<N>> for Option<[u8; N]> {
    fn from(bytes: MaybeBytes<N>) -> Self {
        bytes.0.map(Into::into)
    }
}

/// Ids one after the other in one column.
#[derive(Debug)]
pub struct StaffIds(Vec<StaffId>);

column!(StaffIds: Binary, Vec<u8>, |raw| {
    let ids = raw
        .chunks(16)
        .map(|chunk| fixed(chunk.to_vec()).map(StaffId::from_bytes));
    ids.collect::<deserialize::Result<_>>().map(Self)
});

impl From<StaffIds> for Vec<StaffId> {
    fn from(ids: StaffIds) -> Self {
        ids.0
    }
}

/// The bytes that [`StaffIds`] reads.
pub(super) fn staff_ids_to_bytes(ids: &[StaffId]) -> Vec<u8> {
    ids.iter()
        .flat_map(|id| id.as_bytes().iter().copied())
        .collect()
}

fn fixed<const N: usize>(raw: Vec<u8>) -> deserialize::Result<[u8; N]> {
    raw.try_into().map_err(|raw: Vec<u8>| {
        format!("a column of {} bytes where {N} were expected", raw.len()).into()
    })
}

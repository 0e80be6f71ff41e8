//! Column types that both databases know, and the domain types stored in them.
//!
//! | SQL type | PostgreSQL | SQLite |
//! |---|---|---|
//! | [`Uuid`] | `uuid` | `TEXT`, hyphenated |
//! | [`Instant`] | `timestamptz` | `TEXT`, `2026-11-23T08:00:00.000000Z`: fixed width, so that it sorts |
//! | `Text` | `text` | `TEXT`; enums by their code, small value objects as JSON |

use std::fmt::Debug;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Nullable, SingleValue, SqlType, Text, Timestamptz};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::MultiBackend;
use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::credential::CredentialKind;
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState};
use crate::domain::email::{EmailState, ParkedBecause, SuppressedBecause};
use crate::domain::ids::*;
use crate::domain::login_session::Means;
use crate::domain::month::Month;
use crate::domain::plan::PlanState;
use crate::domain::plan_run::{PlanRunPurpose, PlanRunState};
use crate::domain::policy::StayPreference;
use crate::domain::schedule_news::{Reader, ScheduleEmails, Told};
use crate::domain::school_calendar::CalendarKind;
use crate::domain::service_log::{LogOutcome, MissedReason};
use crate::domain::service_request::{Mode, Priority, RequestState};
use crate::domain::term::TermKind;
use crate::domain::time_away::AwayReason;
use crate::domain::workload::IndirectKind;

/// An identity.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Uuid;

/// A point in time, to the microsecond.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Instant;

impl HasSqlType<Uuid> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Uuid>(lookup)
    }
}

impl HasSqlType<Instant> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Instant>(lookup)
    }
}

/// What every column type needs beside its two encodings: use as an expression, as a row value, and through the
/// enum of both connections.
macro_rules! column_value {
    ([$($generics:tt)*] $rust:ty, $sql:ty) => {
        impl<$($generics)*> AsExpression<$sql> for $rust {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<$($generics)*> AsExpression<Nullable<$sql>> for $rust {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'expr, $($generics)*> AsExpression<$sql> for &'expr $rust {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<DB: Backend, ST: SingleValue, $($generics)*> Queryable<ST, DB> for $rust
        where
            Self: FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        impl<$($generics)*> ToSql<Nullable<$sql>, Pg> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<$sql, Pg>::to_sql(self, out)
            }
        }

        impl<$($generics)*> ToSql<Nullable<$sql>, Sqlite> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                ToSql::<$sql, Sqlite>::to_sql(self, out)
            }
        }

        impl<$($generics)*> ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }

        impl<$($generics)*> ToSql<Nullable<$sql>, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }

        impl<$($generics)*> FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<Self, $sql>()
            }
        }
    };
}

/// Stores identities.
macro_rules! id_columns {
    ($($id:ident),* $(,)?) => {$(
        impl ToSql<Uuid, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<diesel::sql_types::Uuid, Pg>::to_sql(&self.0, out)
            }
        }

        impl FromSql<Uuid, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                FromSql::<diesel::sql_types::Uuid, Pg>::from_sql(value).map($id)
            }
        }

        impl ToSql<Uuid, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.to_string());
                Ok(IsNull::No)
            }
        }

        impl FromSql<Uuid, Sqlite> for $id {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }

        column_value!([] $id, Uuid);
    )*};
}

id_columns!(
    MemberId,
    SiteId,
    SpecialistId,
    ContractId,
    AvailabilityId,
    TermId,
    ServiceRequestId,
    PlanRunId,
    PlanId,
    ScenarioId,
    VisitId,
    ShortfallId,
    CalendarEntryId,
    TimeAwayId,
    CalendarFeedId,
    CredentialId,
    IndirectBlockId,
    SupervisionLogId,
    DatedVisitId,
    ServiceLogId,
    LockedMonthId,
    CostShareId,
    AccountId,
    TokenId,
    LoginSessionId,
    ScheduleNewsId,
    EmailId,
    SuppressedAddressId,
    AuditEntryId,
    ErasureId,
    LeaseToken,
);

/// A point in time in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At(pub DateTime<Utc>);

impl ToSql<Instant, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<Instant, Pg> for At {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamptz, Pg>::from_sql(value).map(At)
    }
}

impl ToSql<Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_rfc3339_opts(SecondsFormat::Micros, true));
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Sqlite> for At {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(At(DateTime::parse_from_rfc3339(&text)?.with_timezone(&Utc)))
    }
}

column_value!([] At, Instant);

/// Stores values as text: `$write` gives the text, `$read` takes it back.
macro_rules! text_column {
    ([$($generics:tt)*] $rust:ty, $write:expr, $read:expr) => {
        impl<$($generics)*> ToSql<Text, Pg> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let text: String = $write(self)?;
                std::io::Write::write_all(out, text.as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl<$($generics)*> FromSql<Text, Pg> for $rust {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok($read(<String as FromSql<Text, Pg>>::from_sql(value)?)?)
            }
        }

        impl<$($generics)*> ToSql<Text, Sqlite> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                let text: String = $write(self)?;
                out.set_value(text);
                Ok(IsNull::No)
            }
        }

        impl<$($generics)*> FromSql<Text, Sqlite> for $rust {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok($read(<String as FromSql<Text, Sqlite>>::from_sql(value)?)?)
            }
        }

        column_value!([$($generics)*] $rust, Text);
    };
}

/// The word by which the API knows a value, for example `in_person`.
fn write_word<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_value(value).map(|word| word.as_str().unwrap_or_default().to_owned())
}

fn read_word<T: DeserializeOwned>(text: String) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(text))
}

text_column!([] Weekday, write_word, read_word);
text_column!([] WallClock, write_word, read_word);
text_column!([] Priority, write_word, read_word);
text_column!([] Mode, write_word, read_word);
text_column!([] StayPreference, write_word, read_word);
text_column!([] RequestState, write_word, read_word);
text_column!([] PlanRunState, write_word, read_word);
text_column!([] PlanRunPurpose, write_word, read_word);
text_column!([] PlanState, write_word, read_word);
text_column!([] EmailState, write_word, read_word);
text_column!([] ParkedBecause, write_word, read_word);
text_column!([] SuppressedBecause, write_word, read_word);
text_column!([] Means, write_word, read_word);
text_column!([] CalendarKind, write_word, read_word);
text_column!([] AwayReason, write_word, read_word);
text_column!([] TermKind, write_word, read_word);
text_column!([] CredentialKind, write_word, read_word);
text_column!([] IndirectKind, write_word, read_word);
text_column!([] DatedVisitState, write_word, read_word);
text_column!([] DatedVisitKind, write_word, read_word);
text_column!([] LogOutcome, write_word, read_word);
text_column!([] MissedReason, write_word, read_word);
text_column!([] Month, write_word, read_word);
text_column!([] ScheduleEmails, write_word, read_word);

fn write_told(told: &Told) -> Result<String, serde_json::Error> {
    Ok(told.code())
}

fn read_told(code: String) -> Result<Told, String> {
    Told::read(&code).ok_or_else(|| format!("{code} says nothing about a visit"))
}

fn write_reader(reader: &Reader) -> Result<String, serde_json::Error> {
    Ok(reader.code())
}

fn read_reader(code: String) -> Result<Reader, String> {
    Reader::read(&code).ok_or_else(|| format!("{code} is nobody"))
}

text_column!([] Told, write_told, read_told);
text_column!([] Reader, write_reader, read_reader);

/// A small value object that is always read and written whole, stored as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<T>(pub T);

fn write_json<T: Serialize>(value: &Json<T>) -> Result<String, serde_json::Error> {
    serde_json::to_string(&value.0)
}

fn read_json<T: DeserializeOwned>(text: String) -> Result<Json<T>, serde_json::Error> {
    serde_json::from_str(&text).map(Json)
}

text_column!([T: Debug + Serialize + DeserializeOwned + Send + Sync + 'static] Json<T>, write_json, read_json);

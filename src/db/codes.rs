//! Human codes such as `SR-2026-0042`: a series a year, numbered without gaps in one transaction.

use diesel::prelude::*;

use super::schema::code_counters;
use super::{DbError, WriteTx};

/// The next code of a series, for example `next(tx, "SR-2026")` gives `SR-2026-0042`.
pub fn next(tx: &mut WriteTx, series: &str) -> Result<String, DbError> {
    let last: Option<i64> =
        code_counters::table.find(series).select(code_counters::last).first(tx.connection()).optional()?;
    let number = last.unwrap_or(0) + 1;
    if last.is_some() {
        diesel::update(code_counters::table.find(series))
            .set(code_counters::last.eq(number))
            .execute(tx.connection())?;
    } else {
        diesel::insert_into(code_counters::table)
            .values((code_counters::series.eq(series), code_counters::last.eq(number)))
            .execute(tx.connection())?;
    }
    Ok(format!("{series}-{number:04}"))
}

/// Makes the series continue after a code that was given elsewhere, for example in an import.
/// Codes of another shape do not belong to any series and are left alone.
pub fn skip(tx: &mut WriteTx, code: &str) -> Result<(), DbError> {
    let Some((series, number)) = code.rsplit_once('-') else { return Ok(()) };
    let Ok(number) = number.parse::<i64>() else { return Ok(()) };
    let last: Option<i64> =
        code_counters::table.find(series).select(code_counters::last).first(tx.connection()).optional()?;
    match last {
        None => {
            diesel::insert_into(code_counters::table)
                .values((code_counters::series.eq(series), code_counters::last.eq(number)))
                .execute(tx.connection())?;
        }
        Some(last) if last < number => {
            diesel::update(code_counters::table.find(series))
                .set(code_counters::last.eq(number))
                .execute(tx.connection())?;
        }
        Some(_) => {}
    }
    Ok(())
}

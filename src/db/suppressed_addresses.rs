//! Addresses to which nothing is sent until the office takes them off.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::suppressed_addresses;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::email::{SuppressedAddress, SuppressedBecause};
use crate::domain::ids::SuppressedAddressId;

/// One spelling of an address: hosts do not tell large letters from small ones, and mailboxes hardly ever do.
fn key(address: &str) -> String {
    address.to_ascii_lowercase()
}

/// Whether nothing is sent there.
pub fn contains(tx: &mut ReadTx, address: &str) -> Result<bool, DbError> {
    let found = suppressed_addresses::table.filter(suppressed_addresses::address.eq(key(address)));
    Ok(found.count().get_result::<i64>(tx.connection())? > 0)
}

/// Puts an address on the list; false when it is there already.
pub fn insert(
    tx: &mut WriteTx,
    address: &str,
    because: SuppressedBecause,
    server_text: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if contains(tx, address)? {
        return Ok(false);
    }
    diesel::insert_into(suppressed_addresses::table)
        .values((
            suppressed_addresses::id.eq(SuppressedAddressId::new()),
            suppressed_addresses::address.eq(key(address)),
            suppressed_addresses::because.eq(because),
            suppressed_addresses::server_text.eq(server_text),
            suppressed_addresses::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(true)
}

/// Takes an address off the list; false when it is not there.
pub fn delete(tx: &mut WriteTx, id: SuppressedAddressId) -> Result<bool, DbError> {
    Ok(diesel::delete(suppressed_addresses::table.find(id)).execute(tx.connection())? == 1)
}

/// How many there are.
pub fn count(tx: &mut ReadTx) -> Result<i64, DbError> {
    Ok(suppressed_addresses::table.count().get_result(tx.connection())?)
}

type Row = (SuppressedAddressId, String, SuppressedBecause, String, At);

fn record((id, address, because, server_text, created_at): Row) -> SuppressedAddress {
    SuppressedAddress { id, address, because, server_text, created_at: created_at.0 }
}

/// The list, in order of entry.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<SuppressedAddress>, DbError> {
    let rows: Vec<Row> = suppressed_addresses::table
        .filter(suppressed_addresses::id.gt(page.start::<SuppressedAddressId>()))
        .order(suppressed_addresses::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |one| one.id.0))
}

/// One of the list.
pub fn find(tx: &mut ReadTx, id: SuppressedAddressId) -> Result<Option<SuppressedAddress>, DbError> {
    let row: Option<Row> = suppressed_addresses::table.find(id).first(tx.connection()).optional()?;
    Ok(row.map(record))
}

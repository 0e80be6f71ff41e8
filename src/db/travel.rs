//! Travel between sites.

use diesel::prelude::*;

use super::schema::travel;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::SiteId;
use crate::domain::travel::{Travel, TravelFields};

type Row = (SiteId, SiteId, i64, i64, bool);

fn record((from_site_id, to_site_id, minutes, miles_hundredths, estimated): Row) -> Travel {
    Travel { from_site_id, to_site_id, fields: TravelFields { minutes, miles_hundredths, estimated } }
}

/// All known drives, or those from one site.
pub fn list(tx: &mut ReadTx, from: Option<SiteId>) -> Result<Vec<Travel>, DbError> {
    let mut query = travel::table.order((travel::from_site_id, travel::to_site_id)).into_boxed();
    if let Some(from) = from {
        query = query.filter(travel::from_site_id.eq(from));
    }
    let rows: Vec<Row> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// The drive from one site to another.
pub fn find(tx: &mut ReadTx, from: SiteId, to: SiteId) -> Result<Option<Travel>, DbError> {
    Ok(travel::table.find((from, to)).first(tx.connection()).optional()?.map(record))
}

/// Enters or replaces a drive.
pub fn put(tx: &mut WriteTx, from: SiteId, to: SiteId, fields: &TravelFields) -> Result<(), DbError> {
    let changed = diesel::update(travel::table.find((from, to)))
        .set((
            travel::minutes.eq(fields.minutes),
            travel::miles_hundredths.eq(fields.miles_hundredths),
            travel::estimated.eq(fields.estimated),
        ))
        .execute(tx.connection())?;
    if changed == 0 {
        diesel::insert_into(travel::table)
            .values((
                travel::from_site_id.eq(from),
                travel::to_site_id.eq(to),
                travel::minutes.eq(fields.minutes),
                travel::miles_hundredths.eq(fields.miles_hundredths),
                travel::estimated.eq(fields.estimated),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}

//! Private links to calendars, by the hash of their secret.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::schema::{calendar_feeds as feeds, sites};
use super::sql_types::At;
use super::{DbError, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar_feed::{CalendarFeed, CalendarFeedFields};
use crate::domain::ids::{AccountId, CalendarFeedId, MemberId, SiteId, SpecialistId};

type Row = (
    CalendarFeedId,
    AccountId,
    Option<SpecialistId>,
    Option<SiteId>,
    bool,
    Option<NaiveDate>,
    i64,
    At,
    At,
    Option<MemberId>,
);

/// Every column of a [`Row`]: a site's link belongs to the site's member.
macro_rules! joined {
    () => {
        feeds::table.left_join(sites::table.on(feeds::site_id.eq(sites::id.nullable()))).select((
            feeds::id,
            feeds::account_id,
            feeds::specialist_id,
            feeds::site_id,
            feeds::with_drives,
            feeds::last_used_on,
            feeds::version,
            feeds::created_at,
            feeds::updated_at,
            sites::member_id.nullable(),
        ))
    };
}

/// A link and the member whose site it is about, if it is about one.
pub type Found = (CalendarFeed, Option<MemberId>);

fn record(row: Row) -> Found {
    let (id, account_id, specialist_id, site_id, with_drives, last_used_on, version, created, updated, member) = row;
    let fields = CalendarFeedFields { specialist_id, site_id, with_drives };
    let (created_at, updated_at) = (created.0, updated.0);
    (CalendarFeed { id, account_id, fields, last_used_on, version, created_at, updated_at }, member)
}

/// The links in a scope, in order of entry.
pub fn list(tx: &mut ReadTx, scope: &Scope, page: PageRequest) -> Result<Page<CalendarFeed>, DbError> {
    let mut query = joined!().filter(feeds::id.gt(page.start::<CalendarFeedId>())).into_boxed::<MultiBackend>();
    if let Scope::Parts { members, specialists } = scope {
        let own = feeds::specialist_id.eq_any(specialists.iter().copied().map(Some).collect::<Vec<_>>());
        query = query
            .filter(own.or(sites::member_id.nullable().eq_any(members.iter().copied().map(Some).collect::<Vec<_>>())));
    }
    let rows: Vec<Row> = query.order(feeds::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(|row| record(row).0).collect(), page, |feed| feed.id.0))
}

/// One link.
pub fn find(tx: &mut ReadTx, id: CalendarFeedId) -> Result<Option<Found>, DbError> {
    Ok(joined!().filter(feeds::id.eq(id)).first(tx.connection()).optional()?.map(record))
}

/// The link with this hash.
pub fn find_by_secret(tx: &mut ReadTx, secret_sha256: &str) -> Result<Option<Found>, DbError> {
    Ok(joined!().filter(feeds::secret_sha256.eq(secret_sha256)).first(tx.connection()).optional()?.map(record))
}

/// The links of an account to the same visits.
pub fn same(tx: &mut ReadTx, account: AccountId, fields: &CalendarFeedFields) -> Result<Vec<CalendarFeedId>, DbError> {
    let mut query = feeds::table.filter(feeds::account_id.eq(account)).select(feeds::id).into_boxed::<MultiBackend>();
    query = match (fields.specialist_id, fields.site_id) {
        (Some(specialist), _) => query.filter(feeds::specialist_id.eq(Some(specialist))),
        (None, site) => query.filter(feeds::site_id.eq(site)),
    };
    Ok(query.load(tx.connection())?)
}

/// Keeps a new link by the hash of its secret.
pub fn insert(
    tx: &mut WriteTx,
    account: AccountId,
    fields: &CalendarFeedFields,
    secret_sha256: &str,
    now: DateTime<Utc>,
) -> Result<CalendarFeedId, DbError> {
    let id = CalendarFeedId::new();
    diesel::insert_into(feeds::table)
        .values((
            feeds::id.eq(id),
            feeds::account_id.eq(account),
            feeds::specialist_id.eq(fields.specialist_id),
            feeds::site_id.eq(fields.site_id),
            feeds::secret_sha256.eq(secret_sha256),
            feeds::with_drives.eq(fields.with_drives),
            feeds::version.eq(1),
            feeds::created_at.eq(At(now)),
            feeds::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes whether drives are shown.
pub fn update(tx: &mut WriteTx, id: CalendarFeedId, with_drives: bool, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(feeds::table.find(id))
        .set((feeds::with_drives.eq(with_drives), feeds::version.eq(feeds::version + 1), feeds::updated_at.eq(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Writes down that a calendar fetched it today.
pub fn touch(tx: &mut WriteTx, id: CalendarFeedId, today: NaiveDate) -> Result<(), DbError> {
    diesel::update(feeds::table.find(id)).set(feeds::last_used_on.eq(Some(today))).execute(tx.connection())?;
    Ok(())
}

/// Takes a link away: it stops working.
pub fn delete(tx: &mut WriteTx, id: CalendarFeedId) -> Result<(), DbError> {
    diesel::delete(feeds::table.find(id)).execute(tx.connection())?;
    Ok(())
}

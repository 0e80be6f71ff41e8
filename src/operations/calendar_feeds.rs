//! Private links to calendars: made, replaced and taken away by whoever may see the visits, and read without signing in.

mod events;
mod own;

use super::access::{allow, same_version, seen, visible};
use super::accounts;
use super::audit::{note, note_views};
use super::error::{OperationError, no_faults};
use super::runner::{Context, Operations};
use super::sign_in::{hash, new_secret};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::calendar_feed::{CalendarFeed, CalendarFeedFields, NewCalendarFeed};
use crate::domain::ids::CalendarFeedId;
use crate::reports::icalendar::FeedCalendar;

pub use own::{Own, OwnFeed, own};

const RESOURCE: Resource = Resource::CalendarFeeds;

/// The links that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<CalendarFeed>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    Ok(db::calendar_feeds::list(tx, &scope, page)?)
}

/// One link.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: CalendarFeedId) -> Result<CalendarFeed, OperationError> {
    Ok(found(tx, ctx, id)?.0)
}

fn found(tx: &mut ReadTx, ctx: &Context, id: CalendarFeedId) -> Result<db::calendar_feeds::Found, OperationError> {
    let found = db::calendar_feeds::find(tx, id)?;
    seen(ctx, RESOURCE, found, owner)
}

fn owner((feed, member): &db::calendar_feeds::Found) -> Owner {
    Owner { member: *member, specialist: feed.fields.specialist_id }
}

/// Makes a link and tells its address once. It replaces the link that the account had to the same visits, which stops
/// working.
///
/// # Errors
/// Invalid unless it names one specialist or one site that the actor can see.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &CalendarFeedFields) -> Result<NewCalendarFeed, OperationError> {
    visible(ctx, RESOURCE)?;
    no_faults(fields.check())?;
    let subject = subject(tx, ctx, fields)?;
    for former in db::calendar_feeds::same(tx, ctx.actor.account_id, fields)? {
        db::calendar_feeds::delete(tx, former)?;
        note(tx, ctx, "remove", ("calendar_feed", &former.to_string()), &subject)?;
    }
    let secret = new_secret();
    let id = db::calendar_feeds::insert(tx, ctx.actor.account_id, fields, &hash(&secret), ctx.now)?;
    note(tx, ctx, "create", ("calendar_feed", &id.to_string()), &subject)?;
    let address = format!("{}/cal/{secret}.ics", ctx.settings.public_url);
    Ok(NewCalendarFeed { feed: get(tx, ctx, id)?, address })
}

/// Whose visits are asked for, in the words of the audit trail.
fn subject(tx: &mut ReadTx, ctx: &Context, fields: &CalendarFeedFields) -> Result<String, OperationError> {
    let (owner, pointer, code) = match (fields.specialist_id, fields.site_id) {
        (Some(id), _) => {
            let code = db::specialists::find(tx, id)?.map(|person| format!("specialist {}", person.fields.code));
            (Owner::specialist(id), "/specialist_id", code)
        }
        (None, Some(id)) => {
            let site = db::sites::find(tx, id)?;
            let owner = site.as_ref().map_or(Owner::COOP, |site| Owner::member(site.fields.member_id));
            (owner, "/site_id", site.map(|site| format!("site {}", site.fields.code)))
        }
        (None, None) => (Owner::COOP, "/specialist_id", None),
    };
    // What the actor may not see answers like what does not exist.
    let is_allowed = may(&ctx.actor, Action::Write(RESOURCE)).covers(owner);
    let unknown = || OperationError::invalid(pointer, "This does not exist, or you cannot see it");
    code.filter(|_| is_allowed).ok_or_else(unknown)
}

/// Switches drives on or off; the address stays.
///
/// # Errors
/// Invalid when it names other visits: those need a link of their own.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: CalendarFeedId,
    based_on: Option<i64>,
    fields: &CalendarFeedFields,
) -> Result<CalendarFeed, OperationError> {
    let present = found(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, owner(&present))?;
    let (present, _) = present;
    if (fields.specialist_id, fields.site_id) != (present.fields.specialist_id, present.fields.site_id) {
        return Err(OperationError::invalid("/specialist_id", "A link stays with its visits; make another link"));
    }
    same_version(based_on, present.version)?;
    db::calendar_feeds::update(tx, id, fields.with_drives, ctx.now)?;
    note(tx, ctx, "change", ("calendar_feed", &id.to_string()), "")?;
    get(tx, ctx, id)
}

/// Takes a link away: it stops working at once.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: CalendarFeedId) -> Result<(), OperationError> {
    let present = found(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, owner(&present))?;
    db::calendar_feeds::delete(tx, id)?;
    note(tx, ctx, "remove", ("calendar_feed", &id.to_string()), "")
}

/// The calendar behind the secret of a link, as long as whoever made the link may see the visits.
///
/// Calendars ask every hour, so nothing is written but once a day: the day on which it was used, and one entry in the
/// audit trail for all views of that day.
///
/// # Errors
/// [`OperationError::NotFound`] for an unknown link, and for one of an account that was disabled or lost the role.
pub fn calendar(operations: &Operations, secret: &str) -> Result<FeedCalendar, OperationError> {
    let (feed, ctx, calendar) = operations.database.read(|tx| {
        let found = db::calendar_feeds::find_by_secret(tx, &hash(secret))?.ok_or(OperationError::NotFound)?;
        let account = db::accounts::find(tx, found.0.account_id)?.filter(|account| !account.fields.disabled);
        let ctx = operations.context(accounts::actor(account.ok_or(OperationError::NotFound)?));
        if !may(&ctx.actor, Action::Read(RESOURCE)).covers(owner(&found)) {
            return Err(OperationError::NotFound);
        }
        let calendar = events::calendar(tx, &ctx, &found.0.fields)?;
        Ok((found, ctx, calendar))
    })?;
    let today = ctx.today();
    if feed.0.last_used_on != Some(today) {
        ctx.trail.found(Resource::DatedVisits, owner(&feed));
        ctx.trail.code(&feed.0.id.to_string());
        note_views(operations, &ctx)?;
        match operations.database.write(|tx| db::calendar_feeds::touch(tx, feed.0.id, today)) {
            // While something long is written, this can wait for the next time.
            Ok(()) | Err(db::DbError::Busy) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(calendar)
}

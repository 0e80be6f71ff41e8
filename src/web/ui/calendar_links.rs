//! Private links by which the own calendar follows visits: made, replaced and taken away.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use url::form_urlencoded::byte_serialize;

use super::holder::Holder;
use super::shell::{Place, Shell, answer, lead_to};
use super::typed::Posted;
use super::{icon, wording};
use crate::domain::calendar_feed::{CalendarFeed, CalendarFeedFields};
use crate::domain::ids::CalendarFeedId;
use crate::operations::calendar_feeds::{self, Own, OwnFeed};
use crate::operations::{Context, OperationError, WriteTx};

const HERE: &str = "/me/calendar";
/// What the own visits are called in the choice of what to follow.
const OWN: &str = "own";

#[derive(Template)]
#[template(path = "calendar_links.html")]
struct ListHtml<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    rows: &'a [Row],
    /// Value and words.
    choices: &'a [(String, String)],
}

#[derive(Template)]
#[template(path = "calendar_link_made.html")]
struct MadeHtml<'a> {
    shell: &'a Shell,
    what: &'a str,
    address: &'a str,
    /// The same for programs that ask the system which calendar to open.
    webcal: String,
    google: String,
    outlook: String,
}

#[derive(Template)]
#[template(path = "calendar_link_end.html")]
struct EndHtml<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    what: &'a str,
    /// Where the form goes to, and what is chosen there.
    action: String,
    choice: String,
    is_replaced: bool,
}

struct Row {
    id: CalendarFeedId,
    what: String,
    used: String,
    /// Words of the button that switches drives; absent for schools.
    drives: Option<&'static str>,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(make))
        .route("/me/calendar/{id}/drives", web::post().to(switch_drives))
        .route("/me/calendar/{id}/replace", web::get().to(ask_to_replace))
        .route("/me/calendar/{id}/remove", web::get().to(ask_to_remove))
        .route("/me/calendar/{id}/remove", web::post().to(remove));
}

/// `Your visits`, `Visits at Gravois Park`
fn what(site_name: Option<&String>) -> String {
    site_name.map_or_else(|| "Your visits".to_owned(), |name| format!("Visits at {name}"))
}

/// How a choice is sent: the own visits, or a school.
fn value(fields: &CalendarFeedFields) -> String {
    fields.site_id.map_or_else(|| OWN.to_owned(), |site| site.to_string())
}

/// `GET /me/calendar`
async fn list(holder: Holder) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    match holder.look(calendar_feeds::own).await {
        Ok(own) => {
            let shell = Shell { place: Place::CalendarLink, ..holder.shell() };
            let rows: Vec<Row> = own.feeds.iter().map(row).collect();
            let choices: Vec<(String, String)> =
                own.choices.iter().map(|(fields, site)| (value(fields), what(site.as_ref()))).collect();
            let form_token = &holder.signed_in.form_token;
            answer(
                &shell,
                StatusCode::OK,
                ListHtml { shell: &shell, form_token, rows: &rows, choices: &choices }.render(),
            )
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn row(own: &OwnFeed) -> Row {
    let used = match own.feed.last_used_on {
        None => "No calendar has asked for it yet".to_owned(),
        Some(day) => format!("A calendar last asked for it on {}", wording::date(day)),
    };
    let drives = match own.feed.fields {
        CalendarFeedFields { site_id: Some(_), .. } => None,
        CalendarFeedFields { with_drives: true, .. } => Some("Hide drives"),
        CalendarFeedFields { .. } => Some("Show drives"),
    };
    Row { id: own.feed.id, what: what(own.site_name.as_ref()), used, drives }
}

/// `POST /me/calendar`: makes a link, also in place of one that there is, and shows its address once.
async fn make(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    let made = holder.change(move |tx, ctx| {
        let (fields, site) = chosen(calendar_feeds::own(tx, ctx)?, typed.one("what"))?;
        Ok((calendar_feeds::create(tx, ctx, &fields)?, site))
    });
    match made.await {
        Ok((made, site)) => {
            let shell = Shell { place: Place::CalendarLink, ..holder.shell() };
            let what = what(site.as_ref());
            let address = &made.address;
            let webcal = match address.split_once("://") {
                Some((_, rest)) => format!("webcal://{rest}"),
                None => address.clone(),
            };
            let escaped = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let page = MadeHtml {
                shell: &shell,
                what: &what,
                address,
                google: format!("https://calendar.google.com/calendar/render?cid={}", escaped(&webcal)),
                outlook: format!(
                    "https://outlook.office.com/calendar/0/addfromweb?url={}&name={}",
                    escaped(address),
                    escaped(&what)
                ),
                webcal,
            };
            answer(&shell, StatusCode::OK, page.render())
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// What somebody chose, among what can be followed and what is followed already.
fn chosen(own: Own, asked: &str) -> Result<(CalendarFeedFields, Option<String>), OperationError> {
    let present = own.feeds.into_iter().map(|one| (one.feed.fields, one.site_name));
    let found = own.choices.into_iter().chain(present).find(|(fields, _)| value(fields) == asked);
    found.ok_or(OperationError::NotFound)
}

/// One of the own links with its words.
async fn one(holder: &Holder, id: &str) -> Result<(CalendarFeed, String), HttpResponse> {
    holder.complete()?;
    let asked: Option<CalendarFeedId> = id.parse().ok();
    let own = holder.look(calendar_feeds::own).await.map_err(|error| holder.refuse(&error, HERE))?;
    let found = own.feeds.into_iter().find(|one| Some(one.feed.id) == asked);
    let found = found.map(|one| (one.feed, what(one.site_name.as_ref())));
    found.ok_or_else(|| holder.refuse(&OperationError::NotFound, HERE))
}

/// `GET /me/calendar/{id}/replace`: says what stops working.
async fn ask_to_replace(holder: Holder, id: web::Path<String>) -> HttpResponse {
    ask(&holder, &id, true).await
}

/// `GET /me/calendar/{id}/remove`
async fn ask_to_remove(holder: Holder, id: web::Path<String>) -> HttpResponse {
    ask(&holder, &id, false).await
}

async fn ask(holder: &Holder, id: &str, is_replaced: bool) -> HttpResponse {
    match one(holder, id).await {
        Ok((feed, what)) => {
            let shell = Shell { place: Place::CalendarLink, ..holder.shell() };
            let page = EndHtml {
                shell: &shell,
                form_token: &holder.signed_in.form_token,
                what: &what,
                action: if is_replaced { HERE.to_owned() } else { format!("{HERE}/{}/remove", feed.id) },
                choice: value(&feed.fields),
                is_replaced,
            };
            answer(&shell, StatusCode::OK, page.render())
        }
        Err(answer) => answer,
    }
}

/// `POST /me/calendar/{id}/remove`
async fn remove(posted: Posted, id: web::Path<String>) -> HttpResponse {
    act(posted, id, |tx, ctx, feed| calendar_feeds::remove(tx, ctx, feed.id)).await
}

/// `POST /me/calendar/{id}/drives`
async fn switch_drives(posted: Posted, id: web::Path<String>) -> HttpResponse {
    let switch = |tx: &mut WriteTx, ctx: &Context, feed: &CalendarFeed| {
        let fields = CalendarFeedFields { with_drives: !feed.fields.with_drives, ..feed.fields };
        calendar_feeds::change(tx, ctx, feed.id, Some(feed.version), &fields).map(|_| ())
    };
    act(posted, id, switch).await
}

/// Does something to one of the own links and leads back.
async fn act(
    posted: Posted,
    id: web::Path<String>,
    change: impl Fn(&mut WriteTx, &Context, &CalendarFeed) -> Result<(), OperationError> + Send + 'static,
) -> HttpResponse {
    let holder = posted.holder;
    let feed = match one(&holder, &id).await {
        Ok((feed, _)) => feed,
        Err(answer) => return answer,
    };
    match holder.change(move |tx, ctx| change(tx, ctx, &feed)).await {
        Ok(()) => lead_to(HERE),
        Err(error) => holder.refuse(&error, HERE),
    }
}

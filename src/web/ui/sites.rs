//! Schools: all of them by district, and for the office entering and changing one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::fields::{Choice, Field, FieldsPage};
use super::holder::Holder;
use super::shell::{Place, Shell, answer, lead_to};
use super::typed::{Posted, Typed, faults};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::fault::Faults;
use crate::domain::ids::{MemberId, SiteId};
use crate::domain::member::Member;
use crate::domain::site::{Site, SiteFields};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members, sites};

const HERE: &str = "/sites";

#[derive(Template)]
#[template(path = "sites.html")]
struct Html<'a> {
    shell: &'a Shell,
    rows: Vec<Row>,
    /// Whether there are forms: not in a demonstration without a session.
    changes: bool,
    notice: Option<&'static str>,
}

struct Row {
    name: String,
    code: String,
    href: String,
    district: String,
    address: String,
    open: String,
    /// Its requests.
    requests: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route("/sites/new", web::get().to(new))
        .route("/sites/new", web::post().to(enter))
        .route("/sites/{id}", web::get().to(edit))
        .route("/sites/{id}", web::post().to(save));
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    done: String,
}

/// `GET /sites`, for the office.
async fn list(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let shell = visitor.shell(Place::Schools);
    let read = |tx: &mut ReadTx, ctx: &Context| {
        if !may(&ctx.actor, Action::Write(Resource::Sites)).covers(Owner::COOP) {
            return Err(OperationError::NotFound);
        }
        let members = members::list(tx, ctx, PageRequest::ALL)?.items;
        let found = sites::list(tx, ctx, PageRequest::ALL)?.items;
        let today = ctx.today();
        let mut rows: Vec<Row> = found.iter().map(|site| row(site, &members, today)).collect();
        rows.sort_by(|a, b| (&a.district, &a.name).cmp(&(&b.district, &b.name)));
        Ok(rows)
    };
    let notice = match chosen.map(|chosen| chosen.into_inner().done).unwrap_or_default().as_str() {
        "entered" => Some("The school is entered. Drives to it come by import or by the API."),
        "changed" => Some("The school is changed. Visits from today on follow."),
        _ => None,
    };
    match visitor.look(read).await {
        Ok(rows) => {
            let changes = shell.person.is_some();
            answer(&shell, StatusCode::OK, Html { shell: &shell, rows, changes, notice }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn row(site: &Site, members: &[Member], today: NaiveDate) -> Row {
    let fields = &site.fields;
    let last = fields.open_until.map(|until| until - TimeDelta::days(1));
    Row {
        name: fields.name.clone(),
        code: fields.code.clone(),
        href: format!("{HERE}/{}", site.id),
        district: members
            .iter()
            .find(|member| member.id == fields.member_id)
            .map_or_else(String::new, |member| member.fields.name.clone()),
        address: fields.address.clone(),
        open: match last {
            Some(last) if last < today => format!("Closed since {}", wording::date(last)),
            Some(last) => format!("Until {}", wording::date(last)),
            None if fields.open_from > today => format!("From {}", wording::date(fields.open_from)),
            None => "Open".to_owned(),
        },
        requests: format!("/requests?school={}", wording::in_path(&fields.code)),
    }
}

/// `GET /sites/new`
async fn new(holder: Holder) -> HttpResponse {
    match holder.changes_all(Resource::Sites, HERE) {
        Ok(()) => form(&holder, None, &Typed::default(), Vec::new()).await,
        Err(answer) => answer,
    }
}

async fn form(holder: &Holder, present: Option<&Site>, typed: &Typed, faults: Vec<(String, String)>) -> HttpResponse {
    let members = match holder.look(|tx, ctx| members::list(tx, ctx, PageRequest::ALL)).await {
        Ok(members) => members.items,
        Err(error) => return holder.refuse(&error, HERE),
    };
    let shell = Shell { place: Place::Schools, ..holder.shell() };
    let mut fields = Vec::new();
    // A school stays with its district.
    if present.is_none() {
        let chosen = typed.one("district");
        let first = std::iter::once(Choice::new("", "Choose a district", chosen));
        let all = members.iter().map(|one| Choice::new(one.id.to_string(), one.fields.name.as_str(), chosen));
        fields.push(Field::list("district", "District", first.chain(all).collect()));
    }
    fields.extend([
        Field::text("code", "Short code", typed.one("code")).with_hint("Like KIPP-VIC, unique in the co-op"),
        Field::text("name", "Name", typed.one("name")),
        Field::text("address", "Street address (optional)", typed.one("address")),
        Field::text("latitude", "Latitude (optional)", typed.one("latitude"))
            .with_hint("Degrees north, like 38.6270. With both, drives that are missing can be estimated on import"),
        Field::text("longitude", "Longitude (optional)", typed.one("longitude"))
            .with_hint("Degrees east, negative here, like -90.1994"),
        Field::date("open_from", "First day it is open", typed.one("open_from")),
        Field::date("last_day", "Last day it is open (optional)", typed.one("last_day"))
            .with_hint("Only where it closes for good. Visits after it do not take place"),
    ]);
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(present.map(|one| ("version".to_owned(), one.version.to_string())));
    let district = present.and_then(|site| members.iter().find(|one| one.id == site.fields.member_id));
    let page = FieldsPage {
        shell: &shell,
        back: (HERE.to_owned(), "Schools".to_owned()),
        heading: present.map_or_else(|| "Enter a school".to_owned(), |one| one.fields.name.clone()),
        lede: district.map(|one| format!("A school of {}.", one.fields.name)).unwrap_or_default(),
        action: present.map_or_else(|| "/sites/new".to_owned(), |one| format!("{HERE}/{}", one.id)),
        sends_file: false,
        hidden,
        fields,
        button: if present.is_some() { "Save" } else { "Enter this school" },
        faults: faults.into_iter().map(on_form).collect(),
        after: Vec::new(),
    };
    page.answer()
}

/// A fault at the field of the form: people enter the last day, programs the first day outside.
fn on_form((name, words): (String, String)) -> (String, String) {
    match name.as_str() {
        "open_until" => ("last_day".to_owned(), "The last day must be on or after the first day".to_owned()),
        "member_id" => ("district".to_owned(), words),
        _ => (name, words),
    }
}

/// What was typed, for the district of a new school or of the one that is changed.
///
/// # Errors
/// Every entry that cannot be read.
fn read(typed: &Typed, present: Option<&SiteFields>) -> Result<SiteFields, OperationError> {
    let mut faults = Faults::default();
    let member = present.map(|one| one.member_id).or_else(|| typed.one("district").parse::<MemberId>().ok());
    faults.require(member.is_some(), "/district", || "Choose a district".to_owned());
    let mut degrees = |name: &str| {
        let text = typed.one(name);
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        faults.require(text.is_empty() || number.is_some(), &format!("/{name}"), || {
            "Enter degrees as a number, like 38.6270, or nothing".to_owned()
        });
        number
    };
    let (latitude, longitude) = (degrees("latitude"), degrees("longitude"));
    let open_from = typed.date(&mut faults, "open_from", "first day");
    let last = typed.date_or_none(&mut faults, "last_day", "last day");
    match (member, open_from, faults.into_vec()) {
        (Some(member_id), Some(open_from), faults) if faults.is_empty() => {
            let moved = present.is_none_or(|one| (one.latitude, one.longitude) != (latitude, longitude));
            let source = if moved && latitude.is_some() { "entered by hand" } else { "" };
            Ok(SiteFields {
                member_id,
                code: typed.one("code").to_uppercase(),
                name: typed.one("name").to_owned(),
                address: typed.one("address").to_owned(),
                latitude,
                longitude,
                coordinates_source: match present.filter(|_| !moved) {
                    Some(one) => one.coordinates_source.clone(),
                    None => source.to_owned(),
                },
                open_from,
                open_until: last.and_then(|day| day.checked_add_signed(TimeDelta::days(1))),
            })
        }
        (.., faults) => Err(OperationError::Invalid(faults)),
    }
}

/// The form with what is wrong, or the page of the error.
async fn refused(holder: &Holder, present: Option<&Site>, typed: &Typed, error: &OperationError) -> HttpResponse {
    match faults(error) {
        Some(faults) => form(holder, present, typed, faults).await,
        None => holder.refuse(error, HERE),
    }
}

/// `POST /sites/new`
async fn enter(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Sites, HERE) {
        return answer;
    }
    let asked = typed.clone();
    match holder.change(move |tx, ctx| sites::create(tx, ctx, &read(&asked, None)?)).await {
        Ok(_) => lead_to("/sites?done=entered"),
        Err(error) => refused(&holder, None, &typed, &error).await,
    }
}

async fn found(holder: &Holder, id: &str) -> Result<Site, HttpResponse> {
    let Ok(id) = id.parse::<SiteId>() else { return Err(holder.refuse(&OperationError::NotFound, HERE)) };
    holder.look(move |tx, ctx| sites::get(tx, ctx, id)).await.map_err(|error| holder.refuse(&error, HERE))
}

/// `GET /sites/{id}`
async fn edit(holder: Holder, id: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.changes_all(Resource::Sites, HERE) {
        return answer;
    }
    match found(&holder, &id).await {
        Ok(site) => {
            let fields = &site.fields;
            let number = |value: Option<f64>| value.map(|number| number.to_string()).unwrap_or_default();
            let last = fields.open_until.map(|until| (until - TimeDelta::days(1)).to_string());
            let pairs = [
                ("code", fields.code.clone()),
                ("name", fields.name.clone()),
                ("address", fields.address.clone()),
                ("latitude", number(fields.latitude)),
                ("longitude", number(fields.longitude)),
                ("open_from", fields.open_from.to_string()),
                ("last_day", last.unwrap_or_default()),
            ];
            let typed = Typed(pairs.map(|(name, value)| (name.to_owned(), value)).to_vec());
            form(&holder, Some(&site), &typed, Vec::new()).await
        }
        Err(answer) => answer,
    }
}

/// `POST /sites/{id}`
async fn save(posted: Posted, path: web::Path<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Sites, HERE) {
        return answer;
    }
    let site = match found(&holder, &path).await {
        Ok(site) => site,
        Err(answer) => return answer,
    };
    let (asked, id, present) = (typed.clone(), site.id, site.fields.clone());
    let change = move |tx: &mut crate::operations::WriteTx, ctx: &Context| {
        sites::change(tx, ctx, id, asked.version(), &read(&asked, Some(&present))?)
    };
    match holder.change(change).await {
        Ok(_) => lead_to("/sites?done=changed"),
        Err(error) => refused(&holder, Some(&site), &typed, &error).await,
    }
}

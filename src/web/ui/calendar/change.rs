//! Days entered by hand: a form, a look at what they touch, then they count; and changing them.

use actix_web::HttpResponse;
use actix_web::web;

use super::days::{self, Places, kind_words, span};
use super::{HERE, address};
use crate::domain::actor::{Action, Resource, may};
use crate::domain::dated_visit::DatedVisit;
use crate::domain::discipline::service_word;
use crate::domain::fault::{Fault, Faults};
use crate::domain::ids::CalendarEntryId;
use crate::domain::school_calendar::{CalendarEntry, CalendarEntryFields, CalendarKind};
use crate::operations::calendars::{self, preview};
use crate::operations::{Context, OperationError, ReadTx};
use crate::web::ui::fields::{Choice, ConfirmPage, Field, FieldsPage, ROWS_SHOWN};
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::{Place, Shell, lead_to};
use crate::web::ui::typed::{Posted, Typed, faults};
use crate::web::ui::wording;

/// Stands for every district in the form.
const ALL: &str = "all";

/// Who may keep some calendar.
///
/// # Errors
/// The answer for everybody else.
pub(super) fn keeper(holder: &Holder) -> Result<(), HttpResponse> {
    holder.complete()?;
    match may(&holder.signed_in.actor, Action::Write(Resource::CalendarEntries)).is_nothing() {
        true => Err(holder.refuse(&OperationError::NotFound, HERE)),
        false => Ok(()),
    }
}

pub(super) fn shell(holder: &Holder) -> Shell {
    Shell { place: Place::Calendar, ..holder.shell() }
}

pub(super) fn back() -> (String, String) {
    (HERE.to_owned(), "Calendar".to_owned())
}

/// `GET /calendar/new`
pub(super) async fn new(holder: Holder) -> HttpResponse {
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    match holder.look(Places::read).await {
        Ok(places) => form(&holder, &places, &Typed::default(), Vec::new()),
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn form(holder: &Holder, places: &Places, typed: &Typed, faults: Vec<(String, String)>) -> HttpResponse {
    let shell = shell(holder);
    let mut fields = Vec::new();
    if places.members.len() > 1 {
        fields.push(Field::list("district", "District", districts(places, typed.one("district"))));
    }
    fields.push(
        Field::list("school", "School (optional)", schools(places, typed.one("school")))
            .with_hint("Leave it to mean all schools of the district"),
    );
    fields.extend(day_fields(typed));
    let page = FieldsPage {
        shell: &shell,
        back: back(),
        heading: "Enter days".to_owned(),
        lede: "Next you see which visits they touch. Nothing is changed before that.".to_owned(),
        action: "/calendar/check".to_owned(),
        sends_file: false,
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone())],
        fields,
        button: "See what it touches",
        faults,
        after: Vec::new(),
    };
    page.answer()
}

pub(super) fn districts(places: &Places, chosen: &str) -> Vec<Choice> {
    let one = |member: &crate::domain::member::Member| Choice::new(member.id.to_string(), &*member.fields.name, chosen);
    let first = [Choice::new("", "Choose a district", chosen), Choice::new(ALL, "All districts", chosen)];
    first.into_iter().chain(places.members.iter().map(one)).collect()
}

pub(super) fn schools(places: &Places, chosen: &str) -> Vec<Choice> {
    let one = |site: &crate::domain::site::Site| Choice::new(site.id.to_string(), &*site.fields.name, chosen);
    std::iter::once(Choice::new("", "All schools", chosen)).chain(places.sites.iter().map(one)).collect()
}

pub(super) fn kinds(chosen: &str) -> Vec<Choice> {
    let hint = |kind| match kind {
        CalendarKind::Holiday => "A holiday of the school calendar",
        CalendarKind::Closure => "Closed for another reason, such as snow",
        CalendarKind::Testing => "Open, but not to visits",
        CalendarKind::Intersession => "Closed between two sessions of a year-round calendar",
        CalendarKind::EarlyRelease => "A visit that would end later does not take place",
    };
    CalendarKind::ALL.map(|kind| Choice::new(kind.code(), kind_words(kind), chosen).with_hint(hint(kind))).into()
}

fn day_fields(typed: &Typed) -> [Field; 5] {
    [
        Field::radios("kind", "What is it?", kinds(typed.one("kind"))),
        Field::text("name", "Name", typed.one("name"))
            .with_hint("What people call it, like Winter break. Name no student"),
        Field::date("starts_on", "First day", typed.one("starts_on")),
        Field::date("ends_on", "Last day (optional)", typed.one("ends_on")).with_hint("Leave empty for one day"),
        Field::time("released", "End of the school day", typed.one("released"))
            .with_hint("Only for an early release, like 12:30"),
    ]
}

/// What was typed about each calendar that is meant.
///
/// # Errors
/// Every entry that cannot be read.
fn read(typed: &Typed, places: &Places) -> Result<Vec<CalendarEntryFields>, OperationError> {
    let mut faults = Faults::default();
    let site = match typed.one("school") {
        "" => None,
        text => places.sites.iter().find(|site| site.id.to_string() == text),
    };
    let own = if places.members.len() == 1 { places.members.first() } else { None };
    let members: Vec<_> = match (typed.one("district"), site, own) {
        (ALL, Some(_), None) => {
            faults.note("/school", "Choose all schools, or the district of this school".to_owned());
            Vec::new()
        }
        (ALL, None, None) => places.members.iter().map(|one| one.id).collect(),
        (_, _, Some(own)) => vec![own.id],
        (text, ..) => places.members.iter().map(|one| one.id).filter(|id| id.to_string() == text).collect(),
    };
    faults.require(!members.is_empty() || !faults.is_empty(), "/district", || "Choose a district".to_owned());
    if let (Some(site), [member]) = (site, members.as_slice()) {
        faults.require(site.fields.member_id == *member, "/school", || {
            "Choose a school of this district, or all schools".to_owned()
        });
    }
    let days = read_days(typed, &mut faults);
    match (days, faults.into_vec()) {
        (Some(days), faults) if faults.is_empty() => {
            let site_id = site.map(|site| site.id);
            Ok(members
                .into_iter()
                .map(|member_id| CalendarEntryFields { member_id, site_id, ..days.clone() })
                .collect())
        }
        (_, faults) => Err(OperationError::Invalid(faults)),
    }
}

/// The days alone, of nobody yet.
fn read_days(typed: &Typed, faults: &mut Faults) -> Option<CalendarEntryFields> {
    let kind = CalendarKind::ALL.into_iter().find(|kind| kind.code() == typed.one("kind"));
    faults.require(kind.is_some(), "/kind", || "Choose what it is".to_owned());
    let starts_on = typed.date(faults, "starts_on", "first day");
    let ends_on = typed.date_or_none(faults, "ends_on", "last day");
    let released = typed.clock_or_none(faults, "released", "end of the school day");
    let (kind, starts_on) = (kind?, starts_on?);
    let fields = CalendarEntryFields {
        member_id: uuid::Uuid::nil().into(),
        site_id: None,
        kind,
        name: typed.one("name").to_owned(),
        starts_on,
        ends_on: ends_on.unwrap_or(starts_on),
        released,
    };
    for Fault { pointer, message } in fields.check() {
        let message = if pointer == "/name" { "Enter a name of 1 to 120 letters, like Winter break" } else { &message };
        faults.note(pointer, message.to_owned());
    }
    Some(fields)
}

/// `POST /calendar/check`: what the days would touch; nothing is stored.
pub(super) async fn check(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let asked = typed.clone();
    let found = holder.look(move |tx, ctx| {
        let places = Places::read(tx, ctx)?;
        let all = read(&asked, &places)?;
        let visits = preview::of_days(tx, ctx, &all)?;
        Ok((facts(&all, &places), visits))
    });
    match found.await {
        Ok((facts, visits)) => {
            let shell = shell(&holder);
            let (rows, more) = visit_rows(&visits);
            let page = ConfirmPage {
                shell: &shell,
                back: ("/calendar/new".to_owned(), "Enter days".to_owned()),
                heading: "Check the days".to_owned(),
                sentences: vec![not_taking_place(&visits)],
                warnings: Vec::new(),
                facts,
                rows_heading: "Visits that would not take place".to_owned(),
                rows,
                more,
                chooser: None,
                action: HERE.to_owned(),
                hidden: hidden(&holder, &typed),
                buttons: vec![("enter", "Enter these days")],
                is_grave: false,
                cancel: (HERE.to_owned(), "Cancel".to_owned()),
            };
            page.answer()
        }
        Err(error) => refused(&holder, &typed, &error).await,
    }
}

/// What was typed, for the next form.
pub(super) fn hidden(holder: &Holder, typed: &Typed) -> Vec<(String, String)> {
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(typed.kept());
    hidden
}

fn facts(all: &[CalendarEntryFields], places: &Places) -> Vec<(String, String, Option<String>)> {
    let Some(first) = all.first() else { return Vec::new() };
    let who: Vec<String> = all.iter().map(|fields| places.whose(fields)).collect();
    let whole = all.len() > 1 && all.len() == places.members.len();
    let mut facts = vec![
        ("Who".to_owned(), if whole { "All districts".to_owned() } else { who.join(", ") }, None),
        ("What".to_owned(), format!("{} ({})", first.name, kind_words(first.kind)), None),
        ("Days".to_owned(), span(first.starts_on, first.ends_on), None),
    ];
    if let Some(time) = first.released {
        facts.push(("School day ends".to_owned(), time.spoken(), None));
    }
    facts
}

/// The first visits, a line each, and how many more there are.
pub(super) fn visit_rows(visits: &[DatedVisit]) -> (Vec<(String, String)>, usize) {
    let row = |visit: &DatedVisit| {
        let time = crate::domain::calendar::Interval { starts: visit.starts, ends: visit.ends };
        let when = format!("{}, {}", visit.visit_on.format("%a, %b %-d"), wording::time_span(time));
        let about = format!("{}: {}, {}", visit.site_name, service_word(&visit.discipline), visit.service_request_code);
        (when, about)
    };
    (visits.iter().take(ROWS_SHOWN).map(row).collect(), visits.len().saturating_sub(ROWS_SHOWN))
}

/// `41 visits with 1,260 minutes would not take place.`
pub(super) fn not_taking_place(visits: &[DatedVisit]) -> String {
    if visits.is_empty() {
        return "No visit is touched.".to_owned();
    }
    let minutes = visits.iter().map(|visit| visit.minutes).sum();
    format!(
        "{} with {} would not take place.",
        wording::count(visits.len() as i64, "visit", "visits"),
        wording::count(minutes, "minute", "minutes")
    )
}

/// The form again, with what is wrong.
async fn refused(holder: &Holder, typed: &Typed, error: &OperationError) -> HttpResponse {
    let Some(faults) = faults(error) else { return holder.refuse(error, HERE) };
    match holder.look(Places::read).await {
        Ok(places) => form(holder, &places, typed, faults),
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// `POST /calendar`
pub(super) async fn enter(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let asked = typed.clone();
    let done = holder.change(move |tx, ctx| {
        let all = read(&asked, &Places::read(tx, ctx)?)?;
        calendars::create_all(tx, ctx, &all)
    });
    match done.await {
        Ok(entries) => lead_to(&address_of(&entries)),
        Err(error) => refused(&holder, &typed, &error).await,
    }
}

/// The month of new entries, which says that they are entered.
pub(super) fn address_of(entries: &[CalendarEntry]) -> String {
    let Some(first) = entries.first() else { return HERE.to_owned() };
    let ids = days::write_ids(entries.iter().map(|entry| entry.id));
    format!("{}&done={ids}", address(first.fields.starts_on, ""))
}

fn typed_of(entry: &CalendarEntry) -> Typed {
    let fields = &entry.fields;
    let pairs = [
        ("kind", fields.kind.code().to_owned()),
        ("name", fields.name.clone()),
        ("starts_on", fields.starts_on.to_string()),
        ("ends_on", fields.ends_on.to_string()),
        ("released", fields.released.map(|time| time.to_string()).unwrap_or_default()),
    ];
    Typed(pairs.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// `GET /calendar/{id}`
pub(super) async fn edit(holder: Holder, id: web::Path<String>) -> HttpResponse {
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    edit_form(&holder, &id, None).await
}

/// The form of an entry, with what was typed and what is wrong with it.
async fn edit_form(holder: &Holder, id: &str, typed: Option<(Typed, Vec<(String, String)>)>) -> HttpResponse {
    let Ok(id) = id.parse::<CalendarEntryId>() else { return holder.refuse(&OperationError::NotFound, HERE) };
    let look = move |tx: &mut ReadTx, ctx: &Context| Ok((calendars::get(tx, ctx, id)?, Places::read(tx, ctx)?));
    let (entry, places) = match holder.look(look).await {
        Ok(found) => found,
        Err(error) => return holder.refuse(&error, HERE),
    };
    let (typed, faults) = typed.unwrap_or_else(|| (typed_of(&entry), Vec::new()));
    let shell = shell(holder);
    let page = FieldsPage {
        shell: &shell,
        back: (address(entry.fields.starts_on, ""), "Calendar".to_owned()),
        heading: entry.fields.name.clone(),
        lede: format!("{}. Visits from today on follow; the past stays as it is.", places.whose(&entry.fields)),
        action: format!("{HERE}/{id}"),
        sends_file: false,
        hidden: vec![
            ("form".to_owned(), holder.signed_in.form_token.clone()),
            ("version".to_owned(), entry.version.to_string()),
        ],
        fields: day_fields(&typed).into(),
        button: "Save",
        faults,
        after: vec![(format!("/calendar/remove?entries={id}"), "Take these days away".to_owned())],
    };
    page.answer()
}

/// `POST /calendar/{id}`
pub(super) async fn save(posted: Posted, path: web::Path<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let Ok(id) = path.parse::<CalendarEntryId>() else { return holder.refuse(&OperationError::NotFound, HERE) };
    let asked = typed.clone();
    let done = holder.change(move |tx, ctx| {
        let present = calendars::get(tx, ctx, id)?.fields;
        let mut faults = Faults::default();
        let days = read_days(&asked, &mut faults);
        match (days, faults.into_vec()) {
            (Some(days), faults) if faults.is_empty() => {
                let fields = CalendarEntryFields { member_id: present.member_id, site_id: present.site_id, ..days };
                calendars::change(tx, ctx, id, asked.version(), &fields)
            }
            (_, faults) => Err(OperationError::Invalid(faults)),
        }
    });
    match done.await {
        Ok(entry) => lead_to(&format!("{}&changed=yes", address(entry.fields.starts_on, ""))),
        Err(error) => match faults(&error) {
            Some(faults) => edit_form(&holder, &path, Some((typed, faults))).await,
            None => holder.refuse(&error, HERE),
        },
    }
}

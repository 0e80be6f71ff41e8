//! A file of days: uploaded, looked at, then imported.

use actix_web::HttpResponse;

use super::HERE;
use super::change::{back, keeper, kinds, not_taking_place, schools, shell};
use super::days::{Places, kind_words, span};
use crate::domain::fault::Faults;
use crate::domain::ids::MemberId;
use crate::domain::school_calendar::{CalendarEntryFields, CalendarKind};
use crate::operations::OperationError;
use crate::operations::calendars::preview::ImportPreview;
use crate::operations::calendars::{self, CalendarFile, preview};
use crate::web::ui::fields::{Choice, ConfirmPage, Field, FieldsPage, ROWS_SHOWN};
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::lead_to;
use crate::web::ui::typed::{Posted, Typed, faults};
use crate::web::ui::upload::Upload;
use crate::web::ui::wording;

const THIS: &str = "/calendar/import";
/// The largest file that is taken; a school year of days is a hundredth of it.
const FILE_BYTES_MAX: usize = 200_000;
/// So many faults of a file are shown.
const FAULTS_SHOWN: usize = 20;

/// `GET /calendar/import`
pub(super) async fn get(holder: Holder) -> HttpResponse {
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
        let chosen = typed.one("district");
        let one = |member: &crate::domain::member::Member| {
            Choice::new(member.id.to_string(), member.fields.name.as_str(), chosen)
        };
        let choices =
            std::iter::once(Choice::new("", "Choose a district", chosen)).chain(places.members.iter().map(one));
        fields.push(Field::list("district", "District", choices.collect()));
    }
    let kind = if typed.one("kind").is_empty() { "holiday" } else { typed.one("kind") };
    let closing = kinds(kind).into_iter().filter(|choice| choice.value != "early_release").collect();
    fields.push(
        Field::list("school", "School (optional)", schools(places, typed.one("school")))
            .with_hint("Leave it to mean all schools of the district"),
    );
    fields.push(Field::file("file", "File").with_hint(
        "An .ics file exported from a calendar program, or CSV with the columns kind, name, starts_on, ends_on, released \
         and site; the last three may be left out",
    ));
    fields.push(
        Field::radios("kind", "What the days of an .ics file are", closing)
            .with_hint("Where their categories do not say it. A CSV file says it in each row"),
    );
    let page = FieldsPage {
        shell: &shell,
        back: back(),
        heading: "Import a file of days".to_owned(),
        lede: "Next you see what is new in it and which visits it touches. Nothing is changed before that.".to_owned(),
        action: "/calendar/import/check".to_owned(),
        sends_file: true,
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone())],
        fields,
        button: "See what it does",
        faults,
        after: Vec::new(),
    };
    page.answer()
}

/// What was chosen, with the text of the file.
///
/// # Errors
/// What is missing.
fn read(typed: &Typed, places: &Places) -> Result<CalendarFile, OperationError> {
    let mut faults = Faults::default();
    let own = if places.members.len() == 1 { places.members.first().map(|one| one.id) } else { None };
    let member = own.or_else(|| typed.one("district").parse::<MemberId>().ok());
    let member = member.filter(|id| places.members.iter().any(|one| one.id == *id));
    faults.require(member.is_some(), "/district", || "Choose a district".to_owned());
    let site = match typed.one("school") {
        "" => None,
        text => {
            let site = places.sites.iter().find(|site| site.id.to_string() == text);
            let is_own = site.is_some_and(|site| Some(site.fields.member_id) == member);
            faults.require(is_own, "/school", || "Choose a school of this district, or all schools".to_owned());
            site.map(|site| site.id)
        }
    };
    let kind = CalendarKind::ALL.into_iter().find(|kind| kind.code() == typed.one("kind") && kind.closes());
    let text = typed.one("text");
    faults.require(!text.is_empty(), "/file", || {
        format!("Choose a CSV or .ics file with text in UTF-8, up to {} KB", FILE_BYTES_MAX / 1000)
    });
    let begins = text.trim_start_matches('\u{feff}').trim_start().get(..15).unwrap_or_default();
    let is_ics = begins.eq_ignore_ascii_case("BEGIN:VCALENDAR");
    match (member, faults.into_vec()) {
        (Some(member_id), faults) if faults.is_empty() => {
            let (csv, ics) = if is_ics { (None, Some(text.to_owned())) } else { (Some(text.to_owned()), None) };
            Ok(CalendarFile { member_id, site_id: site, csv, ics, kind })
        }
        (_, faults) => Err(OperationError::Invalid(faults)),
    }
}

/// `POST /calendar/import/check`
pub(super) async fn check(upload: Upload) -> HttpResponse {
    let Upload { holder, mut typed, file } = upload;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let text = file.filter(|bytes| bytes.len() <= FILE_BYTES_MAX).and_then(|bytes| String::from_utf8(bytes).ok());
    typed.set("text", text.unwrap_or_default());
    let asked = typed.clone();
    let found = holder.look(move |tx, ctx| {
        let places = Places::read(tx, ctx)?;
        let file = read(&asked, &places)?;
        let found = preview::of_file(tx, ctx, &file)?;
        let member = places.members.iter().find(|one| one.id == file.member_id);
        let member = member.map(|one| one.fields.name.clone()).unwrap_or_default();
        let rows: Vec<(String, String)> = found.new.iter().take(ROWS_SHOWN).map(|one| row(one, &places)).collect();
        Ok((found, member, rows))
    });
    match found.await {
        Ok((found, member, rows)) => confirm(&holder, &typed, (&found, &member, rows)),
        Err(error) => refused(&holder, &typed, &error).await,
    }
}

fn row(fields: &CalendarEntryFields, places: &Places) -> (String, String) {
    let until = fields.released.map(|time| format!(" at {}", time.spoken())).unwrap_or_default();
    let when = format!("{}: {}", span(fields.starts_on, fields.ends_on), fields.name);
    (when, format!("{}{until}, {}", kind_words(fields.kind), places.whose(fields)))
}

fn confirm(
    holder: &Holder,
    typed: &Typed,
    (found, member, rows): (&ImportPreview, &str, Vec<(String, String)>),
) -> HttpResponse {
    let shell = shell(holder);
    let new = found.new.len();
    let page = ConfirmPage {
        shell: &shell,
        back: (THIS.to_owned(), "Import a file of days".to_owned()),
        heading: "Check the file".to_owned(),
        sentences: vec![
            format!(
                "{member}: {} new, {} there already.",
                wording::count(new as i64, "entry is", "entries are"),
                wording::count(found.unchanged, "is", "are")
            ),
            not_taking_place(&found.visits),
        ],
        warnings: Vec::new(),
        facts: Vec::new(),
        rows_heading: "New days".to_owned(),
        more: new - rows.len(),
        rows,
        chooser: None,
        action: THIS.to_owned(),
        hidden: super::change::hidden(holder, typed),
        buttons: if new > 0 { vec![("import", "Import these days")] } else { Vec::new() },
        is_grave: false,
        cancel: (THIS.to_owned(), if new > 0 { "Cancel" } else { "Choose another file" }.to_owned()),
    };
    page.answer()
}

/// The form again. A browser does not give a file back: it is to be chosen again.
async fn refused(holder: &Holder, typed: &Typed, error: &OperationError) -> HttpResponse {
    let Some(found) = faults(error) else { return holder.refuse(error, HERE) };
    let place = |(name, words): (String, String)| match name.as_str() {
        "csv" | "ics" => ("file".to_owned(), words),
        _ => (name, words),
    };
    let mut shown: Vec<(String, String)> = found.into_iter().map(place).collect();
    let more = shown.len().saturating_sub(FAULTS_SHOWN);
    shown.truncate(FAULTS_SHOWN);
    if more > 0 {
        shown.push(("file".to_owned(), format!("And {more} more. Mend these first, then choose the file again")));
    }
    match holder.look(Places::read).await {
        Ok(places) => form(holder, &places, typed, shown),
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// `POST /calendar/import`
pub(super) async fn post(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let asked = typed.clone();
    let done = holder.change(move |tx, ctx| {
        let file = read(&asked, &Places::read(tx, ctx)?)?;
        calendars::import(tx, ctx, &file)
    });
    match done.await {
        Ok(done) => lead_to(&format!("{HERE}?imported={}", done.created)),
        Err(error) => refused(&holder, &typed, &error).await,
    }
}

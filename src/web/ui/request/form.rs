//! The form of a request: what can be chosen, and how it is shown with what was typed and what is wrong.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::calendar::Weekday;
use crate::domain::discipline::{Discipline, service_word};
use crate::domain::member::Member;
use crate::domain::service_request::{Mode, Priority, ServiceRequest, ServiceRequestFields, VisitMinutes};
use crate::domain::site::Site;
use crate::domain::term::Term;
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members, reference, sites, terms};
use crate::web::ui::fields::{Choice, Field, Kind};
use crate::web::ui::holder::Holder;
use crate::web::ui::icon;
use crate::web::ui::shell::{Place, Shell, answer};
use crate::web::ui::typed::Typed;
use crate::web::ui::wording;

/// As many times as a form takes.
pub(super) const TIMES_MAX: usize = 40;
/// Codes and words of the priorities, with what they mean.
pub(super) const PRIORITIES: [(Priority, &str, &str); 3] = [
    (Priority::Mandated, "mandated", "Minutes are written in an IEP. Planned first."),
    (Priority::Evaluation, "evaluation", "Consent is signed and a due date is running. Planned second."),
    (Priority::Consult, "consult", "Advice to staff, screening, help in class. Planned with the time left."),
];

/// What can be chosen.
pub(super) struct Offered {
    members: Vec<Member>,
    pub(super) sites: Vec<Site>,
    pub(super) terms: Vec<Term>,
    pub(super) disciplines: Vec<Discipline>,
    qualifications: Vec<String>,
    /// The term that a new request is most likely for.
    likely_term: Option<String>,
}

impl Offered {
    pub(super) fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Offered, OperationError> {
        let mut sites = sites::list(tx, ctx, PageRequest::ALL)?.items;
        sites.sort_by(|a, b| a.fields.name.cmp(&b.fields.name));
        let mut terms = terms::list(tx, ctx, PageRequest::ALL)?.items;
        terms.sort_by_key(|term| term.fields.starts_on);
        let today = ctx.today();
        let likely = terms.iter().find(|term| term.fields.ends_on >= today);
        Ok(Offered {
            members: members::list(tx, ctx, PageRequest::ALL)?.items,
            sites,
            likely_term: likely.map(|term| term.id.to_string()),
            terms,
            disciplines: reference::disciplines(tx, ctx)?,
            qualifications: reference::qualifications(tx, ctx)?,
        })
    }

    /// `Fox Park`, with its district where there are several.
    pub(super) fn school(&self, site: &Site) -> String {
        let member = self.members.iter().find(|one| one.id == site.fields.member_id);
        match member.filter(|_| self.members.len() > 1) {
            Some(member) => format!("{} ({})", site.fields.name, member.fields.name),
            None => site.fields.name.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "request_form.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: Page,
}

struct Page {
    heading: String,
    lede: &'static str,
    back: (String, String),
    action: String,
    hidden: Vec<(String, String)>,
    faults: Vec<(String, String)>,
    place: Vec<Field>,
    amount: Vec<Field>,
    windows: Vec<Window>,
    windows_wrong: Option<String>,
    who: Vec<Field>,
    priority: Vec<Field>,
    /// Whether the last time was added just now.
    is_added: bool,
    is_removed: bool,
}

/// A row of the times, as typed.
struct Window {
    number: usize,
    days: Vec<Choice>,
    from: String,
    to: String,
    wrong: Option<String>,
}

/// Which form it is.
pub(super) struct Of<'a> {
    /// The request that is changed; none for a new one.
    pub present: Option<&'a ServiceRequest>,
    pub typed: &'a Typed,
    pub faults: Vec<(String, String)>,
}

/// Where a form is sent: to be checked, or carried out.
pub(super) fn address(code: Option<&str>, is_check: bool) -> String {
    let form = match code {
        Some(code) => format!("/requests/{}/edit", wording::in_path(code)),
        None => "/requests/new".to_owned(),
    };
    if is_check { format!("{form}/check") } else { form }
}

pub(super) fn shell(holder: &Holder) -> Shell {
    Shell { place: Place::Requests, ..holder.shell() }
}

/// The page of the form: 422 with what is wrong.
pub(super) fn page(holder: &Holder, offered: &Offered, of: Of<'_>) -> HttpResponse {
    let Of { present, typed, faults } = of;
    let shell = shell(holder);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let code = present.map(|one| one.code.as_str());
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(present.map(|one| ("version".to_owned(), one.version.to_string())));
    let checked = |fields: Vec<Field>| fields.into_iter().map(|field| field.checked(&faults)).collect();
    let page = Page {
        heading: present.map_or_else(|| "New request".to_owned(), |one| format!("Change {}", one.code)),
        lede: "About 3 minutes. Have the IEP minutes and the bell schedule at hand. Name no student.",
        back: match code {
            Some(code) => (format!("/requests/{}", wording::in_path(code)), code.to_owned()),
            None => ("/requests".to_owned(), "Requests".to_owned()),
        },
        action: address(code, true),
        hidden,
        place: checked(place(offered, typed)),
        amount: checked(amount(typed)),
        windows: windows(typed, &faults),
        windows_wrong: faults.iter().find(|(name, _)| name == "windows").map(|(_, words)| words.clone()),
        who: checked(who(offered, typed)),
        priority: checked(priority(typed)),
        is_added: typed.one("do") == "add",
        is_removed: typed.one("do").starts_with("remove-"),
        faults,
    };
    answer(&shell, status, Html { shell: &shell, page }.render())
}

fn place(offered: &Offered, typed: &Typed) -> Vec<Field> {
    let chosen = typed.one("school");
    // Whoever has one school does not choose.
    let own = if offered.sites.len() == 1 { offered.sites[0].id.to_string() } else { chosen.to_owned() };
    let schools = offered.sites.iter().map(|site| Choice::new(site.id.to_string(), offered.school(site), &own));
    let service = typed.one("service");
    let mut known: Vec<(&str, &str)> =
        offered.disciplines.iter().map(|one| (one.code.as_str(), service_word(&one.code))).collect();
    known.sort_by_key(|(_, word)| *word);
    let services = known.into_iter().map(|(code, word)| Choice::new(code, format!("{word} ({code})"), service));
    let term = match typed.one("term") {
        "" => offered.likely_term.as_deref().unwrap_or_default(),
        chosen => chosen,
    };
    let terms = offered.terms.iter().map(|one| {
        let days = format!("{} to {}", wording::date(one.fields.starts_on), wording::date(one.fields.ends_on));
        Choice::new(one.id.to_string(), format!("{}, {days}", one.fields.name), term)
    });
    let first = |words: &str, chosen: &str| std::iter::once(Choice::new("", words, chosen));
    vec![
        Field::list("school", "School", first("Choose a school", &own).chain(schools).collect()),
        Field::list("service", "Service", first("Choose a service", service).chain(services).collect()),
        Field::list("term", "Term", first("Choose a term", term).chain(terms).collect()),
    ]
}

fn amount(typed: &Typed) -> Vec<Field> {
    vec![
        Field::number("minutes", "Minutes a week", typed.one("minutes"), "minutes")
            .with_hint("All visits together, as written in the IEP"),
        Field::number("visits", "Visits a week, at most", typed.one("visits"), "visits"),
        Field::number("shortest", "Shortest visit (optional)", typed.one("shortest"), "minutes")
            .with_hint("Leave both lengths empty for visits of equal length. Different lengths are easier to plan"),
        Field::number("longest", "Longest visit (optional)", typed.one("longest"), "minutes"),
    ]
}

/// As many rows as were typed, and one at least.
pub(super) fn count_rows(typed: &Typed) -> usize {
    let is_there = |number: &usize| typed.0.iter().any(|(name, _)| *name == format!("day-{number}"));
    (0..TIMES_MAX).take_while(is_there).count().max(1)
}

fn windows(typed: &Typed, faults: &[(String, String)]) -> Vec<Window> {
    let row = |number: usize| {
        let day = typed.one(&format!("day-{number}"));
        let names = Weekday::ALL.iter().take(5).map(|one| Choice::new(one.code(), one.name(), day));
        let wrong = faults.iter().find(|(name, _)| *name == format!("from-{number}"));
        Window {
            number,
            days: std::iter::once(Choice::new("", "Choose a day", day)).chain(names).collect(),
            from: typed.one(&format!("from-{number}")).to_owned(),
            to: typed.one(&format!("to-{number}")).to_owned(),
            wrong: wrong.map(|(_, words)| words.clone()),
        }
    };
    (0..count_rows(typed)).map(row).collect()
}

fn who(offered: &Offered, typed: &Typed) -> Vec<Field> {
    let mut codes: Vec<&str> = offered.qualifications.iter().map(String::as_str).collect();
    codes.extend(typed.all("qualification").filter(|code| !offered.qualifications.iter().any(|one| one == code)));
    let choice = |code: &str| Choice {
        value: code.to_owned(),
        words: qualification(code),
        hint: String::new(),
        is_chosen: typed.has("qualification", code),
    };
    let mode = if typed.one("mode").is_empty() { "in_person" } else { typed.one("mode") };
    let modes = vec![Choice::new("in_person", "At the school", mode), Choice::new("teletherapy", "By video", mode)];
    let mut fields = Vec::new();
    if !codes.is_empty() {
        let boxes = Field::boxes(
            "qualification",
            "The specialist must offer (optional)",
            codes.into_iter().map(choice).collect(),
        );
        fields.push(boxes.with_hint("Each box you check makes the request harder to fill"));
    }
    fields.push(Field::radios("mode", "How", modes));
    fields
}

/// `Spanish`, `AAC`
fn qualification(code: &str) -> String {
    if code.len() <= 3 { code.to_uppercase() } else { wording::capital(&code.replace(['_', '-'], " ")) }
}

fn priority(typed: &Typed) -> Vec<Field> {
    let choice = |(priority, code, hint): (Priority, &str, &str)| {
        Choice::new(code, wording::priority(priority), typed.one("priority")).with_hint(hint)
    };
    vec![
        Field::radios("priority", "Why is this needed?", PRIORITIES.map(choice).into()),
        Field::date("consent_on", "Day the parent's consent arrived (optional)", typed.one("consent_on"))
            .with_hint("Only for an evaluation: its due date counts from this day"),
    ]
}

/// What is asked for, a label and a value each.
pub(super) fn answers(fields: &ServiceRequestFields, offered: &Offered) -> Vec<(String, String)> {
    let site = offered.sites.iter().find(|site| site.id == fields.site_id);
    let term = offered.terms.iter().find(|term| term.id == fields.term_id);
    let VisitMinutes { min, max } = fields.visit_minutes;
    let visits = wording::count(fields.visits_per_week_max, "visit", "visits");
    let length = match min == max {
        true => format!("{visits} of {min} minutes"),
        false => format!("At most {visits} of {min} to {max} minutes"),
    };
    let mut all = vec![
        ("School", site.map(|site| offered.school(site)).unwrap_or_default()),
        ("Service", format!("{} ({})", service_word(&fields.discipline), fields.discipline)),
        ("Term", term.map(|term| term.fields.name.clone()).unwrap_or_default()),
        ("Minutes a week", wording::thousands(fields.minutes_per_week)),
        ("That makes", length),
        ("Open to visits", wording::open_times(&fields.windows).join("; ")),
        ("How", if fields.mode == Mode::Teletherapy { "By video" } else { "At the school" }.to_owned()),
        ("Priority", wording::priority(fields.priority).to_owned()),
    ];
    if !fields.qualifications.is_empty() {
        let words: Vec<String> = fields.qualifications.iter().map(|code| qualification(code)).collect();
        all.push(("The specialist must offer", words.join(", ")));
    }
    if let Some(day) = fields.consent_on {
        all.push(("Consent arrived", wording::date(day)));
    }
    all.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

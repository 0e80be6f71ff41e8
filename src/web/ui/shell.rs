//! What surrounds every page: menu, who is signed in, footer, and the headers of the answer.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use askama::Template;

use super::{UiSettings, assets, icon};
use crate::domain::account::Role;
use crate::domain::actor::Actor;
use crate::operations::OperationError;

/// Pages carry no script and no style of their own, are framed nowhere, and send forms only here.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Entries of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Requests,
    Plans,
    Schedule,
    Coverage,
    Calendar,
    Costs,
    Months,
    Owed,
    Reports,
    Log,
    TimeAway,
    CalendarLink,
    People,
    Credentials,
    Schools,
    Terms,
    Outbox,
    /// A page that the menu does not lead to.
    Elsewhere,
}

/// One entry of the menu.
pub(super) struct MenuEntry {
    pub place: Place,
    pub href: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
}

/// The menu of one role.
pub(super) struct MenuGroup {
    /// Shown when there are several.
    pub heading: &'static str,
    pub entries: Vec<MenuEntry>,
}

/// Pages that one entry of the menu leads to, side by side.
pub(super) struct Tabs {
    /// The entry of the menu.
    place: Place,
    pub label: &'static str,
    /// Place, address and words of each.
    pub pages: Vec<(Place, &'static str, &'static str)>,
}

/// Who looks at the page.
pub(super) struct Person {
    pub name: String,
    /// What the form to sign out carries.
    pub form_token: String,
    /// The roles in words.
    pub roles: String,
}

/// Everything around a page's own content.
pub(super) struct Shell {
    pub coop_name: String,
    pub city: String,
    pub style_sheet: String,
    pub favicon: String,
    pub place: Place,
    pub menu: Vec<MenuGroup>,
    /// Pages that stand side by side, by the entry of the menu.
    pub beside: Vec<Tabs>,
    /// Absent for a stranger and for a visitor of the demonstration.
    pub person: Option<Person>,
    pub is_demo: bool,
}

impl Shell {
    /// For somebody with a session, whose forms carry a token, or a visitor of the demonstration.
    pub(super) fn new(settings: &UiSettings, actor: &Actor, form_token: Option<&str>, place: Place) -> Shell {
        let person = |token: &str| Person {
            name: actor.name.clone(),
            form_token: token.to_owned(),
            roles: kinds(&actor.roles).into_iter().map(role_words).collect::<Vec<_>>().join(", "),
        };
        Shell {
            place,
            menu: menu(&actor.roles),
            beside: if actor.roles.contains(&Role::Office) { office_tabs() } else { Vec::new() },
            person: form_token.map(person),
            is_demo: form_token.is_none(),
            ..Shell::for_stranger(settings)
        }
    }

    /// Whether the menu leads there.
    pub(super) fn leads_to(&self, place: Place) -> bool {
        self.menu.iter().flat_map(|group| &group.entries).any(|entry| entry.place == place)
    }

    /// The pages beside this one.
    pub(super) fn tabs(&self) -> Option<&Tabs> {
        self.beside.iter().find(|tabs| tabs.pages.iter().any(|(place, ..)| *place == self.place))
    }

    /// Whether an entry of the menu leads to this page or to one beside it.
    pub(super) fn is_at(&self, place: &Place) -> bool {
        *place == self.place || self.tabs().is_some_and(|tabs| tabs.place == *place)
    }

    /// Where the menu leads to first.
    pub(super) fn first_address(&self) -> Option<&'static str> {
        self.menu.first()?.entries.first().map(|entry| entry.href)
    }

    /// Without a menu.
    pub(super) fn for_stranger(settings: &UiSettings) -> Shell {
        Shell {
            coop_name: settings.coop_name.clone(),
            city: settings.city.clone(),
            style_sheet: assets::address("coop.css"),
            favicon: assets::address("mark.svg"),
            place: Place::Elsewhere,
            menu: Vec::new(),
            beside: Vec::new(),
            person: None,
            is_demo: false,
        }
    }
}

/// What people call a role.
pub(super) fn role_words(role: Role) -> &'static str {
    match role {
        Role::Office => "Co-op office",
        Role::Finance => "Finance",
        Role::Board => "Board",
        Role::Coordinator { .. } => "District coordinator",
        Role::MemberFinance { .. } => "District finance",
        Role::Specialist { .. } => "Specialist",
    }
}

/// What the office's menu has no room for: at most seven entries, each with what belongs to it.
fn office_tabs() -> Vec<Tabs> {
    let schedule = vec![
        (Place::Schedule, "/week", "Weeks"),
        (Place::Calendar, "/calendar", "Calendar"),
        (Place::Owed, "/owed", "Delivered"),
        (Place::Reports, "/reports", "Reports"),
    ];
    let costs = vec![(Place::Costs, "/costs", "Cost shares"), (Place::Months, "/months", "Lock a month")];
    let people = vec![
        (Place::People, "/people", "People"),
        (Place::Credentials, "/credentials", "Credentials"),
        (Place::Schools, "/sites", "Schools"),
        (Place::Terms, "/terms", "Terms"),
        (Place::Outbox, "/outbox", "E-mails"),
    ];
    vec![
        Tabs { place: Place::Schedule, label: "Schedule", pages: schedule },
        Tabs { place: Place::Costs, label: "Costs", pages: costs },
        Tabs { place: Place::People, label: "People and sites", pages: people },
    ]
}

/// Each kind of role once, in the order of the menus.
fn kinds(roles: &[Role]) -> Vec<Role> {
    let mut sorted = roles.to_vec();
    sorted.sort_unstable();
    sorted.dedup_by_key(|role| role.code());
    sorted
}

/// The menus of all roles; what two of them lead to stands once.
fn menu(roles: &[Role]) -> Vec<MenuGroup> {
    let mut groups: Vec<MenuGroup> = Vec::new();
    for role in kinds(roles) {
        let mut entries = entries(role);
        entries.retain(|entry| !groups.iter().any(|group| group.entries.iter().any(|one| one.href == entry.href)));
        if !entries.is_empty() {
            groups.push(MenuGroup { heading: role_words(role), entries });
        }
    }
    groups
}

fn entries(role: Role) -> Vec<MenuEntry> {
    let entry = |place, href, label, icon| MenuEntry { place, href, label, icon };
    let overview = entry(Place::Overview, "/overview", "Overview", icon::HOME);
    let requests = entry(Place::Requests, "/requests", "Requests", icon::LIST);
    let owed = entry(Place::Owed, "/owed", "Delivered", icon::CHECK);
    let costs = entry(Place::Costs, "/costs", "Costs", icon::MONEY);
    let calendar = entry(Place::Calendar, "/calendar", "Calendar", icon::CALENDAR);
    let reports = entry(Place::Reports, "/reports", "Reports", icon::DOWNLOAD);
    let calendar_link = entry(Place::CalendarLink, "/me/calendar", "Calendar link", icon::LINK);
    match role {
        Role::Office => vec![
            overview,
            requests,
            entry(Place::Plans, "/plans", "Plans", icon::PLANS),
            entry(Place::Schedule, "/week", "Schedule", icon::CALENDAR),
            entry(Place::Coverage, "/coverage", "Coverage", icon::GRID),
            costs,
            entry(Place::People, "/people", "People and sites", icon::PERSON),
        ],
        Role::Finance => vec![
            entry(Place::Costs, "/costs", "Cost shares", icon::MONEY),
            entry(Place::Months, "/months", "Lock a month", icon::LOCK),
            reports,
        ],
        Role::MemberFinance { .. } => vec![entry(Place::Costs, "/costs", "Cost shares", icon::MONEY)],
        Role::Board => vec![overview, costs],
        Role::Coordinator { .. } => vec![overview, requests, calendar, owed, costs, reports, calendar_link],
        Role::Specialist { .. } => vec![
            entry(Place::Schedule, "/week", "My week", icon::CALENDAR),
            entry(Place::Log, "/me/log", "Log minutes", icon::CLOCK),
            reports,
            entry(Place::TimeAway, "/me/time-away", "Time away", icon::CALENDAR),
            calendar_link,
        ],
    }
}

/// A page that says one thing, for example why there is nothing to show.
#[derive(Template)]
#[template(path = "message.html")]
struct MessageHtml<'a> {
    shell: &'a Shell,
    heading: &'a str,
    words: &'a str,
}

/// Answers with a rendered page.
pub(super) fn answer(shell: &Shell, status: StatusCode, page: askama::Result<String>) -> HttpResponse {
    match page {
        Ok(html) => guarded(status).content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let words = "Something went wrong on our side. Try again in a minute.";
            match (MessageHtml { shell, heading: "Something went wrong", words }).render() {
                Ok(html) => {
                    guarded(StatusCode::INTERNAL_SERVER_ERROR).content_type("text/html; charset=utf-8").body(html)
                }
                Err(_) => guarded(StatusCode::INTERNAL_SERVER_ERROR).finish(),
            }
        }
    }
}

/// Answers with a page that says one thing.
pub(super) fn say(shell: &Shell, status: StatusCode, heading: &str, words: &str) -> HttpResponse {
    answer(shell, status, MessageHtml { shell, heading, words }.render())
}

/// Answers with the page of an error.
pub(super) fn refuse(shell: &Shell, error: &OperationError) -> HttpResponse {
    let (status, heading, words) = match error {
        OperationError::NotFound
        | OperationError::Forbidden(_)
        | OperationError::Invalid(_)
        | OperationError::MayNameChild(_) => {
            (StatusCode::NOT_FOUND, "Page not found", "This page does not exist, or you cannot see it.")
        }
        OperationError::Busy | OperationError::Unavailable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not available at this moment",
            "We cannot reach our data. Nothing is lost. Try again in a minute.",
        ),
        _ => {
            let reason: &dyn std::error::Error = error;
            tracing::error!(error = %reason, source = ?reason.source(), "a page could not be made");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong",
                "Something went wrong on our side. Nothing was changed. Try again in a minute.",
            )
        }
    };
    answer(shell, status, MessageHtml { shell, heading, words }.render())
}

/// The same for somebody who is not signed in.
pub(super) fn refuse_stranger(request: &HttpRequest, error: &OperationError) -> HttpResponse {
    match request.app_data::<web::Data<UiSettings>>() {
        Some(settings) => refuse(&Shell::for_stranger(settings), error),
        None => guarded(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}

/// An answer with the headers that every page has.
pub(super) fn guarded(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("X-Frame-Options", "DENY"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"));
    builder
}

/// Leads on to another page.
pub(super) fn lead_to(address: &str) -> HttpResponse {
    guarded(StatusCode::SEE_OTHER).insert_header(("Location", address)).finish()
}

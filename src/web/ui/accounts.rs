//! People: who has an account, what each may do, and how far each is. For the office.

mod change;
mod choices;
mod hand_over;
mod new;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use chrono_tz::Tz;

use super::account::moment;
use super::shell::{Place, Shell, answer, role_words};
use super::status::Pill;
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::account::Role;
use crate::operations::accounts::{self, Person, Progress};
use crate::operations::{Context, OperationError, ReadTx};
use choices::Named;

#[derive(Template)]
#[template(path = "people.html")]
struct Html<'a> {
    shell: &'a Shell,
    lede: String,
    rows: Vec<Row>,
    /// Whether there are forms: not in a demonstration without a session.
    changes: bool,
}

struct Row {
    name: String,
    email: String,
    href: String,
    roles: Vec<String>,
    pill: Pill,
    last_sign_in: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/people", web::get().to(get))
        .route("/people/new", web::get().to(new::get))
        .route("/people/new", web::post().to(new::post))
        .route("/people/{id}", web::get().to(change::get))
        .route("/people/{id}", web::post().to(change::post))
        .route("/people/{id}/invite", web::post().to(change::invite))
        .route("/people/{id}/switch", web::post().to(change::switch))
        .route("/people/{id}/hand-over", web::get().to(hand_over::get))
        .route("/people/{id}/hand-over", web::post().to(hand_over::post));
}

/// `GET /people`
async fn get(visitor: Visitor) -> HttpResponse {
    let shell = visitor.shell(Place::People);
    let changes = shell.person.is_some();
    let read = |tx: &mut ReadTx, ctx: &Context| {
        let people = accounts::people(tx, ctx)?;
        let named = Named::read(tx, ctx)?;
        Ok::<_, OperationError>(rows(&people, &named, ctx.settings.time_zone))
    };
    match visitor.look(read).await {
        Ok(rows) => {
            let working = rows.iter().filter(|row| row.pill.words != "Switched off").count();
            let lede = format!("{} in use.", wording::count(working as i64, "account", "accounts"));
            answer(&shell, StatusCode::OK, Html { shell: &shell, lede, rows, changes }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn rows(people: &[Person], named: &Named, zone: Tz) -> Vec<Row> {
    let mut rows: Vec<Row> = people.iter().map(|person| row(person, named, zone)).collect();
    rows.sort_by(|a, b| (a.name.to_lowercase(), &a.email).cmp(&(b.name.to_lowercase(), &b.email)));
    rows
}

fn row(person: &Person, named: &Named, zone: Tz) -> Row {
    let fields = &person.account.fields;
    Row {
        name: fields.name.clone(),
        email: fields.email.clone(),
        href: format!("/people/{}", person.account.id),
        roles: fields.roles.iter().map(|role| role_of(*role, named)).collect(),
        pill: Pill::of_account(person.progress, zone),
        last_sign_in: person.last_sign_in_at.map_or_else(|| "–".to_owned(), |at| moment(at, zone)),
    }
}

/// `District coordinator, Momentum`
fn role_of(role: Role, named: &Named) -> String {
    let about = role.member_id().and_then(|id| named.members.get(&id));
    let about = about.or_else(|| role.specialist_id().and_then(|id| named.specialists.get(&id)));
    about.map_or_else(|| role_words(role).to_owned(), |name| format!("{}, {name}", role_words(role)))
}

impl Pill {
    fn of_account(progress: Progress, zone: Tz) -> Pill {
        let (class, icon, words) = match progress {
            Progress::NotInvited => ("unmet", icon::DIAMOND, "Not invited".to_owned()),
            Progress::Invited(until) => ("part", icon::HALF, format!("Invited until {}", moment(until, zone))),
            Progress::Active => ("met", icon::FULL, "In use".to_owned()),
            Progress::Disabled => ("wait", icon::RING, "Switched off".to_owned()),
        };
        Pill { class, icon, words }
    }
}

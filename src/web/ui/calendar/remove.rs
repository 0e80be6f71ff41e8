//! Days are taken away after a look at what that brings back; also what Undo does.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::change::{keeper, shell, visit_rows};
use super::days::{self, Places, grouped};
use super::{HERE, address};
use crate::operations::OperationError;
use crate::operations::calendars::{self, preview};
use crate::web::ui::fields::ConfirmPage;
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::lead_to;
use crate::web::ui::typed::Posted;
use crate::web::ui::wording;

/// Which entries are meant, as it stands in the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Meant {
    #[serde(default)]
    entries: String,
}

/// `GET /calendar/remove?entries=`
pub(super) async fn ask(holder: Holder, meant: Option<web::Query<Meant>>) -> HttpResponse {
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let ids = days::read_ids(&meant.map(web::Query::into_inner).unwrap_or_default().entries);
    let entries = days::write_ids(ids.iter().copied());
    let found = holder.look(move |tx, ctx| {
        let (gone, visits) = preview::of_removal(tx, ctx, &ids)?;
        let places = Places::read(tx, ctx)?;
        let lines: Vec<String> = grouped(&gone, &places, false)
            .iter()
            .map(|one| format!("{}, {}: {}", one.name, one.when(), one.about()))
            .collect();
        let first = gone.first().map(|entry| entry.fields.starts_on).ok_or(OperationError::NotFound)?;
        Ok((lines, visits, first))
    });
    match found.await {
        Ok((lines, visits, first)) => {
            let shell = shell(&holder);
            let (rows, more) = visit_rows(&visits);
            let visits = match visits.len() {
                0 => "No visit takes place by it.".to_owned(),
                count => format!("{} can take place again.", wording::count(count as i64, "visit", "visits")),
            };
            let calendar = (address(first, ""), "Calendar".to_owned());
            let page = ConfirmPage {
                shell: &shell,
                back: calendar.clone(),
                heading: "Take these days away?".to_owned(),
                sentences: lines.into_iter().map(|line| format!("{line}.")).chain([visits]).collect(),
                warnings: Vec::new(),
                facts: Vec::new(),
                rows_heading: "Visits that can take place again".to_owned(),
                rows,
                more,
                chooser: None,
                action: "/calendar/remove".to_owned(),
                hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone()), ("entries".to_owned(), entries)],
                buttons: vec![("remove", "Take them away")],
                is_grave: true,
                cancel: (calendar.0, "Keep them".to_owned()),
            };
            page.answer()
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// `POST /calendar/remove`
pub(super) async fn remove(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let ids = days::read_ids(typed.one("entries"));
    if ids.is_empty() {
        return holder.refuse(&OperationError::NotFound, HERE);
    }
    let count = ids.len();
    let done = holder.change(move |tx, ctx| {
        let first = calendars::get(tx, ctx, ids[0])?.fields.starts_on;
        calendars::remove_all(tx, ctx, &ids)?;
        Ok(first)
    });
    match done.await {
        Ok(first) => lead_to(&format!("{}&removed={count}", address(first, ""))),
        Err(error) => holder.refuse(&error, HERE),
    }
}

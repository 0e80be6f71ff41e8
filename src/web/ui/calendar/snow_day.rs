//! Closing schools for today: one page that shows what it touches, one button.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::change::{address_of, back, keeper, not_taking_place, shell};
use super::{HERE, address};
use crate::domain::dated_visit::DatedVisit;
use crate::domain::ids::MemberId;
use crate::operations::calendars::snow_day::{self, SnowDay};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members};
use crate::web::ui::fields::{Choice, Chooser, ConfirmPage};
use crate::web::ui::holder::Holder;
use crate::web::ui::people::People;
use crate::web::ui::shell::{lead_to, say};
use crate::web::ui::typed::Posted;
use crate::web::ui::wording;

/// Whose schools, by the district's code; all when empty.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    district: String,
}

fn chosen(tx: &mut ReadTx, ctx: &Context, district: &str) -> Result<Option<MemberId>, OperationError> {
    if district.is_empty() {
        return Ok(None);
    }
    let all = members::list(tx, ctx, PageRequest::ALL)?.items;
    let found = all.into_iter().find(|member| member.fields.code == district);
    found.map(|member| Some(member.id)).ok_or(OperationError::NotFound)
}

/// `GET /calendar/snow-day?district=`
pub(super) async fn get(holder: Holder, asked: Option<web::Query<Chosen>>) -> HttpResponse {
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let district = asked.map(web::Query::into_inner).unwrap_or_default().district;
    let code = district.clone();
    let found = holder.look(move |tx, ctx| {
        let member = chosen(tx, ctx, &code)?;
        let all = members::list(tx, ctx, PageRequest::ALL)?.items;
        Ok((snow_day::effects(tx, ctx, member)?, all, ctx.today(), People::read(tx, ctx)?))
    });
    let (found, all, today, people) = match found.await {
        Ok(found) => found,
        Err(error) => return holder.refuse(&error, HERE),
    };
    let names = |members: &[crate::domain::member::Member]| -> String {
        members.iter().map(|one| one.fields.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let chooser = (all.len() > 1).then(|| Chooser {
        action: "/calendar/snow-day",
        name: "district",
        label: "Whose schools",
        choices: std::iter::once(Choice::new("", "All districts", &district))
            .chain(all.iter().map(|one| Choice::new(one.fields.code.as_str(), one.fields.name.as_str(), &district)))
            .collect(),
    });
    let mut sentences = vec![format!("Today is {}, {}.", today.format("%A"), wording::date(today))];
    if !found.closed_already.is_empty() {
        sentences.push(format!("Closed today already: {}.", names(&found.closed_already)));
    }
    if !found.members.is_empty() {
        let whose = match found.members.len() {
            many @ 4.. => format!("{many} districts"),
            _ => names(&found.members),
        };
        sentences.push(format!("All schools of {whose} would be closed for the day."));
        sentences.push(not_taking_place(&found.visits));
    }
    let shell = shell(&holder);
    let page = ConfirmPage {
        shell: &shell,
        back: (address(today, ""), back().1),
        heading: "Snow day today".to_owned(),
        sentences,
        warnings: told(&found),
        facts: Vec::new(),
        rows_heading: "Visits today that would not take place".to_owned(),
        rows: by_school(&found.visits, &people),
        more: 0,
        chooser,
        action: "/calendar/snow-day".to_owned(),
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone()), ("district".to_owned(), district)],
        buttons: if found.members.is_empty() { Vec::new() } else { vec![("close", "Close these schools today")] },
        is_grave: false,
        cancel: (address(today, ""), if found.members.is_empty() { "Back" } else { "Cancel" }.to_owned()),
    };
    page.answer()
}

fn told(found: &SnowDay) -> Vec<String> {
    match found.visits.is_empty() {
        true => Vec::new(),
        false => vec!["Pages and calendars show it at once. No e-mail is sent: call who is on the way.".to_owned()],
    }
}

/// Each school with its visits and who would come.
fn by_school(visits: &[DatedVisit], named: &People) -> Vec<(String, String)> {
    let mut schools: BTreeMap<&str, Vec<&DatedVisit>> = BTreeMap::new();
    for visit in visits {
        schools.entry(&visit.site_name).or_default().push(visit);
    }
    let row = |(school, visits): (&str, Vec<&DatedVisit>)| {
        let minutes = visits.iter().map(|visit| visit.minutes).sum();
        let mut people: Vec<&str> = visits.iter().map(|visit| visit.specialist_code.as_str()).collect();
        people.sort_unstable();
        people.dedup();
        let counted = wording::count(visits.len() as i64, "visit", "visits");
        let who = named.named(&people.join(", "));
        (school.to_owned(), format!("{counted}, {}: {who}", wording::count(minutes, "minute", "minutes")))
    };
    schools.into_iter().map(row).collect()
}

/// `POST /calendar/snow-day`
pub(super) async fn post(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = keeper(&holder) {
        return answer;
    }
    let district = typed.one("district").to_owned();
    let done = holder.change(move |tx, ctx| {
        let member = chosen(tx, ctx, &district)?;
        snow_day::close(tx, ctx, member)
    });
    match done.await {
        Ok(entries) => lead_to(&address_of(&entries)),
        Err(OperationError::Conflict { detail, .. }) => {
            say(&shell(&holder), StatusCode::CONFLICT, "Closed already", &format!("{detail}. Nothing was changed."))
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

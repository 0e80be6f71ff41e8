//! The choice on the page of the own account: each change, or one e-mail a day.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::holder::Holder;
use super::shell::lead_to;
use crate::domain::schedule_news::{EmailChoices, ScheduleEmails};
use crate::operations::email_choices;

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct ChoiceForm {
    #[serde(default)]
    schedule: String,
    #[serde(default)]
    form: String,
}

/// `POST /account/emails`
pub(super) async fn post(request: HttpRequest, holder: Holder, form: Option<web::Form<ChoiceForm>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.complete().and_then(|()| holder.check_form(&request, &form.form)) {
        return answer;
    }
    let schedule = match form.schedule.as_str() {
        "each_change" => ScheduleEmails::EachChange,
        _ => ScheduleEmails::DailySummary,
    };
    match holder.change(move |tx, ctx| email_choices::put(tx, ctx, &EmailChoices { schedule })).await {
        Ok(_) => lead_to("/account"),
        Err(error) => holder.refuse(&error, "/account"),
    }
}

//! Every route of the API on one screen: what is served and what is described are the same table.

use super::api::Api;
use super::entries::{Compared, Decline, EmailFilter, ImportFiles, TravelFilter};
use super::plain;
use crate::operations::accounts::hand_over::hand_over;
use crate::operations::accounts::tokens;
use crate::operations::calendars::weekly_minutes::weekly_minutes;
use crate::operations::reports::{evaluation_clocks, service_fidelity, time_and_effort, unscheduled_time};
use crate::operations::sign_in::invitations;
use crate::operations::{
    accounts, audit, away_effects, calendar_feeds, calendars, cost_shares, cover, credentials, dated_visits,
    email_choices, emails, imports, indirect_blocks, locked_months, make_up_times, make_ups, member_export, members,
    overview, owed, plan_comparison, plan_runs, plans, reference, scenarios, service_logs, service_requests, sites,
    specialists, supervision, terms, time_away, visits, work_terms, workload,
};

/// The whole API.
#[rustfmt::skip]
pub fn api() -> Api {
    let mut api = Api::default();

    api.group("The co-op");
    api.own("/me", "Your own account", accounts::me);
    api.own("/me/email-choices", "How you want e-mails about changes", email_choices::get);
    api.change_own("/me/email-choices", "Chooses how you want them", email_choices::put);
    api.all_where("/disciplines", "The professions that members share", |tx, ctx, ()| reference::disciplines(tx, ctx));
    api.list("/members", "The members that you can see", members::list);
    api.create("/members", "Enters a member", members::create);
    api.get("/members/{id}", "One member", members::get);
    api.change("/members/{id}", "Changes a member", members::change);
    api.json_text("/members/{id}/export", "Everything of a member, to take along", member_export::export);
    api.list("/sites", "The sites that you can see", sites::list);
    api.create("/sites", "Enters a site", sites::create);
    api.get("/sites/{id}", "One site", sites::get);
    api.change("/sites/{id}", "Changes a site; it stays with its member", sites::change);
    api.all_where("/travel", "All known drives", |tx, ctx, only: &TravelFilter| sites::list_travel(tx, ctx, only.from));
    api.put_between("/travel/{from}/{to}", "Enters or replaces a drive", sites::put_travel);
    api.list("/terms", "All terms", terms::list);
    api.create("/terms", "Enters a term", terms::create);
    api.get("/terms/{id}", "One term", terms::get);
    api.change("/terms/{id}", "Changes a term", terms::change);
    api.list_where("/calendar-entries", "Days of calendars that you can see", calendars::list);
    api.create("/calendar-entries", "Enters days on which schools are closed or end early", calendars::create);
    api.get("/calendar-entries/{id}", "One such entry", calendars::get);
    api.change("/calendar-entries/{id}", "Changes it", calendars::change);
    api.delete_one("/calendar-entries/{id}", "Takes it away", calendars::remove);
    api.list("/calendar-feeds", "Private links to calendars that you can see", calendar_feeds::list);
    api.create_secret("/calendar-feeds", "Makes a link; its address is told once", calendar_feeds::create);
    api.get("/calendar-feeds/{id}", "One link", calendar_feeds::get);
    api.change("/calendar-feeds/{id}", "Switches drives on or off", calendar_feeds::change);
    api.delete_one("/calendar-feeds/{id}", "Takes a link away: it stops working at once", calendar_feeds::remove);
    api.run("/calendar-imports", "Imports days from CSV or iCalendar: all of them or nothing", calendars::import);
    api.get_where("/sites/{id}/weekly-minutes", "Minutes a month, term or year as minutes a week", weekly_minutes);
    api.run("/imports", "Imports CSV files: all of them or nothing", |tx, ctx, sent: &ImportFiles| {
        imports::run(tx, ctx, &sent.files, &sent.term)
    });

    staff(&mut api);

    api.group("Service requests");
    api.list_where("/service-requests", "The requests that you can see", service_requests::list);
    api.create("/service-requests", "Enters a request as a draft", service_requests::create);
    api.get("/service-requests/{id}", "One request", service_requests::get);
    api.change("/service-requests/{id}", "Changes a request until the office decides", service_requests::change);
    api.act("/service-requests/{id}/submit", "Sends a draft to the office", service_requests::submit);
    api.act("/service-requests/{id}/withdraw", "Takes a request back before it is planned", service_requests::withdraw);
    api.act("/service-requests/{id}/end", "Stops a request that was planned", service_requests::end);
    api.act("/service-requests/{id}/accept", "Takes a request into the next plan", service_requests::accept);
    api.act_with("/service-requests/{id}/decline", "Refuses a request and says why", |tx, ctx, id, why: &Decline| {
        service_requests::decline(tx, ctx, id, &why.reason)
    });

    plans_and_trials(&mut api);
    delivered(&mut api);

    reports_of_the_year(&mut api);

    api.group("Cost shares");
    api.list("/cost-shares", "All statements", cost_shares::list);
    api.create("/cost-shares", "Makes a statement of a published plan", cost_shares::create);
    api.get("/cost-shares/{id}", "One statement, for the part that you can see", cost_shares::get);
    api.csv("/cost-shares/{id}/csv", "Its lines as CSV", "cost-share", cost_shares::csv);

    administration(&mut api);
    plain::add(&mut api);
    api
}

/// Accounts, e-mails, the audit trail.
#[rustfmt::skip]
fn administration(api: &mut Api) {
    api.group("Administration");
    api.list("/accounts", "All accounts", accounts::list);
    api.create("/accounts", "Enters an account", accounts::create);
    api.get("/accounts/{id}", "One account", accounts::get);
    api.change("/accounts/{id}", "Changes an account", accounts::change);
    api.act("/accounts/{id}/invitation", "Sends a link to set the password", invitations::invite);
    api.act_with("/accounts/{id}/hand-over", "Moves its roles to another account and switches it off", hand_over);
    api.all_of("/accounts/{id}/tokens", "The tokens of an account", tokens::list);
    api.create_secret_of("/accounts/{id}/tokens", "Makes a token; its secret is shown once", tokens::create);
    api.delete("/accounts/{id}/tokens/{token_id}", "Switches a token off for good", tokens::revoke);
    api.list_where("/emails", "The outbox", |tx, ctx, only: &EmailFilter, page| emails::list(tx, ctx, only.state, page));
    api.get("/emails/{id}", "One e-mail", emails::get);
    api.act("/emails/{id}/resend", "Puts a parked e-mail back into the queue", emails::resend);
    api.own("/mail-queue", "How the queue of e-mails stands", emails::queue);
    api.act_alone("/mail-queue/resume", "Tries everything that waits again, now", emails::resume);
    api.list("/suppressed-addresses", "Addresses to which nothing is sent", emails::suppressed);
    api.get("/suppressed-addresses/{id}", "One of them, and why", emails::suppressed_one);
    api.delete_one("/suppressed-addresses/{id}", "Takes an address off that list", emails::unsuppress);
    api.run("/returned-mail", "Reads a message that came back to a return path of ours", emails::take_returned);
    api.list_where("/audit-entries", "Who did what, when, from where, and how it ended", audit::list);
}

/// What became of dated visits, and what is owed.
#[rustfmt::skip]
fn delivered(api: &mut Api) {
    api.group("What was delivered");
    api.get("/dated-visits/{id}", "One visit with its date", dated_visits::get);
    api.delete_one("/dated-visits/{id}", "Cancels a make-up visit that was never logged", make_ups::cancel);
    api.create_of("/dated-visits/{id}/make-ups", "Adds a make-up for a visit that was missed", make_ups::create);
    api.get("/dated-visits/{id}/make-up-times", "When missed minutes could be made up", make_up_times::times);
    api.get("/dated-visits/{id}/cover-options", "Who could come instead", cover::options);
    api.act_with("/dated-visits/{id}/cover", "Has somebody come instead", cover::assign);
    api.act("/dated-visits/{id}/release-cover", "Takes cover back", cover::release);
    api.get("/dated-visits/{id}/log", "What counts of the log of a visit", service_logs::current);
    api.act_on_version("/dated-visits/{id}/log", "Logs what became of a visit, or changes that", service_logs::log);
    api.act("/dated-visits/{id}/log-as-planned", "Logs that a visit took place as planned", service_logs::log_as_planned);
    api.all_of("/dated-visits/{id}/log-versions", "Every version of the log of a visit", service_logs::versions);
    api.act_with("/specialists/{id}/log-day-as-planned", "Logs all visits of a day as planned", service_logs::log_day_as_planned);
    api.list_where("/service-logs", "What counts of the logs that you can see", service_logs::list);
    api.list_where("/owed", "Delivered, missed and still owed, by request", owed::list);
    api.get_where("/service-requests/{id}/owed", "Delivered, missed and still owed of one request", owed::of_request);
    api.all_where("/locked-months", "Months whose logs no longer change", |tx, ctx, ()| locked_months::list(tx, ctx));
    api.create("/locked-months", "Locks a month for good", locked_months::lock);
}

/// Reports of the school year, each as JSON, CSV and a workbook.
#[rustfmt::skip]
fn reports_of_the_year(api: &mut Api) {
    api.group("Reports");
    api.report("/reports/service-fidelity", [
        "What was delivered of what was planned", "The same as CSV", "The same as a workbook",
    ], service_fidelity::report);
    api.report("/reports/time-and-effort", [
        "For whom specialists worked, by month", "The same as CSV", "The same as a workbook",
    ], time_and_effort::report);
    api.report("/reports/unscheduled-time", [
        "What the plan in use leaves of each week", "The same as CSV", "The same as a workbook",
    ], unscheduled_time::report);
    api.report("/reports/evaluation-clocks", [
        "Until when evaluations are due", "The same as CSV", "The same as a workbook",
    ], evaluation_clocks::report);
}

/// Who works, on what terms, when, and with which credentials.
#[rustfmt::skip]
fn staff(api: &mut Api) {
    api.group("Specialists");
    api.list("/specialists", "The specialists that you can see", specialists::list);
    api.create("/specialists", "Enters a specialist", specialists::create);
    api.get("/specialists/{id}", "One specialist", specialists::get);
    api.change("/specialists/{id}", "Changes a specialist", specialists::change);
    api.all_of("/specialists/{id}/contracts", "Contracts of a specialist, by first day", work_terms::contracts);
    api.create_of("/specialists/{id}/contracts", "Enters a contract", work_terms::create_contract);
    api.get("/contracts/{id}", "One contract", work_terms::get_contract);
    api.change("/contracts/{id}", "Changes a contract", work_terms::change_contract);
    api.all_of("/specialists/{id}/availability", "Weekly hours of a specialist, by first day", work_terms::availability);
    api.create_of("/specialists/{id}/availability", "Enters weekly hours", work_terms::create_availability);
    api.get("/availability/{id}", "One set of weekly hours", work_terms::get_availability);
    api.change("/availability/{id}", "Changes weekly hours", work_terms::change_availability);
    api.all_of("/specialists/{id}/time-away", "When a specialist is away, by first day", time_away::list);
    api.create_of("/specialists/{id}/time-away", "Enters time away", time_away::create);
    api.get("/time-away/{id}", "One time away", time_away::get);
    api.change("/time-away/{id}", "Changes it", time_away::change);
    api.get("/time-away/{id}/effects", "The visits that it touches, and who could cover them", away_effects::of);
    api.get_where("/specialists/{id}/away-preview", "The visits that time away would touch", away_effects::preview);
    api.delete_one("/time-away/{id}", "Takes it back", time_away::remove);

    api.list_where("/credentials", "Licences and certificates that you can see", credentials::list);
    api.all_of("/specialists/{id}/credentials", "Those of a specialist, by first day", credentials::of_specialist);
    api.create_of("/specialists/{id}/credentials", "Enters a licence or certificate", credentials::create);
    api.all_of("/specialists/{id}/credential-standing", "How a specialist stands today, by discipline", credentials::standing);
    api.get("/credentials/{id}", "One licence or certificate", credentials::get);
    api.change("/credentials/{id}", "Changes it", credentials::change);
    api.delete_one("/credentials/{id}", "Takes it off the file", credentials::remove);
    api.all_of("/specialists/{id}/indirect-blocks", "Work of a specialist's week that is not visits", indirect_blocks::list);
    api.create_of("/specialists/{id}/indirect-blocks", "Enters a block of such work", indirect_blocks::create);
    api.get("/indirect-blocks/{id}", "One such block", indirect_blocks::get);
    api.change("/indirect-blocks/{id}", "Changes it", indirect_blocks::change);
    api.delete_one("/indirect-blocks/{id}", "Takes it away", indirect_blocks::remove);
    api.all_of("/specialists/{id}/supervision-logs", "Supervision by or of a specialist that took place", supervision::list);
    api.create_of("/specialists/{id}/supervision-logs", "Logs whom a supervisor supervised", supervision::create);
    api.all_of_where("/specialists/{id}/supervision", "What is planned and logged in a month", supervision::month);
    api.get("/supervision-logs/{id}", "One supervision that took place", supervision::get);
    api.delete_one("/supervision-logs/{id}", "Takes it away", supervision::remove);
}

/// Making plans, reading them, and trying things on them.
#[rustfmt::skip]
fn plans_and_trials(api: &mut Api) {
    api.group("Plans");
    api.list("/plan-runs", "All runs of the planner", plan_runs::list);
    api.create("/plan-runs", "Starts a run on what is known now", plan_runs::create);
    api.get("/plan-runs/{id}", "One run with its progress", plan_runs::get);
    api.act("/plan-runs/{id}/cancel", "Stops a run; its best plan so far is kept", plan_runs::cancel);
    api.json_text("/plan-runs/{id}/instance", "What the planner was given", plan_runs::instance_json);
    api.list("/plans", "The plans that you can see", plans::list);
    api.get("/plans/{id}", "One plan", plans::get);
    api.json_text("/plans/{id}/document", "The plan as the planner wrote it", plans::document_json);
    api.list_of("/plans/{id}/visits", "The visits that you can see", visits::list);
    api.list_where("/dated-visits", "Visits of followed plans with their dates, that you can see", dated_visits::list);
    api.act("/plans/{id}/renew-dated-visits", "Lays a published plan out again from today on", dated_visits::renew_plan);
    api.list_of("/plans/{id}/shortfalls", "What was asked and not given", visits::list_shortfalls);
    api.get_where("/plans/{id}/coverage", "What is met, by member or site and discipline", overview::coverage);
    api.get("/plans/{id}/workload", "How full the weeks are that you can see, visits and other work", workload::of_plan);
    api.get("/plans/{id}/checks", "What to look at before the plan is published", workload::checks);
    api.get_between("/plans/{id}/compare/{other}", "What changes from the other plan to this one", |tx, ctx, plans, asked: &Compared| {
        plan_comparison::compare(tx, ctx, plans, asked.by)
    });
    api.act_on_version("/plans/{id}/publish", "Makes a draft the plan people follow", plans::publish);
    api.act("/plans/{id}/take-back", "Takes a plan back before its e-mails go out", plans::take_back);

    api.group("What if");
    api.list_of("/plans/{id}/scenarios", "What was tried on a plan", scenarios::list);
    api.create_of("/plans/{id}/scenarios", "Tries changes on a plan, in the background", scenarios::create);
    api.create_of("/plans/{id}/scenarios/one-more", "Tries what one more specialist would change", scenarios::one_more);
    api.get("/plans/{id}/scenarios/compare", "The plan and all that was tried on it, side by side", scenarios::compare);
    api.get("/scenarios/{id}", "One trial with its progress and what came of it", scenarios::get);
    api.json_text("/scenarios/{id}/document", "Its plan as the planner wrote it", scenarios::document_json);
    api.act("/scenarios/{id}/cancel", "Stops a trial; its best plan so far is kept", scenarios::cancel);
    api.act("/scenarios/{id}/archive", "Puts a trial away", scenarios::archive);
}

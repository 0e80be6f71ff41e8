//! The demo's results as tables for a terminal.

use crate::domain::cost_share::{CostShareStatement, MemberShare};
use crate::domain::cover::AwayEffects;
use crate::domain::credential::EndingCredential;
use crate::domain::discipline::service_word;
use crate::domain::member::Member;
use crate::domain::owed::{Owed, RequestOwed};
use crate::domain::plan::{Coverage, CoverageCell, Shortfall};
use crate::domain::plan_run::Progress;
use crate::domain::specialist::Specialist;

/// How many shortfalls are printed.
const SHORTFALLS_SHOWN: usize = 8;
/// How many visits of somebody who is away are printed.
const VISITS_SHOWN: usize = 6;

/// One line on how far the planner is.
pub fn progress(progress: &Progress) -> String {
    match (progress.best_mandated_minutes, progress.bound_mandated_minutes) {
        (Some(best), Some(bound)) => {
            format!("{}: {best} mandated minutes met, no plan can meet more than {bound}", progress.phase)
        }
        _ => progress.phase.clone(),
    }
}

/// Coverage by member and discipline.
pub fn coverage(coverage: &Coverage) -> String {
    let mut out = format!("{:<26}", "District");
    for discipline in &coverage.disciplines {
        out += &format!("{discipline:>7}");
    }
    out += &format!("{:>7}\n", "all");
    for row in &coverage.rows {
        out += &line(&row.member_name, &row.cells, &row.total);
    }
    out += &line("All districts", &coverage.totals, &coverage.total);
    let total = &coverage.total;
    out += &format!(
        "{} of {} minutes a week are met; of the IEP-mandated ones {} of {}.\n",
        total.placed_minutes, total.requested_minutes, total.mandated_placed_minutes, total.mandated_requested_minutes
    );
    if let Some(bound) = coverage.mandated_placed_at_most {
        out += &format!("No plan can place more than {bound} mandated minutes with these people, hours and rules.\n");
    }
    out
}

fn line(name: &str, cells: &[CoverageCell], total: &CoverageCell) -> String {
    let percent = |cell: &CoverageCell| cell.percent().map_or("-".to_owned(), |percent| format!("{percent}%"));
    let mut out = format!("{name:<26}");
    for cell in cells {
        out += &format!("{:>7}", percent(cell));
    }
    out + &format!("{:>7}\n", percent(total))
}

/// Minutes by district, of the term so far.
pub fn owed(requests: &[RequestOwed], districts: &[Member]) -> String {
    let mut out = format!(
        "{:<26}{:>11}{:>11}{:>9}{:>9}{:>12}{:>8}\n",
        "District, minutes", "so far", "delivered", "missed", "made up", "still owed", "to log"
    );
    let mut line = |name: &str, of: &dyn Fn(&RequestOwed) -> bool| {
        let sum = |minutes: fn(&Owed) -> i64| -> i64 {
            requests.iter().filter(|one| of(one)).map(|one| minutes(&one.owed)).sum()
        };
        out += &format!(
            "{name:<26}{:>11}{:>11}{:>9}{:>9}{:>12}{:>8}\n",
            sum(|one| one.planned_minutes - one.to_come_minutes),
            sum(|one| one.delivered_minutes),
            sum(|one| one.missed_minutes),
            sum(|one| one.made_up_minutes),
            sum(|one| one.still_owed_minutes),
            sum(|one| one.to_log_minutes)
        );
    };
    for district in districts {
        line(&district.fields.name, &|one| one.member_id == district.id);
    }
    line("All districts", &|_| true);
    out
}

/// Who is away next, and who could come instead.
pub fn away(person: &Specialist, effects: &AwayEffects) -> String {
    let mut out = format!(
        "{} is away for two days: {} visits with {} minutes need cover; somebody is free for {} of these minutes.\n",
        person.fields.name,
        effects.visits.len(),
        effects.minutes,
        effects.coverable_minutes
    );
    for touched in effects.visits.iter().take(VISITS_SHOWN) {
        let visit = &touched.visit;
        let who = touched.first.as_ref().map_or_else(
            || "nobody is free; make it up".to_owned(),
            |one| format!("{} could come ({} more minutes of driving)", one.specialist_name, one.extra_drive_minutes),
        );
        out += &format!("    {} {} {}: {who}\n", visit.visit_on, visit.starts, visit.site_name);
    }
    out + "The page /cover says who comes.\n"
}

/// The largest shortfalls with their reasons and the first thing that would change each.
pub fn shortfalls(mut shortfalls: Vec<Shortfall>) -> String {
    if shortfalls.is_empty() {
        return "Every requested minute is met.\n".to_owned();
    }
    let (count, minutes) = (shortfalls.len(), shortfalls.iter().map(|one| one.minutes).sum::<i64>());
    shortfalls.sort_by_key(|one| (one.priority, -one.minutes));
    let mut out = String::new();
    for one in shortfalls.iter().take(SHORTFALLS_SHOWN) {
        let service = service_word(&one.discipline);
        out +=
            &format!("{}  {service} at {}: {} minutes short\n", one.service_request_code, one.site_name, one.minutes);
        out += &format!("    {}\n", one.reason);
        if let Some(remedy) = one.remedies.first() {
            out += &format!("    What would change it: {} (+{} minutes)\n", remedy.change, remedy.minutes_gained);
        }
    }
    out + &format!("{count} requests are short by {minutes} minutes a week in all.\n")
}

/// What each member owes and is owed.
pub fn cost_shares(statement: &CostShareStatement) -> String {
    let header = ["District", "staff", "travel", "admin", "credit", "net"];
    let mut out = format!("{:<12}", header[0]);
    for name in &header[1..] {
        out += &format!("{name:>14}");
    }
    out.push('\n');
    let statement = &statement.statement;
    for share in statement.members.iter().chain(&statement.total) {
        out += &share_line(share);
    }
    let agencies: i64 = statement.payable_to_agencies.iter().map(|payment| payment.cents).sum();
    out + &format!(
        "The net adds up to what the co-op's own staff ({}), agencies ({}) and administration ({}) cost.\n",
        dollars(statement.payable_to_coop_cents),
        dollars(agencies),
        dollars(statement.administration_cents)
    )
}

fn share_line(share: &MemberShare) -> String {
    let credit = share.lender_staff_credit_cents + share.lender_travel_credit_cents;
    let cents = [
        share.staff_charge_cents,
        share.travel_charge_cents,
        share.administration_charge_cents,
        -credit,
        share.net_cents,
    ];
    let mut out = format!("{:<12}", share.member);
    for amount in cents {
        out += &format!("{:>14}", dollars(amount));
    }
    out.push('\n');
    out
}

/// `$1,234.56`, exact.
fn dollars(cents: i64) -> String {
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut whole = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}${whole}.{:02}", cents.unsigned_abs() % 100)
}

/// Credentials that end soon.
pub fn credentials(ending: &[EndingCredential]) -> String {
    let line = |one: &EndingCredential| {
        let fields = &one.credential.fields;
        let last = fields.valid_until.and_then(|until| until.pred_opt()).map(|day| day.to_string()).unwrap_or_default();
        let (name, kind, issuer) = (&one.specialist_name, fields.kind.word(), &fields.issuer);
        format!(
            "The {kind} of {name} ({issuer}) ends on {last}; visits after that day are not covered until it is renewed.\n"
        )
    };
    ending.iter().map(line).collect()
}

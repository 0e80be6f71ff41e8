//! Cost shares: what each district pays for a period and why, with totals that add up, and the same as CSV.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::TimeDelta;

use super::shell::{Place, Shell, guarded};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::actor::{Action, Resource, may};
use crate::domain::cost_share::{CostShareStatement, MemberNet, MemberShare, Statement};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, cost_shares, members};

#[derive(Template)]
#[template(path = "costs.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Costs,
}

struct Costs {
    /// The newest statement; absent until one is made.
    statement: Option<Shown>,
}

#[derive(Debug, PartialEq, Eq)]
struct Shown {
    code: String,
    title: String,
    lede: String,
    /// Where its lines are; empty for those who see sums only.
    csv: String,
    /// Of the districts of which the charges are seen.
    bars: Vec<Bar>,
    rows: Vec<Row>,
    total: Option<Row>,
    /// What the members' payments are for, with amounts; empty where only one district is shown.
    payable: Vec<(String, String)>,
    payable_total: String,
}

/// The charges of one district as a stacked bar; lengths in thousandths of the longest.
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    district: String,
    administration: i64,
    minutes: i64,
    travel: i64,
    amount: String,
    parts: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    district: String,
    minutes: String,
    lent: String,
    staff: String,
    travel: String,
    administration: String,
    credits: String,
    net: String,
}

/// `GET /costs`
pub(super) async fn get(visitor: Visitor) -> HttpResponse {
    visitor.show(Place::Costs, read, |shell, page| Html { shell, page }.render()).await
}

/// `GET /costs/{code}.csv`
pub(super) async fn get_csv(visitor: Visitor, code: web::Path<String>) -> HttpResponse {
    let name = code.clone();
    let read = move |tx: &mut ReadTx, ctx: &Context| {
        let heads = cost_shares::list(tx, ctx, PageRequest::ALL)?.items;
        let head = heads.into_iter().find(|head| head.code == *code).ok_or(OperationError::NotFound)?;
        cost_shares::csv(tx, ctx, head.id)
    };
    match visitor.look(read).await {
        Ok(bytes) => guarded(StatusCode::OK)
            .content_type("text/csv; charset=utf-8")
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"coop-cost-{name}.csv\"")))
            .body(bytes),
        Err(error) => visitor.refuse(&error),
    }
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Costs, OperationError> {
    let Some(newest) = cost_shares::list(tx, ctx, PageRequest::ALL)?.items.pop() else {
        return Ok(Costs { statement: None });
    };
    let statement = cost_shares::get(tx, ctx, newest.id)?;
    let members = members::list(tx, ctx, PageRequest::ALL)?.items;
    let names = members.into_iter().map(|member| (member.fields.code, member.fields.name)).collect();
    let mut shown = shown(&statement, &names);
    if may(&ctx.actor, Action::Read(Resource::CostShareLines)).is_nothing() {
        shown.csv.clear();
    }
    Ok(Costs { statement: Some(shown) })
}

fn shown(found: &CostShareStatement, names: &BTreeMap<String, String>) -> Shown {
    let (head, statement) = (&found.head, &found.statement);
    let name = |code: &str| names.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let net: i64 = statement.nets.iter().map(|one| one.net_cents).sum();
    let minutes: i64 = statement.members.iter().map(|share| share.charged_minutes).sum();
    let minutes = wording::count(minutes, "minute", "minutes");
    let sees_how = statement.members.len() == statement.nets.len();
    let received = if sees_how { format!(", for {minutes} of visits by staff of others") } else { String::new() };
    let last_day = statement.counted_until - TimeDelta::days(1);
    let of_member = |one: &MemberNet| {
        let share = statement.members.iter().find(|share| share.member == one.member);
        share.map_or_else(|| net_row(one, &name(&one.member)), |share| row(share, &name(&share.member)))
    };
    let mut rows: Vec<Row> = statement.nets.iter().map(of_member).collect();
    rows.sort_by(|a, b| a.district.cmp(&b.district));
    let districts = wording::count(statement.nets.len() as i64, "district", "districts");
    Shown {
        code: head.code.clone(),
        title: format!("Cost shares, {} to {}", statement.counted_from.format("%B %-d"), wording::date(last_day)),
        lede: format!("{} to pay by {districts}{received}. {}.", wording::money(net), head.code),
        csv: format!("/costs/{}.csv", wording::in_path(&head.code)),
        bars: bars(statement, name),
        rows,
        total: statement.total.as_ref().map(|total| row(total, "Total")),
        payable: payable(statement),
        payable_total: wording::money(net),
    }
}

fn charges(share: &MemberShare) -> i64 {
    share.staff_charge_cents + share.travel_charge_cents + share.administration_charge_cents
}

fn row(share: &MemberShare, district: &str) -> Row {
    let minus = |cents: i64| wording::money(-cents);
    Row {
        district: district.to_owned(),
        minutes: wording::thousands(share.charged_minutes),
        lent: wording::thousands(share.lent_minutes),
        staff: wording::money(share.staff_charge_cents),
        travel: wording::money(share.travel_charge_cents),
        administration: wording::money(share.administration_charge_cents),
        credits: minus(share.lender_staff_credit_cents + share.lender_travel_credit_cents),
        net: wording::money(share.net_cents),
    }
}

/// The row of a district of which only what it pays is shown.
fn net_row(one: &MemberNet, district: &str) -> Row {
    let hidden = || "–".to_owned();
    Row {
        district: district.to_owned(),
        minutes: hidden(),
        lent: hidden(),
        staff: hidden(),
        travel: hidden(),
        administration: hidden(),
        credits: hidden(),
        net: wording::money(one.net_cents),
    }
}

/// The longest bar first.
fn bars(statement: &Statement, name: impl Fn(&str) -> String) -> Vec<Bar> {
    let longest = statement.members.iter().map(charges).max().unwrap_or(0).max(1);
    // A drawing only: the amounts stand beside it to the cent.
    let length = |cents: i64| (i128::from(cents) * 1000 / i128::from(longest)) as i64;
    let mut shares: Vec<&MemberShare> = statement.members.iter().collect();
    shares.sort_by_key(|share| (-charges(share), &share.member));
    let bar = |share: &MemberShare| Bar {
        district: name(&share.member),
        administration: length(share.administration_charge_cents),
        minutes: length(share.staff_charge_cents),
        travel: length(share.travel_charge_cents),
        amount: wording::money(charges(share)),
        parts: format!(
            "Administration {}, minutes {}, travel {}",
            wording::money(share.administration_charge_cents),
            wording::money(share.staff_charge_cents),
            wording::money(share.travel_charge_cents)
        ),
    };
    shares.into_iter().map(bar).collect()
}

fn payable(statement: &Statement) -> Vec<(String, String)> {
    if statement.total.is_none() {
        return Vec::new();
    }
    let coop = ("Staff of the co-op".to_owned(), wording::money(statement.payable_to_coop_cents));
    let agencies = statement.payable_to_agencies.iter();
    let agencies = agencies.map(|one| (one.agency.clone(), wording::money(one.cents)));
    let administration = ("Administration".to_owned(), wording::money(statement.administration_cents));
    std::iter::once(coop).chain(agencies).chain([administration]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lender_is_credited_with_a_real_minus_sign_and_keeps_its_bar_of_charges() {
        let lender = MemberShare {
            member: "KIPP".to_owned(),
            charged_minutes: 1_200,
            lent_minutes: 3_000,
            staff_charge_cents: 123_456,
            travel_charge_cents: 0,
            administration_charge_cents: 1_000,
            lender_staff_credit_cents: 300_000,
            lender_travel_credit_cents: 544,
            net_cents: -176_088,
            ..MemberShare::default()
        };
        let row = row(&lender, "KIPP St. Louis");
        assert_eq!((row.credits.as_str(), row.net.as_str()), ("−$3,005.44", "−$1,760.88"));
        let statement = Statement {
            counted_from: chrono::NaiveDate::default(),
            counted_until: chrono::NaiveDate::default(),
            nets: Vec::new(),
            members: vec![lender],
            total: None,
            payable_to_coop_cents: 0,
            payable_to_agencies: Vec::new(),
            administration_cents: 0,
            lines: Vec::new(),
        };
        let bars = bars(&statement, str::to_owned);
        assert_eq!((bars[0].administration, bars[0].minutes), (8, 991));
        assert_eq!(bars[0].amount, "$1,244.56");
        assert!(payable(&statement).is_empty(), "one district does not see what others pay");
    }
}

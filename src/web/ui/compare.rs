//! Two plans side by side, and every visit that changes from one to the other.

mod lanes;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{Place, Shell};
use super::status::Pill;
use super::visitor::Visitor;
use super::{heat, icon, wording};
use crate::domain::calendar::Interval;
use crate::domain::plan_comparison::{
    ChangeGroup, ChangedVisit, GroupBy, PlanChange, PlanChangeKind, PlanComparison, PlanMeasures,
};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, plan_comparison, plans, visits};
use lanes::Lanes;

#[derive(Template)]
#[template(path = "compare.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Compare,
}

struct Compare {
    lede: String,
    before: Head,
    after: Head,
    measures: Vec<Measure>,
    /// Words, address and whether it is the chosen one.
    tabs: Vec<(String, String, bool)>,
    groups: Vec<Group>,
}

/// One of the two plans.
struct Head {
    code: String,
    href: String,
    pill: Pill,
}

/// One row of the table of measures.
#[derive(Debug, PartialEq, Eq)]
struct Measure {
    name: String,
    before: String,
    after: String,
    /// How the plan after differs, in words; empty where a difference makes no sense.
    difference: String,
    /// `better`, `worse` or nothing.
    class: &'static str,
}

/// The changes of one specialist, school or request.
struct Group {
    name: String,
    detail: String,
    summary: String,
    lanes: Option<Lanes>,
    changes: Vec<Change>,
}

/// One visit that changes.
struct Change {
    class: &'static str,
    icon: &'static str,
    tag: &'static str,
    /// When and where it was, where that changes.
    old: String,
    new: String,
    request: String,
    /// After the number of the request.
    detail: String,
    /// Who it was and who it is, where that changes.
    people: Option<(String, String)>,
}

/// How changes are grouped.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    by: GroupBy,
}

/// `GET /plans/{code}/compare/{other}?by=`
pub(super) async fn get(
    visitor: Visitor,
    codes: web::Path<(String, String)>,
    asked: Option<web::Query<Asked>>,
) -> HttpResponse {
    let (code, other) = codes.into_inner();
    let by = asked.map_or(GroupBy::default(), |asked| asked.by);
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, (&code, &other), by);
    visitor.show(Place::Plans, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context, (code, other): (&str, &str), by: GroupBy) -> Result<Compare, OperationError> {
    let after = plans::get_by_code(tx, ctx, code)?;
    let before = plans::get_by_code(tx, ctx, other)?;
    let found = plan_comparison::compare(tx, ctx, (after.id, before.id), by)?;
    let weeks = if by == GroupBy::Specialist {
        let before = visits::list(tx, ctx, before.id, PageRequest::ALL)?.items;
        Some((before, visits::list(tx, ctx, after.id, PageRequest::ALL)?.items))
    } else {
        None
    };
    let group = |group: &ChangeGroup| Group {
        name: group.name.clone(),
        detail: group.detail.clone(),
        summary: summary(group),
        lanes: weeks.as_ref().and_then(|(before, after)| Lanes::new(group, before, after)),
        changes: group.changes.iter().map(|one| change(one, by)).collect(),
    };
    Ok(Compare {
        lede: lede(&found),
        before: head(&found.before),
        after: head(&found.after),
        measures: measures(&found),
        tabs: tabs(&found, by),
        groups: found.groups.iter().map(group).collect(),
    })
}

fn head(measures: &PlanMeasures) -> Head {
    Head {
        code: measures.plan_code.clone(),
        href: format!("/plans/{}", wording::in_path(&measures.plan_code)),
        pill: Pill::of_plan(measures.state),
    }
}

fn lede(found: &PlanComparison) -> String {
    let (before, after) = (&found.before, &found.after);
    let same = before.requests == after.requests && before.requested_minutes() == after.requested_minutes();
    if same {
        format!(
            "Both plans are measured against {}, so the numbers can be compared.",
            wording::count(after.requests, "request", "requests")
        )
    } else {
        format!(
            "What was asked for changed in between: {} then, {} now.",
            wording::count(before.requests, "request", "requests"),
            wording::thousands(after.requests)
        )
    }
}

/// Which way a measure is better.
#[derive(Clone, Copy)]
enum Better {
    More,
    Less,
    Neither,
}

fn measures(found: &PlanComparison) -> Vec<Measure> {
    let (before, after) = (&found.before, &found.after);
    let of = |name: &str, before: i64, after: i64| {
        if before == after {
            format!("{name}, of {}", wording::thousands(after))
        } else {
            format!("{name}, of {} then and {} now", wording::thousands(before), wording::thousands(after))
        }
    };
    let number = |name: String, pick: fn(&PlanMeasures) -> i64, better| {
        measure(name, (pick(before), pick(after)), better, wording::thousands)
    };
    let unmet = |one: &PlanMeasures| one.mandated.requested_minutes - one.mandated.placed_minutes;
    let asked = (before.requested_minutes(), after.requested_minutes());
    let mut rows = vec![
        number(of("Minutes met a week", asked.0, asked.1), PlanMeasures::placed_minutes, Better::More),
        number("IEP-mandated minutes unmet".to_owned(), unmet, Better::Less),
        number(of("Requests fully met", before.requests, after.requests), |one| one.requests_met, Better::More),
        worst_served(before, after),
        measure(
            "Time spent driving a week".to_owned(),
            (before.travel_minutes, after.travel_minutes),
            Better::Less,
            wording::hours,
        ),
    ];
    let changes = |name: &str, count: i64| Measure {
        name: name.to_owned(),
        before: "–".to_owned(),
        after: if count == 0 { "none".to_owned() } else { wording::thousands(count) },
        difference: String::new(),
        class: "",
    };
    rows.push(changes("Visits that change", found.counts.changed()));
    rows.push(changes("Groups that get a new specialist", found.counts.requests_with_new_person));
    rows.push(changes("Specialists whose week changes", found.counts.specialists_touched));
    let cost = (before.staff_cost_cents, after.staff_cost_cents);
    rows.push(measure("Staff cost a week".to_owned(), cost, Better::Neither, wording::money));
    rows
}

fn worst_served(before: &PlanMeasures, after: &PlanMeasures) -> Measure {
    let told = |one: &PlanMeasures| match &one.worst_served {
        Some(worst) => {
            format!("{} {}", worst.member_name, heat::percent(worst.placed_minutes, worst.requested_minutes))
        }
        None => "–".to_owned(),
    };
    Measure {
        name: "Goes shortest of IEP-mandated minutes".to_owned(),
        before: told(before),
        after: told(after),
        difference: String::new(),
        class: "",
    }
}

fn measure(name: String, (before, after): (i64, i64), better: Better, words: fn(i64) -> String) -> Measure {
    let (difference, grew) = match after - before {
        0 => ("the same".to_owned(), None),
        more @ 1.. => (format!("{} more", words(more)), Some(true)),
        // Minutes and requests are counted; time and money are not.
        less if words(1) == "1" => (format!("{} fewer", words(-less)), Some(false)),
        less => (format!("{} less", words(-less)), Some(false)),
    };
    let class = match (better, grew) {
        (Better::More, Some(true)) | (Better::Less, Some(false)) => "better",
        (Better::More, Some(false)) | (Better::Less, Some(true)) => "worse",
        _ => "",
    };
    Measure { name, before: words(before), after: words(after), difference, class }
}

fn tabs(found: &PlanComparison, by: GroupBy) -> Vec<(String, String, bool)> {
    let (code, other) = (wording::in_path(&found.after.plan_code), wording::in_path(&found.before.plan_code));
    let counts = found.counts;
    let tab = |words: &str, count: i64, name: &str, one: GroupBy| {
        let href = format!("/plans/{code}/compare/{other}?by={name}");
        (format!("By {words}, {}", wording::thousands(count)), href, one == by)
    };
    vec![
        tab("specialist", counts.specialists_touched, "specialist", GroupBy::Specialist),
        tab("school", counts.schools_touched, "school", GroupBy::School),
        tab("request", counts.requests_touched, "request", GroupBy::Request),
    ]
}

fn summary(group: &ChangeGroup) -> String {
    let minutes = if group.minutes_before == group.minutes_after {
        format!("{} a week, the same", wording::count(group.minutes_after, "minute", "minutes"))
    } else {
        format!(
            "{} to {} a week",
            wording::thousands(group.minutes_before),
            wording::count(group.minutes_after, "minute", "minutes")
        )
    };
    format!("{minutes}. {}", wording::count(group.changes.len() as i64, "change", "changes"))
}

fn when(visit: &ChangedVisit) -> String {
    let time = wording::time_span(Interval { starts: visit.starts, ends: visit.ends });
    format!("{} {time}", visit.weekday.name())
}

fn change(one: &PlanChange, by: GroupBy) -> Change {
    let (class, icon, tag) = match one.kind {
        PlanChangeKind::Added => ("met", icon::PLUS, "Added"),
        PlanChangeKind::Moved => ("met", icon::SWAP, "Moved"),
        PlanChangeKind::NewPerson => ("part", icon::PERSON, "New person"),
        PlanChangeKind::Removed => ("unmet", icon::MINUS, "Removed"),
    };
    let place = |visit: &ChangedVisit| format!("{}, {}", when(visit), visit.site_name);
    let (old, new) = match (&one.before, &one.after) {
        (Some(before), Some(after)) if when(before) == when(after) && before.site_name == after.site_name => {
            (String::new(), place(after))
        }
        (Some(before), Some(after)) if before.site_name == after.site_name => (when(before), place(after)),
        (before, after) => {
            (before.as_ref().map(place).unwrap_or_default(), after.as_ref().map(place).unwrap_or_default())
        }
    };
    let lengths: Vec<i64> =
        [&one.before, &one.after].iter().filter_map(|side| side.as_ref()).map(ChangedVisit::minutes).collect();
    let length = match lengths.as_slice() {
        [before, after] if before != after => format!("{before} to {after} minutes"),
        [minutes, ..] => wording::count(*minutes, "minute", "minutes"),
        [] => String::new(),
    };
    let who = |side: &Option<ChangedVisit>| side.as_ref().map(|visit| visit.specialist_name.clone());
    let people = match (who(&one.before), who(&one.after)) {
        (Some(before), Some(after)) if one.kind == PlanChangeKind::NewPerson => Some((before, after)),
        _ => None,
    };
    let with = match (by, who(&one.after).or(who(&one.before))) {
        (GroupBy::School | GroupBy::Request, Some(name)) if people.is_none() => format!(", with {name}"),
        _ => String::new(),
    };
    Change {
        class,
        icon,
        tag,
        old,
        new,
        request: one.request_code.clone(),
        detail: format!("{length}{with}. {}.", wording::priority(one.priority)),
        people,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_in_words_and_judged() {
        let told = |before, after, better, words: fn(i64) -> String| {
            let one = measure(String::new(), (before, after), better, words);
            (one.difference, one.class)
        };
        let words = |text: &str, class| (text.to_owned(), class);
        assert_eq!(told(13_710, 14_100, Better::More, wording::thousands), words("390 more", "better"));
        assert_eq!(told(420, 210, Better::Less, wording::thousands), words("210 fewer", "better"));
        assert_eq!(told(2_480, 2_530, Better::Less, wording::hours), words("50 min more", "worse"));
        assert_eq!(told(2_530, 2_400, Better::Less, wording::hours), words("2 h 10 less", "better"));
        assert_eq!(told(100, 100, Better::Less, wording::money), words("the same", ""));
        assert_eq!(told(0, 147_000, Better::Neither, wording::money), words("$1,470.00 more", ""));
    }
}

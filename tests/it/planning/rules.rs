//! Each hard rule is broken alone, and only that rule is named, by us and by the second opinion.

use coop_scheduler::planning::plan_document::{Lender, Visit};
use coop_scheduler::planning::{Instance, Rule, verify};
use serde_json::{Value, json};

use super::second_opinion::{assert_agreement, our_rules_broken};
use super::small_coop::{plan_of, read, small_coop, visit};

/// A sound plan of the small co-op.
const SOUND: [&str; 2] = ["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R2 B1 mon 10:00 11:00"];

fn sound() -> (Instance, Vec<Visit>) {
    (read(&small_coop()), SOUND.into_iter().map(visit).collect())
}

/// A change of the instance and other visits, after which exactly one rule is broken.
fn breaks(rule: Rule, change: impl Fn(&mut Value), visits: &[&str]) {
    let mut value = small_coop();
    change(&mut value);
    let instance = read(&value);
    let plan = plan_of(&instance, visits.iter().map(|text| visit(text)).collect());
    let broken: Vec<String> = our_rules_broken(&instance, &plan).into_iter().collect();
    assert_eq!(broken, [rule.name()]);
    assert_agreement(&instance, &plan, rule.name());
}

/// Other visits of the unchanged instance.
fn visits_break(rule: Rule, visits: &[&str]) {
    breaks(rule, |_| {}, visits);
}

/// A smaller limit of the SLP, under which the sound plan breaks a rule.
fn limit_breaks(rule: Rule, key: &str, limit: u32) {
    breaks(rule, |value| value["specialists"][0][key] = json!(limit), &SOUND);
}

#[test]
fn a_sound_plan_is_accepted() {
    let (instance, visits) = sound();
    let plan = plan_of(&instance, visits);
    let totals = verify(&instance, &plan).expect("sound");
    assert_eq!((totals.all.mandated.placed, totals.travel_minutes, totals.staff_cost_cents), (120, 20, 12_900));
    assert_agreement(&instance, &plan, "sound");
}

#[test]
fn only_qualified_specialist() {
    visits_break(Rule::OnlyQualifiedSpecialist, &["OT-01 R2 B1 mon 10:00 11:00"]);
}

#[test]
fn visit_within_availability() {
    visits_break(Rule::VisitWithinAvailability, &["SLP-01 R1 A1 mon 07:30 08:30"]);
}

#[test]
fn visit_within_window() {
    visits_break(Rule::VisitWithinWindow, &["SLP-01 R1 A1 mon 14:30 15:15"]);
}

#[test]
fn visit_length() {
    for times in ["08:00 09:15", "08:00 08:15", "08:00 08:40"] {
        visits_break(Rule::VisitLength, &[&format!("SLP-01 R1 A1 mon {times}")]);
    }
}

#[test]
fn one_visit_per_request_and_day() {
    visits_break(Rule::OneVisitPerRequestAndDay, &["SLP-01 R1 A1 mon 08:00 08:30", "SLP-01 R1 A1 mon 08:30 09:00"]);
    let four_days = ["mon", "tue", "wed", "thu"].map(|day| format!("SLP-01 R1 A1 {day} 08:00 08:30"));
    visits_break(Rule::OneVisitPerRequestAndDay, &four_days.each_ref().map(String::as_str));
}

#[test]
fn request_not_exceeded() {
    let visits = ["SLP-01 R3 A1 mon 08:00 09:00", "SLP-01 R3 A1 tue 08:00 09:00"];
    let instance = read(&small_coop());
    let plan = plan_of(&instance, visits.into_iter().map(visit).collect());
    // More than was asked for cannot be a right shortfall either.
    let broken: Vec<String> = our_rules_broken(&instance, &plan).into_iter().collect();
    assert_eq!(broken, ["request_not_exceeded", "shortfalls"]);
    assert_agreement(&instance, &plan, "request_not_exceeded");
}

#[test]
fn specialist_in_one_place() {
    visits_break(Rule::SpecialistInOnePlace, &["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R2 B1 mon 09:15 10:15"]);
    visits_break(Rule::SpecialistInOnePlace, &["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R3 A1 mon 08:30 09:30"]);
}

#[test]
fn limits_of_a_specialist() {
    limit_breaks(Rule::SpecialistDayWithinLimit, "direct_minutes_per_day_max", 105);
    limit_breaks(Rule::SpecialistWeekWithinContract, "direct_minutes_per_week_max", 105);
    limit_breaks(Rule::LendableWithinLimit, "lendable_minutes_per_week_max", 45);
    limit_breaks(Rule::SitesPerDay, "sites_per_day_max", 1);
    limit_breaks(Rule::TravelWithinDay, "travel_minutes_per_day_max", 15);
    limit_breaks(Rule::SiteWithinReach, "reach_minutes_max", 15);
}

#[test]
fn no_return_to_site() {
    visits_break(Rule::NoReturnToSite, &[SOUND[0], SOUND[1], "SLP-01 R3 A1 mon 11:30 12:30"]);
}

#[test]
fn break_kept() {
    visits_break(Rule::BreakKept, &["SLP-01 R4 A1 mon 08:45 14:00"]);
    // Shorter, or with the morning free until 11:00, there is nothing to say.
    for times in ["08:45 13:45", "11:00 15:00"] {
        let instance = read(&small_coop());
        let plan = plan_of(&instance, vec![visit(&format!("SLP-01 R4 A1 mon {times}"))]);
        assert!(verify(&instance, &plan).is_ok(), "{times}");
    }
}

#[test]
fn stay_long_enough() {
    visits_break(Rule::StayLongEnough, &[SOUND[0], "SLP-01 R2 B1 mon 10:00 10:45"]);
}

#[test]
fn fixed_visits_stand() {
    let fixed = json!([{"specialist": "SLP-01", "request": "R1", "day": "tue", "starts": "08:00", "ends": "09:00"}]);
    breaks(Rule::FixedVisitsStand, |value| value["fixed"] = fixed.clone(), &SOUND);
}

#[test]
fn visit_at_request_site() {
    visits_break(Rule::VisitAtRequestSite, &[SOUND[0], "SLP-01 R2 B2 mon 10:00 11:00"]);
    // Teletherapy is given from the home site.
    breaks(Rule::VisitAtRequestSite, |value| value["requests"][1]["mode"] = json!("teletherapy"), &SOUND);
}

#[test]
fn no_lender_worse_than_alone() {
    let (instance, visits) = sound();
    let mut plan = plan_of(&instance, visits);
    plan.lenders = vec![Lender { member: "A".to_string(), alone_mandated_minutes: 60, alone_at_most_minutes: None }];
    assert!(verify(&instance, &plan).is_ok());
    plan.lenders[0].alone_mandated_minutes = 75;
    assert_eq!(our_rules_broken(&instance, &plan).into_iter().collect::<Vec<_>>(), ["no_lender_worse_than_alone"]);
}

#[test]
fn codes_totals_and_shortfalls() {
    let (instance, visits) = sound();
    let sound = plan_of(&instance, visits);
    let mut unknown = sound.clone();
    unknown.visits.push(visit("SLP-09 R1 A1 tue 08:00 09:00"));
    assert_eq!(our_rules_broken(&instance, &unknown).into_iter().collect::<Vec<_>>(), ["unknown_code"]);
    assert_agreement(&instance, &unknown, "unknown_code");
    let mut totals = sound.clone();
    totals.totals.travel_minutes += 1;
    assert_eq!(our_rules_broken(&instance, &totals).into_iter().collect::<Vec<_>>(), ["totals"]);
    assert_agreement(&instance, &totals, "totals");
    let mut cents = sound.clone();
    cents.totals.staff_cost_cents += 1;
    assert_eq!(our_rules_broken(&instance, &cents).into_iter().collect::<Vec<_>>(), ["totals"]);
    let mut shortfalls = sound;
    shortfalls.shortfalls.pop();
    assert_eq!(our_rules_broken(&instance, &shortfalls).into_iter().collect::<Vec<_>>(), ["shortfalls"]);
    assert_agreement(&instance, &shortfalls, "shortfalls");
}

#[test]
fn every_rule_has_its_own_name() {
    let names: std::collections::BTreeSet<&str> = Rule::ALL.into_iter().map(Rule::name).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    assert!(Rule::ALL.into_iter().all(|rule| Rule::named(rule.name()) == Some(rule)));
}

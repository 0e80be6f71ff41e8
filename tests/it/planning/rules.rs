//! Each hard rule is broken alone, and only that rule is named, by us and by the second opinion.

use coop_scheduler::planning::plan_document::{Bounds, Cause, CauseKind, Lender, Visit};
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

/// The instance in the second format, with a change.
fn second(change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |value| {
        value["format"] = json!("coop-planning-instance/2");
        change(value);
    }
}

/// With this change of the instance the visits keep every rule.
fn keeps(change: impl Fn(&mut Value), visits: &[&str]) {
    let mut value = small_coop();
    change(&mut value);
    let instance = read(&value);
    let plan = plan_of(&instance, visits.iter().map(|text| visit(text)).collect());
    assert_eq!(verify(&instance, &plan).err(), None);
}

#[test]
fn member_share_within_limit() {
    // Sixty minutes for member B are a tenth of the week; the minutes for the employer do not count.
    let percent =
        |percent: u32| second(move |value| value["policy"]["person_member_share_max_percent"] = json!(percent));
    breaks(Rule::MemberShareWithinLimit, percent(9), &SOUND);
    keeps(percent(10), &SOUND);
    keeps(percent(1), &SOUND[..1]);
    // A specialist of the co-op has no employer among the members.
    let of_the_coop = |value: &mut Value| {
        percent(9)(value);
        value["specialists"][0]["employer"] = json!({"kind": "coop"});
        value["specialists"][0].as_object_mut().expect("object").remove("lendable_minutes_per_week_max");
    };
    breaks(Rule::MemberShareWithinLimit, of_the_coop, &SOUND[..1]);
}

#[test]
fn evaluation_block_kept() {
    let block = |hours: Value, minutes: u32| {
        second(move |value| {
            value["specialists"][0]["availability"] = json!({"mon": hours});
            value["specialists"][0]["evaluation_block_minutes"] = json!(minutes);
        })
    };
    let day = json!([["08:00", "16:00"]]);
    breaks(Rule::EvaluationBlockKept, block(day.clone(), 305), &SOUND);
    keeps(block(day.clone(), 300), &SOUND);
    // A piece lies in one interval, and the twenty minutes of the drive are not free.
    breaks(Rule::EvaluationBlockKept, block(json!([["08:00", "12:00"], ["12:00", "16:00"]]), 245), &SOUND);
    breaks(Rule::EvaluationBlockKept, block(json!([["08:00", "11:00"]]), 45), &SOUND);
    keeps(block(json!([["08:00", "11:00"]]), 40), &SOUND);
    // Any other day will do, and who visits nobody has the whole week.
    keeps(second(|value| value["specialists"][0]["evaluation_block_minutes"] = json!(480)), &SOUND);
    keeps(block(day, 600), &[]);
}

#[test]
fn assistant_supervised() {
    // The SLP is an assistant of the OT, whose home is at B2.
    let assistant = |change: fn(&mut Value)| {
        second(move |value| {
            value["specialists"][0]["supervisors"] = json!(["OT-01"]);
            change(value);
        })
    };
    keeps(assistant(|_| {}), &SOUND);
    let unsupervised: [fn(&mut Value); 4] = [
        |value| value["requests"][1]["priority"] = json!("evaluation"),
        |value| value["specialists"][1]["reach_minutes_max"] = json!(15),
        |value| value["specialists"][1]["supervision_hours"] = json!({"tue": [["08:00", "16:00"]]}),
        |value| value["specialists"][1]["supervision_hours"] = json!({"mon": [["08:00", "08:30"], ["08:30", "11:00"]]}),
    ];
    for change in unsupervised {
        breaks(Rule::AssistantSupervised, assistant(change), &SOUND);
    }
    // Hours of one supervisor and the reach of another do not add up; either supervisor alone is enough.
    let two = |reach: u32| {
        second(move |value| {
            let mut other = value["specialists"][1].clone();
            other["code"] = json!("OT-02");
            other["supervision_hours"] = json!({"tue": [["08:00", "16:00"]]});
            value["specialists"].as_array_mut().expect("a list").push(other);
            value["specialists"][0]["supervisors"] = json!(["OT-02", "OT-01"]);
            value["specialists"][1]["reach_minutes_max"] = json!(reach);
        })
    };
    breaks(Rule::AssistantSupervised, two(15), &SOUND);
    keeps(two(40), &SOUND);
    // Teletherapy needs no drive.
    let by_video = assistant(|value| {
        value["specialists"][1]["reach_minutes_max"] = json!(15);
        value["requests"][0]["mode"] = json!("teletherapy");
    });
    keeps(by_video, &SOUND);
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
    plan.lenders =
        vec![Lender { member: "A".to_string(), alone_mandated_minutes: 60, alone_at_most_minutes: Some(60) }];
    assert!(verify(&instance, &plan).is_ok());
    let lender = plan.lenders[0].clone();
    for wrong in [
        vec![Lender { alone_mandated_minutes: 75, alone_at_most_minutes: None, ..lender.clone() }],
        vec![Lender { alone_at_most_minutes: Some(45), ..lender.clone() }],
        vec![Lender { member: "Z".to_string(), alone_mandated_minutes: 0, ..lender.clone() }],
        vec![lender.clone(), lender],
    ] {
        plan.lenders = wrong;
        assert_eq!(our_rules_broken(&instance, &plan).into_iter().collect::<Vec<_>>(), ["no_lender_worse_than_alone"]);
    }
}

#[test]
fn bounds() {
    let (instance, visits) = sound();
    // Member A gets 60 of 495 mandated minutes, 12.12 %; member B half of its minutes.
    let sound = plan_of(&instance, visits);
    let stated = |change: &dyn Fn(&mut Bounds)| {
        let mut plan = sound.clone();
        change(&mut plan.bounds);
        our_rules_broken(&instance, &plan).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(stated(&|bounds| bounds.mandated_placed_at_most = 105), ["bounds"]);
    assert_eq!(stated(&|bounds| bounds.worst_share_at_most_basis_points = Some(1_211)), ["bounds"]);
    let exact = |bounds: &mut Bounds| {
        (bounds.mandated_placed_at_most, bounds.worst_share_at_most_basis_points) = (120, Some(1_212));
    };
    assert_eq!(stated(&exact), Vec::<String>::new());
}

#[test]
fn causes_add_up_to_the_shortfall() {
    let (instance, visits) = sound();
    let mut plan = plan_of(&instance, visits);
    let cause = |minutes| Cause {
        cause: CauseKind::NoHoursLeft,
        minutes,
        rules: vec!["specialist_week_within_contract".to_string()],
        sentence: "Nobody has an hour left.".to_string(),
    };
    plan.shortfalls[0].causes = vec![cause(45), cause(15)];
    assert!(verify(&instance, &plan).is_ok());
    plan.shortfalls[0].causes.pop();
    assert_eq!(our_rules_broken(&instance, &plan).into_iter().collect::<Vec<_>>(), ["shortfalls"]);
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

#[test]
fn every_rule_has_a_function_of_its_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/planning/verify");
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    let code: String = files.map(|file| std::fs::read_to_string(file).expect("text")).collect();
    for rule in Rule::ALL {
        let function = format!("pub(super) fn {}(", rule.name());
        let documented = code
            .lines()
            .zip(code.lines().skip(1))
            .filter(|(doc, line)| line.starts_with(&function) && doc.starts_with("/// "));
        assert_eq!(documented.count(), 1, "{rule}");
    }
}

#[test]
fn credential_valid() {
    let ends = |until: &'static str| {
        move |value: &mut Value| {
            value["format"] = json!("coop-planning-instance/3");
            value["effective_from"] = json!("2027-01-04");
            value["specialists"][0]["credentials_until"] = json!({"SLP": until});
        }
    };
    // The day is the first one outside.
    breaks(Rule::CredentialValid, ends("2027-01-04"), &SOUND);
    breaks(Rule::CredentialValid, ends("2026-12-31"), &SOUND);
    let mut value = small_coop();
    ends("2027-01-05")(&mut value);
    let instance = read(&value);
    verify(&instance, &plan_of(&instance, SOUND.into_iter().map(visit).collect())).expect("valid on the first day");
    // Another discipline of the same person is not touched.
    let other = |value: &mut Value| {
        ends("2026-12-31")(value);
        value["specialists"][0]["disciplines"] = json!(["SLP", "PT"]);
        value["specialists"][0]["credentials_until"] = json!({"PT": "2026-12-31"});
    };
    let mut value = small_coop();
    other(&mut value);
    let instance = read(&value);
    verify(&instance, &plan_of(&instance, SOUND.into_iter().map(visit).collect())).expect("another discipline");
}

#[test]
fn caps_on_sites_and_requests() {
    let cap = |key: &'static str, most: u32| {
        move |value: &mut Value| {
            value["format"] = json!("coop-planning-instance/4");
            value["specialists"][0][key] = json!(most);
        }
    };
    breaks(Rule::SitesWithinCap, cap("sites_per_week_max", 1), &SOUND);
    keeps(cap("sites_per_week_max", 2), &SOUND);
    breaks(Rule::RequestsWithinCap, cap("requests_max", 1), &SOUND);
    keeps(cap("requests_max", 2), &SOUND);
    // The week counts, not the day; a request that is served twice is one, and so is a site.
    let two_days = ["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R2 B1 tue 10:00 11:00"];
    breaks(Rule::SitesWithinCap, cap("sites_per_week_max", 1), &two_days);
    breaks(Rule::RequestsWithinCap, cap("requests_max", 1), &two_days);
    let same = ["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R1 A1 tue 08:00 09:00"];
    keeps(cap("sites_per_week_max", 1), &same);
    keeps(cap("requests_max", 1), &same);
    // Teletherapy is given at home.
    let from_afar = |value: &mut Value| {
        cap("sites_per_week_max", 1)(value);
        value["requests"][1]["mode"] = json!("teletherapy");
    };
    keeps(from_afar, &["SLP-01 R1 A1 mon 08:00 09:00", "SLP-01 R2 A1 tue 10:00 11:00"]);
}

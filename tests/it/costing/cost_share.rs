//! The cost share of a plan: an example worked by hand (also in `docs/cost-sharing.md`) and the identities.

use chrono::NaiveDate;
use coop_scheduler::costing::cost_share::{
    Amounts, CostShareError, CostedPlan, CostedSpecialist, CostedVisit, Leg, Settings, WeekdayCounts, check_balance,
    share,
};
use coop_scheduler::domain::calendar::Weekday;
use coop_scheduler::domain::employer::EmployerCode;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn specialist(code: &str, employer: &str, cents_per_hour: i64) -> CostedSpecialist {
    CostedSpecialist { code: code.into(), employer: employer.parse().expect("an employer"), cents_per_hour }
}

fn visit(specialist: &str, weekday: Weekday, member: &str, discipline: &str, minutes: u32) -> CostedVisit {
    CostedVisit {
        specialist: specialist.into(),
        member: member.into(),
        discipline: discipline.into(),
        weekday,
        minutes,
    }
}

fn leg(specialist: &str, weekday: Weekday, to_member: &str, miles_hundredths: u32) -> Leg {
    Leg { specialist: specialist.into(), weekday, to_member: to_member.into(), miles_hundredths }
}

/// September 2026 of three members: the example of `docs/cost-sharing.md`.
pub fn worked_example() -> CostedPlan {
    CostedPlan {
        members: ["ATLAS", "KIPP", "SOULARD"].map(String::from).to_vec(),
        specialists: vec![
            specialist("SLP-01", "member:KIPP", 6455),
            specialist("OT-01", "coop", 5800),
            specialist("PT-01", "agency:Gateway", 8500),
        ],
        visits: vec![
            visit("SLP-01", Weekday::Mon, "KIPP", "SLP", 240),
            visit("SLP-01", Weekday::Tue, "SOULARD", "SLP", 105),
            visit("SLP-01", Weekday::Wed, "ATLAS", "SLP", 75),
            visit("OT-01", Weekday::Thu, "SOULARD", "OT", 90),
            visit("OT-01", Weekday::Thu, "KIPP", "OT", 120),
            visit("PT-01", Weekday::Fri, "ATLAS", "PT", 45),
        ],
        legs: vec![
            leg("SLP-01", Weekday::Tue, "SOULARD", 513),
            leg("SLP-01", Weekday::Wed, "ATLAS", 307),
            leg("OT-01", Weekday::Thu, "KIPP", 513),
        ],
        weekday_counts: WeekdayCounts::in_period(date("2026-09-01"), date("2026-10-01")).expect("a month"),
        settings: Settings {
            travel_cents_per_mile: 70,
            administration_basis_points: 600,
            administration_equal_share_basis_points: 2000,
        },
    }
}

#[test]
fn weekdays_of_september_2026() {
    let counts = worked_example().weekday_counts;
    assert_eq!(Weekday::ALL.map(|day| counts.of(day)), [4, 5, 5, 4, 4, 4, 4]);
}

#[test]
fn a_period_holds_at_least_a_day() {
    let day = date("2026-09-01");
    assert_eq!(WeekdayCounts::in_period(day, day), Err(CostShareError::Period(0)));
    assert_eq!(WeekdayCounts::in_period(day, date("2026-08-31")), Err(CostShareError::Period(-1)));
    let one = WeekdayCounts::in_period(date("2026-09-06"), date("2026-09-07")).expect("a Sunday");
    assert_eq!(Weekday::ALL.map(|day| one.of(day)), [0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn the_example_worked_by_hand() {
    let share = share(&worked_example()).expect("a sound plan");

    let staff: Vec<_> = share.staff_lines.iter().map(|l| (&*l.member, &*l.specialist, l.minutes, l.cents)).collect();
    assert_eq!(
        staff,
        [
            ("ATLAS", "PT-01", 180, 25_500),
            ("ATLAS", "SLP-01", 375, 40_344),
            ("KIPP", "OT-01", 480, 46_400),
            ("KIPP", "SLP-01", 960, 103_280),
            ("SOULARD", "OT-01", 360, 34_800),
            ("SOULARD", "SLP-01", 525, 56_481),
        ]
    );
    let travel: Vec<_> =
        share.travel_lines.iter().map(|l| (&*l.member, &*l.specialist, l.miles_hundredths, l.cents)).collect();
    assert_eq!(
        travel,
        [("ATLAS", "SLP-01", 1_535, 1_075), ("KIPP", "OT-01", 2_052, 1_436), ("SOULARD", "SLP-01", 2_565, 1_795)]
    );

    let kipp = Amounts {
        charged_minutes: 480,
        lent_minutes: 900,
        own_staff_minutes: 960,
        staff_charge_cents: 46_400,
        travel_charge_cents: 1_436,
        administration_charge_cents: 3_257,
        lender_staff_credit_cents: 96_825,
        lender_travel_credit_cents: 2_870,
        own_staff_cost_cents: 103_280,
        own_travel_cost_cents: 0,
        net_cents: -48_602,
    };
    assert_eq!(share.members["KIPP"], kipp);
    assert_eq!(share.members["ATLAS"].net_cents, 70_557);
    assert_eq!(share.members["SOULARD"].net_cents, 98_393);
    assert_eq!(share.total.net_cents, 120_348);
    assert_eq!(share.payable.coop_cents, 82_636);
    assert_eq!(share.payable.agency_cents["Gateway"], 25_500);
    assert_eq!(share.payable.administration_cents, 12_212);
}

#[test]
fn a_drive_back_to_the_lender_is_the_lenders_own_cost() {
    let mut plan = worked_example();
    plan.legs.push(leg("SLP-01", Weekday::Wed, "KIPP", 100));
    let share = share(&plan).expect("a sound plan");
    assert_eq!(share.members["KIPP"].own_travel_cost_cents, 350);
    assert_eq!(share.members["KIPP"].net_cents, -48_602);
}

#[test]
fn a_member_without_visits_bears_only_its_part_of_administration() {
    let mut plan = worked_example();
    plan.members.push("KAIROS".into());
    let share = share(&plan).expect("a sound plan");
    // A fifth of 12,212 cents over four members: 610.6, rounded together with the others.
    assert_eq!(share.members["KAIROS"].net_cents, share.members["KAIROS"].administration_charge_cents);
    assert!((610..=611).contains(&share.members["KAIROS"].net_cents));
}

#[test]
fn an_unsound_plan_is_refused() {
    let refused = |change: fn(&mut CostedPlan)| {
        let mut plan = worked_example();
        change(&mut plan);
        share(&plan).expect_err("unsound")
    };
    assert_eq!(refused(|p| p.visits[0].member = "X".into()), CostShareError::UnknownMember("X".into()));
    assert_eq!(refused(|p| p.legs[0].specialist = "X".into()), CostShareError::UnknownSpecialist("X".into()));
    assert_eq!(
        refused(|p| p.specialists[0].employer = EmployerCode::Member("X".into())),
        CostShareError::UnknownMember("X".into())
    );
    assert_eq!(refused(|p| p.members.push("KIPP".into())), CostShareError::ListedTwice("KIPP".into()));
    assert!(matches!(refused(|p| p.specialists[0].cents_per_hour = -1), CostShareError::OutOfRange { value: -1, .. }));
    assert!(matches!(refused(|p| p.settings.administration_basis_points = 10_001), CostShareError::OutOfRange { .. }));
}

#[test]
fn one_cent_moved_is_found() {
    let sound = share(&worked_example()).expect("a sound plan");
    assert_eq!(check_balance(&sound), Ok(()));

    let mut moved = sound.clone();
    moved.staff_lines[0].cents += 1;
    assert_eq!(check_balance(&moved).expect_err("moved").what, "staff charge of ATLAS");

    let mut moved = sound.clone();
    moved.payable.coop_cents -= 1;
    *moved.payable.agency_cents.get_mut("Gateway").expect("an agency") += 1;
    assert_eq!(check_balance(&moved).expect_err("moved").what, "payable to the co-op");

    let mut moved = sound.clone();
    moved.members.get_mut("KIPP").expect("a member").lender_travel_credit_cents += 1;
    assert_eq!(check_balance(&moved).expect_err("moved").what, "travel credit of KIPP");

    let mut moved = sound;
    moved.members.remove("ATLAS");
    assert_eq!(check_balance(&moved).expect_err("moved").what, "lines of ATLAS, which is no member");
}

const MEMBERS: [&str; 4] = ["ATLAS", "GARDEN", "KIPP", "SOULARD"];
const SPECIALISTS: [&str; 6] = ["BCBA-01", "OT-01", "OT-02", "PT-01", "SLP-01", "SLP-02"];

fn plans() -> impl Strategy<Value = CostedPlan> {
    let employers = prop::collection::vec((0_usize..6, 0_i64..20_000), SPECIALISTS.len());
    let visits = prop::collection::vec((0_usize..6, 0_usize..4, 0_usize..2, 0_usize..5, 1_u32..300), 0..60);
    let legs = prop::collection::vec((0_usize..6, 0_usize..4, 0_usize..5, 0_u32..2_000), 0..30);
    let settings = (0_i64..200, 0_i64..2_000, 0_i64..=10_000);
    (employers, visits, legs, 1_i64..200, settings).prop_map(|(employers, visits, legs, days, settings)| CostedPlan {
        members: MEMBERS.map(String::from).to_vec(),
        specialists: SPECIALISTS
            .iter()
            .zip(employers)
            .map(|(code, (employer, rate))| {
                let employers =
                    ["member:ATLAS", "member:GARDEN", "member:KIPP", "member:SOULARD", "coop", "agency:Gateway"];
                specialist(code, employers[employer], rate)
            })
            .collect(),
        visits: visits
            .into_iter()
            .map(|(s, m, d, day, minutes)| {
                visit(SPECIALISTS[s], Weekday::ALL[day], MEMBERS[m], ["SLP", "OT"][d], minutes)
            })
            .collect(),
        legs: legs
            .into_iter()
            .map(|(s, m, day, miles)| leg(SPECIALISTS[s], Weekday::ALL[day], MEMBERS[m], miles))
            .collect(),
        weekday_counts: WeekdayCounts::in_period(
            date("2026-08-17"),
            date("2026-08-17") + chrono::Days::new(days as u64),
        )
        .expect("days"),
        settings: Settings {
            travel_cents_per_mile: settings.0,
            administration_basis_points: settings.1,
            administration_equal_share_basis_points: settings.2,
        },
    })
}

proptest! {
    /// What members pay net is what the co-op, the agencies and the office get; written without `check_balance`.
    #[test]
    fn nothing_is_lost_between_members(plan in plans()) {
        let share = share(&plan).expect("a sound plan");
        let net: i64 = share.members.values().map(|amounts| amounts.net_cents).sum();
        let paid_out = |wanted: fn(&EmployerCode) -> bool| -> i64 {
            let staff = share.staff_lines.iter().filter(|line| wanted(&line.employer)).map(|line| line.cents);
            staff.chain(share.travel_lines.iter().filter(|line| wanted(&line.employer)).map(|line| line.cents)).sum()
        };
        let administration: i64 = share.members.values().map(|amounts| amounts.administration_charge_cents).sum();
        let pools = paid_out(|e| *e == EmployerCode::Coop) + paid_out(|e| matches!(e, EmployerCode::Agency(_)));
        prop_assert_eq!(net, pools + administration);
    }

    /// Each line is less than a cent off, and the lines of a specialist add up to its cost rounded once.
    #[test]
    fn a_clerk_can_add_the_lines_again(plan in plans()) {
        let share = share(&plan).expect("a sound plan");
        for line in &share.staff_lines {
            let off = line.minutes as i64 * line.cents_per_hour - line.cents * 60;
            prop_assert!(off.abs() < 60, "{line:?}");
        }
        for specialist in &plan.specialists {
            let of_one = || share.staff_lines.iter().filter(|line| line.specialist == specialist.code);
            let exact: i64 = of_one().map(|line| line.minutes as i64 * specialist.cents_per_hour).sum();
            prop_assert_eq!(of_one().map(|line| line.cents).sum::<i64>(), (exact + 30).div_euclid(60));
            let planned: u64 = plan.visits.iter().filter(|v| v.specialist == specialist.code)
                .map(|v| u64::from(v.minutes) * u64::from(plan.weekday_counts.of(v.weekday))).sum();
            prop_assert_eq!(of_one().map(|line| line.minutes).sum::<u64>(), planned);
        }
        let charged: i64 = share.members.values().map(|amounts| amounts.staff_charge_cents).sum();
        let exact = charged * plan.settings.administration_basis_points;
        prop_assert_eq!(share.payable.administration_cents, (exact + 5_000) / 10_000);
    }

    /// The order in which visits, specialists and members are listed changes nothing.
    #[test]
    fn order_does_not_matter(plan in plans()) {
        let mut turned = plan.clone();
        turned.members.reverse();
        turned.specialists.reverse();
        turned.visits.reverse();
        turned.legs.reverse();
        prop_assert_eq!(share(&plan), share(&turned));
    }
}

//! A year of a region: 180,000 dated visits of 16 members, and the report of one of them.

use std::time::{Duration, Instant};

use coop_scheduler::db::{self, PageRequest};
use coop_scheduler::domain::actor::Scope;
use coop_scheduler::domain::ids::{MemberId, PlanId};
use coop_scheduler::domain::service_log::LogFields;
use coop_scheduler::domain::service_request::RequestState;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id, member};

/// 8,572 visits a week over the 21 weeks of the term.
const VISITS_A_WEEK: usize = 8_572;
/// As many as `generate --size region` makes.
const MEMBERS: usize = 16;
/// What a build with few optimizations may take on a busy machine; the goal of 10 seconds is for a release.
const LIMIT: Duration = Duration::from_secs(60);

/// Half of the visits of a member are logged; then its report of the whole term is made.
fn report_of_one_member(app: &TestApp, member: MemberId) {
    app.later(89 * 24 * 60 * 60);
    let operations = &app.app.operations;
    let (zone, by) = (operations.settings.time_zone, app.actor.account_id);
    let scope = Scope::Parts { members: vec![member], specialists: Vec::new() };
    let logged: Result<usize, db::DbError> = operations.database.write(|tx| {
        let visits = db::dated_visits::list(tx, (&scope, &Default::default()), zone, PageRequest::ALL)?.items;
        for visit in visits.iter().step_by(2) {
            let fields = LogFields::delivered(visit.minutes);
            db::service_logs::insert(tx, (visit.id, 1), &fields, by, operations.now())?;
            db::dated_visits::logged(tx, visit.id, 1)?;
        }
        Ok(visits.len())
    });
    let visits = logged.expect("logs");
    let days = format!("from=2027-01-04&until=2027-05-29&member={member}");
    for file in ["", "/csv", "/xlsx"] {
        let path = format!("/reports/service-fidelity{file}?{days}");
        app.office.get(&path);
        let began = Instant::now();
        assert_eq!(app.office.get(&path).status, 200);
        println!("the report{file} of a member with {visits} dated visits in {:?}", began.elapsed());
    }
    let found = app.office.get(&format!("/reports/service-fidelity?{days}")).expect(200);
    let (total, rows) = (&found["total"], found["rows"].as_array().expect("rows").len());
    assert!(rows >= VISITS_A_WEEK / MEMBERS, "{rows} requests");
    let number = |name: &str| total[name].as_i64().expect("minutes");
    let rest = number("to_log_minutes") + number("to_come_minutes");
    assert_eq!(number("planned_minutes"), number("delivered_minutes") + rest);
    assert!(number("delivered_minutes") > 0);
}

/// The most memory that this process ever had, as Linux tells it; nothing elsewhere.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("not known").trim().to_owned()
}

on_both_databases! {
    fn a_region_year_is_laid_out_in_seconds(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let mut members: Vec<MemberId> = coop.members.iter().map(|id| id.parse().expect("an identity")).collect();
        for n in members.len()..MEMBERS {
            let entered = app.office.post("/members", &member(&format!("M-{n}"))).expect(201);
            members.push(id(&entered).parse().expect("an identity"));
        }
        let plan: PlanId = made.plan.parse().expect("an identity");
        let database = &app.app.operations.database;
        let stored: Result<(), db::DbError> = database.write(|tx| {
            let known = db::visits::list(tx, plan, &Scope::All, PageRequest::ALL)?.items;
            // A request has one visit a day.
            for index in known.len()..VISITS_A_WEEK {
                let like = &known[index % known.len()];
                let request = db::service_requests::find(tx, like.service_request_id)?.expect("a request");
                let by = app.actor.account_id;
                let code = format!("SR-{index}");
                let fields = &request.fields;
                let member = members[index % MEMBERS];
                let request = db::service_requests::insert(tx, &code, member, fields, by, request.created_at)?;
                db::service_requests::move_to(tx, request, RequestState::Planned, "", app.app.operations.now())?;
                let visit = db::visits::NewVisit {
                    specialist: like.specialist_id,
                    service_request: request,
                    site: like.site_id,
                    weekday: like.weekday,
                    starts: like.starts,
                    ends: like.ends,
                };
                db::visits::insert(tx, plan, &visit)?;
            }
            Ok(())
        });
        stored.expect("visits");
        let renew = format!("/plans/{}/renew-dated-visits", made.plan);
        let began = Instant::now();
        let done = app.office.act(&renew).expect(200);
        let laid_out = began.elapsed();
        assert_eq!(done, json!({"created": (VISITS_A_WEEK - 4) * 21, "changed": 0, "removed": 0}));
        let began = Instant::now();
        assert_eq!(app.office.act(&renew).expect(200)["created"], 0);
        let compared = began.elapsed();
        let snow = json!({
            "member_id": coop.members[1], "kind": "closure", "name": "Snow day", "starts_on": "2027-02-01",
            "ends_on": "2027-02-03"
        });
        let began = Instant::now();
        app.office.post("/calendar-entries", &snow).expect(201);
        println!("laid out in {laid_out:?}, compared in {compared:?}, a snow day in {:?}", began.elapsed());
        println!("at most {} of memory so far", peak_memory());
        assert!(laid_out < LIMIT && compared < LIMIT);
        report_of_one_member(app, members[2]);
        println!("at most {} of memory", peak_memory());
    }
}

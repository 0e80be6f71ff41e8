//! A year of a region: 180,000 dated visits.

use std::time::{Duration, Instant};

use coop_scheduler::db::{self, PageRequest};
use coop_scheduler::domain::actor::Scope;
use coop_scheduler::domain::ids::PlanId;
use serde_json::json;

use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

/// 8,572 visits a week over the 21 weeks of the term.
const VISITS_A_WEEK: usize = 8_572;
/// What a build with few optimizations may take on a busy machine; the goal of 10 seconds is for a release.
const LIMIT: Duration = Duration::from_secs(60);

on_both_databases! {
    fn a_region_year_is_laid_out_in_seconds(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
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
                let request = db::service_requests::insert(tx, &code, request.member_id, fields, by, request.created_at)?;
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
        assert!(laid_out < LIMIT && compared < LIMIT);
    }
}

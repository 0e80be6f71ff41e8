//! Requests that are sent more than once, or at once.

use std::sync::Barrier;

use serde_json::json;

use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id, member, request};

on_both_databases! {
    fn the_same_key_gives_the_same_answer(app: &TestApp) {
        let send = |key: &str, code: &str| {
            let body = member(code).to_string();
            app.office.send("POST", "/api/v1/members", &[("Idempotency-Key", key)], Some(body.as_bytes()))
        };
        let (first, second) = (send("k-1", "A"), send("k-1", "A"));
        assert_eq!((first.status, second.status), (201, 201));
        assert_eq!(first.json(), second.json());
        assert_eq!(first.header("Location"), second.header("Location"));
        assert_eq!((first.header("ETag"), second.header("ETag")), ("\"1\"", "\"1\""));
        assert_eq!((first.header("Idempotency-Replayed"), second.header("Idempotency-Replayed")), ("", "true"));
        let faults = send("k-1", "B").expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/Idempotency-Key");
        for bad in ["", "a b", &"x".repeat(101)] {
            assert_eq!(send(bad, "C").expect_problem(422, "invalid-entries")[0].0, "/Idempotency-Key");
        }
        send("k-2", "A").expect_problem(409, "conflict");
        assert_eq!(app.office.get("/members").expect(200)["items"].as_array().map(Vec::len), Some(1));
    }

    fn what_was_answered_before_another_role_is_not_told_after_it(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([coordinator, _], _) = coop.accounts(app);
        let body = request(&coop.sites[0], &coop.term, 60).to_string();
        let send = || {
            let key = [("Idempotency-Key", "before")];
            coordinator.send("POST", "/api/v1/service-requests", &key, Some(body.as_bytes()))
        };
        send().expect(201);
        assert_eq!(send().header("Idempotency-Replayed"), "true");
        let account = coordinator.get("/me").expect(200);
        let path = format!("/accounts/{}", id(&account));
        let finance = json!({"name": account["name"], "email": account["email"],
            "roles": [{"role": "member_finance", "member_id": coop.members[1]}]});
        let version = format!("\"{}\"", app.office.get(&path).expect(200)["version"]);
        app.office.put(&path, &version, &finance).expect(200);
        assert_eq!(send().status, 404);
    }

    fn eight_at_once_with_one_key_make_one_record(app: &TestApp) {
        let barrier = Barrier::new(8);
        let replies: Vec<_> = std::thread::scope(|scope| {
            let send = || {
                barrier.wait();
                let body = member("A").to_string();
                app.office.send("POST", "/api/v1/members", &[("Idempotency-Key", "race")], Some(body.as_bytes()))
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
        });
        for reply in &replies {
            assert!(reply.status == 201 || reply.status == 503, "{}", reply.text());
        }
        let fresh = replies.iter().filter(|one| one.status == 201 && one.header("Idempotency-Replayed").is_empty());
        assert_eq!(fresh.count(), 1);
        let members = app.office.get("/members").expect(200);
        assert_eq!(members["items"].as_array().map(Vec::len), Some(1), "{members}");
    }

    fn eight_changes_of_one_version_leave_one(app: &TestApp) {
        let entered = app.office.post("/members", &member("A")).expect(201);
        let path = format!("/members/{}", crate::support::small_coop::id(&entered));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let put = |n: usize| {
                let path = path.clone();
                scope.spawn(move || app.office.put(&path, "\"1\"", &member(&format!("A-{n}"))).status)
            };
            let threads: Vec<_> = (0..8).map(put).collect();
            threads.into_iter().map(|thread| thread.join().expect("a status")).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 412, 503].contains(status)), "{statuses:?}");
        assert_eq!(app.office.get(&path).expect(200)["version"], json!(2));
    }
}

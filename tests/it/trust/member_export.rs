//! The export of a member holds every row of it and nothing of others.

use serde_json::{Value, json};

use super::chain::run;
use crate::sign_in::browser::Browser;
use crate::sign_in::email_codes::{ask, code_of, last_mail};
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id, request};

fn count(export: &Value, kind: &str) -> usize {
    export[kind].as_array().unwrap_or_else(|| panic!("no {kind} in {export}")).len()
}

/// Every identity and code of the other half.
fn foreign(coop: &SmallCoop, half: usize) -> Vec<String> {
    let code = ["A", "B"][half];
    let mut all = vec![coop.members[half].clone(), coop.sites[half].clone(), coop.contracts[half].clone()];
    all.extend([
        format!("District {code}"),
        format!("School {code}-1"),
        format!("\"{code}-1\""),
        format!("\"{code}\""),
    ]);
    all.push(format!("SR-2026-000{}", half + 1));
    all
}

on_both_databases! {
    fn c47_an_export_holds_everything_of_a_member_and_nothing_of_others(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        // Until now both have the same contact, whose e-mails are of both and in no export.
        for (n, contact) in ["ana@a.example.org", "bo@b.example.org"].into_iter().enumerate() {
            let mut fields = crate::support::small_coop::member(["A", "B"][n]);
            fields["contact_email"] = json!(contact);
            app.office.put(&format!("/members/{}", coop.members[n]), "\"1\"", &fields).expect(200);
        }
        let made = coop.make(app);
        let (coordinators, _) = coop.accounts(app);
        for n in [0, 1] {
            for _ in 0..=n {
                id(&app.office.post("/service-requests", &request(&coop.sites[n], &coop.term, 60)).expect(201));
            }
        }
        for half in [0, 1] {
            let export = app.office.get(&format!("/members/{}/export", coop.members[half])).expect(200);
            let text = export.to_string();
            for other in foreign(&coop, 1 - half) {
                assert!(!text.contains(&other), "{other} is in the export of {half}: {text}");
            }
            for own in foreign(&coop, half) {
                assert!(text.contains(&own), "{own} is not in the export of {half}");
            }
            let all = app.office.get(&format!("/service-requests?site={}", coop.sites[half])).expect(200);
            assert_eq!(export["service_requests"], all["items"]);
            assert_eq!(count(&export, "service_requests"), 2 + half);
            assert_eq!((count(&export, "sites"), count(&export, "staff"), count(&export, "accounts")), (1, 1, 1));
            for (n, plan) in [&made.plan, &made.draft].into_iter().enumerate() {
                let part = &export["plans"][n];
                assert_eq!(part["plan"]["id"], **plan);
                let visits = app.office.get(&format!("/plans/{plan}/visits?limit=200")).expect(200);
                let own = visits["items"].as_array().expect("a list").iter().filter(|one| one["member_id"] == coop.members[half]);
                assert_eq!(part["visits"], json!(own.collect::<Vec<_>>()));
            }
            assert_eq!(export["cost_shares"][0]["statement"]["members"][0]["member"], ["A", "B"][half]);
            // The submitted request told the contact, and the plan told the member.
            assert!(count(&export, "emails") >= 1 && export["emails"][0]["message"].as_str().is_some_and(|text| text.contains("Subject:")));
            assert!(count(&export, "audit_entries") > 5);
            // The coordinator takes along what a coordinator sees.
            let own = coordinators[half].get(&format!("/members/{}/export", coop.members[half])).expect(200);
            let kinds: Vec<&String> = own.as_object().expect("an object").keys().collect();
            assert_eq!(
                kinds,
                ["member", "sites", "service_requests", "terms", "calendar_entries", "dated_visits", "service_logs", "plans", "cost_shares"]
            );
            let dated = export["dated_visits"].as_array().expect("a list");
            assert!(!dated.is_empty() && dated.iter().all(|one| one["member_id"] == coop.members[half]));
            assert_eq!(own["service_requests"], export["service_requests"]);
            assert_eq!(count(&own, "plans"), 1, "no drafts");
            coordinators[half].get(&format!("/members/{}/export", coop.members[1 - half])).expect_problem(404, "not-found");
        }

        // Whoever has to do with both gets e-mails about both, which are in no export.
        app.sign_up_as("Both", &[coop.coordinator(0), coop.coordinator(1)]);
        for member in &coop.members {
            let export = app.office.get(&format!("/members/{member}/export")).expect(200);
            assert_eq!(count(&export, "accounts"), 2);
            assert!(!export["emails"].to_string().contains("both@example.org"), "{}", export["emails"]);
        }

        // What opens an account is for its owner only, not for whoever may export.
        let ana = id(&coordinators[0].get("/me").expect(200));
        app.office.act(&format!("/accounts/{ana}/invitation")).expect(200);
        assert_eq!(ask(&mut Browser::new(app), "coordinator.0@example.org"), 303);
        let (mails, code) = (app.office.get(&format!("/members/{}/export", coop.members[0])).expect(200), code_of(&last_mail(app)));
        let told = |words: &str| -> Vec<&Value> {
            let mails = mails["emails"].as_array().expect("e-mails").iter();
            mails.filter(|one| one["subject"].as_str().is_some_and(|subject| subject.starts_with(words))).collect()
        };
        for words in ["Your account at", "Your code to sign in"] {
            assert!(told(words).len() == 1 && told(words)[0]["message"] == "", "{words}: {:?}", told(words));
        }
        assert!(!mails.to_string().contains(&format!("{} {}", &code[..4], &code[4..])) && !mails.to_string().contains("/invitation/"));

        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("b").display().to_string();
        let export = ["export-member", "B", "--out", &out, "--as", "director@coop.example.org"];
        let (is_well, said) = run(app, &export);
        assert!(is_well && said.contains("service_requests.json       3"), "{said}");
        let read = |name: &str| -> Value {
            serde_json::from_slice(&std::fs::read(folder.path().join("b").join(name)).expect("a file")).expect("JSON")
        };
        assert_eq!(read("manifest.json")["files"].as_array().map(Vec::len), Some(15));
        assert_eq!(read("service_requests.json").as_array().map(Vec::len), Some(3));
        assert!(!run(app, &export).0, "an existing folder is not written into");
    }
}

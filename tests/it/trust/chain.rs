//! The audit trail cannot be changed, and whoever changes it all the same is found.

use std::path::Path;
use std::process::Command;

use coop_scheduler::domain::audit::Head;
use coop_scheduler::jobs::anchor::Anchor;
use coop_scheduler::operations::audit;

use super::{meddle, meddle_with, trail};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

/// What keeps the program and its users from changing entries, taken away by somebody who owns the database.
fn unlock(app: &TestApp) {
    let sqlite = "DROP TRIGGER audit_entries_no_change; DROP TRIGGER audit_entries_no_removal; \
                  DROP TRIGGER audit_entries_in_order";
    let postgres = "DROP TRIGGER audit_entries_no_change ON audit_entries; \
                    DROP TRIGGER audit_entries_in_order ON audit_entries";
    meddle_with(app, sqlite, postgres).expect("the owner can");
}

fn verified(app: &TestApp, anchors: &[Head]) -> Result<Head, String> {
    audit::verify(&app.app.operations, anchors).expect("the trail can be read")
}

/// What is wrong after something was done to a good trail.
fn fault_after(app: &TestApp, anchors: &[Head], sql: &str) -> String {
    unlock(app);
    meddle(app, sql).expect("the owner can");
    verified(app, anchors).expect_err("a fault")
}

/// A trail of some length, and its head.
fn begun(app: &TestApp) -> Head {
    SmallCoop::enter(&app.office);
    let head = verified(app, &[]).expect("unbroken");
    assert!(head.seq > 15, "{head}");
    assert_eq!(audit::head(&app.app.operations).expect("a head"), head);
    head
}

on_both_databases! {
    fn c52_an_edit_is_found(app: &TestApp) {
        let head = begun(app);
        // Any column, also one that only the database's own tools show.
        let fault = fault_after(app, &[], "UPDATE audit_entries SET detail = 'nothing' WHERE seq = 7");
        assert!(fault.contains("entry 7 was changed"), "{fault}");
        assert!(verified(app, &[head]).is_err());
    }

    fn c52_another_spelling_is_found(app: &TestApp) {
        begun(app);
        // Same values, same hash; but lists that are narrowed by them would pass the entry over.
        let fault = fault_after(app, &[], "UPDATE audit_entries SET members = members || '  ' WHERE seq = 7");
        assert!(fault.contains("entry 7 is not stored as it was written"), "{fault}");
    }

    fn c52_a_deletion_is_found(app: &TestApp) {
        begun(app);
        let fault = fault_after(app, &[], "DELETE FROM audit_entries WHERE seq = 7");
        assert!(fault.contains("entry 7 is missing"), "{fault}");
        // Closing the gap does not help.
        let close = "UPDATE audit_entries SET seq = -seq WHERE seq > 7; UPDATE audit_entries SET seq = -seq - 1 WHERE seq < 0";
        meddle(app, close).expect("the owner can");
        assert!(verified(app, &[]).expect_err("a fault").contains("entry 7 was changed"));
    }

    fn c52_another_order_is_found(app: &TestApp) {
        begun(app);
        let swap = "UPDATE audit_entries SET seq = -7 WHERE seq = 7; UPDATE audit_entries SET seq = 7 WHERE seq = 8; \
                    UPDATE audit_entries SET seq = 8 WHERE seq = -7";
        let fault = fault_after(app, &[], swap);
        assert!(fault.contains("entry 7 was changed, put elsewhere"), "{fault}");
    }

    fn c52_a_cut_tail_is_found_by_the_kept_head(app: &TestApp) {
        let head = begun(app);
        let cut = format!("DELETE FROM audit_entries WHERE seq > {}", head.seq - 3);
        let fault = fault_after(app, std::slice::from_ref(&head), &cut);
        assert!(fault.contains(&format!("but entry {} was there", head.seq)), "{fault}");
        verified(app, &[]).expect("without a kept head nothing shows");
        // Nor does going on after the cut.
        for code in ["C", "D", "E", "F"] {
            app.office.post("/members", &crate::support::small_coop::member(code)).expect(201);
        }
        assert!(verified(app, &[head]).expect_err("a fault").contains("made anew"));
    }

    fn c52_a_trail_made_anew_is_found_by_the_kept_head(app: &TestApp) {
        let head = begun(app);
        unlock(app);
        // The whole chain is sealed again over a changed entry, as the program itself would do it.
        let mut chain = Head::genesis();
        let mut sql = "UPDATE audit_entries SET detail = 'nothing' WHERE seq = 7; ".to_owned();
        for mut entry in trail(app) {
            if entry.seq == 7 {
                entry.fields.detail = "nothing".to_owned();
            }
            chain = Head { seq: entry.seq, hash: chain.chained(entry.seq, entry.id, &entry.fields) };
            sql += &format!("UPDATE audit_entries SET hash = '{}' WHERE seq = {}; ", chain.hash, chain.seq);
        }
        meddle(app, &sql).expect("the owner can");
        verified(app, &[]).expect("without a kept head nothing shows");
        let fault = verified(app, std::slice::from_ref(&head)).expect_err("a fault");
        assert!(fault.contains(&format!("entry {} is not the one that was written down", head.seq)), "{fault}");
    }

    fn c43_nothing_in_the_trail_can_be_changed_or_taken_away(app: &TestApp) {
        let head = begun(app);
        for sql in [
            "UPDATE audit_entries SET detail = 'x'",
            "UPDATE audit_entries SET hash = '' WHERE seq = 1",
            "DELETE FROM audit_entries WHERE seq = 3",
            "DELETE FROM audit_entries",
            "INSERT INTO audit_entries (id, at, action, subject_kind, subject_code, detail, seq) \
             SELECT id, at, action, subject_kind, subject_code, detail, 0 FROM audit_entries WHERE seq = 2",
        ] {
            let refused = meddle(app, sql).expect_err(sql).to_string();
            assert!(refused.contains("the audit trail is"), "{sql}: {refused}");
        }
        let replace = "INSERT OR REPLACE INTO audit_entries (id, at, action, subject_kind, subject_code, detail, seq) \
                       SELECT id, at, action, subject_kind, subject_code, detail, seq FROM audit_entries WHERE seq = 2";
        meddle_with(app, replace, "TRUNCATE audit_entries").expect_err("refused");
        let still = verified(app, std::slice::from_ref(&head));
        assert_eq!(still, Ok(head));
    }

    fn writers_at_once_make_one_chain(app: &TestApp) {
        let before = audit::head(&app.app.operations).expect("a head").seq;
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let office = app.office.clone();
                scope.spawn(move || {
                    for n in 0..10 {
                        let member = crate::support::small_coop::member(&format!("M-{writer}-{n}"));
                        office.post("/members", &member).expect(201);
                        office.get("/service-requests").expect(200);
                    }
                });
            }
        });
        assert_eq!(verified(app, &[]).expect("unbroken").seq, before + 160);
    }

    fn heads_are_kept_when_they_are_new_and_the_command_line_holds_the_trail_against_them(app: &TestApp) {
        begun(app);
        let file = app.app.config.audit.heads_file.clone();
        let mut anchor = Anchor { operations: app.app.operations.clone(), file: file.clone(), last: None };
        anchor.work();
        anchor.work();
        app.later(24 * 60 * 60);
        app.office.post("/members", &crate::support::small_coop::member("C")).expect(201);
        anchor.work();
        let text = std::fs::read_to_string(&file).expect("the file");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.starts_with("2026-11-02T18:00:00Z ") && text.contains("\n2026-11-03T18:00:00Z "), "{text}");

        let head = run(app, &["audit", "head"]).1;
        assert!(text.ends_with(&format!(" {head}")), "{head}");
        let (is_well, said) = run(app, &["audit", "verify", "--head", head.trim()]);
        assert!(is_well && said.contains("unbroken, held against 3 kept heads"), "{said}");
        let (is_well, said) = run(app, &["audit", "verify", "--head", &format!("2:{}", "0".repeat(64))]);
        assert!(!is_well && said.contains("entry 2 is not the one"), "{said}");
        let cut = format!("DELETE FROM audit_entries WHERE seq >= {}", Head::read(&head).expect("a head").seq);
        unlock(app);
        meddle(app, &cut).expect("the owner can");
        let (is_well, said) = run(app, &["audit", "verify"]);
        assert!(!is_well && said.contains("was there"), "{said}");
    }
}

/// Runs the program on the app's database: whether it ended well, and what it said.
pub fn run(app: &TestApp, arguments: &[&str]) -> (bool, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_coop-scheduler"));
    let output = Command::new(program)
        .args(arguments)
        .env("COOP__DATABASE__URL", &app.app.config.database.url)
        .env("COOP__AUDIT__HEADS_FILE", &app.app.config.audit.heads_file)
        .env("COOP__LOG__LEVEL", "error")
        .output()
        .expect("the program");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Entries from before the chain are covered by its first hash.
#[test]
fn entries_older_than_the_chain_are_covered_by_it() {
    let app = TestApp::start(crate::support::both::DatabaseKind::Sqlite);
    begun(&app);
    unlock(&app);
    // As the migration leaves a trail that was written before it.
    meddle(&app, "UPDATE audit_entries SET hash = ''").expect("the owner can");
    let old = verified(&app, &[]).expect("unbroken");
    assert_eq!(audit::head(&app.app.operations).expect("a head"), old);
    app.office.post("/members", &crate::support::small_coop::member("C")).expect(201);
    let new = verified(&app, &[old]).expect("unbroken");
    meddle(&app, "UPDATE audit_entries SET detail = 'nothing' WHERE seq = 2").expect("the owner can");
    let fault = verified(&app, &[]).expect_err("a fault");
    assert!(fault.contains(&format!("entry {} was changed", new.seq)), "{fault}");
}

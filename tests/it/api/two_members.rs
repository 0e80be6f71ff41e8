//! A foreign program with the identities of two members looks for records of one that the other gets, for routes that
//! forget to ask who calls, and for answers of 500.

use std::path::Path;
use std::process::Command;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::small_coop::SmallCoop;

/// `COOP_SCHEMATHESIS_SECONDS` says how long it looks; `make two-members` lets it look for 15 minutes.
#[test]
fn c34_a_foreign_program_with_two_members_identities_finds_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(Command::new(root.join(".ci/python-tools")).status().expect("bash").success(), ".ci/python-tools failed");
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    coop.make(&app);
    let tokens = [0, 1].map(|n| {
        let client = app.sign_up_as(&format!("Both {n}"), &[coop.coordinator(n), coop.specialist(n)]);
        client.token.expect("a token")
    });
    let entry = |(name, token): (&str, &String)| {
        format!("- name: {name}\n  fixedHeaders:\n  - name: Authorization\n    value: \"Bearer {token}\"\n")
    };
    let entries: String = ["first", "second"].into_iter().zip(&tokens).map(entry).collect();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wfc.yaml"), format!("auth:\n{entries}")).expect("its identities");
    let settings = "[auth.wfc]\npath = \"wfc.yaml\"\npeers = [\"first\", \"second\"]\n";
    std::fs::write(folder.path().join("schemathesis.toml"), settings).expect("its settings");
    let seconds = std::env::var("COOP_SCHEMATHESIS_SECONDS").unwrap_or_else(|_| "20".to_owned());
    let output = Command::new(root.join(".venv/bin/st"))
        .current_dir(folder.path())
        .arg("run")
        .arg(format!("{}/openapi.json", app.office.address))
        .args(["--checks", "ignored_auth,object_level_authorization,not_a_server_error"])
        .args(["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "5", "--max-time", &seconds])
        .args(["--seed", "1", "--workers", "1", "--no-color", "--request-timeout", "30"])
        .output()
        .expect("schemathesis");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("will not run") && !said.contains("Tested: 0"), "{said}");
    println!("{said}");
}

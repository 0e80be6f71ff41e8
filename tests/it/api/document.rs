//! The description of the API is true: what it promises is what a foreign program finds.

use std::path::Path;
use std::process::Command;

use coop_scheduler::web::problem::ProblemKind;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::small_coop::SmallCoop;

#[test]
fn every_kind_of_problem_has_its_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/problems");
    let mut pages: Vec<String> = std::fs::read_dir(&folder)
        .expect("the pages")
        .map(|entry| entry.expect("a page").file_name().to_string_lossy().trim_end_matches(".md").to_owned())
        .collect();
    let mut slugs: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
    pages.sort();
    slugs.sort_unstable();
    assert_eq!(pages, slugs);
    for kind in ProblemKind::ALL {
        let page = kind.page();
        assert!(page.starts_with(&format!("# {}\n", kind.title())), "{}", kind.slug());
        assert!(page.contains(&format!("Status {}", kind.status().as_u16())), "{}", kind.slug());
        assert!(page.contains("What to do"), "{}", kind.slug());
    }
}

/// Sends thousands of valid and invalid requests made from the description, and compares every answer with it.
/// `COOP_SCHEMATHESIS_EXAMPLES` raises the number of examples a route.
#[test]
fn a_foreign_program_finds_no_answer_that_is_not_described() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = Command::new(root.join(".ci/python-tools")).status().expect("bash");
    assert!(made.success(), ".ci/python-tools failed");
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    coop.make(&app);
    let examples = std::env::var("COOP_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "5".to_owned());
    let token = app.office.token.clone().expect("a token");
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(root.join(".venv/bin/st"))
        .current_dir(folder.path())
        .arg("run")
        .arg(format!("{}/openapi.json", app.office.address))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", &examples])
        .args(["--seed", "1", "--workers", "1", "--no-color", "--request-timeout", "30"])
        .output()
        .expect("schemathesis");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection";

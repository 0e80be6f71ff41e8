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
    // The foreign program finds its own account and token too, and would sign itself out: these routes come last.
    let signs_out: Vec<&str> = SIGNS_OUT.iter().flat_map(|operation| ["--exclude-operation-id", operation]).collect();
    let last: Vec<&str> = SIGNS_OUT.iter().flat_map(|operation| ["--include-operation-id", operation]).collect();
    for which in [signs_out, last] {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("schemathesis.toml"), SETTINGS).expect("its settings");
        let examples = std::env::var("COOP_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "5".to_owned());
        let token = app.office.token.as_deref().unwrap_or_default();
        let output = Command::new(root.join(".venv/bin/st"))
            .current_dir(folder.path())
            .arg("run")
            .arg(format!("{}/openapi.json", app.office.address))
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", &examples])
            .args(["--seed", "1", "--workers", "1", "--no-color", "--request-timeout", "30"])
            .args(which)
            .output()
            .expect("schemathesis");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains("Tested: 0"), "{said}");
    }
}

/// Routes that can end the access of the account that uses them.
const SIGNS_OUT: [&str; 3] =
    ["delete_accounts_by_id_tokens_by_token_id", "put_accounts_by_id", "post_accounts_by_id_hand_over"];

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection";

/// A change based on a version that is not the present one is refused as stale (412) before its entries are looked at:
/// for this check that is a refusal like any other.
const SETTINGS: &str = "[checks]\nnegative_data_rejection.expected-statuses = \
    [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 428, 429]\n";

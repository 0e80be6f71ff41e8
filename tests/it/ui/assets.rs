//! Style sheet, font and favicon.

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;

#[test]
fn assets_are_kept_for_a_year_under_the_hash_of_their_bytes() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let get = |path: &str, headers: &[(&str, &str)]| app.nobody().send("GET", path, headers, None);
    let html = get("/sign-in", &[]).text();
    let address = html.split('"').find(|part| part.starts_with("/assets/coop.css?v=")).expect("a style sheet");
    let sheet = get(address, &[]);
    assert_eq!((sheet.status, sheet.header("Content-Type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("Cache-Control").contains("immutable"));
    assert!(sheet.text().contains("--bg: #F8F6F2") && sheet.text().contains(".for-290{"));
    assert_eq!(get(address, &[("If-None-Match", sheet.header("ETag"))]).status, 304);
    let old = get("/assets/coop.css?v=0000000000000000", &[]);
    assert!(old.status == 200 && !old.header("Cache-Control").contains("immutable"));

    let font = get("/assets/public-sans.woff2", &[]);
    assert_eq!((font.status, font.header("Content-Type")), (200, "font/woff2"));
    assert!(font.body.starts_with(b"wOF2"));
    assert_eq!(get("/assets/mark.svg", &[]).header("Content-Type"), "image/svg+xml");
    for missing in ["/assets/nothing.css", "/assets/..%2f..%2fCargo.toml", "/assets/"] {
        assert_eq!(get(missing, &[]).status, 404, "{missing}");
    }
    let head = app.nobody().send("HEAD", "/assets/mark.svg", &[], None);
    assert!(head.status == 200 && head.body.is_empty());
}

//! The open pages of a demonstration. Signing in itself has tests of its own.

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use coop_scheduler::web::ui::{UiSettings, configure};

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;

#[test]
fn open_pages_need_no_sign_in_and_say_so() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let settings = |open_pages| UiSettings {
        coop_name: "Co-op <b>".to_owned(),
        city: "St. Louis".to_owned(),
        open_pages,
        ..UiSettings::default()
    };
    let operations = app.app.operations.clone();
    actix_web::rt::System::new().block_on(async {
        for open in [true, false] {
            let pages = App::new()
                .app_data(web::Data::new(operations.clone()))
                .app_data(web::Data::new(settings(open)))
                .configure(configure);
            let service = init_service(pages).await;
            let get = TestRequest::get().uri("/overview").to_request();
            let reply = call_service(&service, get).await;
            assert_eq!(reply.status().as_u16(), if open { 200 } else { 303 });
            if open {
                let html = String::from_utf8_lossy(&read_body(reply).await).into_owned();
                assert!(html.contains("Demo: sample data, no sign-in") && html.contains("Co-op &#60;b&#62;"));
            }
        }
    });
}

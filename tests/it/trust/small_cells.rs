//! What the board sees is never about a few minutes, and so never about one or two students.

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

on_both_databases! {
    fn c36_small_groups_are_pooled_for_the_board_and_for_nobody_who_sees_the_requests(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let path = format!("/plans/{}/coverage", made.plan);
        let rows = |table: &Value| -> Vec<(String, i64)> {
            let rows = table["rows"].as_array().expect("rows").iter();
            rows.map(|row| (row["member_code"].to_string(), row["total"]["requested_minutes"].as_i64().expect("minutes"))).collect()
        };
        let all = [("\"A\"".to_owned(), 60), ("\"B\"".to_owned(), 600)];
        let office = app.office.get(&path).expect(200);
        assert_eq!((rows(&office), &office["pooled_below_minutes"]), (all.to_vec(), &Value::Null));

        // 60 minutes would follow from the total if the other district stood alone.
        let board = app.sign_up("Board", Role::Board);
        let table = board.get(&path).expect(200);
        assert_eq!(rows(&table), [("\"pooled\"".to_owned(), 660)], "{table}");
        assert_eq!((&table["pooled_below_minutes"], &table["total"]["requested_minutes"]), (&json!(150), &json!(660)));
        // Two tables that differ by one priority would tell it too.
        for query in ["?priority=mandated", "?rows=sites"] {
            assert_eq!(board.get(&format!("{path}{query}")).status, 404, "{query}");
        }
        // Whoever sees a district's requests anyway sees its row, and the other one is left out: alone it is too small.
        let with_b = app.sign_up_as("Board of B", &[Role::Board, coop.coordinator(1)]);
        assert_eq!(rows(&with_b.get(&path).expect(200)), [("\"B\"".to_owned(), 600)]);
        let own = app.sign_up("A", coop.coordinator(0));
        assert_eq!(rows(&own.get(&path).expect(200)), [("\"A\"".to_owned(), 60)]);
    }
}

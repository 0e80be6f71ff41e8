//! What the board sees is never about a few minutes, and so never about one or two students.

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::client::Client;
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
        // What a district pays is seen, but neither its minutes nor parts of its money from which they follow.
        let statement = |client: &Client| client.get(&format!("/cost-shares/{}", made.cost_share)).expect(200)["statement"].clone();
        let (all, sums) = (statement(&app.office), statement(&board));
        assert_eq!((all["members"].as_array().map(Vec::len), &sums["members"]), (Some(2), &json!([])));
        let nets: Vec<Value> = all["members"].as_array().expect("members").iter()
            .map(|one| json!({"member": one["member"], "net_cents": one["net_cents"]})).collect();
        assert_eq!((&sums["nets"], &sums["total"]), (&json!(nets), &all["total"]));
        let beside = statement(&with_b);
        assert_eq!((&beside["members"][0]["member"], &beside["total"], &beside["nets"]), (&json!("B"), &Value::Null, &json!(nets)));
        let page = app.nobody().send("GET", "/costs", &[("Cookie", &app.cookie(&board))], None).text();
        assert!(page.contains("District A") && !page.contains("of visits by staff of others"), "{page}");
        assert!(!page.contains("Charges by district"), "{page}");
        let own = app.sign_up("A", coop.coordinator(0));
        assert_eq!(rows(&own.get(&path).expect(200)), [("\"A\"".to_owned(), 60)]);
    }
}

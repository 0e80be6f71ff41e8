//! The database ring on both databases: same schema, no lost update, no half change, errors by their meaning.

use std::collections::BTreeMap;
use std::path::Path;

use coop_scheduler::db::{self, Database, DbError};

use crate::support::both::on_both_databases;

/// Tables and their columns, each with whether it may be empty, read from the text of a migration.
fn schema(database: &str) -> BTreeMap<String, Vec<(String, bool)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    let mut folders: Vec<_> =
        std::fs::read_dir(folder).expect("migrations").map(|one| one.expect("one").path()).collect();
    folders.sort();
    for path in folders {
        let text = std::fs::read_to_string(path.join("up.sql")).expect("up.sql");
        let mut table = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("CREATE TABLE ").and_then(|rest| rest.split(' ').next()) {
                table = Some(name.to_owned());
            } else if line.starts_with(')') {
                let strict = database != "sqlite" || line == ") STRICT;";
                assert!(strict || table.is_none(), "{table:?} is not STRICT");
                table = None;
            } else if let Some((before, after)) = altered(line, " RENAME TO ") {
                let columns = tables.remove(&before).unwrap_or_default();
                tables.insert(after, columns);
            } else if let Some(name) = line.strip_prefix("DROP TABLE ") {
                tables.remove(name.trim_end_matches(';'));
            } else if let Some((name, column)) = altered(line, " DROP COLUMN ") {
                tables.entry(name).or_default().retain(|(known, _)| *known != column);
            } else if let Some((name, column)) = altered(line, " ALTER COLUMN ")
                && let Some(column) = column.strip_suffix(" SET NOT NULL")
            {
                tables.entry(name).or_default().iter_mut().filter(|one| one.0 == column).for_each(|one| one.1 = true);
            } else if let Some(rest) = line.strip_prefix("ALTER TABLE ")
                && let Some((name, column)) = rest.split_once(" ADD COLUMN ")
                && let Some((column, kind)) = column.split_once(' ')
            {
                tables.entry(name.to_owned()).or_default().push((column.to_owned(), kind.contains("NOT NULL")));
            } else if let Some(name) = &table
                && let Some((column, rest)) = line.trim().split_once(' ')
                && column.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
                && !column.is_empty()
            {
                let entry = (column.to_owned(), rest.contains("NOT NULL"));
                tables.entry(name.clone()).or_default().push(entry);
            }
        }
    }
    tables
}

/// The table and the rest of a line that changes one.
fn altered(line: &str, how: &str) -> Option<(String, String)> {
    let (name, rest) = line.strip_prefix("ALTER TABLE ")?.split_once(how)?;
    Some((name.to_owned(), rest.trim_end_matches(';').to_owned()))
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let (postgres, sqlite) = (schema("postgres"), schema("sqlite"));
    assert!(postgres.len() >= 18 && postgres["members"].contains(&("code".to_owned(), true)));
    assert!(postgres["specialist_contracts"].contains(&("supervisor_ids".to_owned(), true)));
    assert_eq!(postgres, sqlite);
}

#[test]
fn a_url_of_neither_database_is_refused_and_makes_no_file() {
    for url in ["postgres:x", "coop.db", "mysql://h/d", "sqlite:", ""] {
        assert!(matches!(Database::open(url, 1), Err(DbError::Address)), "{url}");
    }
    assert!(!Path::new("postgres:x").exists());
}

on_both_databases! {
    fn a_hundred_changes_at_once_lose_nothing(app: &TestApp) {
        let database = &app.app.operations.database;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        // Read, then write what was read plus one: the pattern that loses updates.
                        while let Err(error) = database.write(|tx| db::codes::next(tx, "TEST-2026")) {
                            assert!(matches!(error, DbError::Busy), "{error:?}");
                        }
                    }
                });
            }
        });
        let next = database.write(|tx| db::codes::next(tx, "TEST-2026"));
        assert_eq!(next.expect("a code"), "TEST-2026-0101");
    }

    fn a_change_that_fails_or_panics_leaves_nothing(app: &TestApp) {
        let database = &app.app.operations.database;
        let failed: Result<(), DbError> = database.write(|tx| {
            db::codes::next(tx, "GONE-2026")?;
            Err(DbError::Reference)
        });
        assert!(matches!(failed, Err(DbError::Reference)));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            database.write(|tx| -> Result<(), DbError> {
                db::codes::next(tx, "GONE-2026")?;
                panic!("in the middle of a change")
            })
        }));
        assert!(panicked.is_err());
        let next = database.write(|tx| db::codes::next(tx, "GONE-2026"));
        assert_eq!(next.expect("a code"), "GONE-2026-0001");
    }

    fn a_code_that_is_taken_and_a_record_that_is_missing_are_told_apart(app: &TestApp) {
        use coop_scheduler::domain::ids::MemberId;
        use coop_scheduler::domain::member::MemberFields;
        use coop_scheduler::domain::site::SiteFields;
        let now = app.app.operations.now();
        let day = now.date_naive();
        let member = MemberFields {
            code: "A".to_owned(),
            name: "A".to_owned(),
            contact_name: "A".to_owned(),
            contact_email: "a@x.example".to_owned(),
            member_from: day,
            member_until: None,
        };
        let enter = || app.app.operations.database.write(|tx| db::members::insert(tx, &member, now));
        enter().expect("a member");
        assert!(matches!(enter(), Err(DbError::Conflict(db::error::UniqueKey::Code))));
        let site = SiteFields {
            member_id: MemberId::new(),
            code: "S".to_owned(),
            name: "S".to_owned(),
            address: String::new(),
            latitude: None,
            longitude: None,
            coordinates_source: String::new(),
            open_from: day,
            open_until: None,
        };
        let stray = app.app.operations.database.write(|tx| db::sites::insert(tx, &site, now));
        assert!(matches!(stray, Err(DbError::Reference)));
    }

    fn the_schema_is_brought_up_to_date_by_many_at_once(app: &TestApp) {
        let used = &app.app.config.database.url;
        let fresh = if used.starts_with("sqlite:") { format!("{used}.fresh") } else { crate::support::postgres::new_database() };
        let url = &fresh;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| Database::open(url, 1).map(drop).expect("an open database"));
            }
        });
    }
}

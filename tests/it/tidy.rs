//! The rules of docs/architecture.md that a machine can check: arrows between the rings, where a crate may be named,
//! what must not appear anywhere, and sizes that ask for a second look.

mod source;

use std::fs;

use source::{Source, files, names, root, rust_files};

/// Every module at the top of the crate, with those it may name beside itself.
const ARROWS: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("planning", &["domain"]),
    ("costing", &["domain"]),
    ("reports", &["domain"]),
    ("mail", &["domain"]),
    ("openid", &[]),
    ("intake", &["domain"]),
    ("db", &["domain"]),
    ("operations", &["domain", "planning", "costing", "reports", "mail", "intake", "openid", "db"]),
    ("jobs", &["domain", "mail", "db", "operations"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("web", &["domain", "reports", "openid", "operations", "config"]),
    ("app", &["domain", "planning", "mail", "openid", "db", "operations", "jobs", "web", "config", "telemetry"]),
    ("cli", &["domain", "planning", "db", "operations", "jobs", "web", "app", "config", "telemetry"]),
    ("main", &[]),
];

/// Names of other crates and the only places that may use them.
const PLACES: [(&str, &[&str]); 25] = [
    ("diesel", &["src/db.rs", "src/db/"]),
    ("diesel_migrations", &["src/db/"]),
    ("actix_web", &["src/web.rs", "src/web/", "src/cli/serve.rs"]),
    ("utoipa_actix_web", &["src/web.rs", "src/web/"]),
    ("tokio", &["src/web.rs", "src/web/", "src/cli/serve.rs"]),
    ("good_lp", &["src/planning/solver.rs"]),
    ("highs", &["src/planning/solver.rs"]),
    ("highs_sys", &["src/planning/solver.rs"]),
    ("lettre", &["src/mail.rs", "src/mail/"]),
    ("askama", &["src/mail.rs", "src/mail/", "src/web.rs", "src/web/"]),
    ("figment", &["src/config.rs", "src/config/"]),
    ("clap", &["src/cli.rs", "src/cli/", "src/main.rs"]),
    ("indicatif", &["src/cli/"]),
    ("signal_hook", &["src/cli/"]),
    ("rustix", &["src/cli/"]),
    ("argon2", &["src/operations/sign_in/hashing.rs"]),
    ("totp_rs", &["src/operations/sign_in/second_factor.rs"]),
    ("unicode_normalization", &["src/domain/password.rs"]),
    ("ureq", &["src/openid/http.rs"]),
    ("jsonwebtoken", &["src/openid.rs", "src/openid/"]),
    ("ring", &["src/openid/signature.rs", "src/mail/dkim.rs", "src/mail/return_path.rs"]),
    ("governor", &["src/web/limits.rs"]),
    ("qrcode", &["src/web/ui/second_factor.rs"]),
    ("rust_xlsxwriter", &["src/reports/"]),
    ("anyhow", &["src/app.rs", "src/cli.rs", "src/cli/", "src/main.rs"]),
];

/// Words of the language and of std that belong to few places.
const WORDS: [(&str, &[&str], &str); 7] = [
    ("async", &["src/web.rs", "src/web/", "src/cli/serve.rs"], "the core is synchronous"),
    ("Utc::now", &["src/app.rs"], "ask the clock of the context"),
    ("SystemTime::now", &["src/app.rs"], "ask the clock of the context"),
    ("Local::now", &[], "the co-op's zone is a setting"),
    ("current_exe", &["src/app.rs", "src/cli/planning/limited.rs"], "the planner's program is a setting"),
    ("env::var", &[], "only src/config.rs reads the environment, by figment"),
    ("env::vars", &[], "only src/config.rs reads the environment, by figment"),
];

const LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 90;

/// Files and functions that may be longer, and why.
const LONGER: [(&str, &str); 2] = [
    ("src/db/schema.rs", "one table after another, nothing to split"),
    ("src/planning/improve.rs::plan_day", "one line over, and its steps share the whole day"),
];

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn lies_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)))
}

#[test]
fn no_arrow_between_the_rings_is_reversed() {
    let mut faults = Vec::new();
    for source in rust_files("src").iter().filter(|source| source.path != "src/lib.rs") {
        let Some((ring, allowed)) = ARROWS.iter().find(|(ring, _)| *ring == source.ring()) else {
            faults.push(format!("{}: a new module; give it a place in ARROWS and docs/architecture.md", source.path));
            continue;
        };
        for (line, target) in named_rings(source) {
            if target != *ring && !allowed.contains(&target) {
                faults.push(format!("{}:{line}: {ring} must not use {target}", source.path));
            }
        }
    }
    no_faults(faults);
}

/// The rings that a file names by a path from the crate's root or by as many `super` as lead there.
fn named_rings(source: &Source) -> Vec<(usize, &'static str)> {
    let mut roots = vec!["crate::".to_owned(), "super::".repeat(source.depth())];
    // A module inside the file, such as its tests, is one deeper.
    roots.push("super::".repeat(source.depth() + 1));
    let mut found = Vec::new();
    for from_root in &roots {
        for (at, _) in source.code.match_indices(from_root) {
            let after = &source.code[at + from_root.len()..];
            let group = after.starts_with('{').then(|| after.split(';').next().unwrap_or_default());
            for (ring, _) in ARROWS {
                let by_path = after.strip_prefix(ring).is_some_and(|next| !next.starts_with(is_part_of_name));
                if by_path || group.is_some_and(|group| names(group, ring)) {
                    found.push((source.line_of(at), ring));
                }
            }
        }
    }
    found
}

fn is_part_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[test]
fn other_crates_are_named_only_where_they_belong() {
    let mut faults = Vec::new();
    for source in rust_files("src") {
        for (name, places) in PLACES {
            let used = |line: &str| names(line, name) && line.contains(&format!("{name}::"));
            for (number, _) in source.lines().filter(|(_, line)| used(line)) {
                if !lies_in(&source.path, places) {
                    faults.push(format!("{}:{number}: {name} belongs in {}", source.path, places.join(", ")));
                }
            }
        }
    }
    no_faults(faults);
}

#[test]
fn the_clock_the_environment_and_async_have_their_places() {
    let mut faults = Vec::new();
    for source in rust_files("src") {
        for (word, places, why) in WORDS {
            for (number, _) in source.lines().filter(|(_, line)| names(line, word)) {
                if !lies_in(&source.path, places) {
                    faults.push(format!("{}:{number}: {word}: {why}", source.path));
                }
            }
        }
    }
    no_faults(faults);
}

#[test]
fn no_sql_is_put_together_from_text() {
    let spaced = |code: &str| code.split_whitespace().collect::<String>();
    let made = |source: &Source| {
        ["sql_query(format!", "sql_query(&format!"].iter().any(|bad| spaced(&source.code).contains(bad))
    };
    no_faults(rust_files("src").iter().filter(|source| made(source)).map(|source| source.path.clone()).collect());
}

#[test]
fn money_and_time_are_never_floats() {
    let mut faults = Vec::new();
    for source in rust_files("src") {
        for (number, line) in source.lines() {
            let float = names(line, "f64") || names(line, "f32");
            if float && (source.ring() == "costing" || float_of_money_or_time(line)) {
                faults.push(format!("{}:{number}: a float", source.path));
            }
        }
    }
    no_faults(faults);
}

/// Whether a line declares something of cents or minutes as a float.
fn float_of_money_or_time(line: &str) -> bool {
    line.split([',', '(', '{', ';']).any(|part| {
        let Some((name, kind)) = part.split_once(':') else { return false };
        let is_amount = ["cents", "minutes"].iter().any(|unit| name.trim().split('_').any(|word| word == *unit));
        is_amount && (names(kind, "f64") || names(kind, "f32"))
    })
}

#[test]
fn students_do_not_exist() {
    let mut faults = Vec::new();
    for source in rust_files("src") {
        for (number, _) in source.lines().filter(|(_, line)| line.to_lowercase().contains("student")) {
            faults.push(format!("{}:{number}", source.path));
        }
    }
    for path in files(&root().join("migrations"), "sql") {
        let text = fs::read_to_string(&path).expect("a migration");
        for (index, line) in text.lines().enumerate() {
            let statement = line.split("--").next().unwrap_or_default();
            // What stands between quotation marks is data, such as the name of a discipline.
            let outside: String = statement.split('\'').step_by(2).collect();
            if outside.to_lowercase().contains("student") {
                faults.push(format!("{}:{}", path.display(), index + 1));
            }
        }
    }
    no_faults(faults);
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let mut faults = Vec::new();
    for source in rust_files("src").iter().chain(&rust_files("tests")) {
        if !source.text.starts_with("//!") {
            faults.push(format!("{}: begin with a line //! that says what the file is", source.path));
        }
        let lines = source.text.lines().count();
        if lines > LINES_MAX && !may_be_longer(&source.path) {
            faults.push(format!("{}: {lines} lines; can it be two?", source.path));
        }
        for (name, line, length) in functions(source) {
            let place = format!("{}::{name}", source.path);
            if length > FUNCTION_LINES_MAX && !may_be_longer(&place) {
                faults.push(format!("{}:{line}: {name} has {length} lines; can it be two?", source.path));
            }
        }
    }
    no_faults(faults);
}

fn may_be_longer(place: &str) -> bool {
    LONGER.iter().any(|(allowed, _)| *allowed == place)
}

/// Name, first line and number of lines of every function with a body.
fn functions(source: &Source) -> Vec<(String, usize, usize)> {
    let code = &source.code;
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ").filter(|(at, _)| !code[..*at].ends_with(is_part_of_name)) {
        let name: String = code[at + 3..].chars().take_while(|one| is_part_of_name(*one)).collect();
        let Some(opening) = code[at..].find('{').map(|offset| at + offset) else { continue };
        // `fn(` is a type; a `;` at the end of a line ends a function without a body.
        if name.is_empty() || code[at..opening].contains(";\n") {
            continue;
        }
        let mut open = 0_i32;
        let end = code[opening..].char_indices().find_map(|(offset, character)| {
            match character {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            (open == 0).then_some(opening + offset)
        });
        let (first, last) = (source.line_of(at), source.line_of(end.unwrap_or(code.len())));
        found.push((name, first, last - first + 1));
    }
    found
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    let pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "migrations/README.md"].map(|name| root().join(name));
    for page in pages.into_iter().chain(files(&root().join("docs"), "md")) {
        let text = fs::read_to_string(&page).expect("a page");
        // What follows `](` up to the closing parenthesis, without the place inside the page.
        let links = text.split("](").skip(1).filter_map(|after| after.split([')', '#', ' ']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains(':') && !link.starts_with('/')) {
            if !page.parent().is_some_and(|folder| folder.join(link).exists()) {
                faults.push(format!("{}: there is no {link}", page.display()));
            }
        }
    }
    no_faults(faults);
}

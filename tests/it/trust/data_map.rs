//! docs/privacy.md says of every table what it holds, and names no table that there is not.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn c47_every_table_is_in_the_data_map() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file");
    let schema = read("src/db/schema.rs");
    let is_head = |line: &&str| line.starts_with("    ") && !line.starts_with("     ") && line.ends_with(") {");
    let tables: BTreeSet<&str> =
        schema.lines().filter(is_head).filter_map(|line| line.trim().split(' ').next()).collect();
    assert!(tables.len() > 30 && tables.contains("audit_entries"), "{tables:?}");
    let privacy = read("docs/privacy.md");
    let map = privacy.split("## What is stored").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a map");
    let mapped: BTreeSet<&str> = map
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap_or_default().split(','))
        .map(|name| name.trim().trim_matches('`'))
        .collect();
    assert_eq!(mapped, tables, "each table needs a row in the map of docs/privacy.md, each row a table");
    for line in map.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 5 && cells.iter().all(|cell| !cell.is_empty()), "{line}");
    }
}

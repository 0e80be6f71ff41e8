//! The checker that was written before the product, in another language, run on the same files.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use coop_scheduler::planning::{Instance, PlanDocument, verify};

/// Rules that the other checker does not know.
const LATER_RULES: [&str; 7] = [
    "member_share_within_limit",
    "evaluation_block_kept",
    "sites_within_cap",
    "requests_within_cap",
    "assistant_supervised",
    "credential_valid",
    "bounds",
];

/// Names of the rules that the other checker finds broken; `None` where the checker is not at hand.
pub fn rules_broken(instance: &Instance, plan: &PlanDocument) -> Option<BTreeSet<String>> {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/planning-format/check_plan.py");
    let checker = if checker.exists() {
        checker
    } else {
        // A worktree lies one folder deeper than the main tree.
        let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/planning-format/check_plan.py");
        if !deeper.exists() {
            println!("note: {} is not there; the second opinion is skipped", checker.display());
            return None;
        }
        deeper
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (instance_file, plan_file) = (folder.path().join("instance.json"), folder.path().join("plan.json"));
    std::fs::write(&instance_file, instance.canonical_bytes()).expect("written");
    std::fs::write(&plan_file, serde_json::to_vec(plan).expect("plan")).expect("written");
    let output = Command::new("python3").arg(checker).arg(instance_file).arg(plan_file).output().expect("python3 runs");
    let told = String::from_utf8(output.stdout).expect("text");
    match output.status.code() {
        Some(0) => Some(BTreeSet::new()),
        Some(1) => Some(told.lines().filter_map(|line| Some(line.split_once(": ")?.0.to_string())).collect()),
        _ => panic!("{}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Names of the rules that our own check finds broken.
pub fn our_rules_broken(instance: &Instance, plan: &PlanDocument) -> BTreeSet<String> {
    verify(instance, plan).err().into_iter().flatten().map(|broken| broken.rule.name().to_string()).collect()
}

/// Both must say the same.
pub fn assert_agreement(instance: &Instance, plan: &PlanDocument, what: &str) {
    if let Some(theirs) = rules_broken(instance, plan) {
        let mut ours = our_rules_broken(instance, plan);
        ours.retain(|rule| !LATER_RULES.contains(&rule.as_str()));
        assert_eq!(ours, theirs, "{what}");
    }
}

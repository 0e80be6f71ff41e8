//! Tests of `planning` through its public face.

mod adversarial;
mod brute_force;
mod changes;
mod command;
mod determinism;
mod explained;
mod goals;
mod instance_files;
mod many;
mod reasons;
mod replanned;
mod rules;
mod search;
mod second_opinion;
mod small_coop;
mod start_plans;
mod strict_files;
mod what_if;

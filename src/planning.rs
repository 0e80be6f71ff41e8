//! The planner: a pure function from an instance to a plan.

mod caps;
mod case;
pub mod change;
mod day_plan;
mod day_rules;
mod day_search;
pub mod diff;
mod document;
mod explain;
pub mod fit;
pub mod generate;
mod improve;
pub mod instance;
mod linear;
mod patch;
pub mod plan_document;
mod pricing;
mod relaxation;
mod rule;
mod solve;
mod solver;
mod start_plan;
mod timetable;
pub mod verify;
mod worth;

pub use change::Change;
pub use explain::{Replanned, replan_around};
pub use instance::Instance;
pub use plan_document::PlanDocument;
pub use rule::Rule;
pub use solve::{Options, Progress, Report, Silent, SolveError, Start, solve};
pub use start_plan::{LeftOut, left_out};
pub use verify::{BrokenRule, verify};

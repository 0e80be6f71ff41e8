//! The planner: a pure function from an instance to a plan.

mod document;
pub mod instance;
pub mod plan_document;
mod rule;
pub mod verify;

pub use instance::Instance;
pub use plan_document::PlanDocument;
pub use rule::Rule;
pub use verify::{BrokenRule, verify};

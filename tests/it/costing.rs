//! Tests of `costing` through its public face.

mod apportion;
mod cost_share;
mod statement;

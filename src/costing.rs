//! Exact splits of money and the cost share of a plan.
//!
//! The rule is one that a clerk can check with a pocket calculator: a member pays for the minutes it receives, at the
//! rate of the specialist who gives them, and is credited for the minutes that its own staff give to others.
//! `docs/cost-sharing.md` is the long form, with an example worked by hand.
//!
//! | module | what it holds |
//! |---|---|
//! | [`apportion`] | splitting an amount so that the parts add up to the cent |
//! | [`cost_share`] | who owes what for a period of a published plan |
//! | [`statement`] | the cost share as rows, ready to export |

pub mod apportion;
pub mod cost_share;
pub mod statement;

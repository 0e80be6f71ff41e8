//! Accounts: roles that add up, handing over, tokens, and the office's pages about people.

mod hand_over;
mod pages;
mod roles;
mod tokens;

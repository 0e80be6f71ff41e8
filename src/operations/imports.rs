//! Bulk input.

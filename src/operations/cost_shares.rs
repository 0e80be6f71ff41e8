//! Cost-share statements.

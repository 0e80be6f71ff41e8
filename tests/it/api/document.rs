//! The description of the API and the pages of its problems.

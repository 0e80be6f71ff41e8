//! Tests of `planning` through its public face.

//! Tests of `costing` through its public face.

//! Tests of `intake` through its public face.

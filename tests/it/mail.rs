//! Tests of `mail` through its public face.

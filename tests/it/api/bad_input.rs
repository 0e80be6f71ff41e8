//! Every kind of bad input gets its problem document, and changes nothing.

//! The macro of perennial.

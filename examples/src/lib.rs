//! The parts that the examples share.

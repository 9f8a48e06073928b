//! Decisions: pure functions and state machines. No async, no clock, no lock, no I/O.

pub(crate) mod code;
pub(crate) mod gate;

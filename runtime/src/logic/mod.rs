//! Decisions: pure functions and state machines. No async, no clock, no chance, no lock, no I/O.

pub(crate) mod encode;
pub(crate) mod envelope;
pub(crate) mod gate;
pub(crate) mod mask;
pub(crate) mod page;
pub(crate) mod redirect;
pub(crate) mod rules;
pub(crate) mod values;

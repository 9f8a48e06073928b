//! Pure functions and state machines. No async, no clock, no randomness, no lock, no I/O: `now` and the
//! jitter are arguments.

pub(crate) mod backoff;
pub(crate) mod codec;
pub(crate) mod encode;
pub(crate) mod envelope;
pub(crate) mod excerpt;
pub(crate) mod freshness;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod fuzz;
pub(crate) mod gate;
pub(crate) mod json;
pub(crate) mod mask;
pub(crate) mod object;
pub(crate) mod page;
pub(crate) mod partial;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod properties;
pub(crate) mod query;
pub(crate) mod redirect;
pub(crate) mod retry;
pub(crate) mod rules;
pub(crate) mod sorted;
pub(crate) mod values;

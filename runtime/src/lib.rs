//! API clients that never expire.

mod decisions;
mod words;

//! What the client does on the wire, against the strict server: every case fails if a refresh token is
//! used twice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, unreachable_pub)]

mod by_hand;
mod cancellation;
mod extremes;
mod failure;
mod guards;
mod identity;
mod pairs;
mod pressure;
mod pushed;
mod replay;
mod settings;
mod single_flight;
#[path = "../support/mod.rs"]
mod support;
mod time;
mod users_code;
mod words;

//! What the client does on the wire, against the strict server: every case fails if a refresh token is
//! used twice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, unreachable_pub)]

mod by_hand;
mod cancellation;
mod failure;
mod guards;
mod identity;
mod replay;
mod settings;
mod shop;
mod single_flight;
mod time;
mod words;
mod world;

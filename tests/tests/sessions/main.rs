//! Sessions, as the strict server sees them: every case fails if a refresh token is used twice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, unreachable_pub)]

mod auth_options;
mod backends;
mod builder;
mod by_hand;
mod cancellation;
mod carried_together;
mod causes;
mod cookie_stores;
mod credentials;
mod each_poll;
mod extremes;
mod failure;
mod from_tokens;
mod guards;
mod identities;
mod identity;
mod keys;
mod logins;
mod outside;
mod pairs;
mod panics;
mod passwords;
mod pressure;
mod pushed;
mod rejections;
mod replay;
mod runtimes;
mod secrets;
mod settings;
mod single_flight;
mod stalled_stores;
#[path = "../support/mod.rs"]
mod support;
mod time;
mod token_base;
mod token_destinations;
mod token_endpoint;
mod token_places;
mod token_travels;
mod users_code;
mod walk;

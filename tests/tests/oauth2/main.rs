//! Sessions at real OAuth 2 servers, with a person at a real browser.
//!
//! `eval "$(ci/oidc.sh start)"` starts both; without them these tests are skipped, but never with `CI=true`.

#![cfg(feature = "oauth2")]
#![allow(missing_docs, clippy::unwrap_used, dead_code, unreachable_pub)]

mod bad_input;
mod dpop;
mod grants;
mod inspect;
mod life;
mod lost;
mod quoting;
mod rejections;
mod sign_in;
#[path = "../support/told.rs"]
mod told;
mod toolkit;
pub mod world;

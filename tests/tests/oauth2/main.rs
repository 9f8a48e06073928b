//! Sessions at real OAuth 2 servers, with a person at a real browser.
//!
//! `eval "$(ci/oidc.sh start)"` starts both; without them these tests are skipped, but never with `CI=true`.

#![cfg(feature = "oauth2")]
#![allow(missing_docs, clippy::unwrap_used)]

mod bad_input;
mod dpop;
mod inspect;
mod life;
mod toolkit;
pub mod world;

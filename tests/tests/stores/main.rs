//! Sessions over stores: what several processes share, and what becomes of a call when a store fails.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod credentials;
mod external_changes;
mod failing_files;
mod failures;
mod file;
mod fleet;
mod hanging;
mod hooks;
mod keyring;
#[cfg(feature = "encryption")]
mod keys_of_stores;
mod lost_replies;
mod pending_writes;
mod quoting;
mod realms;
mod redis;
mod redis_alone;
mod redis_failover;
mod redis_outages;
mod redis_server;
mod renewed_elsewhere;
mod shared_file;
#[path = "../support/mod.rs"]
mod support;
mod unsaved_logins;
mod watched;

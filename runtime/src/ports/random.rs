//! Chance.

use std::hash::{BuildHasher, Hasher, RandomState};

/// The standard library seeds its hashers at random; that is enough to tell logins apart and to
/// spread retries.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A random number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    random() as f64 / u64::MAX as f64
}

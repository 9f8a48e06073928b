//! Chance.

#[cfg(not(target_family = "wasm"))]
use std::hash::{BuildHasher, Hasher, RandomState};

/// The standard library seeds its hashers at random; that is enough to tell logins apart and to
/// spread retries.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The standard library has no seed of its own there.
#[cfg(target_family = "wasm")]
pub(crate) fn random() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    (half() << 32) ^ half()
}

/// A random number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    random() as f64 / u64::MAX as f64
}

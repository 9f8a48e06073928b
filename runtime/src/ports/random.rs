//! Randomness.

#[cfg(not(target_family = "wasm"))]
use std::hash::{BuildHasher, Hasher, RandomState};

/// A random number from the system's source. It identifies logins and locks, so processes on different machines
/// must not choose the same one.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn random() -> u64 {
    // If the system's source fails, the seed of the standard library's hashers still differs between processes.
    getrandom::u64().unwrap_or_else(|_| RandomState::new().build_hasher().finish())
}

/// The standard library has no such seed there.
#[cfg(target_family = "wasm")]
pub(crate) fn random() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    (half() << 32) ^ half()
}

/// A random number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    random() as f64 / u64::MAX as f64
}

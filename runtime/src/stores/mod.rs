//! The built-in token stores.

#[cfg(all(feature = "file", not(target_family = "wasm")))]
mod blocking;
#[cfg(target_family = "wasm")]
pub(crate) mod browser;
#[cfg(all(feature = "file", not(target_family = "wasm")))]
mod disk;
#[cfg(any(feature = "file", feature = "redis", target_family = "wasm"))]
mod errors;
#[cfg(all(feature = "file", not(target_family = "wasm")))]
pub(crate) mod file;
#[cfg(all(feature = "keyring", not(target_family = "wasm")))]
pub(crate) mod keyring;
#[cfg(all(feature = "file", not(target_family = "wasm")))]
mod local;
pub(crate) mod memory;
#[cfg(any(feature = "file", feature = "redis", target_family = "wasm"))]
mod record;
#[cfg(all(feature = "redis", not(target_family = "wasm")))]
pub(crate) mod redis;
#[cfg(all(feature = "encryption", not(target_family = "wasm")))]
pub(crate) mod seal;

/// The bound of encrypting a store.
#[cfg(all(
    any(feature = "file", feature = "redis"),
    not(feature = "encryption"),
    not(target_family = "wasm")
))]
#[diagnostic::on_unimplemented(
    message = "`.encrypted(..)` needs the feature `encryption`",
    label = "add `features = [\"encryption\"]` to `perennial` in `Cargo.toml`, and write \
             `.encrypted(StoreKey::new(key))`"
)]
pub trait EncryptedStore {}

//! Stores that outlive the process.

#[cfg(feature = "file")]
mod blocking;
#[cfg(feature = "file")]
mod disk;
#[cfg(any(feature = "file", feature = "redis"))]
mod errors;
#[cfg(feature = "file")]
pub(crate) mod file;
#[cfg(feature = "file")]
mod fingerprint;
#[cfg(feature = "keyring")]
pub(crate) mod keyring;
#[cfg(feature = "file")]
mod local;
#[cfg(any(feature = "file", feature = "redis"))]
mod record;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "encryption")]
pub(crate) mod seal;

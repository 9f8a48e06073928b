//! Stores that outlive the process.

#[cfg(feature = "file")]
mod aside;
#[cfg(feature = "file")]
mod disk;
#[cfg(feature = "file")]
pub(crate) mod file;
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
#[cfg(feature = "file")]
mod seen;
#[cfg(any(feature = "file", feature = "redis"))]
mod trouble;

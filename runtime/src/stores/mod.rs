//! Stores that outlive the process.

#[cfg(feature = "file")]
mod aside;
#[cfg(feature = "file")]
mod disk;
#[cfg(feature = "file")]
pub(crate) mod file;
#[cfg(feature = "file")]
mod record;
#[cfg(feature = "encryption")]
pub(crate) mod seal;

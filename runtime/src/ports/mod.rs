//! Ports: what the session needs of the world.

#[cfg(target_family = "wasm")]
mod absent;
#[cfg(target_family = "wasm")]
pub(crate) mod browser;
pub(crate) mod clock;
pub(crate) mod http;
pub(crate) mod random;
pub(crate) mod response;
pub(crate) mod spawn;
pub(crate) mod store;
pub(crate) mod transport;

/// A future that is passed around without its type.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

//! Ports: what the session needs of the world.

pub(crate) mod clock;
pub(crate) mod random;
pub(crate) mod spawn;
pub(crate) mod store;
pub(crate) mod transport;

/// A future that is passed around without its type.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

//! Ports: the interfaces to the platform.
//!
//! | port | natively | in a browser | why it is a port |
//! |---|---|---|---|
//! | [`clock`] | the system's clock, tokio's timer | `performance`, `setTimeout` | tests control the clock |
//! | [`spawn`] | tokio's tasks | the event loop | a refresh outlives the call that started it |
//! | `background` | a thread with a runtime | nothing | a program that is not async waits for its calls |
//! | [`store`] | files, keychains, Redis | the storage of the origin | users bring a database |
//! | [`transport`] | reqwest | `fetch` | layers wrap it |
//! | [`proof`] | the crypto of `huskarl` | – | only some tokens are bound to a key |
//! | [`random`] | the system's random numbers | `Math.random` | the logic takes randomness as an argument |
//!
//! A browser runs everything on one thread, and its futures are not `Send`. [`MaybeSend`], [`MaybeSync`] and
//! [`BoxFuture`] abstract over this; nothing else depends on the target.

#[cfg(target_family = "wasm")]
mod absent;
#[cfg(all(feature = "blocking", not(target_family = "wasm")))]
pub(crate) mod background;
#[cfg(target_family = "wasm")]
pub(crate) mod browser;
pub(crate) mod clock;
pub(crate) mod connections;
pub(crate) mod http;
pub(crate) mod proof;
pub(crate) mod random;
pub(crate) mod response;
pub(crate) mod spawn;
pub(crate) mod store;
pub(crate) mod transport;

/// A boxed future. It is `Send` in a browser too: everything there runs on one thread, and a wrapper checks this.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Boxes a future that few calls need. The future is first created on the stack: here it is in a frame of its own,
/// so that calls without it have no room for it.
#[cold]
#[inline(never)]
pub(crate) fn rare<F: Future>(make: impl FnOnce() -> F) -> std::pin::Pin<Box<F>> {
    Box::pin(make())
}

/// `Send`, except in a browser, where nothing needs to be.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_family = "wasm"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Send`, except in a browser, where nothing needs to be.
#[cfg(target_family = "wasm")]
pub trait MaybeSend {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync`, except in a browser, where nothing needs to be.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_family = "wasm"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// `Sync`, except in a browser, where nothing needs to be.
#[cfg(target_family = "wasm")]
pub trait MaybeSync {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSync for T {}

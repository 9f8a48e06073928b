//! Tasks.

use super::BoxFuture;

/// Runs the tasks of a session.
///
/// A refresh runs on its own task: a rotated token must not be lost together with the call that started the
/// refresh.
///
/// ```
/// use perennial::BoxFuture;
/// use perennial::system::{Spawn, TokioSpawner};
///
/// /// Counts the tasks that it runs.
/// #[derive(Default)]
/// struct Counting(std::sync::atomic::AtomicUsize);
///
/// impl Spawn for Counting {
///     fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
///         self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         TokioSpawner.spawn(task)
///     }
/// }
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # fn main() -> perennial::Result<()> {
/// let shop = ShopClient::builder("https://shop.example").spawner(Counting::default()).build()?;
/// # Ok(())
/// # }
/// ```
pub trait Spawn: Send + Sync + 'static {
    /// Runs `task` to completion, whether or not anything waits for it. If the task cannot be run after all, it
    /// must be dropped: this ends the refresh, and the next call may start another. If a task is neither run nor
    /// dropped, its own timeout cannot fire, and calls without a `timeout` wait for it forever.
    ///
    /// # Errors
    ///
    /// Returns the task if it cannot be run.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>>;
}

/// Spawns tasks on the caller's tokio runtime.
#[cfg(not(target_family = "wasm"))]
#[derive(Debug, Default, Clone, Copy)]
pub struct TokioSpawner;

#[cfg(not(target_family = "wasm"))]
impl Spawn for TokioSpawner {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(task);
                Ok(())
            }
            Err(_) => Err(task),
        }
    }
}

/// The default spawner.
#[cfg(not(target_family = "wasm"))]
pub(crate) type DefaultSpawner = TokioSpawner;
#[cfg(target_family = "wasm")]
pub(crate) type DefaultSpawner = super::browser::spawn::LocalSpawner;

//! Tasks.

use super::BoxFuture;

/// Where a refresh runs.
///
/// A refresh is a task of its own: a rotated token must not be lost with the caller that happened to
/// start it.
pub trait Spawn: Send + Sync + 'static {
    /// Runs `task` to its end, whoever waits for it or not. If it cannot be run after all, it is to be
    /// dropped: that ends the refresh, and the next call may start another. A task that is kept and not
    /// run keeps its own time limit from passing, and calls without a `timeout` wait for it.
    ///
    /// # Errors
    ///
    /// Gives the task back where there is nothing that could run it.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>>;
}

/// Spawns on the tokio runtime of the caller.
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

/// What runs tasks where the user names nothing else.
#[cfg(not(target_family = "wasm"))]
pub(crate) type DefaultSpawner = TokioSpawner;
#[cfg(target_family = "wasm")]
pub(crate) type DefaultSpawner = super::browser::spawn::LocalSpawner;

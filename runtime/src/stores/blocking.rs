//! Blocking work, off the executor.

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::ports::store::StoreError;

/// Runs `work` on a thread that may block. It runs to completion, even if nothing waits for it any more.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    if let Ok(runtime) = Handle::try_current() {
        return runtime.spawn_blocking(work).await.map_err(StoreError::failed)?;
    }
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        // The receiver may have been dropped.
        .spawn(move || drop(sender.send(work())))
        .map_err(StoreError::failed)?;
    receiver.await.map_err(StoreError::failed)?
}

//! Blocking work, off the executor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Cancels work that is waiting on a thread, when this is dropped.
pub(super) struct CancelOnDrop(Arc<AtomicBool>);

/// The other end of [`CancelOnDrop`].
pub(super) struct Canceled(Arc<AtomicBool>);

pub(super) fn cancellation() -> (CancelOnDrop, Canceled) {
    let flag = Arc::new(AtomicBool::new(false));
    (CancelOnDrop(Arc::clone(&flag)), Canceled(flag))
}

impl Canceled {
    pub(super) fn is_canceled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! Work that blocks, off the executor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::ports::store::StoreError;

/// Runs `work` on a thread that may block. It runs to its end, even if nobody waits for it any more.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    if let Ok(runtime) = Handle::try_current() {
        return runtime.spawn_blocking(work).await.map_err(StoreError::failed)?;
    }
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        // Nobody may be there any more to be told.
        .spawn(move || drop(sender.send(work())))
        .map_err(StoreError::failed)?;
    receiver.await.map_err(StoreError::failed)?
}

/// Tells work that waits on a thread that nobody wants it any more. Dropping it does.
pub(super) struct Wanted(Arc<AtomicBool>);

/// The other end of [`Wanted`].
pub(super) struct Unwanted(Arc<AtomicBool>);

pub(super) fn wanted() -> (Wanted, Unwanted) {
    let flag = Arc::new(AtomicBool::new(false));
    (Wanted(Arc::clone(&flag)), Unwanted(flag))
}

impl Unwanted {
    pub(super) fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

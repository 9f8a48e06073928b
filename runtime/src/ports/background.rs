//! A runtime for programs that have none.

use std::sync::{Mutex, PoisonError, mpsc};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};

use crate::types::error::{Error, ErrorKind, Result};

/// The runtime of the process. It is never shut down: a refresh may continue after the call that started it.
static BACKGROUND: Mutex<Option<Handle>> = Mutex::new(None);

/// Drives a future to completion on the caller's thread. Connections, refreshes and timers are on the runtime of
/// the process, which has its own thread.
///
/// # Errors
///
/// An error of the kind [`ErrorKind::Blocking`] on a thread of an async runtime, where waiting would block its
/// tasks, perhaps the very one that is waited for.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    // While a thread is ending, it cannot tell whether it belongs to a runtime.
    if Handle::try_current().map_or_else(|error| error.is_thread_local_destroyed(), |_| true) {
        return Err(Error::new(ErrorKind::Blocking));
    }
    let background = background().map_err(|error| {
        Error::new(ErrorKind::Transport)
            .with_message("cannot start a thread for the connections")
            .with_source(error)
    })?;
    Ok(background.block_on(future))
}

fn background() -> io::Result<Handle> {
    // Nothing panics while it is locked, and a handle is never half-written.
    let mut background = BACKGROUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*background {
        return Ok(handle.clone());
    }
    let handle = start()?;
    *background = Some(handle.clone());
    Ok(handle)
}

fn start() -> io::Result<Handle> {
    let (started, handle) = mpsc::sync_channel(1);
    thread::Builder::new().name("perennial".to_owned()).spawn(move || {
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                // The caller blocks on it.
                let _ = started.send(Ok(runtime.handle().clone()));
                runtime.block_on(std::future::pending::<()>());
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        }
    })?;
    handle.recv().unwrap_or_else(|_| Err(io::Error::other("the thread ended")))
}

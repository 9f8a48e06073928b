//! A runtime for programs that have none.

use std::sync::{Mutex, PoisonError, mpsc};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};

use crate::types::error::{Error, ErrorKind, Result};

/// The runtime of the process. It is never shut down: a refresh may go on after the call that started it.
static BACKGROUND: Mutex<Option<Handle>> = Mutex::new(None);

/// Drives a future to its end on the thread of the caller. Connections, refreshes and timers are on the runtime of
/// the process, which a thread of its own drives.
///
/// # Errors
///
/// An error of the kind [`ErrorKind::Blocking`] on a thread of an async runtime, where waiting would keep its tasks
/// from running: perhaps the one that is waited for.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    // A thread that is ending no longer knows whether it is one of a runtime.
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
    // Nothing panics while it is locked, and a handle is whole at any time.
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
                // The caller waits for it.
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

//! A runtime for programs that have none.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::types::error::{Error, ErrorKind, Result};

/// The runtime of the process. It is never shut down: a refresh may continue after the call that started it.
static BACKGROUND: Mutex<Option<Runtime>> = Mutex::new(None);

/// Own refresh code may block a thread, most of all in a program that is not async. The others keep the time meanwhile.
const THREADS: usize = 4;

/// Drives a future to completion on the caller's thread. Connections, refreshes and timers are on the runtime of
/// the process, which has its own threads.
///
/// # Errors
///
/// An error of the kind [`ErrorKind::Blocking`] on a thread of an async runtime, where waiting would block its
/// tasks, perhaps the very one that is waited for.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    // While a thread is ending, it cannot tell whether it belongs to a runtime.
    if Handle::try_current().map_or_else(|error| error.is_thread_local_destroyed(), |_| true) {
        return Err(Error::of_kind(ErrorKind::Blocking));
    }
    let background = background().map_err(|error| {
        Error::of_kind(ErrorKind::Transport)
            .with_message("cannot start a thread for the connections")
            .with_source(error)
    })?;
    Ok(background.block_on(future))
}

fn background() -> io::Result<Handle> {
    // Nothing panics while it is locked, and a runtime is never half-written.
    let mut background = BACKGROUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*background {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("perennial")
        .enable_all()
        .build()?;
    Ok(background.insert(runtime).handle().clone())
}

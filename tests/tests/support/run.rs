//! Where a case runs.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};

use tokio::runtime::Builder;

use super::secs;

/// Which runtime a case runs on.
#[derive(Debug, Clone, Copy)]
pub enum On {
    OneThread,
    ManyThreads,
    PausedTime,
}

/// Runs a case on a runtime of its own. A case that hangs fails after a minute, with a word about it.
pub fn run<F: Future<Output = ()>>(on: On, case: impl FnOnce() -> F + Send + 'static) {
    let (done, finished) = channel();
    let runner = std::thread::spawn(move || {
        // Dropped with the thread, whether the case ends well or not.
        let _done = done;
        let runtime = match on {
            On::OneThread => Builder::new_current_thread().enable_all().build(),
            On::ManyThreads => Builder::new_multi_thread().worker_threads(8).enable_all().build(),
            On::PausedTime => Builder::new_current_thread().enable_all().start_paused(true).build(),
        };
        runtime.unwrap().block_on(case());
    });
    let waited = finished.recv_timeout(secs(60));
    assert_eq!(waited, Err::<(), _>(RecvTimeoutError::Disconnected), "the case hangs");
    if let Err(panic) = runner.join() {
        resume_unwind(panic);
    }
}

/// A case that holds on one thread and on many.
macro_rules! cases {
    ($(async fn $name:ident() $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn case() $body

            #[test]
            fn on_one_thread() {
                $crate::support::run($crate::support::On::OneThread, case);
            }

            #[test]
            fn on_many_threads() {
                $crate::support::run($crate::support::On::ManyThreads, case);
            }
        }
    )*};
}

/// A case on paused time, where an hour passes in no time.
macro_rules! timed {
    ($(async fn $name:ident() $body:block)*) => {$(
        #[test]
        fn $name() {
            async fn case() $body
            $crate::support::run($crate::support::On::PausedTime, case);
        }
    )*};
}

pub(crate) use {cases, timed};

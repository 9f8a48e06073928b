//! Responses that wait for the test's word.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Delays responses until the test releases them. Dropping it releases all.
#[derive(Debug)]
#[must_use = "a hold that is dropped holds nothing"]
pub struct Hold {
    line: Arc<Line>,
}

/// The requests that wait.
#[derive(Debug)]
pub(crate) struct Line {
    arrived: watch::Sender<usize>,
    turns: Semaphore,
}

impl Hold {
    pub(crate) fn new() -> (Self, Arc<Line>) {
        let line = Arc::new(Line { arrived: watch::Sender::new(0), turns: Semaphore::new(0) });
        (Self { line: Arc::clone(&line) }, line)
    }

    /// Waits until so many requests have reached the hold since it was made.
    pub async fn arrived(&self, wanted: usize) {
        // The sender is this hold's own, so that it outlives the wait.
        let _ = self.line.arrived.subscribe().wait_for(|arrived| *arrived >= wanted).await;
    }

    /// How many requests have reached the hold since it was made.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.line.arrived.borrow()
    }

    /// Releases the request that has waited longest, or the next that arrives.
    pub fn release_one(&self) {
        self.line.turns.add_permits(1);
    }

    /// Releases all, and delays none that arrives later.
    pub fn release(&self) {
        self.line.turns.close();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl Line {
    pub(crate) async fn wait(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
        if let Ok(turn) = self.turns.acquire().await {
            turn.forget();
        }
    }
}

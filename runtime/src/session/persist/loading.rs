//! The first load of a store, which one task makes for all calls that wait for it.

use std::pin::pin;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::select;
use tokio::sync::watch;

use super::Persistence;
use super::limit::{LIMIT, PROMPT};
use crate::ports::clock::Clock;
use crate::session::waiter::runtime;

/// A first load, in progress as long as the other side of `ended` exists.
pub(super) struct Loading {
    since: Duration,
    runtime: Option<tokio::runtime::Id>,
    ended: watch::Receiver<()>,
}

impl Loading {
    /// How long to wait for it. One on another runtime, which may have stalled, is soon made here as well: calls wait
    /// no longer than [`PROMPT`], and to load twice does no harm. One on this runtime has a limit of its own.
    fn patience(&self, now: Duration) -> Duration {
        let limit = if self.runtime == runtime() { LIMIT + PROMPT } else { PROMPT / 2 };
        self.since.saturating_add(limit).saturating_sub(now)
    }
}

impl Persistence {
    /// Waits for a load in progress, if there is one. Returns the right to load, which ends when it is dropped, or nothing
    /// if the store was loaded.
    pub(super) async fn start_loading(&self, clock: &dyn Clock) -> Option<watch::Sender<()>> {
        loop {
            if self.is_loaded() {
                return None;
            }
            let (mut ended, patience) = match self.begin_loading(clock.now()) {
                Ok(own) => return Some(own),
                Err(other) => other,
            };
            let _ = select(pin!(ended.changed()), clock.sleep(patience)).await;
        }
    }

    fn begin_loading(
        &self,
        now: Duration,
    ) -> Result<watch::Sender<()>, (watch::Receiver<()>, Duration)> {
        let mut loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = &*loading
            && other.ended.has_changed().is_ok()
        {
            let patience = other.patience(now);
            if !patience.is_zero() {
                return Err((other.ended.clone(), patience));
            }
        }
        let (own, ended) = watch::channel(());
        *loading = Some(Loading { since: now, runtime: runtime(), ended });
        Ok(own)
    }
}

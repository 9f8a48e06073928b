//! A store that outlives the processes, and that fails or is slow now and then.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use perennial::BoxFuture;
use perennial::store::{StoreError, Stored, TokenStore, Version};

use super::Random;

#[derive(Clone)]
pub(super) struct FlakyStore {
    stored: Arc<Mutex<Option<Stored>>>,
    failures: Arc<AtomicU64>,
    random: Random,
}

impl FlakyStore {
    pub(super) fn new(random: Random) -> Self {
        Self { stored: Arc::default(), failures: Arc::default(), random }
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::SeqCst)
    }

    /// The access token that is stored.
    pub(super) fn token(&self) -> Option<String> {
        self.lock().as_ref().map(|stored| stored.tokens.access().to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Stored>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step<'a, T: Send + 'a>(
        &'a self,
        act: impl FnOnce(&mut Option<Stored>) -> Result<T, StoreError> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            match self.random.below(40) {
                0..=1 => {
                    self.failures.fetch_add(1, Ordering::SeqCst);
                    return Err(StoreError::failed("the disk is full"));
                }
                2..=3 => tokio::time::sleep(Duration::from_millis(self.random.below(30))).await,
                _ => tokio::task::yield_now().await,
            }
            act(&mut self.lock())
        })
    }
}

fn version(stored: Option<&Stored>) -> Option<Version> {
    stored.map(|stored| stored.version)
}

impl TokenStore for FlakyStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.step(|stored| Ok(stored.clone()))
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.step(move |stored| {
            if version(stored.as_ref()) != expected {
                return Err(StoreError::Conflict);
            }
            *stored = Some(next.clone());
            Ok(())
        })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        self.step(move |stored| {
            if version(stored.as_ref()) != Some(expected) {
                return Err(StoreError::Conflict);
            }
            *stored = None;
            Ok(())
        })
    }
}

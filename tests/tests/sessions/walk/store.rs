//! A store whose every step waits for the walk.

use std::sync::{Arc, Mutex};

use perennial::BoxFuture;
use perennial::store::{StoreError, Stored, TokenStore, Version};
use tokio::sync::oneshot;

/// Keeps tokens in memory, at the pace of the walk.
#[derive(Clone, Default)]
pub(crate) struct SlowStore(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    kept: Option<Stored>,
    /// The requested steps; each learns whether it works.
    asked: Vec<oneshot::Sender<bool>>,
    /// A step has failed, or was never taken: what is kept may be old.
    is_behind: bool,
    forgets_to_clear: bool,
}

impl SlowStore {
    /// A store that says that it has cleared and has not.
    pub(crate) fn that_never_clears() -> Self {
        let store = Self::default();
        store.0.lock().unwrap().forgets_to_clear = true;
        store
    }

    pub(crate) fn put(&self, stored: Stored) {
        self.0.lock().unwrap().kept = Some(stored);
    }

    pub(crate) fn stored(&self) -> Option<Stored> {
        self.0.lock().unwrap().kept.clone()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().unwrap().asked.len()
    }

    pub(crate) fn is_behind(&self) -> bool {
        self.0.lock().unwrap().is_behind
    }

    /// Lets one of the steps be taken, or fail.
    pub(crate) fn go(&self, at: usize, works: bool) {
        let step = {
            let mut shelf = self.0.lock().unwrap();
            shelf.is_behind |= !works;
            shelf.asked.remove(at)
        };
        if step.send(works).is_err() {
            // Nobody waits for it any more, and it is not taken.
            self.0.lock().unwrap().is_behind = true;
        }
    }

    fn step<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Shelf) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (go, turn) = oneshot::channel();
        let shelf = Arc::clone(&self.0);
        shelf.lock().unwrap().asked.push(go);
        Box::pin(async move {
            if turn.await.unwrap_or(false) {
                act(&mut shelf.lock().unwrap())
            } else {
                Err(StoreError::failed("the disk is full"))
            }
        })
    }
}

impl TokenStore for SlowStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.step(|shelf| Ok(shelf.kept.clone()))
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let next = next.clone();
        self.step(move |shelf| {
            if shelf.kept.as_ref().map(|kept| kept.version) != expected {
                return Err(StoreError::Conflict);
            }
            shelf.kept = Some(next);
            Ok(())
        })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        self.step(move |shelf| {
            if shelf.kept.as_ref().map(|kept| kept.version) != Some(expected) {
                return Err(StoreError::Conflict);
            }
            if !shelf.forgets_to_clear {
                shelf.kept = None;
            }
            Ok(())
        })
    }
}

//! A store that takes its time.

use perennial::BoxFuture;
use perennial::store::{MemoryStore, StoreError, Stored, TokenStore, Version};

/// Keeps tokens in memory, but gives way before each step.
pub(crate) struct Sluggish(pub(crate) MemoryStore);

async fn give_way() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

impl TokenStore for Sluggish {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            give_way().await;
            self.0.load().await
        })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            give_way().await;
            self.0.save(next, expected).await
        })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            give_way().await;
            self.0.clear(expected).await
        })
    }
}

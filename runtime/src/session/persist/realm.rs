//! Binds stored tokens to the realm that issued them.

use std::sync::Arc;
use std::time::Duration;

use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};

/// A store whose tokens belong to one realm: the origin of the base URL, or a name that the user gave.
/// Tokens of another realm are neither loaded nor overwritten.
pub(super) struct RealmStore {
    store: Arc<dyn TokenStore>,
    realm: Option<Arc<str>>,
}

impl RealmStore {
    pub(super) const fn new(store: Arc<dyn TokenStore>, realm: Option<Arc<str>>) -> Self {
        Self { store, realm }
    }

    pub(super) fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            let loaded = self.store.load().await?;
            match loaded
                .as_ref()
                .and_then(|stored| stored.realm.as_deref())
                .zip(self.realm.as_deref())
            {
                Some((stored, realm)) if stored != realm => Err(StoreError::OtherRealm {
                    stored: stored.to_owned(),
                    expected: realm.to_owned(),
                }),
                // Records of earlier versions have no realm. The next save adds it.
                _ => Ok(loaded),
            }
        })
    }

    /// The version that is expected was loaded here, so the tokens that are replaced belong to this realm.
    pub(super) fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.save(next, expected)
    }

    pub(super) fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.clear(expected)
    }

    pub(super) fn lock(
        &self,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        self.store.lock(timeout)
    }

    pub(super) fn changed(&self) -> BoxFuture<'_, ()> {
        self.store.changed()
    }

    pub(super) fn may_have_changed(&self) -> bool {
        self.store.may_have_changed()
    }

    pub(super) fn location(&self) -> Option<String> {
        self.store.location()
    }
}

//! Tokens in memory.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, Stored, TokenStore, Version};

/// Stores tokens in memory. Its clones share them.
///
/// A session without a store holds its tokens in memory as well. With this store they outlive the session, and tests
/// can use it instead of a real store.
///
/// ```
/// use perennial::store::MemoryStore;
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # #[tokio::main]
/// # async fn main() -> Result<()> {
/// let store = MemoryStore::new();
/// let shop = ShopClient::builder("https://shop.example").store(store.clone()).build()?;
/// shop.session().login("token").await?;
/// assert!(store.stored().is_some_and(|it| it.tokens.access() == "token"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    /// By the name of the credential; the first credential has none.
    stored: Arc<Mutex<HashMap<Option<String>, Stored>>>,
    credential: Option<String>,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the stored token set of the first credential.
    #[must_use]
    pub fn stored(&self) -> Option<Stored> {
        self.with(|stored| stored.get(&self.credential).cloned())
    }

    /// Returns the stored token set of a further credential.
    #[must_use]
    pub fn stored_for(&self, credential: &str) -> Option<Stored> {
        self.with(|stored| stored.get(&Some(credential.to_owned())).cloned())
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Option<String>, Stored>) -> T) -> T {
        // Nothing under this lock can panic, and each change is a single insertion or removal.
        act(&mut self.stored.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, expected: Option<Version>, next: Option<Stored>) -> Result<(), StoreError> {
        self.with(|stored| {
            if stored.get(&self.credential).map(|stored| stored.version) != expected {
                return Err(StoreError::Conflict);
            }
            match next {
                Some(next) => stored.insert(self.credential.clone(), next),
                None => stored.remove(&self.credential),
            };
            Ok(())
        })
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(ready(Ok(self.stored())))
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(ready(self.change(expected, Some(next.clone()))))
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(self.change(Some(expected), None)))
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let (stored, credential) = (Arc::clone(&self.stored), Some(name.to_owned()));
        Some(Arc::new(Self { stored, credential }))
    }

    fn location(&self) -> Option<String> {
        Some(format!("memory:{:p}:{:?}", Arc::as_ptr(&self.stored), self.credential))
    }
}

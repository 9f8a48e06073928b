//! Storage for tokens that outlive a session.

mod error;
mod lock;
mod stored;

use std::sync::Arc;
use std::time::Duration;

use super::BoxFuture;

pub use error::StoreError;
pub use lock::{Lease, StoreLock};
#[cfg(any(feature = "file", feature = "redis", target_family = "wasm"))]
pub(crate) use stored::{FORMAT, Record as StoredRecord};
pub use stored::{Stored, Version};

/// Stores tokens in memory, in a file, in a database.
///
/// A session loads from its store once, before its first call, and saves each token set that it receives. A store
/// that several processes share implements [`lock`](TokenStore::lock): under the lock, the session loads again, and
/// adopts a newer token set instead of refreshing.
///
/// All methods may be slow and may fail; the session then continues with the tokens in memory and emits an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed). A slow method has to await: a time limit cannot end code
/// that blocks its thread, and calls would wait for that code. Run a synchronous driver with
/// `tokio::task::spawn_blocking`.
///
/// [`Stored`] implements serde's traits in the format of the built-in stores, and [`Version`] implements `Display`,
/// so a store in a database needs one column for each:
///
/// ```
/// # use std::{collections::HashMap, future::ready, sync::Mutex};
/// use perennial::BoxFuture;
/// use perennial::store::{StoreError, Stored, TokenStore, Version};
///
/// /// A table with the columns `version` and `record`, and one row for each user.
/// struct TokenTable { user: String, rows: Mutex<HashMap<String, (String, String)>> }
///
/// impl TokenStore for TokenTable {
///     fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
///         let record = self.rows.lock().unwrap().get(&self.user).map(|(_, record)| record.clone());
///         let stored = record.map(|record| serde_json::from_str(&record)).transpose();
///         Box::pin(ready(stored.map_err(StoreError::failed)))
///     }
///
///     fn save<'a>(&'a self, next: &'a Stored, expected: Option<Version>) -> BoxFuture<'a, Result<(), StoreError>> {
///         // As SQL: `UPDATE tokens SET version = ?, record = ? WHERE user = ? AND version = ?`.
///         let mut rows = self.rows.lock().unwrap();
///         let version = rows.get(&self.user).map(|(version, _)| version.clone());
///         if version != expected.map(|version| version.to_string()) {
///             return Box::pin(ready(Err(StoreError::Conflict)));
///         }
///         let saved = serde_json::to_string(next).map_err(StoreError::failed).map(|record| {
///             rows.insert(self.user.clone(), (next.version.to_string(), record));
///         });
///         Box::pin(ready(saved))
///     }
///
///     fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
///         // As SQL: `DELETE FROM tokens WHERE user = ? AND version = ?`.
///         let mut rows = self.rows.lock().unwrap();
///         let matches = rows.get(&self.user).is_some_and(|(version, _)| *version == expected.to_string());
///         let cleared = if matches { rows.remove(&self.user); Ok(()) } else { Err(StoreError::Conflict) };
///         Box::pin(ready(cleared))
///     }
/// }
/// # let table = TokenTable { user: "ann".into(), rows: Mutex::default() };
/// # let stored = Stored::new(Version { login: 1, generation: 1 }, perennial::Tokens::new("a"), std::time::SystemTime::now());
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// #     table.save(&stored, None).await.unwrap();
/// #     assert_eq!(table.load().await.unwrap().unwrap().tokens.access(), "a");
/// #     assert!(table.save(&stored, None).await.is_err());
/// #     table.clear(stored.version).await.unwrap();
/// #     assert!(table.load().await.unwrap().is_none());
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of tokens",
    label = "expected a store",
    note = "pass a store, such as `FileStore::at(\"tokens.json\")` (feature `file`), or implement `TokenStore`"
)]
pub trait TokenStore: Send + Sync + 'static {
    /// Loads the stored token set. Return `None` only if nobody is signed in; if the data is missing for another
    /// reason, return an error.
    ///
    /// # Errors
    ///
    /// A [`StoreError`] if the store could not be read. If the data is unreadable, move it out of the way first.
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>>;

    /// Saves `next` if the stored version is still `expected` (`None`: if nothing is stored). This is a
    /// compare-and-set.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if another version is stored; nothing was written.
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Removes the stored token set if its version is still `expected`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if another version is stored.
    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Acquires the lock that keeps other processes from refreshing. The lock is held until the returned value is
    /// dropped. `None`, the default, means that no other process uses this store.
    ///
    /// With a `timeout` of zero, tries once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if the lock was not available within `timeout`, another error if locking failed. The
    /// session then refreshes without the lock.
    fn lock(&self, timeout: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        let _ = timeout;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Completes when another process may have changed the stored tokens. A store that cannot be
    /// notified of changes never completes, which is the default.
    ///
    /// A session listens to it while it waits for the lock: once the holder of the lock has saved new tokens, the
    /// lock is no longer needed.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Whether another process may have changed the stored tokens since this value last loaded or saved.
    ///
    /// It is called for each call of a session, on the thread of the call, so it has to be fast: read a flag that a
    /// subscription sets, or the modification time of a file. After `true`, the session loads the store, and the call
    /// waits for it, for half a second at most: the session adopts tokens that another process refreshed, and signs out
    /// if another process did. By default, `false` is returned, and changes are detected at the next refresh.
    fn may_have_changed(&self) -> bool {
        false
    }

    /// Returns the store of a further credential. An API may declare several; this store holds the first. A name must
    /// lead to the same location each time. By default there is no such store, and the tokens of further credentials
    /// are kept in memory.
    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let _ = name;
        None
    }

    /// The name of the location of the tokens. Two sessions of one process at the same location would invalidate
    /// each other's tokens, so they become one session. `None`, the default, means that no other value has this
    /// location.
    fn location(&self) -> Option<String> {
        None
    }

    /// Names the key with which the tokens are encrypted at this location, and shows nothing of the key itself. Two
    /// sessions become one only if their stores name the same key: `build()` refuses a store whose tokens another
    /// client of the process keeps under another key, or in plain text; `sibling_in`, which cannot fail, reports the
    /// difference. `None`, the default, means plain text.
    fn encryption(&self) -> Option<String> {
        None
    }
}

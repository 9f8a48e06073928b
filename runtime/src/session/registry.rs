//! The sessions of this process, by the location of their tokens.
//!
//! Two sessions at one location would each refresh with the same refresh token, and a strict server would revoke
//! both. So there is one session for each location and realm.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use super::{Inner, Session};
use crate::ports::store::TokenStore;

/// The location, and the realm.
type Key = (String, Option<String>);

static OPEN: LazyLock<Mutex<HashMap<Key, Weak<Inner>>>> = LazyLock::new(Mutex::default);

/// The session at the location of `store`, or the one that `make` creates.
pub(super) fn only(
    store: Option<&Arc<dyn TokenStore>>,
    realm: Option<&str>,
    make: impl FnOnce() -> Session,
) -> Session {
    let Some(location) = store.and_then(|store| store.location()) else { return make() };
    let key = (location, realm.map(ToOwned::to_owned));
    if let Some(session) = find(&open(), &key) {
        return session;
    }
    // A store is the user's code, and may open another session when it is asked for the store of a further
    // credential. So the session is created outside of the lock, and if two were created, the first is used.
    let session = make();
    let mut open = open();
    if let Some(first) = find(&open, &key) {
        drop(open);
        return first;
    }
    open.retain(|_, inner| inner.strong_count() > 0);
    open.insert(key, Arc::downgrade(&session.inner));
    session
}

fn open() -> MutexGuard<'static, HashMap<Key, Weak<Inner>>> {
    // Nothing that runs under this lock can panic.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(open: &HashMap<Key, Weak<Inner>>, key: &Key) -> Option<Session> {
    open.get(key).and_then(Weak::upgrade).map(|inner| Session { inner })
}

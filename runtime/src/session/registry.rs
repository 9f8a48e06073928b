//! The sessions of this process, by the location of their store.
//!
//! Two sessions of one location would each start a refresh of their own with the same refresh token, and
//! a server that rotates strictly ends both. So there is one for each location.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use super::{Inner, Session};
use crate::ports::store::TokenStore;

static OPEN: LazyLock<Mutex<HashMap<String, Weak<Inner>>>> = LazyLock::new(Mutex::default);

/// The session for the location of `store`, or the one that `make` makes.
pub(super) fn only(store: Option<&Arc<dyn TokenStore>>, make: impl FnOnce() -> Session) -> Session {
    let Some(place) = store.and_then(|store| store.place()) else { return make() };
    if let Some(session) = find(&open(), &place) {
        return session;
    }
    // A store is the user's code, and may open another session when it is asked for the location of a further
    // credential. So it is asked outside of the lock, and the second caller takes the session of the first.
    let session = make();
    let mut open = open();
    if let Some(first) = find(&open, &place) {
        drop(open);
        return first;
    }
    open.retain(|_, inner| inner.strong_count() > 0);
    open.insert(place, Arc::downgrade(&session.inner));
    session
}

fn open() -> MutexGuard<'static, HashMap<String, Weak<Inner>>> {
    // Nothing that runs under this lock can panic.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(open: &HashMap<String, Weak<Inner>>, place: &str) -> Option<Session> {
    open.get(place).and_then(Weak::upgrade).map(|inner| Session { inner })
}

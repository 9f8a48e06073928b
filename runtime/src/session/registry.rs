//! The sessions of this process, by the place where they keep their tokens.
//!
//! Two sessions on one place would each start a refresh of their own with the same refresh token, and
//! a server that rotates strictly ends both. So there is one for each place.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use super::{Inner, Session};
use crate::ports::store::TokenStore;

static OPEN: LazyLock<Mutex<HashMap<String, Weak<Inner>>>> = LazyLock::new(Mutex::default);

/// The session that lives on the place of `store`, or the one that `make` makes.
pub(super) fn only(store: Option<&Arc<dyn TokenStore>>, make: impl FnOnce() -> Session) -> Session {
    let Some(place) = store.and_then(|store| store.place()) else { return make() };
    // A panic of `make` leaves the map as it was.
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(inner) = open.get(&place).and_then(Weak::upgrade) {
        return Session { inner };
    }
    open.retain(|_, inner| inner.strong_count() > 0);
    let session = make();
    open.insert(place, Arc::downgrade(&session.inner));
    session
}

//! The sessions of this process, by the location of their tokens.
//!
//! Two sessions at one location would each refresh with the same refresh token, and a strict server would revoke
//! both. So there is one session for each location and realm.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::{Inner, Session};
use crate::logic::sorted::SortedMap;
use crate::ports::store::TokenStore;

/// The location, and the realm.
type Key = (String, Option<String>);

static OPEN: Mutex<SortedMap<Key, Weak<Inner>>> = Mutex::new(SortedMap::new());

/// The session at a location has a store with another key, or one that does not encrypt.
pub(super) struct OtherKey {
    pub(super) session: Session,
    pub(super) location: String,
}

/// The session at the location of `store`, or the one that `make` creates.
pub(super) fn only(
    store: Option<&Arc<dyn TokenStore>>,
    realm: Option<&str>,
    make: impl FnOnce() -> Session,
) -> Result<Session, OtherKey> {
    forget_late();
    let located = store.and_then(|store| Some((store, store.location()?)));
    let Some((store, location)) = located else { return Ok(make()) };
    let key = (location, realm.map(ToOwned::to_owned));
    let encryption = store.encryption();
    let shared = |session: Session| match session.encryption() == encryption {
        true => Ok(session),
        false => Err(OtherKey { session, location: key.0.clone() }),
    };
    let found = find(&open(), &key);
    if let Some(session) = found {
        return shared(session);
    }
    // A store is the user's code, and may open another session when it is asked for the store of a further
    // credential. So the session is created outside of the lock, and if two were created, the first is used.
    let session = make();
    let mut open = open();
    if let Some(first) = find(&open, &key) {
        drop(open);
        return shared(first);
    }
    open.retain(|inner| inner.strong_count() > 0);
    open.insert(key, Arc::downgrade(&session.inner));
    Ok(session)
}

/// A session whose store does not have its tokens yet.
struct Kept {
    session: Session,
    /// On its own clock.
    until: Duration,
}

/// How long such a session is kept without handles, if no task is left that retries the write.
const LONGEST_KEPT: Duration = Duration::from_secs(600);

static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Keeps a session, so that the next client at its location finds it.
pub(super) fn keep(session: &Session) {
    let until = session.policy().clock.now().saturating_add(LONGEST_KEPT);
    let mut kept = kept();
    match kept.iter_mut().find(|it| it.is(session)) {
        Some(known) => known.until = until,
        None => kept.push(Kept { session: session.clone(), until }),
    }
}

/// Keeps a session no longer.
pub(super) fn release(session: &Session) {
    let released = {
        let mut kept = kept();
        kept.iter().position(|it| it.is(session)).map(|at| kept.swap_remove(at))
    };
    drop(released);
}

pub(super) fn is_kept(session: &Session) -> bool {
    kept().iter().any(|it| it.is(session))
}

/// Forgets sessions that nobody has joined in time. They are dropped outside of the lock, since they may have the last
/// handle of a store, which is the user's code.
fn forget_late() {
    let all: Vec<_> = kept().iter().map(|it| (it.session.clone(), it.until)).collect();
    for (session, until) in all {
        let now = session.policy().clock.now();
        if now < until {
            continue;
        }
        // One is here, and one is kept.
        if Arc::strong_count(&session.inner) > 2 {
            keep(&session);
        } else {
            release(&session);
        }
    }
}

impl Kept {
    fn is(&self, session: &Session) -> bool {
        Arc::ptr_eq(&self.session.inner, &session.inner)
    }
}

fn kept() -> MutexGuard<'static, Vec<Kept>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open() -> MutexGuard<'static, SortedMap<Key, Weak<Inner>>> {
    // Nothing that runs under this lock can panic.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(open: &SortedMap<Key, Weak<Inner>>, key: &Key) -> Option<Session> {
    open.get(key).and_then(Weak::upgrade).map(|inner| Session { inner })
}

//! Tokens by key: one credential with a separate token for each scope or resource.
//!
//! Each key has its own slot, and so its own token, queue and refresh. A call with a key runs in a session that has
//! this slot in place of the credential's, and shares all other slots with the session to which it belongs. The
//! empty key is the slot of that session itself. Tokens of keys are fetched when they are needed, and are not
//! stored.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::slot::Slot;
use super::{Inner, More, Session};
use crate::logic::gate::Release;
use crate::logic::sorted::SortedMap;
use crate::types::error::Error;

/// Many more than a program uses at once. Above this number, the tokens of keys that no call uses are discarded.
const MOST_KEYS: usize = 1024;

/// The tokens by slot and key.
pub(super) type Keys = Mutex<SortedMap<(usize, Arc<str>), Kept>>;

pub(super) struct Kept {
    slot: Arc<Slot>,
    /// The session of the calls that currently use it, so that they share one.
    session: Weak<Inner>,
}

/// The session of one key.
pub(super) struct OfKey {
    parent: Session,
    key: Arc<str>,
    index: usize,
    slot: Arc<Slot>,
}

impl OfKey {
    pub(super) fn slot(&self, index: usize) -> &Slot {
        if index == self.index { &self.slot } else { self.parent.slot(index) }
    }
}

impl Session {
    /// The session for calls whose credential at `index` has this key.
    pub(crate) fn of_key(&self, index: usize, key: &str) -> Self {
        let root = self.root();
        let Some(keys) = root.keys().filter(|_| !key.is_empty()) else { return root.clone() };
        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Arc::<str>::from(key);
        if let Some(kept) = keys.get_mut(&(index, Arc::clone(&key))) {
            return match kept.session.upgrade() {
                Some(inner) => Self { inner },
                None => {
                    let session = root.with_slot(index, key, Arc::clone(&kept.slot));
                    kept.session = Arc::downgrade(&session.inner);
                    session
                }
            };
        }
        if keys.len() >= MOST_KEYS {
            keys.retain(|kept| kept.session.strong_count() > 0);
        }
        let slot = Arc::new(Slot::new(None));
        let session = root.with_slot(index, Arc::clone(&key), Arc::clone(&slot));
        keys.insert((index, key), Kept { slot, session: Arc::downgrade(&session.inner) });
        session
    }

    fn with_slot(&self, index: usize, key: Arc<str>, slot: Arc<Slot>) -> Self {
        let of_key = OfKey { parent: self.clone(), key, index, slot };
        let more = More { slots: Box::default(), keys: None, of_key: Some(of_key) };
        Self {
            inner: Arc::new(Inner {
                id: self.inner.id,
                policy: Arc::clone(&self.inner.policy),
                first: Slot::new(None),
                more: Some(Box::new(more)),
            }),
        }
    }

    fn keys(&self) -> Option<&Keys> {
        self.inner.more.as_ref()?.keys.as_ref()
    }

    fn own_key(&self) -> Option<&OfKey> {
        self.inner.more.as_ref()?.of_key.as_ref()
    }

    /// The session that the program uses.
    pub(super) fn root(&self) -> &Self {
        self.own_key().map_or(self, |of_key| &of_key.parent)
    }

    /// The key of this credential, and its location, if the session is that of a key.
    pub(crate) fn key(&self) -> Option<(usize, Arc<str>)> {
        self.own_key().map(|of_key| (of_key.index, Arc::clone(&of_key.key)))
    }

    /// The sessions of all keys of a credential.
    pub(super) fn of_all_keys(&self, index: usize) -> Vec<Self> {
        let Some(keys) = self.root().keys() else { return Vec::new() };
        let of_index = |(at, key): &(usize, Arc<str>)| (*at == index).then(|| Arc::clone(key));
        let keys: Vec<_> = {
            let keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.keys().filter_map(of_index).collect()
        };
        keys.iter().map(|key| self.of_key(index, key)).collect()
    }

    /// Discards the tokens of all keys of a credential. The next calls fetch new ones.
    pub(super) fn forget_keys(&self, index: usize, release: &Release<Arc<Error>>) {
        for session in self.of_all_keys(index) {
            session.forget_fetched(index, release);
        }
    }

    /// Discards tokens that a refresh has fetched, and releases the calls that wait for them.
    pub(super) fn forget_fetched(&self, index: usize, release: &Release<Arc<Error>>) {
        let released = self.slot(index).with(|state| {
            state.install(None);
            state.gate.reset(release.clone())
        });
        self.wake(index, released, None);
    }
}

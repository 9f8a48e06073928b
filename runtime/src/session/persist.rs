//! The session and its store.
//!
//! All writes of a session go through one lock, and each writes what the session holds at that
//! moment: whatever the order in which logins, logouts and refreshes come, the store ends up with
//! what the session ended up with.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, OnceCell};

use super::Session;
use super::slot::Holding;
use crate::decisions::gate::{Landing, Launch, Ticket};
use crate::ports::store::{Stamp, StoreError, StoreLock, Stored, TokenStore};
use crate::words::error::{Error, ErrorKind};
use crate::words::event::{AdoptedFrom, Event};
use crate::words::tokens::{Expiry, Tokens};

/// A store, and what is known of it.
pub(crate) struct Persistence {
    pub(super) store: Arc<dyn TokenStore>,
    loaded: OnceCell<()>,
    /// Whether it is known what the store kept before this session.
    met: AtomicBool,
    pub(super) kept: Mutex<Kept>,
}

/// What the store keeps, as far as this session knows.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Kept {
    pub(super) stamp: Option<Stamp>,
    /// The token set of this session that it is; `None` if it keeps nothing of it.
    pub(super) of: Option<Ticket>,
}

/// What a look into the store under its lock has shown.
pub(super) enum Found {
    /// Nothing newer than what the session has.
    Nothing,
    /// A newer token set of the same login.
    Newer(Box<Stored>),
    /// The tokens of another login.
    Other(Box<Stored>),
    /// The user signed out elsewhere.
    SignedOut,
}

impl Persistence {
    pub(crate) fn new(store: Arc<dyn TokenStore>) -> Self {
        Self { store, loaded: OnceCell::new(), met: AtomicBool::new(false), kept: Mutex::default() }
    }
}

impl Session {
    /// Reads the store, if there is one and it was not read before. Every call does so by itself.
    pub async fn load(&self) {
        for slot in 0..self.slots() {
            self.load_at(slot).await;
        }
    }

    pub(crate) async fn load_at(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence
            && !persistence.loaded.initialized()
        {
            persistence.loaded.get_or_init(|| self.read(index, persistence)).await;
        }
    }

    /// Signing in makes what the store keeps unimportant.
    pub(super) fn skip_loading(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            // It fails only if it was read already, or is being read: a read that comes later than a
            // login finds somebody signed in and changes nothing.
            let _ = persistence.loaded.set(());
        }
    }

    async fn read(&self, index: usize, persistence: &Persistence) {
        let mut kept = persistence.kept.lock().await;
        let loaded = persistence.store.load().await;
        persistence.met.store(loaded.is_ok(), Ordering::Relaxed);
        match loaded {
            Ok(Some(stored)) => {
                kept.stamp = Some(stored.stamp);
                if let Some(ticket) = self.restore(index, &stored, |state| {
                    !state.gate.is_signed_in() && state.gate.ticket().epoch == 0
                }) {
                    kept.of = Some(ticket);
                }
                drop(kept);
                self.look_ahead(index);
            }
            Ok(None) => {}
            Err(error) => self.store_failed(error),
        }
    }

    /// Makes the tokens of a store those of the session, as another login.
    fn restore(
        &self,
        index: usize,
        stored: &Stored,
        wanted: impl FnOnce(&super::slot::State) -> bool,
    ) -> Option<Ticket> {
        if !stored.tokens.is_usable() {
            return None;
        }
        let early = self.credential(index).early;
        let holding = Holding::restored(stored.tokens.clone(), stored.issued, early);
        let (released, ticket) = self.slot(index).with(|state| {
            if !wanted(state) {
                return None;
            }
            state.holding = Some(holding);
            let released = state.gate.login();
            Some((released, state.gate.ticket()))
        })?;
        self.wake(index, released, None);
        Some(ticket)
    }

    /// Writes what the session holds now.
    pub(super) async fn persist(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            let mut kept = persistence.kept.lock().await;
            // A login does not wait for the store to be read. What an earlier process left there must
            // be met all the same, or a logout would have nothing to clear.
            if !persistence.met.load(Ordering::Relaxed)
                && let Ok(stored) = persistence.store.load().await
            {
                persistence.met.store(true, Ordering::Relaxed);
                kept.stamp = stored.map(|stored| stored.stamp);
            }
            self.write(index, persistence, &mut kept).await;
        }
    }

    /// Writes what the session holds now, under the lock of its writes.
    pub(super) async fn write(&self, index: usize, persistence: &Persistence, kept: &mut Kept) {
        // Another process may write in between; it is overruled, but not for ever.
        for _ in 0..3 {
            let (ticket, holding) = self.slot(index).with(|state| {
                (state.gate.binding().map(|_| state.gate.ticket()), state.holding.clone())
            });
            let written = match ticket.zip(holding) {
                Some((ticket, _)) if kept.of == Some(ticket) => return,
                Some((ticket, holding)) => {
                    let stored = holding.stored(next_stamp(kept, ticket));
                    let over = kept.stamp;
                    persistence.store.save(&stored, over).await.map(|()| {
                        *kept = Kept { stamp: Some(stored.stamp), of: Some(ticket) };
                    })
                }
                None => match kept.stamp {
                    None => return,
                    Some(stamp) => persistence.store.clear(stamp).await.map(|()| {
                        *kept = Kept::default();
                    }),
                },
            };
            match written {
                Ok(()) => {}
                Err(StoreError::Conflict) => match persistence.store.load().await {
                    Ok(stored) => {
                        // What somebody else signed in to meanwhile is not this session's to clear.
                        if ticket.is_none()
                            && stored.as_ref().map(|stored| stored.stamp.login)
                                != kept.stamp.map(|stamp| stamp.login)
                        {
                            *kept = Kept::default();
                            return;
                        }
                        kept.stamp = stored.map(|stored| stored.stamp);
                    }
                    Err(error) => return self.store_failed(error),
                },
                Err(error) => return self.store_failed(error),
            }
        }
    }

    /// Keeps others from refreshing, and looks whether one of them has done so already.
    pub(super) async fn look_into_store(
        &self,
        persistence: &Persistence,
        held: &mut Option<StoreLock>,
    ) -> Found {
        let patience = self.policy().settings.lock_patience;
        match persistence.store.lock(patience).await {
            Ok(Some(lock)) => *held = Some(lock),
            Ok(None) => return Found::Nothing,
            Err(error) => self.store_failed(error),
        }
        self.compare(persistence).await
    }

    pub(super) async fn compare(&self, persistence: &Persistence) -> Found {
        let kept = *persistence.kept.lock().await;
        match (persistence.store.load().await, kept.stamp) {
            (Err(error), _) => {
                self.store_failed(error);
                Found::Nothing
            }
            (Ok(None), Some(_)) => Found::SignedOut,
            (Ok(None), None) => Found::Nothing,
            (Ok(Some(stored)), Some(stamp)) if stored.stamp == stamp => Found::Nothing,
            (Ok(Some(stored)), Some(stamp)) if stored.stamp.login == stamp.login => {
                Found::Newer(Box::new(stored))
            }
            (Ok(Some(stored)), _) => Found::Other(Box::new(stored)),
        }
    }

    /// Takes over the tokens of another login that was kept meanwhile: the calls of this one fail.
    pub(super) async fn become_other(
        &self,
        index: usize,
        persistence: &Persistence,
        stored: &Stored,
    ) {
        let mut kept = persistence.kept.lock().await;
        kept.stamp = Some(stored.stamp);
        if let Some(ticket) = self.restore(index, stored, |_| true) {
            kept.of = Some(ticket);
            self.tell_adopted(index);
        }
    }

    /// Saves the tokens of a flight and installs them, if they are still wanted. `true` if so.
    pub(super) async fn commit(
        &self,
        index: usize,
        launch: &Launch,
        holding: Holding,
        landing: impl FnOnce(Landing<Arc<Error>>, Option<Holding>) -> bool,
    ) -> bool {
        let Some(persistence) = &self.slot(index).persistence else {
            return landing(Landing::Renewed, Some(holding));
        };
        let mut kept = persistence.kept.lock().await;
        if !self.slot(index).with(|state| state.gate.is_awaiting(launch)) {
            return landing(Landing::Vanished, None);
        }
        let ticket = Ticket { generation: launch.ticket.generation + 1, ..launch.ticket };
        let stamp = next_stamp(&kept, ticket);
        let mut saved = persistence.store.save(&holding.stored(stamp), kept.stamp).await;
        if let Err(StoreError::Conflict) = saved
            && let Ok(Some(stored)) = persistence.store.load().await
        {
            // The server has just issued these tokens, so they are newer than what was kept meanwhile.
            let over = stored.stamp;
            let stamp =
                Stamp { login: stamp.login, generation: over.generation.max(stamp.generation) + 1 };
            saved = persistence.store.save(&holding.stored(stamp), Some(over)).await;
            if saved.is_ok() {
                *kept = Kept { stamp: Some(stamp), of: Some(ticket) };
            }
        } else if saved.is_ok() {
            *kept = Kept { stamp: Some(stamp), of: Some(ticket) };
        }
        if let Err(error) = saved {
            self.store_failed(error);
        }
        let taken = landing(Landing::Renewed, Some(holding));
        if !taken {
            // The session changed hands while this was written: what it holds now is written over it.
            self.write(index, persistence, &mut kept).await;
        }
        taken
    }

    /// Notes that the store keeps what the session holds now.
    pub(super) async fn note_kept(&self, persistence: &Persistence, stamp: Stamp, ticket: Ticket) {
        *persistence.kept.lock().await = Kept { stamp: Some(stamp), of: Some(ticket) };
    }

    pub(super) fn tell_adopted(&self, index: usize) {
        let credential = self.credential(index).name;
        self.policy().emit(&Event::Adopted { credential, source: AdoptedFrom::Store });
    }

    pub(super) fn store_failed(&self, error: StoreError) {
        let reason = Arc::new(Error::new(ErrorKind::Store).with_source(error));
        self.policy().emit(&Event::StoreFailed { reason });
    }
}

impl Holding {
    /// As a store keeps it: with the end of the lifetime as a point in time.
    fn stored(&self, stamp: Stamp) -> Stored {
        let mut tokens = Tokens::new(self.tokens.access());
        if let Some(refresh) = self.tokens.refresh() {
            tokens = tokens.with_refresh(refresh);
        }
        let end = self.expires.or(match self.tokens.expiry() {
            Some(Expiry::At(end)) => Some(end),
            _ => None,
        });
        if let Some(end) = end {
            tokens = tokens.expires_at(end);
        }
        Stored { stamp, tokens, issued: self.issued }
    }
}

fn next_stamp(kept: &Kept, ticket: Ticket) -> Stamp {
    match (kept.stamp, kept.of) {
        (Some(stamp), Some(of)) if of.epoch == ticket.epoch => {
            Stamp { login: stamp.login, generation: stamp.generation + 1 }
        }
        (stamp, _) => {
            Stamp { login: random(), generation: stamp.map_or(1, |stamp| stamp.generation + 1) }
        }
    }
}

/// The standard library seeds its hashers at random; that is enough to tell logins apart and to
/// spread retries.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A random number between 0 and 1.
pub(crate) fn dice() -> f64 {
    random() as f64 / u64::MAX as f64
}

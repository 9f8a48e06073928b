//! The session and its store.
//!
//! All writes of a session go through one lock, and each writes what the session holds at that
//! moment: whatever the order in which logins, logouts and refreshes come, the store ends up with
//! what the session ended up with.
//!
//! No store can hold a session up: what takes too long is given up, and told as an event.

mod commit;
mod look;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use tokio::sync::{Mutex, OnceCell};

pub(super) use commit::Committed;
pub(super) use look::Found;

use super::Session;
use super::slot::{Holding, State};
use crate::decisions::gate::Ticket;
use crate::ports::BoxFuture;
use crate::ports::clock::Clock;
use crate::ports::store::{Stamp, StoreError, StoreLock, Stored, TokenStore};
use crate::words::error::{Error, ErrorKind};
use crate::words::event::{AdoptedFrom, Event};
use crate::words::tokens::{Expiry, Tokens};

/// What a store does is given up after so long.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// A store that could not be read is not asked again sooner.
const PAUSE: Duration = Duration::from_secs(1);

/// A store that could not be written is tried again after a second, then ever later, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A store, and what is known of it.
pub(crate) struct Persistence {
    store: Arc<dyn TokenStore>,
    loaded: OnceCell<()>,
    /// Whether it is known what the store kept before this session.
    met: AtomicBool,
    /// When reading failed last.
    unread: SyncMutex<Option<Duration>>,
    /// Whether a task tries again to write.
    retrying: AtomicBool,
    kept: Mutex<Kept>,
}

/// What the store keeps, as far as this session knows.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Kept {
    stamp: Option<Stamp>,
    /// The token set of this session that it is; `None` if it keeps nothing of it.
    of: Option<Ticket>,
}

impl Persistence {
    pub(crate) fn new(store: Arc<dyn TokenStore>) -> Self {
        Self {
            store,
            loaded: OnceCell::new(),
            met: AtomicBool::new(false),
            unread: SyncMutex::default(),
            retrying: AtomicBool::new(false),
            kept: Mutex::default(),
        }
    }

    fn rests(&self, clock: &dyn Clock) -> bool {
        let unread = *self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.is_some_and(|unread| clock.now().saturating_sub(unread) < PAUSE)
    }

    fn could_not_be_read(&self, clock: &dyn Clock) {
        *self.unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock.now());
    }
}

impl Session {
    /// Reads the store, if there is one and it was not read before. Every call does so by itself.
    pub async fn load(&self) {
        for slot in 0..self.slots() {
            self.load_at(slot).await;
        }
    }

    /// Whether there is a store that was not read yet.
    pub(super) fn wants_loading(&self, index: usize) -> bool {
        let persistence = &self.slot(index).persistence;
        persistence.as_ref().is_some_and(|persistence| !persistence.loaded.initialized())
    }

    pub(crate) async fn load_at(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence
            && !persistence.loaded.initialized()
        {
            // A store that failed is read again by a later call.
            let _ = persistence.loaded.get_or_try_init(|| self.read(index, persistence)).await;
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

    async fn read(&self, index: usize, persistence: &Persistence) -> Result<(), ()> {
        let clock = &self.policy().clock;
        if persistence.rests(&**clock) {
            return Err(());
        }
        let mut kept = persistence.kept.lock().await;
        let loaded = self.within_limit(|| persistence.store.load()).await;
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
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error @ StoreError::Corrupt(_)) => {
                self.store_failed(error);
                Ok(())
            }
            Err(error) => {
                persistence.could_not_be_read(&**clock);
                self.store_failed(error);
                Err(())
            }
        }
    }

    /// Makes the tokens of a store those of the session, as another login.
    fn restore(
        &self,
        index: usize,
        stored: &Stored,
        wanted: impl FnOnce(&State) -> bool,
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
            state.hold(Some(holding));
            let released = state.gate.login();
            Some((released, state.gate.ticket()))
        })?;
        self.wake(index, released, None);
        Some(ticket)
    }

    /// Writes what the session holds now, or has it written later.
    pub(super) async fn persist(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            let mut kept = persistence.kept.lock().await;
            self.meet(persistence, &mut kept).await;
            if let Err(error) = self.write(index, persistence, &mut kept).await {
                self.write_later(index, error);
            }
        }
    }

    /// A login does not wait for the store to be read. What an earlier process left there must be met
    /// all the same, or a logout would have nothing to clear.
    async fn meet(&self, persistence: &Persistence, kept: &mut Kept) {
        if !persistence.met.load(Ordering::Relaxed)
            && let Ok(stored) = self.within_limit(|| persistence.store.load()).await
        {
            persistence.met.store(true, Ordering::Relaxed);
            kept.stamp = stored.map(|stored| stored.stamp);
        }
    }

    /// Writes what the session holds now, under the lock of its writes.
    async fn write(
        &self,
        index: usize,
        persistence: &Persistence,
        kept: &mut Kept,
    ) -> Result<(), StoreError> {
        // Another process may write in between; it is overruled, but not for ever.
        for _ in 0..3 {
            let (ticket, holding, lost) = self.slot(index).with(|state| {
                let ticket = state.gate.binding().map(|_| state.gate.ticket());
                (ticket, state.holding.clone(), state.gate.is_lost())
            });
            let written = match ticket.zip(holding) {
                Some((ticket, _)) if kept.of == Some(ticket) => return Ok(()),
                Some((ticket, holding)) => {
                    self.write_tokens(persistence, kept, ticket, &holding).await
                }
                None => self.wipe(persistence, kept, lost).await,
            };
            match written {
                Err(StoreError::Conflict) => {}
                Ok(()) if ticket.is_some() => {}
                other => return other,
            }
        }
        Ok(())
    }

    /// Conflicts are those with another login, which the present one overrules at the next try.
    async fn write_tokens(
        &self,
        persistence: &Persistence,
        kept: &mut Kept,
        ticket: Ticket,
        holding: &Holding,
    ) -> Result<(), StoreError> {
        let stored = holding.stored(next_stamp(kept, ticket));
        let written = Kept { stamp: Some(stored.stamp), of: Some(ticket) };
        let over = kept.stamp;
        match self.within_limit(|| persistence.store.save(&stored, over)).await {
            Ok(()) => *kept = written,
            Err(StoreError::Conflict) => {
                let there = self.within_limit(|| persistence.store.load()).await?;
                let there = there.map(|there| there.stamp);
                if there == Some(stored.stamp) {
                    // It was this session that wrote it, though it did not learn so in time.
                    *kept = written;
                } else if there.is_some_and(|there| is_as_new(there, stored.stamp)) {
                    // Another process has renewed the same login; the next flight finds that.
                    kept.of = Some(ticket);
                } else {
                    kept.stamp = there;
                    return Err(StoreError::Conflict);
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Forgets what is kept. Of a login that is to be signed out, that is every token set; of one that
    /// was lost it is the lost one, and what another process has saved since stays.
    async fn wipe(
        &self,
        persistence: &Persistence,
        kept: &mut Kept,
        lost: bool,
    ) -> Result<(), StoreError> {
        let Some(stamp) = kept.stamp else { return Ok(()) };
        match self.within_limit(|| persistence.store.clear(stamp)).await {
            Ok(()) => *kept = Kept::default(),
            Err(StoreError::Conflict) if lost => *kept = Kept::default(),
            Err(StoreError::Conflict) => {
                let there = self.within_limit(|| persistence.store.load()).await?;
                match there.map(|there| there.stamp) {
                    // The login that is to be forgotten was renewed elsewhere.
                    Some(there) if there.login == stamp.login => {
                        kept.stamp = Some(there);
                        return Err(StoreError::Conflict);
                    }
                    // What somebody else signed in to meanwhile is not this session's to clear.
                    _ => *kept = Kept::default(),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Tells of a failed write, and tries again until it is done or the session is gone.
    fn write_later(&self, index: usize, error: StoreError) {
        self.store_failed(error);
        let Some(persistence) = &self.slot(index).persistence else { return };
        if persistence.retrying.swap(true, Ordering::Relaxed) {
            return;
        }
        let (inner, clock) = (Arc::downgrade(&self.inner), Arc::clone(&self.policy().clock));
        let task = async move {
            let mut pause = PAUSE;
            loop {
                clock.sleep(pause).await;
                let Some(inner) = inner.upgrade() else { return };
                let session = Self { inner };
                let Some(persistence) = &session.slot(index).persistence else { return };
                let mut kept = persistence.kept.lock().await;
                session.meet(persistence, &mut kept).await;
                match session.write(index, persistence, &mut kept).await {
                    Ok(()) => {
                        persistence.retrying.store(false, Ordering::Relaxed);
                        return;
                    }
                    Err(error) => session.store_failed(error),
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        if self.policy().spawner.spawn(Box::pin(task)).is_err() {
            // Without a runtime the next commit writes it.
            persistence.retrying.store(false, Ordering::Relaxed);
        }
    }

    pub(super) fn tell_adopted(&self, index: usize) {
        let credential = self.credential(index).name;
        let session = self.id();
        self.policy().emit(&Event::Adopted { session, credential, source: AdoptedFrom::Store });
    }

    pub(super) fn store_failed(&self, error: StoreError) {
        let reason = Arc::new(Error::new(ErrorKind::Store).with_source(error));
        self.policy().emit(&Event::StoreFailed { session: self.id(), reason });
    }

    /// What a store does, with an end. Its panic is a failure of its own.
    async fn within_limit<'a, T>(
        &self,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        self.within(LIMIT, act).await
    }

    async fn within<'a, T>(
        &self,
        limit: Duration,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let mut acting = Box::pin(guarded(act));
        // A store in memory is ready at once, and needs no timer.
        if let Some(done) = (&mut acting).now_or_never() {
            return done;
        }
        match select(acting, self.policy().clock.sleep(limit)).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(too_slow(limit)),
        }
    }
}

impl Session {
    /// Gives the lock of a store back. A store that cannot do so in time, or panics, lets it run out.
    pub(super) async fn give_back(&self, lock: StoreLock) {
        let releasing = async move {
            lock.release().await;
            Ok(())
        };
        if let Err(error) = self.within_limit(|| Box::pin(releasing)).await {
            self.store_failed(error);
        }
    }
}

async fn guarded<'a, T>(
    act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let acting = AssertUnwindSafe(async move { act().await }).catch_unwind();
    acting.await.unwrap_or_else(|_| Err(StoreError::failed("the store panicked")))
}

fn too_slow(limit: Duration) -> StoreError {
    StoreError::failed(format!("the store has not answered within {limit:?}"))
}

/// Whether what is kept belongs to the same login and is not older.
const fn is_as_new(there: Stamp, than: Stamp) -> bool {
    there.login == than.login && there.generation >= than.generation
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

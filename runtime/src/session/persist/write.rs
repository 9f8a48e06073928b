//! How what the session holds gets into the store.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{Kept, PAUSE, Persistence};
use crate::logic::gate::Ticket;
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{StoreError, Stored, Version};
use crate::session::slot::InstalledTokens;
use crate::session::{Inner, Session};
use crate::types::tokens::{Expiry, Tokens};

/// A store that could not be written is tried again after a second, then ever later, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Session {
    /// Writes what the session holds now, or has it written later.
    pub(in crate::session) async fn persist(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            let mut kept = persistence.kept.lock().await;
            self.meet(persistence, &mut kept).await;
            let written = self.write(index, persistence, &mut kept).await;
            drop(kept);
            if let Err(error) = written {
                self.write_later(index, error);
            }
        }
    }

    /// A login does not wait for the store to be read. What an earlier process left there must be met
    /// all the same, or a logout would have nothing to clear.
    pub(super) async fn meet(&self, persistence: &Persistence, kept: &mut Kept) {
        if !persistence.met.load(Ordering::Relaxed)
            && let Ok(stored) = self.within_limit(|| persistence.store.load()).await
        {
            persistence.met.store(true, Ordering::Relaxed);
            kept.version = stored.map(|stored| stored.version);
        }
    }

    /// Writes what the session holds now, under the lock of its writes. Boxed, so that it is compiled once,
    /// and not into each of those who write.
    pub(super) fn write<'a>(
        &'a self,
        index: usize,
        persistence: &'a Persistence,
        kept: &'a mut Kept,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Another process may write in between; it is overruled, but not for ever: then it is tried again
            // later.
            let mut last = Ok(());
            for _ in 0..3 {
                let (ticket, holding, lost) = self.slot(index).with(|state| {
                    let ticket = state.gate.binding().map(|_| state.gate.ticket());
                    (ticket, state.installed.clone(), state.gate.is_lost())
                });
                last = match ticket.zip(holding) {
                    Some((ticket, _)) if kept.of == Some(ticket) => return Ok(()),
                    Some((ticket, holding)) => {
                        self.write_tokens(persistence, kept, ticket, &holding).await
                    }
                    None => self.wipe(persistence, kept, lost).await,
                };
                match &last {
                    Err(StoreError::Conflict) => {}
                    Ok(()) if ticket.is_some() => {}
                    _ => return last,
                }
            }
            last
        })
    }

    /// Conflicts are those with another login, which the present one overrules at the next try.
    async fn write_tokens(
        &self,
        persistence: &Persistence,
        kept: &mut Kept,
        ticket: Ticket,
        holding: &InstalledTokens,
    ) -> Result<(), StoreError> {
        let stored = holding.stored(next_stamp(kept, ticket));
        let written = Kept { version: Some(stored.version), of: Some(ticket) };
        let over = kept.version;
        match self.within_limit(|| persistence.store.save(&stored, over)).await {
            Ok(()) => *kept = written,
            Err(StoreError::Conflict) => {
                let there = self.within_limit(|| persistence.store.load()).await?;
                let there = there.map(|there| there.version);
                if there == Some(stored.version) {
                    // It was this session that wrote it, though it did not learn so in time.
                    *kept = written;
                } else if there.is_some_and(|there| is_as_new(there, stored.version)) {
                    // Another process has renewed the same login; the next flight finds that.
                    kept.of = Some(ticket);
                } else {
                    kept.version = there;
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
        let Some(version) = kept.version else { return Ok(()) };
        match self.within_limit(|| persistence.store.clear(version)).await {
            Ok(()) => *kept = Kept::default(),
            Err(StoreError::Conflict) if lost => *kept = Kept::default(),
            Err(StoreError::Conflict) => {
                let there = self.within_limit(|| persistence.store.load()).await?;
                match there.map(|there| there.version) {
                    // The login that is to be forgotten was renewed elsewhere.
                    Some(there) if there.login == version.login => {
                        kept.version = Some(there);
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

    /// Tells of a failed write, and tries again until it is done or the session is gone. The lock of the
    /// writes has to be free.
    pub(super) fn write_later(&self, index: usize, error: StoreError) {
        self.store_failed(index, error);
        let Some(persistence) = &self.slot(index).persistence else { return };
        if persistence.retrying.swap(true, Ordering::Relaxed) {
            return;
        }
        let (inner, clock) = (Arc::downgrade(&self.inner), Arc::clone(&self.policy().clock));
        let retrying = Retrying { inner: inner.clone(), index };
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
                        // Whoever fails to write next has to find that nobody tries again.
                        drop(retrying);
                        return;
                    }
                    Err(error) => {
                        drop(kept);
                        session.store_failed(index, error);
                    }
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        // Without a runtime the next commit writes it.
        let _ = self.policy().spawner.spawn(Box::pin(task));
    }
}

/// The task that tries again to write. It may end with its runtime, which is not the end of the session:
/// the next write that fails starts another one.
struct Retrying {
    inner: Weak<Inner>,
    index: usize,
}

impl Drop for Retrying {
    fn drop(&mut self) {
        let Some(inner) = self.inner.upgrade() else { return };
        if let Some(persistence) = &(Session { inner }).slot(self.index).persistence {
            persistence.retrying.store(false, Ordering::Relaxed);
        }
    }
}

/// Whether what is kept belongs to the same login and is not older.
pub(super) const fn is_as_new(there: Version, than: Version) -> bool {
    there.login == than.login && there.generation >= than.generation
}

impl InstalledTokens {
    /// As a store keeps it: with the end of the lifetime as a point in time.
    pub(super) fn stored(&self, version: Version) -> Stored {
        let mut tokens = Tokens::new(self.tokens.access());
        if let Some(refresh) = self.tokens.refresh() {
            tokens = tokens.with_refresh(refresh);
        }
        let end = self.lifetime.expires.or(match self.tokens.expiry() {
            Some(Expiry::At(end)) => Some(end),
            _ => None,
        });
        if let Some(end) = end {
            tokens = tokens.expires_at(end);
        }
        Stored { version, tokens, issued: self.issued }
    }
}

pub(super) fn next_stamp(kept: &Kept, ticket: Ticket) -> Version {
    match (kept.version, kept.of) {
        (Some(version), Some(of)) if of.epoch == ticket.epoch => {
            Version { login: version.login, generation: version.generation + 1 }
        }
        (version, _) => Version {
            login: random(),
            generation: version.map_or(1, |version| version.generation + 1),
        },
    }
}

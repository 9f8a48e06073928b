//! Writes the session's tokens to the store.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{Known, PAUSE, Persistence};
use crate::logic::gate::Ticket;
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{StoreError, Stored, Version};
use crate::session::slot::InstalledTokens;
use crate::session::{Inner, Session};
use crate::types::tokens::Expiry;

/// The pause between attempts to write doubles from one second up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a write is repeated for a session that has no handles left: for about ten minutes.
const TRIES_ALONE: u32 = 20;

impl Session {
    /// Writes the session's current tokens, now or later.
    pub(in crate::session) async fn persist(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            let mut known = persistence.known.lock().await;
            let written = self.write(index, persistence, &mut known).await;
            drop(known);
            if let Err(error) = written {
                self.retry_write(index, error);
            }
        }
    }

    /// Writes the session's current tokens, under the lock of the writes. It is boxed, so that it is compiled once
    /// and not into each caller.
    pub(super) fn write<'a>(
        &'a self,
        index: usize,
        persistence: &'a Persistence,
        known: &'a mut Known,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.ensure_known(persistence, known).await?;
            // Another process may write in between. Its write is overruled, but not endlessly: after some attempts
            // the write is repeated later.
            let mut last = Ok(());
            for _ in 0..3 {
                let (ticket, holding, lost) = self.slot(index).with(|state| {
                    let ticket = state.gate.binding().map(|_| state.gate.ticket());
                    (ticket, state.installed.clone(), state.gate.is_lost())
                });
                last = match ticket.zip(holding) {
                    Some((ticket, _)) if known.ticket == Some(ticket) => return Ok(()),
                    Some((ticket, holding)) => {
                        self.write_tokens(persistence, known, ticket, &holding).await
                    }
                    None => self.clear_stored(persistence, known, lost).await,
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

    /// Only another login causes a conflict, which the current one overrules at the next attempt.
    async fn write_tokens(
        &self,
        persistence: &Persistence,
        known: &mut Known,
        ticket: Ticket,
        holding: &InstalledTokens,
    ) -> Result<(), StoreError> {
        let stored = holding.stored(
            next_version(known, ticket),
            self.policy().realm.as_ref(),
            persistence.store.credential(),
        );
        let written = Known { version: Some(stored.version), ticket: Some(ticket) };
        let expected = known.version;
        match self.within_limit(|| persistence.store.save(&stored, expected)).await {
            Ok(()) => *known = written,
            Err(StoreError::Conflict) => {
                let found = self.within_limit(|| persistence.store.load()).await?;
                let found = found.map(|found| found.version);
                if found == Some(stored.version) {
                    // This session wrote it, but was not told so in time.
                    *known = written;
                } else if found.is_some_and(|found| is_as_new(found, stored.version)) {
                    // Another process has renewed the same login; the next flight adopts it.
                    known.ticket = Some(ticket);
                } else {
                    known.version = found;
                    return Err(StoreError::Conflict);
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Clears the store. After a logout, this applies to every token set of the login. After the login was lost, it
    /// applies only to the lost token set, and one that another process saved since stays.
    async fn clear_stored(
        &self,
        persistence: &Persistence,
        known: &mut Known,
        lost: bool,
    ) -> Result<(), StoreError> {
        let Some(version) = known.version else { return Ok(()) };
        match self.within_limit(|| persistence.store.clear(version)).await {
            Ok(()) => *known = Known::default(),
            Err(StoreError::Conflict) if lost => *known = Known::default(),
            Err(StoreError::Conflict) => {
                let found = self.within_limit(|| persistence.store.load()).await?;
                match found.map(|found| found.version) {
                    // Another process has renewed the login that was signed out.
                    Some(found) if found.login == version.login => {
                        known.version = Some(found);
                        return Err(StoreError::Conflict);
                    }
                    // Another login must not be cleared by this session.
                    _ => *known = Known::default(),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reports a failed write, and repeats it until it succeeds. The caller must not hold the lock of the writes.
    ///
    /// The session lives until then, even if its last handle is dropped: a client that opens the same location
    /// meanwhile joins it, instead of finding used tokens in the store. A store that fails forever does not keep
    /// such a session forever.
    pub(super) fn retry_write(&self, index: usize, error: StoreError) {
        let Some(persistence) = &self.slot(index).persistence else { return };
        if matches!(error, StoreError::OtherRealm { .. }) {
            // Repeating would not help.
            return self.emit_store_failed(index, error);
        }
        // While a task repeats the write, the task reports the failures. A hook that signs out because of this
        // event fails to write in turn, and must not cause the next event.
        if persistence.retrying.swap(true, Ordering::Relaxed) {
            return;
        }
        self.emit_store_failed(index, error);
        let session = self.clone();
        let retrying = Retrying { inner: Arc::downgrade(&self.inner), index };
        let task = async move {
            let (mut pause, mut alone) = (PAUSE, 0);
            while alone < TRIES_ALONE {
                session.policy().clock.sleep(pause).await;
                alone = if Arc::strong_count(&session.inner) == 1 { alone + 1 } else { 0 };
                let Some(persistence) = &session.slot(index).persistence else { return };
                let mut known = persistence.known.lock().await;
                match session.write(index, persistence, &mut known).await {
                    Ok(()) => {
                        // The next write that fails must start another task.
                        drop(retrying);
                        return;
                    }
                    Err(error) => {
                        drop(known);
                        session.emit_store_failed(index, error);
                    }
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        // Without a task, the next commit writes it.
        let _ = self.policy().spawner.spawn(Box::pin(task));
    }
}

/// Marks that a task repeats a write. The task may end with its runtime before the session does: the next
/// write that fails starts another one.
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

/// Whether `found` belongs to the same login and is not older.
pub(super) const fn is_as_new(found: Version, than: Version) -> bool {
    found.login == than.login && found.generation >= than.generation
}

impl InstalledTokens {
    /// The form for a store: the expiry is a point in time.
    pub(super) fn stored(
        &self,
        version: Version,
        realm: Option<&Arc<str>>,
        credential: &str,
    ) -> Stored {
        let end = self.expires().or(match self.tokens.expiry() {
            Some(Expiry::At(end)) => Some(end),
            _ => None,
        });
        let tokens = self.tokens.clone().expiring(end);
        Stored {
            realm: realm.map(|realm| (**realm).into()),
            credential: Some(credential.to_owned()),
            ..Stored::new(version, tokens, self.issued())
        }
    }
}

/// The version of the next write. A stored version may have any number: after the largest one, the login gets a new
/// number, which other processes take for another login.
pub(super) fn next_version(known: &Known, ticket: Ticket) -> Version {
    let generation = known.version.map_or(Some(1), |version| version.generation.checked_add(1));
    match (known.version, known.ticket, generation) {
        (Some(version), Some(saved), Some(generation)) if saved.epoch == ticket.epoch => {
            Version { login: version.login, generation }
        }
        (.., generation) => Version { login: random(), generation: generation.unwrap_or(1) },
    }
}

//! Writes the session's tokens to the store.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::external_changes::Change;
use super::held_lock::{Holder, LONGEST_HELD};
use super::known::{Known, holds_used_token, is_as_new, is_same};
use super::unwritten::Unwritten;
use super::{LIMIT, PAUSE, SlotStore};
use crate::logic::gate::Ticket;
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, Stored, Version};
use crate::session::slot::InstalledTokens;
use crate::session::{Inner, Session, registry};
use crate::types::tokens::Expiry;

/// The pause between attempts to write doubles from one second up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a write is retried for a session whose handles are all gone: for about ten minutes.
const TRIES_ALONE: u32 = 20;

impl Session {
    /// Writes the session's present tokens, now or later. It counts as unwritten from the moment of this call, even if
    /// the future is never polled.
    pub(in crate::session) fn persist(
        &self,
        index: usize,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (session, mut unwritten) = (self.clone(), Unwritten::new(self, index));
        async move {
            let Some(store) = session.store_of(index) else { return };
            let (known, written) = store.lock_and_write(&mut unwritten).await;
            drop(known);
            match written {
                Ok(change) => store.emit_change(change),
                Err(error) => store.retry_write(error, unwritten),
            }
        }
    }

    /// Whether only the task that retries a write holds the session, twice, and perhaps the registry.
    fn is_alone(&self) -> bool {
        Arc::strong_count(&self.inner) == 2 + usize::from(registry::is_kept(self))
    }
}

impl SlotStore<'_> {
    /// Writes the session's present tokens, under the lock of the writes. Returns the change that it found in the store
    /// instead, to be reported after the lock was released. It is boxed, so that it is compiled once and not into
    /// each caller.
    pub(in crate::session) fn write<'a>(
        &'a self,
        known: &'a mut Known,
    ) -> BoxFuture<'a, Result<Change, StoreError>> {
        Box::pin(async move {
            self.ensure_known(known).await?;
            // Another process may write in between. It is overruled, but not endlessly: then the write is
            // retried later.
            let mut last = Ok(Change::Nothing);
            for _ in 0..3 {
                let (ticket, holding, lost) = self.state(|state| {
                    let ticket = state.gate.binding().map(|_| state.gate.ticket());
                    (ticket, state.installed.clone(), state.gate.is_lost())
                });
                last = match ticket.zip(holding) {
                    Some((ticket, _)) if known.ticket == Some(ticket) => {
                        return Ok(Change::Nothing);
                    }
                    Some((ticket, holding)) => self.write_tokens(known, ticket, &holding).await,
                    None => self.clear_stored(known, lost).await.map(|()| Change::Nothing),
                };
                match &last {
                    // The user may have changed meanwhile.
                    Err(StoreError::Conflict) | Ok(Change::Nothing) => {}
                    _ => return last,
                }
            }
            last
        })
    }

    /// A conflict is one with another login. A login overrules it at the next attempt, and a renewal yields to it.
    async fn write_tokens(
        &self,
        known: &mut Known,
        ticket: Ticket,
        holding: &InstalledTokens,
    ) -> Result<Change, StoreError> {
        let stored = self.stored(holding, known.version_of(ticket));
        let written = Known::of(stored.version, ticket);
        let (store, expected) = (&self.persistence.store, known.version);
        known.tried = Some((stored.version, ticket));
        match self.session.within(LIMIT, || store.save(&stored, expected)).await {
            Ok(()) => *known = written,
            Err(StoreError::Conflict) => {
                let found = self.load().await?;
                let version = found.as_ref().map(|found| found.version);
                let is_usable = found.as_ref().is_none_or(|found| found.tokens.is_usable());
                let is_other = match version {
                    Some(version) => !known.has_login(version),
                    None => known.version.is_some(),
                };
                let is_renewal = known.ticket.is_some_and(|saved| saved.epoch == ticket.epoch);
                if found.as_ref().is_some_and(|found| is_same(found, &stored)) {
                    // This session wrote it, but did not learn so in time.
                    *known = written;
                } else if let Some(newer) =
                    found.as_ref().filter(|it| is_as_new(it.version, stored.version))
                {
                    let former = self.session.former_tokens_at(self.index);
                    let after = newer.version.generation.checked_add(1);
                    let is_spent = holds_used_token(newer, &stored, former.as_ref());
                    if let Some(generation) = after.filter(|_| is_spent) {
                        // The next attempt replaces it.
                        known.version = Some(newer.version);
                        known.tried = Some((Version { generation, ..newer.version }, ticket));
                        return Err(StoreError::Conflict);
                    }
                    // Another process has renewed the same login; the next flight adopts it.
                    let generation = stored.version.generation.saturating_sub(1);
                    *known = Known::of(Version { generation, ..stored.version }, ticket);
                } else if is_other && is_renewal && is_usable && !self.is_unattended() {
                    return self.yield_to(known, ticket, found);
                } else {
                    if is_other {
                        // What is written next is a login of its own, and no renewal of the other one.
                        (known.ticket, known.tried) = (None, None);
                    }
                    known.version = version;
                    return Err(StoreError::Conflict);
                }
            }
            Err(error) => return Err(error),
        }
        Ok(Change::Nothing)
    }

    /// Clears the store. After a logout, this applies to every token set of the login. After the login was lost, it
    /// applies only to the lost token set, and one that another process saved since stays.
    async fn clear_stored(&self, known: &mut Known, lost: bool) -> Result<(), StoreError> {
        let tried = known.tried.map(|(version, _)| version);
        let Some(version) = known.version.or(tried) else { return Ok(()) };
        match self.session.within(LIMIT, || self.persistence.store.clear(version)).await {
            Ok(()) => *known = Known::default(),
            Err(StoreError::Conflict) if lost && tried.is_none_or(|tried| tried == version) => {
                *known = Known::default();
            }
            Err(StoreError::Conflict) => {
                let found = self.load().await?;
                match found.map(|found| found.version) {
                    // A write of this session that seemed to fail, or another process has renewed the login that was
                    // signed out.
                    Some(found) if tried == Some(found) || (!lost && known.has_login(found)) => {
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

    /// Reports a failed write, and retries it until it succeeds. The caller must not hold the lock of the writes.
    ///
    /// The session lives until then, even if its last handle is dropped: a client that opens the same location
    /// meanwhile joins it, instead of finding used tokens in the store. A store that fails forever does not keep
    /// such a session forever.
    pub(in crate::session) fn retry_write(&self, error: StoreError, mut unwritten: Unwritten) {
        if matches!(error, StoreError::OtherRealm { .. }) {
            // Repeating would not help.
            unwritten.dismiss();
            self.persistence.end_failing();
            return self.emit_failed(error);
        }
        // While a task retries the write, the task reports the failures. A hook that signs out because of this event
        // fails to write in turn, and must not cause the next event.
        if self.persistence.retrying.swap(true, Ordering::Relaxed) {
            return;
        }
        self.emit_failed(error);
        self.repeat_write(PAUSE, unwritten);
    }

    /// Takes up a write whose task has ended with its runtime.
    pub(super) fn resume_write(&self) {
        let persistence = self.persistence;
        // Another write may be in progress.
        let is_behind = persistence.known.try_lock().is_ok_and(|_| persistence.is_behind());
        if is_behind && !persistence.retrying.swap(true, Ordering::Relaxed) {
            self.repeat_write(Duration::ZERO, Unwritten::new(self.session, self.index));
        }
    }

    fn repeat_write(&self, first: Duration, mut unwritten: Unwritten) {
        let (session, index) = (self.session.clone(), self.index);
        self.note_failing();
        let mut retrying = Some(Retrying { inner: Arc::downgrade(&session.inner), index });
        let task = async move {
            let (mut pause, mut waited, mut alone) = (first, Duration::ZERO, 0);
            while alone < TRIES_ALONE {
                if !pause.is_zero() {
                    session.policy().clock.sleep(pause).await;
                }
                alone = if session.is_alone() { alone + 1 } else { 0 };
                let Some(store) = session.store_of(index) else { return };
                let (known, written) = store.lock_and_write(&mut unwritten).await;
                waited = waited.saturating_add(pause);
                let is_late = known.is_none() || waited >= LONGEST_HELD;
                let lock = match written.is_ok() || is_late {
                    true => store.persistence.take_lock(Holder::Repeated),
                    false => None,
                };
                if written.is_ok() {
                    // The next write that fails must start another task.
                    drop(retrying.take());
                }
                drop(known);
                if let Err(error) = store.release(lock).await {
                    store.emit_failed(error);
                }
                match written {
                    Ok(change) => return store.emit_change(change),
                    Err(error) => store.emit_failed(error),
                }
                pause = (pause * 2).clamp(PAUSE, LONGEST_PAUSE);
            }
            unwritten.give_up();
        };
        // Without a task, the next call writes it.
        let _ = self.session.policy().spawner.spawn(Box::pin(task));
    }

    pub(in crate::session) fn is_unattended(&self) -> bool {
        self.session.policy_of(self.index).unattended()
    }

    /// The form for the store: the expiry is a point in time.
    pub(in crate::session) fn stored(&self, holding: &InstalledTokens, version: Version) -> Stored {
        let end = holding.expires().or(match holding.tokens.expiry() {
            Some(Expiry::At(end)) => Some(end),
            _ => None,
        });
        let tokens = holding.tokens.clone().expiring(end);
        Stored {
            realm: self.session.policy().realm.as_ref().map(|realm| (**realm).into()),
            credential: Some(self.persistence.store.credential().to_owned()),
            ..Stored::new(version, tokens, holding.issued())
        }
    }
}

/// Marks that a task retries a write. The task may end with its runtime before the session does: the next write that
/// fails starts another one.
struct Retrying {
    inner: Weak<Inner>,
    index: usize,
}

impl Drop for Retrying {
    fn drop(&mut self) {
        let Some(inner) = self.inner.upgrade() else { return };
        if let Some(persistence) = &(Session { inner }).slot(self.index).persistence {
            persistence.retrying.store(false, Ordering::Relaxed);
            persistence.end_failing();
        }
    }
}

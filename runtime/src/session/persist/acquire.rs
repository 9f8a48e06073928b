//! What a flight finds in the store before it asks the server.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::limit::PROMPT;
use super::{Kept, Persistence};
use crate::logic::freshness::Freshness;
use crate::logic::gate::Launch;
use crate::ports::store::{StoreError, StoreLock, Stored, Version};
use crate::session::Session;
use crate::session::slot::InstalledTokens;
use crate::types::auth::Early;

/// A refresh and the saving of what it brings take no longer than the limit of a refresh and this.
const MARGIN: Duration = Duration::from_secs(5);

/// What a look into the store has shown.
pub(in crate::session) enum Found {
    /// Nothing newer than what the session has.
    Nothing,
    /// A newer token set of the same login.
    Newer(Box<Stored>),
    /// The tokens of another login.
    Other(Box<Stored>),
    /// The user signed out elsewhere.
    SignedOut,
}

impl Session {
    /// Keeps others from refreshing, and looks whether one of them has done so already.
    pub(in crate::session) async fn look_into_store(
        &self,
        index: usize,
        launch: &Launch,
        held: &mut Option<StoreLock>,
    ) -> Found {
        let Some(persistence) = &self.slot(index).persistence else { return Found::Nothing };
        // A lease may run out between the lock and the look; then somebody else may have refreshed.
        for _ in 0..3 {
            match self.lock_store(index, persistence, launch).await {
                Ok(Some(lock)) => *held = Some(lock),
                Ok(None) => return Found::Nothing,
                Err(found) => return found,
            }
            let found = self.compare(index, persistence, launch).await;
            let Found::Nothing = found else { return found };
            let span = self.span_of_refresh(index);
            let Some(lock) = held else { return Found::Nothing };
            let extending = self.within_limit(|| Box::pin(async { Ok(lock.extend(span).await) }));
            match extending.await {
                Ok(true) => return Found::Nothing,
                Ok(false) => *held = None,
                Err(error) => {
                    self.store_failed(index, error);
                    return Found::Nothing;
                }
            }
        }
        self.store_failed(index, StoreError::Locked);
        Found::Nothing
    }

    /// Waits for the lock, or for what its holder saves. `None` if there is nobody to be kept away.
    async fn lock_store(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Result<Option<StoreLock>, Found> {
        let store = &persistence.store;
        let first = self.within_limit(|| store.lock(Duration::ZERO)).await;
        let Err(StoreError::Locked) = first else {
            return match first {
                Ok(lock) => Ok(lock),
                Err(error) => {
                    self.store_failed(index, error);
                    Err(self.compare(index, persistence, launch).await)
                }
            };
        };
        // A holder that goes about a refresh now is to be done before this one goes on without it.
        let patience = self.span_of_refresh(index).saturating_add(MARGIN);
        let limit = patience.saturating_add(super::LIMIT);
        let mut locking = self.within(limit, || store.lock(patience));
        loop {
            match select(locking, store.changed()).await {
                Either::Left((Ok(lock), _)) => return Ok(lock),
                Either::Left((Err(error), _)) => {
                    self.store_failed(index, error);
                    return Err(self.compare(index, persistence, launch).await);
                }
                Either::Right(((), waiting)) => {
                    match self.compare(index, persistence, launch).await {
                        Found::Nothing => locking = waiting,
                        found => return Err(found),
                    }
                }
            }
        }
    }

    /// How long no other process may refresh while this flight does.
    fn span_of_refresh(&self, index: usize) -> Duration {
        self.longest_refresh(index).saturating_add(MARGIN)
    }

    /// How long a refresh may take, with a second attempt where `grace` allows one.
    fn longest_refresh(&self, index: usize) -> Duration {
        let once = self.policy().settings.refresh_timeout;
        once.saturating_mul(if self.policy_of(index).grace.is_some() { 2 } else { 1 })
    }

    /// How long a call waits for a step of a flight on another runtime, which may not be driven. A driven
    /// flight ends sooner by its own limits.
    pub(in crate::session) fn longest_stage(&self, index: usize) -> Duration {
        self.longest_refresh(index).saturating_add(PROMPT)
    }

    /// Compares what is kept with what the session has.
    pub(in crate::session) async fn compare(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Found {
        let version = {
            let mut kept = persistence.kept.lock().await;
            self.meet(persistence, &mut kept).await;
            kept.version
        };
        match self.within_limit(|| persistence.store.load()).await {
            Ok(there) => self.judge_kept(index, launch, version, there),
            Err(error) => {
                self.store_failed(index, error);
                Found::Nothing
            }
        }
    }

    fn judge_kept(
        &self,
        index: usize,
        launch: &Launch,
        known: Option<Version>,
        there: Option<Stored>,
    ) -> Found {
        let Some(there) = there else {
            return if known.is_some() { Found::SignedOut } else { Found::Nothing };
        };
        if !there.tokens.is_usable() || known == Some(there.version) {
            return Found::Nothing;
        }
        // Tokens that nobody has to sign in for are the same for everybody.
        let first = self
            .slot(index)
            .with(|state| state.gate.is_awaiting(launch) && !state.gate.is_signed_in());
        match known {
            _ if first => Found::Newer(Box::new(there)),
            Some(known) if known.login == there.version.login => {
                // A store that was set back, by a backup or a failover, has nothing to offer.
                if there.version.generation > known.generation {
                    Found::Newer(Box::new(there))
                } else {
                    Found::Nothing
                }
            }
            _ => Found::Other(Box::new(there)),
        }
    }

    /// Whether the clock calls the tokens of a store over.
    pub(in crate::session) fn is_over(&self, index: usize, stored: &Stored) -> bool {
        let early = self.policy_of(index).early;
        early != Early::Off
            && InstalledTokens::restored(stored.tokens.clone(), stored.issued, early)
                .lifetime
                .freshness(self.policy().clock.wall())
                == Freshness::Expired
    }

    /// Takes over the tokens of another login that was kept meanwhile: the calls of this one fail.
    /// Whoever has signed in or out while the flight was looking goes before.
    pub(in crate::session) async fn become_other(
        &self,
        index: usize,
        launch: &Launch,
        stored: &Stored,
    ) {
        let Some(persistence) = &self.slot(index).persistence else { return };
        let mut kept = persistence.kept.lock().await;
        if let Some(ticket) = self.restore(index, stored, |state| state.gate.is_awaiting(launch)) {
            *kept = Kept { version: Some(stored.version), of: Some(ticket) };
            drop(kept);
            self.tell_adopted(index);
        }
    }
}

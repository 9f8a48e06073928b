//! After a refresh: saves the new tokens.

use super::external_changes::Change;
use super::known::{Known, holds_used_token, is_as_new, is_same};
use super::limit::catch_panic;
use super::{Found, SlotStore};
use crate::logic::gate::{Launch, Ticket};
use crate::ports::store::{StoreError, StoreLock, Version};
use crate::session::slot::InstalledTokens;
use crate::types::event::RefreshTrigger;
use crate::types::tokens::Tokens;

/// The outcome of a save: the version that the store has now.
pub(in crate::session) type Saved = Result<Version, Unsaved>;

/// Why tokens were not saved.
pub(in crate::session) enum Unsaved {
    Failed(StoreError),
    /// Another process has changed the store.
    Found(Found),
}

impl From<StoreError> for Unsaved {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl SlotStore<'_> {
    /// Saves the tokens of a flight, which has presented `used`. `adopted` is the version that the flight renewed, if it
    /// came from the store.
    pub(in crate::session) async fn save(
        &self,
        known: &mut Known,
        adopted: Option<Version>,
        holding: InstalledTokens,
        launch: Launch,
        used: Option<Tokens>,
    ) -> Saved {
        let store = &self.persistence.store;
        self.ensure_known(known).await?;
        let newer = adopted.filter(|adopted| !known.may_have_written(*adopted));
        let before = newer.map_or(*known, |newer| Known::of(newer, launch.ticket));
        let overrules = adopted.is_none() && self.overrules(known, &launch);
        let ticket = next_ticket(&launch);
        let mut next = self.stored(&holding, before.next_version(ticket));
        let mut expected = adopted.or(known.version);
        known.tried = Some((next.version, ticket));
        for _ in 0..3 {
            match catch_panic(|| store.save(&next, expected)).await {
                Err(StoreError::Conflict) => {}
                saved => return Ok(saved.map(|()| next.version)?),
            }
            let found = match catch_panic(|| store.load()).await? {
                // This session wrote it, but was not told so in time.
                Some(found) if is_same(&found, &next) => return Ok(next.version),
                Some(found) if is_as_new(found.version, next.version) => {
                    let after = found.version.generation.checked_add(1);
                    let is_spent = holds_used_token(&found, &next, used.as_ref());
                    let Some(generation) = after.filter(|_| is_spent) else {
                        return Err(Unsaved::Found(Found::Newer(Box::new(found))));
                    };
                    (next.version.generation, expected) = (generation, Some(found.version));
                    known.tried = Some((next.version, ticket));
                    continue;
                }
                // A store with an older version, from a backup, a failover, or a write of this session that seemed to
                // fail, is brought up to date; so is one that does not have the login yet.
                Some(found)
                    if overrules
                        || expected
                            .is_some_and(|expected| expected.login == found.version.login)
                        || before.has_login(found.version) =>
                {
                    expected = Some(found.version);
                    continue;
                }
                Some(found) if launch.trigger == RefreshTrigger::First => {
                    Found::Newer(Box::new(found))
                }
                Some(found) => Found::Other(Box::new(found)),
                None if expected.is_some() && !overrules && !self.is_unattended() => Found::Removed,
                None => {
                    expected = None;
                    continue;
                }
            };
            return Err(Unsaved::Found(found));
        }
        Err(StoreError::Conflict.into())
    }

    /// Records what the store holds after a save. That may be newer tokens, which are adopted in place of those with
    /// which the calls continued.
    pub(in crate::session) fn note_saved(
        &self,
        known: &mut Known,
        launch: &Launch,
        saved: Saved,
        is_installed: bool,
    ) -> Result<Change, StoreError> {
        let ticket = next_ticket(launch);
        match saved {
            Ok(version) => {
                *known = Known::of(version, ticket);
                Ok(Change::Nothing)
            }
            Err(Unsaved::Failed(error)) => Err(error),
            // The calls have already continued, with tokens that are older than those in the store.
            Err(Unsaved::Found(Found::Newer(found))) if is_installed => {
                Ok(self.adopt_renewed(known, ticket, &found))
            }
            // The next flight will notice the change.
            Err(Unsaved::Found(_)) => Ok(Change::Nothing),
        }
    }

    /// Releases the lock. If the save has failed, it is kept a little longer.
    pub(in crate::session) async fn release_saved(
        &self,
        mut lock: Option<StoreLock>,
        has_failed: bool,
    ) -> Result<(), StoreError> {
        if has_failed {
            lock = lock.and_then(|lock| {
                self.note_failing();
                self.keep_lock(lock)
            });
        }
        self.release(lock).await
    }
}

/// The ticket of the token set that a flight installs.
pub(in crate::session) const fn next_ticket(launch: &Launch) -> Ticket {
    Ticket { epoch: launch.ticket.epoch, generation: launch.ticket.generation + 1 }
}

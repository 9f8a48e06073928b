//! After a refresh: saves and installs the new tokens.

use std::sync::Arc;

use futures_util::FutureExt;

use super::Persistence;
use super::external_changes::Change;
use super::known::{Known, is_as_new, is_same};
use super::limit::{LIMIT, PROMPT, catch_panic, too_slow};
use super::unwritten::Unwritten;
use crate::logic::gate::{FlightOutcome, Launch, Ticket};
use crate::ports::store::{StoreError, StoreLock, Stored, Version};
use crate::session::Session;
use crate::session::slot::InstalledTokens;
use crate::types::error::Error;
use crate::types::event::RefreshTrigger;

/// The outcome of a commit.
pub(in crate::session) enum Committed {
    /// The tokens are installed.
    Installed,
    /// The session no longer waits for these tokens.
    Discarded,
    /// Another process has saved newer tokens of the same login.
    Newer(Box<Stored>),
    /// A different user signed in, in another process.
    Other(Box<Stored>),
    /// The tokens were removed from the store.
    Removed,
}

/// The outcome of a save.
enum Saved {
    Yes(Version),
    No(StoreError),
    Instead(Committed),
}

impl Session {
    /// Saves the tokens of a flight and installs them, if the session still waits for them. `adopted` is the
    /// version that the flight renewed, if it came from the store.
    ///
    /// Calls continue after half a second, even if the store is still working.
    pub(in crate::session) async fn commit(
        &self,
        index: usize,
        launch: &Launch,
        holding: InstalledTokens,
        adopted: Option<Version>,
        lock: Option<StoreLock>,
        complete: impl FnOnce(FlightOutcome<Arc<Error>>, Option<InstalledTokens>) -> bool,
    ) -> Committed {
        let Some(persistence) = &self.slot(index).persistence else {
            return Committed::of(complete(FlightOutcome::Renewed, Some(holding)));
        };
        let mut unwritten = Unwritten::new(self, index);
        let Some(mut known) = self.lock_writes(persistence, PROMPT).await else {
            unwritten.dismiss();
            let complete = || complete(FlightOutcome::Renewed, Some(holding));
            return self.commit_behind_another_write(index, lock, complete).await;
        };
        if !self.slot(index).with(|state| state.gate.is_awaiting(launch)) {
            unwritten.dismiss();
            complete(FlightOutcome::Aborted, None);
            return Committed::Discarded;
        }
        let mut saving =
            Box::pin(self.save(index, persistence, &mut known, adopted, holding.clone(), launch));
        let prompt = match (&mut saving).now_or_never() {
            Some(saved) => Some(saved),
            None => self.policy().clock.timeout(PROMPT, &mut saving).await,
        };
        let released;
        let (saved, installed) = if let Some(saved) = prompt {
            drop(saving);
            if let Saved::Instead(instead) = saved {
                unwritten.dismiss();
                drop(known);
                if let Some(lock) = lock {
                    self.release_lock(index, lock).await;
                }
                return instead;
            }
            // The lock is released before the calls continue, since a process may end with its call.
            released = self.release_saved(persistence, lock, &saved).await;
            (saved, complete(FlightOutcome::Renewed, Some(holding)))
        } else {
            self.report_in_background(index, too_slow(PROMPT)).await;
            let installed = complete(FlightOutcome::Renewed, Some(holding));
            let saved = self.policy().clock.timeout(LIMIT, saving).await;
            let saved = saved.unwrap_or_else(|| Saved::No(too_slow(LIMIT)));
            released = self.release_saved(persistence, lock, &saved).await;
            (saved, installed)
        };
        let noted = self.note_saved(index, &mut known, launch, saved, installed);
        let (mut change, mut failure) = match noted {
            Ok(change) => (change, None),
            Err(error) => (Change::Nothing, Some(error)),
        };
        if !installed {
            // The user changed during the save: the present tokens are written over it.
            match self.write(index, persistence, &mut known).await {
                Ok(found) => change = found,
                Err(error) => failure = Some(error),
            }
        }
        if failure.is_none() {
            unwritten.note_written(&known);
        }
        drop(known);
        self.emit_change(index, change);
        if let Err(error) = released {
            self.emit_store_failed(index, error);
        }
        if let Some(error) = failure {
            self.retry_write(index, error, unwritten);
        }
        Committed::of(installed)
    }

    /// Installs the tokens of a flight while another write does not complete. The write after it saves them.
    async fn commit_behind_another_write(
        &self,
        index: usize,
        lock: Option<StoreLock>,
        complete: impl FnOnce() -> bool,
    ) -> Committed {
        self.emit_store_failed(index, too_slow(PROMPT));
        let installed = complete();
        self.persist(index).await;
        if let Some(lock) = lock {
            self.release_lock(index, lock).await;
        }
        Committed::of(installed)
    }

    /// Records what the store holds after a save. That may be newer tokens, which are adopted in place of those with
    /// which the calls continued.
    fn note_saved(
        &self,
        index: usize,
        known: &mut Known,
        launch: &Launch,
        saved: Saved,
        installed: bool,
    ) -> Result<Change, StoreError> {
        let ticket = next_ticket(launch);
        match saved {
            Saved::Yes(version) => {
                *known = Known::of(version, ticket);
                Ok(Change::Nothing)
            }
            Saved::No(error) => Err(error),
            // The calls have already continued, with tokens that are older than those in the store.
            Saved::Instead(Committed::Newer(found)) if installed => {
                let Some(ticket) = self.adopt_renewed(index, ticket, &found) else {
                    return Ok(Change::Nothing);
                };
                *known = Known::of(found.version, ticket);
                Ok(Change::Adopted)
            }
            // The next flight will notice the change.
            Saved::Instead(_) => Ok(Change::Nothing),
        }
    }

    async fn save(
        &self,
        index: usize,
        persistence: &Persistence,
        known: &mut Known,
        adopted: Option<Version>,
        holding: InstalledTokens,
        launch: &Launch,
    ) -> Saved {
        let store = &persistence.store;
        if let Err(error) = self.ensure_known(persistence, known).await {
            return Saved::No(error);
        }
        let newer = adopted.filter(|adopted| !known.may_have_written(*adopted));
        let before = newer.map_or(*known, |newer| Known::of(newer, launch.ticket));
        let overrules = adopted.is_none() && self.overrules(index, known, launch);
        let version = before.next_version(next_ticket(launch));
        let next = holding.stored(version, self.policy().realm.as_ref(), store.credential());
        let mut expected = adopted.or(known.version);
        known.tried = Some((version, next_ticket(launch)));
        for _ in 0..3 {
            match catch_panic(|| store.save(&next, expected)).await {
                Ok(()) => return Saved::Yes(next.version),
                Err(StoreError::Conflict) => {}
                Err(error) => return Saved::No(error),
            }
            let found = match catch_panic(|| store.load()).await {
                Ok(found) => found,
                Err(error) => return Saved::No(error),
            };
            match found {
                // This session wrote it, but was not told so in time.
                Some(found) if is_same(&found, &next) => return Saved::Yes(next.version),
                Some(found) if is_as_new(found.version, next.version) => {
                    return Saved::Instead(Committed::Newer(Box::new(found)));
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
                }
                Some(found) if launch.trigger == RefreshTrigger::First => {
                    return Saved::Instead(Committed::Newer(Box::new(found)));
                }
                Some(found) => return Saved::Instead(Committed::Other(Box::new(found))),
                None if expected.is_some() && !overrules && !self.policy_of(index).unattended() => {
                    return Saved::Instead(Committed::Removed);
                }
                None => expected = None,
            }
        }
        Saved::No(StoreError::Conflict)
    }

    /// Installs tokens that another process has saved; `complete` completes the flight with them.
    pub(in crate::session) async fn adopt_stored(
        &self,
        index: usize,
        launch: &Launch,
        version: Version,
        complete: impl FnOnce() -> bool,
    ) -> bool {
        let Some(persistence) = &self.slot(index).persistence else { return complete() };
        let Some(mut known) = self.lock_writes(persistence, PROMPT).await else {
            self.emit_store_failed(index, too_slow(PROMPT));
            let installed = complete();
            if installed {
                self.emit_adopted(index);
                // What the store has is noted once the other write ends.
                self.persist(index).await;
            }
            return installed;
        };
        let installed = complete();
        if installed {
            *known = Known::of(version, next_ticket(launch));
            drop(known);
            self.emit_adopted(index);
        }
        installed
    }

    /// Releases the lock. If the save has failed, it is kept a little longer.
    async fn release_saved(
        &self,
        persistence: &Persistence,
        lock: Option<StoreLock>,
        saved: &Saved,
    ) -> Result<(), StoreError> {
        let Some(mut lock) = lock else { return Ok(()) };
        if let Saved::No(_) = saved {
            let clock = &*self.policy().clock;
            persistence.note_failing(clock);
            match persistence.keep_lock(clock, lock) {
                Some(late) => lock = late,
                None => return Ok(()),
            }
        }
        self.release(lock).await
    }
}

impl Committed {
    const fn of(installed: bool) -> Self {
        if installed { Self::Installed } else { Self::Discarded }
    }
}

/// The ticket of the token set that a flight installs.
const fn next_ticket(launch: &Launch) -> Ticket {
    Ticket { epoch: launch.ticket.epoch, generation: launch.ticket.generation + 1 }
}

//! What a flight leaves in the store.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::limit::{LIMIT, PROMPT, guarded, too_slow};
use super::write::{is_as_new, next_stamp};
use super::{Kept, Persistence};
use crate::logic::gate::{FlightOutcome, Launch, Ticket, Trigger};
use crate::ports::store::{StoreError, StoreLock, Stored, Version};
use crate::session::Session;
use crate::session::slot::InstalledTokens;
use crate::types::error::Error;

/// What became of the tokens of a flight.
pub(in crate::session) enum Committed {
    /// They are the session's.
    Taken,
    /// Nobody wants them any more.
    Discarded,
    /// Another process has saved newer tokens of the same login.
    Newer(Box<Stored>),
    /// Another process has signed in as somebody else.
    Other(Box<Stored>),
    /// Another process has signed out.
    SignedOut,
}

/// How a save ended.
enum Saved {
    Yes(Version),
    No(StoreError),
    Instead(Committed),
}

impl Session {
    /// Saves the tokens of a flight and installs them, if they are still wanted. `over` is what the
    /// flight found in the store, if it was newer than what the session had.
    pub(in crate::session) async fn commit(
        &self,
        index: usize,
        launch: &Launch,
        holding: InstalledTokens,
        over: Option<Version>,
        lock: Option<StoreLock>,
        outcome_of_flight: impl FnOnce(FlightOutcome<Arc<Error>>, Option<InstalledTokens>) -> bool,
    ) -> Committed {
        let Some(persistence) = &self.slot(index).persistence else {
            return Committed::of(outcome_of_flight(FlightOutcome::Renewed, Some(holding)));
        };
        let mut kept = persistence.kept.lock().await;
        if !self.slot(index).with(|state| state.gate.is_awaiting(launch)) {
            outcome_of_flight(FlightOutcome::Aborted, None);
            return Committed::Discarded;
        }
        self.meet(persistence, &mut kept).await;
        let ticket = brought(launch);
        let before = Kept { version: over.or(kept.version), of: kept.of };
        let next = holding.stored(next_stamp(&before, ticket));
        let mut saving = Box::pin(self.save(persistence, &before, next, launch));
        let early = match (&mut saving).now_or_never() {
            Some(saved) => Some(saved),
            None => match select(&mut saving, self.policy().clock.sleep(PROMPT)).await {
                Either::Left((saved, _)) => Some(saved),
                Either::Right(_) => None,
            },
        };
        let released;
        let (saved, taken) = if let Some(saved) = early {
            if let Saved::Instead(instead) = saved {
                drop(kept);
                if let Some(lock) = lock {
                    self.give_back(index, lock).await;
                }
                return instead;
            }
            // Others can have the lock before the calls go on: a process may end with its call.
            released = self.release_held(lock).await;
            (saved, outcome_of_flight(FlightOutcome::Renewed, Some(holding)))
        } else {
            self.tell_aside(index, too_slow(PROMPT)).await;
            let taken = outcome_of_flight(FlightOutcome::Renewed, Some(holding));
            let saved = match select(saving, self.policy().clock.sleep(LIMIT)).await {
                Either::Left((saved, _)) => saved,
                Either::Right(_) => Saved::No(too_slow(LIMIT)),
            };
            released = self.release_held(lock).await;
            (saved, taken)
        };
        let mut unwritten = None;
        match saved {
            Saved::Yes(version) => *kept = Kept { version: Some(version), of: Some(ticket) },
            Saved::No(error) => unwritten = Some(error),
            // The calls went on already; the next flight finds what is there instead.
            Saved::Instead(_) => {}
        }
        if !taken {
            // The session changed hands while this was written: what it holds now is written over it.
            unwritten = self.write(index, persistence, &mut kept).await.err();
        }
        drop(kept);
        if let Err(error) = released {
            self.store_failed(index, error);
        }
        if let Some(error) = unwritten {
            self.write_later(index, error);
        }
        Committed::of(taken)
    }

    async fn save(
        &self,
        persistence: &Persistence,
        before: &Kept,
        next: Stored,
        launch: &Launch,
    ) -> Saved {
        let store = &persistence.store;
        let mut over = before.version;
        for _ in 0..3 {
            match guarded(|| store.save(&next, over)).await {
                Ok(()) => return Saved::Yes(next.version),
                Err(StoreError::Conflict) => {}
                Err(error) => return Saved::No(error),
            }
            let there = match guarded(|| store.load()).await {
                Ok(there) => there,
                Err(error) => return Saved::No(error),
            };
            match there {
                // It was this session that wrote it, though it did not learn so in time.
                Some(there) if there.version == next.version => return Saved::Yes(next.version),
                Some(there) if is_as_new(there.version, next.version) => {
                    return Saved::Instead(Committed::Newer(Box::new(there)));
                }
                // A store that was set back is brought up to date.
                Some(there) if over.is_some_and(|over| over.login == there.version.login) => {
                    over = Some(there.version);
                }
                Some(there) if launch.trigger == Trigger::First => {
                    return Saved::Instead(Committed::Newer(Box::new(there)));
                }
                Some(there) => return Saved::Instead(Committed::Other(Box::new(there))),
                None if over.is_some() => return Saved::Instead(Committed::SignedOut),
                None => {}
            }
        }
        Saved::No(StoreError::Conflict)
    }

    /// Installs what another process has saved: `land` lands the flight with it.
    pub(in crate::session) async fn take_over(
        &self,
        index: usize,
        launch: &Launch,
        version: Version,
        land: impl FnOnce() -> bool,
    ) -> bool {
        let Some(persistence) = &self.slot(index).persistence else { return land() };
        let mut kept = persistence.kept.lock().await;
        let taken = land();
        if taken {
            *kept = Kept { version: Some(version), of: Some(brought(launch)) };
            drop(kept);
            self.tell_adopted(index);
        }
        taken
    }
}

impl Committed {
    const fn of(taken: bool) -> Self {
        if taken { Self::Taken } else { Self::Discarded }
    }
}

/// The token set that a flight installs.
const fn brought(launch: &Launch) -> Ticket {
    Ticket { epoch: launch.ticket.epoch, generation: launch.ticket.generation + 1 }
}

impl Session {
    async fn release_held(&self, lock: Option<StoreLock>) -> Result<(), StoreError> {
        match lock {
            Some(lock) => self.release(lock).await,
            None => Ok(()),
        }
    }
}

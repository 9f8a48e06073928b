//! The way into the queue: of calls, and of those who ask for a refresh.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::waiter::{self, Held};
use super::{Session, persist, slot};
use crate::logic::gate::{Admission, Launch, Refusal, Release, Ticket, Trigger};
use crate::ports::response::Received;
use crate::types::error::{Error, ErrorKind, Result};

/// What the gate said, with a place in the queue if it said to wait.
pub(super) enum Entry {
    Send(Ticket),
    Bare,
    Held(Held, Option<Launch>),
    Full(Option<Launch>),
    Refused(Refusal<Arc<Error>>),
}

impl Session {
    /// Renews the token of whoever was signed in at `bound`, and gives the response of the refresh if
    /// there was one.
    pub(crate) async fn refresh_at(
        &self,
        index: usize,
        bound: Option<u64>,
    ) -> Result<Option<Arc<Received>>> {
        let bound = bound.or(self.load_for(index).await);
        let Some(credential) = self.inner.policy.credentials.get(index) else {
            return Err(Error::new(ErrorKind::Argument)
                .with_message("the API declares no `auth(..)`, so there is nothing to renew"));
        };
        if credential.renew.get().is_none() {
            return Err(nothing_renews());
        }
        self.forbid_reentrance(index)?;
        let now = self.policy().clock.now();
        let (before, admission) = self.slot(index).with(|state| {
            let before = state.gate.ticket();
            if bound.is_some_and(|epoch| epoch != before.epoch) {
                return (before, Entry::Refused(Refusal::Changed));
            }
            let tokenless = credential.tokenless();
            let admission = state.gate.refresh(now, Trigger::Asked, tokenless, &credential.limits);
            (before, self.take_place(index, state, admission))
        });
        match admission {
            Entry::Held(held, launch) => {
                if let Some(launch) = launch {
                    self.start_flight(index, launch);
                }
                let woken = held.await;
                match woken.release {
                    Release::Go => self.after_refresh(index, before).map(|()| woken.response),
                    release => Err(self.not_released(index, release)),
                }
            }
            Entry::Full(launch) => {
                if let Some(launch) = launch {
                    self.start_flight(index, launch);
                }
                Err(Error::new(ErrorKind::QueueFull))
            }
            Entry::Refused(refusal) => Err(self.refused(index, refusal)),
            Entry::Send(..) | Entry::Bare => Ok(None),
        }
    }

    /// Those who wait are released without an error when a refresh fails while the token is still good.
    /// Whoever asked for the refresh itself is told.
    fn after_refresh(&self, index: usize, before: Ticket) -> Result<()> {
        let now = self.policy().clock.now();
        let credential = self.credential(index);
        let refusal = self.slot(index).with(|state| {
            if state.gate.ticket() == before {
                Err(state.gate.rests(now, &credential.limits))
            } else {
                Ok(())
            }
        });
        refusal.map_err(|refusal| match refusal {
            Some(refusal) => self.refused(index, refusal),
            None => aborted(),
        })
    }

    /// How long a flight takes at the most, with all that it waits for.
    pub(super) fn longest_flight(&self, index: usize) -> Duration {
        self.span_of_refresh(index).saturating_mul(2).saturating_add(persist::LIMIT * 4)
    }

    /// Puts the call into the queue if that is what the gate said. The lock is held.
    pub(super) fn take_place(
        &self,
        index: usize,
        state: &mut slot::State,
        admission: Admission<Arc<Error>>,
    ) -> Entry {
        match admission {
            Admission::Send(ticket) => Entry::Send(ticket),
            Admission::Bare => Entry::Bare,
            Admission::Refuse(refusal) => Entry::Refused(refusal),
            Admission::Hold(launch) => self.enqueue(index, state, launch),
        }
    }

    pub(super) fn enqueue(
        &self,
        index: usize,
        state: &mut slot::State,
        launch: Option<Launch>,
    ) -> Entry {
        // A client has at most MOST credentials.
        let slot = index as u8;
        let (waiter, woken) = oneshot::channel();
        match state.gate.hold(waiter, &self.credential(index).limits) {
            Ok(place) => {
                self.inner.counts.held.fetch_add(1, Ordering::Relaxed);
                let flight = state.gate.flight().copied();
                let elsewhere = flight
                    .filter(|_| launch.is_none() && state.flight_runtime != waiter::runtime())
                    .map(waiter::Elsewhere::new);
                Entry::Held(Held::new(self.clone(), slot, place, woken, elsewhere), launch)
            }
            Err(_) => Entry::Full(launch),
        }
    }
}

pub(super) fn nothing_renews() -> Error {
    Error::new(ErrorKind::RefreshFailed)
        .with_message("no method is marked `refresh`, and the client was built without a refresh")
}

pub(super) fn aborted() -> Error {
    Error::new(ErrorKind::RefreshFailed)
        .with_message("the task that renewed the token was dropped before its end")
}

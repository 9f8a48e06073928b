//! A call that waits in the queue.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::permit::Permit;
use super::slot::State;
pub(crate) use super::wait::Waiter;
use super::wait::{self, Woken};
use super::{Session, flight};
use crate::logic::gate::{Launch, Release, Released, WaiterId};
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::types::error::{Error, ErrorKind, Result};

/// The call's end of a wait, and the id by which the gate identifies it.
pub(super) type WaiterEnd = (WaiterId, Woken);

/// A wait for the gate: its id and both ends.
pub(super) fn channel() -> (WaiterId, Waiter, WaiterEnd) {
    let id = next_id();
    let (waiter, end) = ends(id);
    (id, waiter, end)
}

/// Both ends of the wait with this id.
pub(super) fn ends(id: WaiterId) -> (Waiter, WaiterEnd) {
    let (waiter, woken) = wait::ends();
    (waiter, (id, woken))
}

/// Waits are numbered throughout the life of the process, so that a late cancellation never affects another one, and so
/// that no session has to keep a number. It is called under the lock of a slot, so the ids of each gate grow.
pub(super) fn next_id() -> WaiterId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Why a call no longer waits, and what it receives.
pub(crate) struct Wakeup {
    pub(crate) release: Release<Arc<Error>>,
    /// The response of the refresh, for a caller of the refresh method.
    pub(crate) response: Option<Arc<Received>>,
    /// Ends with the call, if the number of calls that send at once is limited.
    pub(crate) permit: Option<Box<Permit>>,
}

impl Wakeup {
    pub(super) const fn plain() -> Self {
        Self { release: Release::Proceed, response: None, permit: None }
    }

    /// Whether the call simply asks again.
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self, Self { release: Release::Proceed, response: None, permit: None })
    }
}

/// The wait of a call in the queue, until the refresh has ended or the session has changed.
/// Dropping it cancels the wait: the call is never sent afterwards.
///
/// It is a handwritten future and small, since an expiry under load creates very many of them.
pub(crate) struct Waiting {
    session: Session,
    id: WaiterId,
    woken: Woken,
    /// The flight to wait for, if it runs on another runtime.
    foreign: Option<Box<ForeignFlight>>,
    slot: u8,
    waits: bool,
    is_after_expiry: bool,
}

/// A flight on another runtime, and how long to wait for it. The timer starts with the wait: the clock is the
/// user's code, and is not called under the lock.
struct ForeignFlight {
    launch: Launch,
    /// The progress of the flight when the timer was started.
    stage: u8,
    timer: Option<BoxFuture<'static, ()>>,
}

/// The runtime on which this is called.
pub(super) fn runtime() -> Option<tokio::runtime::Id> {
    tokio::runtime::Handle::try_current().ok().map(|runtime| runtime.id())
}

impl Waiting {
    /// The slot of the credential that it waits for.
    pub(crate) const fn slot(&self) -> usize {
        self.slot as usize
    }

    /// Whether the call was sent before, and waits because its token has expired.
    pub(crate) const fn is_after_expiry(&self) -> bool {
        self.is_after_expiry
    }

    pub(super) fn after_expiry(mut self) -> Self {
        self.is_after_expiry = true;
        self
    }

    /// If a runtime stalls, so does its flight, including its own timeout. A call that waits on another runtime
    /// then abandons the flight.
    fn gives_up(&mut self, context: &mut Context<'_>) -> bool {
        let slot = self.slot();
        let Some(foreign) = &mut self.foreign else { return false };
        let session = &self.session;
        let timer = foreign
            .timer
            .get_or_insert_with(|| session.policy().clock.sleep(session.stage_left(slot)));
        if timer.as_mut().poll(context).is_pending() {
            return false;
        }
        let stage = session.slot(slot).with(|state| state.flight_stage());
        if stage != foreign.stage {
            // Its runtime is driven: the flight has reached its next step.
            (foreign.stage, foreign.timer) = (stage, None);
            return self.gives_up(context);
        }
        session.abandon_flight(slot, &foreign.launch);
        self.foreign = None;
        true
    }

    /// Waits for another permit if the one that came with the wakeup was passed to the next call because this one
    /// was not polled in time.
    fn keep_permit(&mut self, mut woken: Wakeup) -> Poll<Wakeup> {
        if woken.permit.as_ref().is_none_or(|permit| permit.polled()) {
            return Poll::Ready(woken);
        }
        match self.session.take_permit(self.slot()) {
            Ok(permit) => {
                woken.permit = permit;
                Poll::Ready(woken)
            }
            Err(mut again) => {
                again.is_after_expiry = self.is_after_expiry;
                *self = again;
                Poll::Pending
            }
        }
    }
}

impl Future for Waiting {
    type Output = Wakeup;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Wakeup> {
        loop {
            let mut woken = Pin::new(&mut self.woken).poll(context);
            if woken.is_pending() && self.gives_up(context) {
                woken = Pin::new(&mut self.woken).poll(context);
            }
            let woken = ready!(woken);
            self.waits = false;
            if let Poll::Ready(woken) = self.keep_permit(woken) {
                return Poll::Ready(woken);
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.waits {
            // The gate wakes no call under its lock.
            self.woken.close();
            self.session.slot(self.slot()).with(|state| state.gate.cancel(self.id));
        }
    }
}

impl Session {
    /// The wait of a call that the gate has put into its queue. The lock is held.
    pub(super) fn wait(
        &self,
        index: usize,
        state: &mut State,
        end: WaiterEnd,
        is_leader: bool,
    ) -> Waiting {
        state.rare().counts.queued += 1;
        let flight = state.gate.flight().copied();
        let foreign =
            flight.filter(|_| !is_leader && state.flight_runtime() != runtime()).map(|launch| {
                Box::new(ForeignFlight { launch, stage: state.flight_stage(), timer: None })
            });
        let mut waiting = self.wait_for_permit(index, end);
        waiting.foreign = foreign;
        waiting
    }

    /// A wait for a permit, and not for a flight.
    pub(super) fn wait_for_permit(&self, slot: usize, (id, woken): WaiterEnd) -> Waiting {
        // A client has at most MOST credentials.
        let (session, slot) = (self.clone(), slot as u8);
        Waiting { session, id, woken, foreign: None, slot, waits: true, is_after_expiry: false }
    }

    /// Wakes calls in the order in which they came. The lock is not held: a call may run at once on
    /// another thread.
    pub(crate) fn wake(
        &self,
        slot: usize,
        released: Released<Waiter, Arc<Error>>,
        response: Option<&Arc<Received>>,
    ) {
        let limits_permits = self.policy_of(slot).limits.permits != usize::MAX;
        let takes_permits = limits_permits && matches!(released.release, Release::Proceed);
        for (id, waiter) in released.waiters {
            let permit = takes_permits.then(|| Box::new(Permit::new(self, slot, id)));
            let woken =
                Wakeup { release: released.release.clone(), response: response.cloned(), permit };
            waiter.wake(woken);
        }
        if takes_permits {
            self.watch_permits(slot);
        }
    }

    /// The error of a call from within a refresh, which would wait for itself.
    pub(super) fn forbid_reentrance(&self, slot: usize) -> Result<()> {
        match flight::is_within(self, slot) {
            true => Err(Error::of_kind(ErrorKind::ReentrantRefresh)),
            false => Ok(()),
        }
    }
}

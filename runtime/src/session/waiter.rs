//! A call that waits in the queue.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use super::permit::Permit;
use super::slot::State;
use super::{Session, flight};
use crate::logic::gate::{Launch, Release, Released, WaiterId};
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::types::error::Error;

/// The gate's end of a waiting call.
pub(crate) type Waiter = oneshot::Sender<Wakeup>;

/// The call's end, with the id by which the gate knows it.
pub(super) type WaiterEnd = (WaiterId, oneshot::Receiver<Wakeup>);

/// Both ends of a wait, as the gate asks for them.
pub(super) fn channel(id: WaiterId) -> (Waiter, WaiterEnd) {
    let (waiter, woken) = oneshot::channel();
    (waiter, (id, woken))
}

/// Why a call no longer waits, and what it gets with that.
pub(crate) struct Wakeup {
    pub(crate) release: Release<Arc<Error>>,
    /// The response of the refresh, for those who asked for it by hand.
    pub(crate) response: Option<Arc<Received>>,
    /// Ends with the call, where only some may send at once. Boxed, since room for it is kept in
    /// every call that waits.
    pub(crate) permit: Option<Box<Permit>>,
}

/// The wait of a call in the queue, until the refresh has ended or the session has changed.
/// Dropping it cancels the wait: the call is never sent afterwards.
///
/// It is a future of its own and small, since a storm keeps very many of them.
pub(crate) struct Waiting {
    session: Session,
    id: WaiterId,
    woken: oneshot::Receiver<Wakeup>,
    /// The flight that is waited for, if it runs on another runtime.
    foreign: Option<Box<ForeignFlight>>,
    slot: u8,
    waits: bool,
}

/// A flight on another runtime, and how long it is waited for. The timer starts with the wait: the
/// clock is the user's, and is not asked under the lock.
struct ForeignFlight {
    launch: Launch,
    /// How far the flight had come when the timer was started.
    stage: u8,
    timer: Option<BoxFuture<'static, ()>>,
}

/// The runtime on which this is called.
pub(super) fn runtime() -> Option<tokio::runtime::Id> {
    tokio::runtime::Handle::try_current().ok().map(|runtime| runtime.id())
}

impl Waiting {
    /// The slot of the credential that it waits for.
    pub(crate) const fn slot(&self) -> u8 {
        self.slot
    }

    /// If a runtime stalls, so does its flight, with its own timeout. A call that waits on another runtime then
    /// gives the flight up.
    fn gives_up(&mut self, context: &mut Context<'_>) -> bool {
        let slot = usize::from(self.slot);
        let Some(foreign) = &mut self.foreign else { return false };
        let session = &self.session;
        let timer = foreign
            .timer
            .get_or_insert_with(|| session.policy().clock.sleep(session.longest_stage(slot)));
        if timer.as_mut().poll(context).is_pending() {
            return false;
        }
        let stage = session.slot(slot).with(|state| state.flight_stage);
        if stage != foreign.stage {
            // Its runtime is driven: it has come to its next step.
            (foreign.stage, foreign.timer) = (stage, None);
            return self.gives_up(context);
        }
        session.abandon_flight(slot, &foreign.launch);
        self.foreign = None;
        true
    }

    /// Waits for another permit if the one that came with the wakeup was given to the next call, since this
    /// one was not polled in time.
    fn keep_permit(&mut self, mut woken: Wakeup) -> Poll<Wakeup> {
        if woken.permit.as_ref().is_none_or(|permit| permit.polled()) {
            return Poll::Ready(woken);
        }
        match self.session.take_permit(self.slot) {
            Ok(permit) => {
                woken.permit = permit;
                Poll::Ready(woken)
            }
            Err(again) => {
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
            // The gate drops a waiter only to wake it. Should one be lost all the same, asking again is right
            // whatever happened.
            let lost = Wakeup { release: Release::Proceed, response: None, permit: None };
            if let Poll::Ready(woken) = self.keep_permit(woken.unwrap_or(lost)) {
                return Poll::Ready(woken);
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.waits {
            self.session.slot(self.slot.into()).with(|state| state.gate.cancel(self.id));
        }
    }
}

impl Session {
    /// The wait of a call that the gate has put into its queue. The lock is held.
    pub(super) fn wait(
        &self,
        index: usize,
        state: &State,
        (id, woken): WaiterEnd,
        is_leader: bool,
    ) -> Waiting {
        self.count_queued();
        let flight = state.gate.flight().copied();
        let foreign =
            flight.filter(|_| !is_leader && state.flight_runtime() != runtime()).map(|launch| {
                Box::new(ForeignFlight { launch, stage: state.flight_stage, timer: None })
            });
        // A client has at most MOST credentials.
        Waiting { session: self.clone(), id, woken, foreign, slot: index as u8, waits: true }
    }

    /// A wait for a permit, as opposed to a flight.
    pub(super) fn wait_for_permit(&self, slot: u8, (id, woken): WaiterEnd) -> Waiting {
        Waiting { session: self.clone(), id, woken, foreign: None, slot, waits: true }
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
            let permit = takes_permits.then(|| Box::new(Permit::new(self, slot as u8, id)));
            let woken =
                Wakeup { release: released.release.clone(), response: response.cloned(), permit };
            // A call that is gone gets nothing; its permit ends with the drop of the wakeup.
            drop(waiter.send(woken));
        }
        if takes_permits {
            self.watch_permits(slot);
        }
    }

    /// A call from within a refresh would wait for itself.
    pub(super) fn forbid_reentrance(&self, slot: usize) -> crate::types::error::Result<()> {
        if flight::is_within(self, slot) {
            Err(Error::new(crate::types::error::ErrorKind::ReentrantRefresh))
        } else {
            Ok(())
        }
    }
}

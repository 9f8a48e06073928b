//! A call that waits in the queue.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use super::Session;
use crate::logic::gate::{FlightOutcome, Launch, Release, Released, WaiterId};
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::types::error::Error;

/// The end of a waiting call that the gate keeps.
pub(crate) type Waiter = oneshot::Sender<Wakeup>;

/// What a waiting call is told.
pub(crate) struct Wakeup {
    pub(crate) release: Release<Arc<Error>>,
    /// The response of the refresh, for those who called it by hand.
    pub(crate) response: Option<Arc<Received>>,
    /// Ends with the call, where only some may send at once. Boxed, since room for it is kept in
    /// every call that waits.
    pub(crate) permit: Option<Box<Permit>>,
}

/// A place in the queue; it waits until the refresh has ended or the session has changed hands.
/// Dropping it gives the place up: the call is never sent afterwards.
///
/// It is a future by itself and small, since a storm keeps very many of them.
pub(crate) struct Held {
    session: Session,
    place: WaiterId,
    woken: oneshot::Receiver<Wakeup>,
    /// The flight that is waited for, if it runs on another runtime.
    elsewhere: Option<Box<Elsewhere>>,
    slot: u8,
    waits: bool,
}

/// A flight on another runtime, and how long it is waited for. The timer starts with the waiting: the
/// clock is the user's, and is not asked under the lock.
pub(super) struct Elsewhere {
    launch: Launch,
    timer: Option<BoxFuture<'static, ()>>,
}

impl Elsewhere {
    pub(super) fn new(launch: Launch) -> Box<Self> {
        Box::new(Self { launch, timer: None })
    }
}

/// The runtime on which this is called.
pub(super) fn runtime() -> Option<tokio::runtime::Id> {
    tokio::runtime::Handle::try_current().ok().map(|runtime| runtime.id())
}

impl Held {
    pub(super) const fn new(
        session: Session,
        slot: u8,
        place: WaiterId,
        woken: oneshot::Receiver<Wakeup>,
        elsewhere: Option<Box<Elsewhere>>,
    ) -> Self {
        Self { session, place, woken, elsewhere, slot, waits: true }
    }

    /// Whose queue it is.
    pub(crate) const fn slot(&self) -> u8 {
        self.slot
    }

    /// A flight stands still with its runtime, and its own time limit with it. Whoever waits for it on
    /// another one gives it up in its place, and the refresh is started anew.
    fn gives_up(&mut self, context: &mut Context<'_>) -> bool {
        let slot = usize::from(self.slot);
        let Some(elsewhere) = &mut self.elsewhere else { return false };
        let session = &self.session;
        let timer = elsewhere
            .timer
            .get_or_insert_with(|| session.policy().clock.sleep(session.longest_flight(slot)));
        if timer.as_mut().poll(context).is_pending() {
            return false;
        }
        session.complete_flight(slot, &elsewhere.launch, FlightOutcome::Aborted, None, None);
        self.elsewhere = None;
        true
    }
}

impl Future for Held {
    type Output = Wakeup;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Wakeup> {
        let mut woken = Pin::new(&mut self.woken).poll(context);
        if woken.is_pending() && self.gives_up(context) {
            woken = Pin::new(&mut self.woken).poll(context);
        }
        let woken = ready!(woken);
        self.waits = false;
        // The gate lets go of a waiter only to wake it. Should one be lost all the same, auth again
        // is right whatever happened.
        let lost = Wakeup { release: Release::Go, response: None, permit: None };
        Poll::Ready(woken.unwrap_or(lost))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.waits {
            self.session.slot(self.slot.into()).with(|state| state.gate.cancel(self.place));
        }
    }
}

/// The permit of a released call, where only some may send at once.
pub(crate) struct Permit {
    session: Session,
    slot: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let policy = self.session.credential(self.slot);
        let next =
            self.session.slot(self.slot).with(|state| state.gate.permit_returned(&policy.limits));
        self.session.wake(self.slot, Released { waiters: next, word: Release::Go }, None);
    }
}

impl Session {
    /// Wakes calls in the order in which they came. The lock is not held: a call may run at once on
    /// another thread.
    pub(crate) fn wake(
        &self,
        slot: usize,
        released: Released<Waiter, Arc<Error>>,
        response: Option<&Arc<Received>>,
    ) {
        let takes_turns = self.credential(slot).limits.permits != usize::MAX;
        for waiter in released.waiters {
            let permit = (takes_turns && matches!(released.word, Release::Go))
                .then(|| Box::new(Permit { session: self.clone(), slot }));
            let woken =
                Wakeup { release: released.word.clone(), response: response.cloned(), permit };
            // A waiter that is gone needs no word; its permit ends with the drop of what it was sent.
            drop(waiter.send(woken));
        }
    }
}

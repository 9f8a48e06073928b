//! A call that waits in the queue.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use super::Session;
use crate::call::answer::Received;
use crate::decisions::gate::{Landing, Launch, Place, Release, Released};
use crate::ports::BoxFuture;
use crate::words::error::Error;

/// The end of a waiting call that the gate keeps.
pub(crate) type Waiter = oneshot::Sender<Woken>;

/// What a waiting call is told.
pub(crate) struct Woken {
    pub(crate) release: Release<Arc<Error>>,
    /// The answer of the refresh, for those who called it by hand.
    pub(crate) answer: Option<Arc<Received>>,
    /// Ends with the call, where only some may send at once. Boxed, since room for it is kept in
    /// every call that waits.
    pub(crate) turn: Option<Box<Turn>>,
}

/// A place in the queue; it waits until the refresh has ended or the session has changed hands.
/// Dropping it gives the place up: the call is never sent afterwards.
///
/// It is a future by itself and small, since a storm keeps very many of them.
pub(crate) struct Held {
    session: Session,
    place: Place,
    woken: oneshot::Receiver<Woken>,
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
        place: Place,
        woken: oneshot::Receiver<Woken>,
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
        session.touch_down(slot, &elsewhere.launch, Landing::Vanished, None, None);
        self.elsewhere = None;
        true
    }
}

impl Future for Held {
    type Output = Woken;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Woken> {
        let mut woken = Pin::new(&mut self.woken).poll(context);
        if woken.is_pending() && self.gives_up(context) {
            woken = Pin::new(&mut self.woken).poll(context);
        }
        let woken = ready!(woken);
        self.waits = false;
        // The gate lets go of a waiter only to wake it. Should one be lost all the same, asking again
        // is right whatever happened.
        let lost = Woken { release: Release::Go, answer: None, turn: None };
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

/// The turn of a released call, where only some may send at once.
pub(crate) struct Turn {
    session: Session,
    slot: usize,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let policy = self.session.credential(self.slot);
        let next = self.session.slot(self.slot).with(|state| state.gate.turn_ended(&policy.limits));
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
        answer: Option<&Arc<Received>>,
    ) {
        let takes_turns = self.credential(slot).limits.turns != usize::MAX;
        for waiter in released.waiters {
            let turn = (takes_turns && matches!(released.word, Release::Go))
                .then(|| Box::new(Turn { session: self.clone(), slot }));
            let woken = Woken { release: released.word.clone(), answer: answer.cloned(), turn };
            // A waiter that is gone needs no word; its turn ends with the drop of what it was sent.
            drop(waiter.send(woken));
        }
    }
}

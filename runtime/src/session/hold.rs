//! A call that waits in the queue.

use std::sync::Arc;

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::Session;
use crate::call::answer::Received;
use crate::decisions::gate::{Landing, Launch, Place, Release, Released};
use crate::words::error::Error;

/// The end of a waiting call that the gate keeps.
pub(crate) type Waiter = oneshot::Sender<Woken>;

/// What a waiting call is told.
pub(crate) struct Woken {
    pub(crate) release: Release<Arc<Error>>,
    /// The answer of the refresh, for those who called it by hand.
    pub(crate) answer: Option<Arc<Received>>,
    /// Ends with the call, where only some may send at once.
    pub(crate) turn: Option<Turn>,
}

/// A place in the queue. Dropping it gives the place up: the call is never sent afterwards.
pub(crate) struct Held {
    session: Session,
    slot: usize,
    place: Place,
    woken: oneshot::Receiver<Woken>,
    /// The flight that is waited for, if it runs on another runtime.
    elsewhere: Option<Launch>,
    waits: bool,
}

/// The runtime on which this is called.
pub(super) fn runtime() -> Option<tokio::runtime::Id> {
    tokio::runtime::Handle::try_current().ok().map(|runtime| runtime.id())
}

impl Held {
    pub(crate) const fn new(
        session: Session,
        slot: usize,
        place: Place,
        woken: oneshot::Receiver<Woken>,
        elsewhere: Option<Launch>,
    ) -> Self {
        Self { session, slot, place, woken, elsewhere, waits: true }
    }

    /// Waits until the refresh has ended or the session has changed hands.
    pub(crate) async fn wait(mut self) -> Woken {
        let woken = match self.elsewhere {
            None => (&mut self.woken).await,
            Some(launch) => self.outlast(&launch).await,
        };
        self.waits = false;
        // The gate lets go of a waiter only to wake it. Should one be lost all the same, asking again
        // is right whatever happened.
        woken.unwrap_or(Woken { release: Release::Go, answer: None, turn: None })
    }

    /// A flight stands still with its runtime, and its own time limit with it. Whoever waits for it on
    /// another one gives it up in its place, and the refresh is started anew.
    async fn outlast(&mut self, launch: &Launch) -> Result<Woken, oneshot::error::RecvError> {
        let limit = self.session.longest_flight(self.slot);
        let timer = self.session.policy().clock.sleep(limit);
        if let Either::Left((woken, _)) = select(&mut self.woken, timer).await {
            return woken;
        }
        self.session.touch_down(self.slot, launch, Landing::Vanished, None, None);
        (&mut self.woken).await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.waits {
            self.session.slot(self.slot).with(|state| state.gate.cancel(self.place));
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
                .then(|| Turn { session: self.clone(), slot });
            let woken = Woken { release: released.word.clone(), answer: answer.cloned(), turn };
            // A waiter that is gone needs no word; its turn ends with the drop of what it was sent.
            drop(waiter.send(woken));
        }
    }
}

//! Permits to send, if the number of waiting calls that may send at once is limited.

use std::mem;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::waiter::{self, Waiting};
use super::{Inner, Session};
use crate::logic::gate::{Release, Released, WaiterId};

/// How often permits of calls that are not polled are looked for, while others wait for one.
const WATCH: Duration = Duration::from_millis(100);

/// The permit of a released call. Dropping it ends the permit.
pub(crate) struct Permit {
    session: Session,
    slot: usize,
    id: WaiterId,
}

impl Permit {
    pub(super) fn new(session: &Session, slot: usize, id: WaiterId) -> Self {
        Self { session: session.clone(), slot, id }
    }

    /// The slot of the credential that it belongs to.
    pub(crate) const fn slot(&self) -> usize {
        self.slot
    }

    /// Records that its call is being polled. `false` if the permit was passed to another call.
    pub(super) fn polled(&self) -> bool {
        self.session.slot(self.slot).with(|state| state.gate.permit_polled(self.id))
    }

    /// Polls the call that holds it. A call that is woken but not polled, in a `select!` or behind a slow consumer,
    /// loses its permit to the next one, and continues without it later.
    pub(crate) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.polled();
        let waker = Waker::from(Arc::new(HolderWaker {
            waker: context.waker().clone(),
            session: Arc::downgrade(&self.session.inner),
            slot: self.slot,
            id: self.id,
        }));
        poll(&mut Context::from_waker(&waker))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (slot, session) = (self.slot, &self.session);
        let limits = &session.policy_of(slot).limits;
        let now = session.policy().clock.now();
        let next =
            session.slot(slot).with(|state| state.gate.permit_returned(now, self.id, limits));
        session.wake(slot, Released { waiters: next, release: Release::Proceed }, None);
    }
}

/// Wakes a call, and records that its permit is idle until the call is polled.
struct HolderWaker {
    waker: Waker,
    session: Weak<Inner>,
    slot: usize,
    id: WaiterId,
}

impl Wake for HolderWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(inner) = self.session.upgrade() {
            let session = Session { inner };
            let now = session.policy().clock.now();
            session.slot(self.slot).with(|state| state.gate.permit_woken(now, self.id));
        }
        self.waker.wake_by_ref();
    }
}

impl Session {
    /// Takes a permit for a call that is about to make another attempt, if permits are limited, or makes the call wait
    /// for one.
    pub(crate) fn take_permit(&self, slot: usize) -> Result<Option<Box<Permit>>, Waiting> {
        let limits = &self.policy_of(slot).limits;
        if limits.permits == usize::MAX {
            return Ok(None);
        }
        let taken = self.slot(slot).with(|state| {
            let id = waiter::next_id();
            state.gate.take_permit(id, limits, || waiter::ends(id)).map(|()| id)
        });
        match taken {
            Ok(id) => Ok(Some(Box::new(Permit::new(self, slot, id)))),
            Err(end) => {
                self.watch_permits(slot);
                Err(self.wait_for_permit(slot, end))
            }
        }
    }

    /// Starts a task that looks for permits of calls that are not polled, as long as others wait for one.
    pub(super) fn watch_permits(&self, slot: usize) {
        let starts = self.slot(slot).with(|state| {
            let starts = state.gate.has_ready();
            starts && !mem::replace(&mut state.rare().watches_permits, true)
        });
        if !starts {
            return;
        }
        let clock = Arc::clone(&self.policy().clock);
        let mut watching = Watching { session: Arc::downgrade(&self.inner), slot, is_done: false };
        let task = async move {
            loop {
                clock.sleep(WATCH).await;
                if !watching.reclaim() {
                    return;
                }
            }
        };
        // Without a runtime no call can continue that holds a permit.
        let _ = self.policy().spawner.spawn(Box::pin(task));
    }
}

/// The task that looks for idle permits. It may end with its runtime; the next wakeup then starts another.
struct Watching {
    session: Weak<Inner>,
    slot: usize,
    is_done: bool,
}

impl Watching {
    /// Passes idle permits to the next calls. `false` if no other call waits for one.
    fn reclaim(&mut self) -> bool {
        let Some(inner) = self.session.upgrade() else { return false };
        let session = Session { inner };
        let limits = &session.policy_of(self.slot).limits;
        let now = session.policy().clock.now();
        let (next, goes_on) = session.slot(self.slot).with(|state| {
            let next = state.gate.reclaim_permits(now, limits);
            let goes_on = state.gate.has_ready();
            state.rare().watches_permits = goes_on;
            (next, goes_on)
        });
        self.is_done = !goes_on;
        session.wake(self.slot, Released { waiters: next, release: Release::Proceed }, None);
        goes_on
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(inner) = self.session.upgrade().filter(|_| !self.is_done) {
            Session { inner }.slot(self.slot).with(|state| state.rare().watches_permits = false);
        }
    }
}

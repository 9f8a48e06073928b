//! Its end: what a flight brings is installed and saved, or its failure is told.

use std::sync::Arc;

use super::{Cargo, Flight};
use crate::call::answer::Received;
use crate::decisions::gate::Landing;
use crate::ports::store::Stored;
use crate::session::persist::Committed;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::session::slot::Holding;
use crate::words::event::RefreshOutcome;

impl Flight {
    pub(super) async fn bring(&mut self, holding: Holding, answer: Option<Arc<Received>>) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let mut waiters = 0;
        let land = |landing, holding| {
            let (taken, woken) =
                session.touch_down(slot, &launch, landing, holding, answer.as_ref());
            waiters = woken;
            taken
        };
        let lock = self.lock.take();
        let outcome = match session.commit(slot, &launch, holding, self.over, lock, land).await {
            Committed::Taken => {
                session.look_ahead(slot);
                RefreshOutcome::Renewed
            }
            Committed::Discarded => RefreshOutcome::Discarded,
            Committed::Newer(stored) => return self.arrive(Cargo::Stored(stored)).await,
            Committed::Other(stored) => return self.arrive(Cargo::OtherLogin(stored)).await,
            Committed::SignedOut => return self.arrive(Cargo::signed_out()).await,
        };
        self.finish(outcome, waiters);
    }

    pub(super) async fn arrive(&mut self, cargo: Cargo) {
        match cargo {
            Cargo::Tokens(..) => {}
            Cargo::Stored(stored) => self.adopt(*stored).await,
            Cargo::OtherLogin(stored) => {
                self.session.become_other(self.slot, &self.launch, &stored).await;
                // It lands on nothing if the other login was installed, and lets those who wait ask again
                // if that could not be used.
                let (session, launch) = (self.session.clone(), self.launch);
                let (_, waiters) =
                    session.touch_down(self.slot, &launch, Landing::Vanished, None, None);
                self.finish(RefreshOutcome::Discarded, waiters);
            }
            Cargo::Failure(failure) => self.fail(*failure).await,
        }
    }

    async fn adopt(&mut self, stored: Stored) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let early = session.credential(slot).early;
        let holding = Holding::restored(stored.tokens, stored.issued, early);
        let mut waiters = 0;
        let land = || {
            let (taken, woken) =
                session.touch_down(slot, &launch, Landing::Renewed, Some(holding), None);
            waiters = woken;
            taken
        };
        let taken = session.take_over(slot, &launch, stored.stamp, land).await;
        if taken {
            session.look_ahead(slot);
        }
        let outcome = if taken { RefreshOutcome::Renewed } else { RefreshOutcome::Discarded };
        self.finish(outcome, waiters);
    }

    async fn fail(&mut self, failure: RefreshFailure) {
        let error = Arc::new(failure.error);
        let error_of_landing = Arc::clone(&error);
        let landing = match failure.kind {
            FailureKind::Transient { retry_after } => {
                Landing::Transient { error: error_of_landing, retry_after }
            }
            FailureKind::Ambiguous => {
                Landing::Transient { error: error_of_landing, retry_after: None }
            }
            FailureKind::Rejected => Landing::Rejected { error: error_of_landing },
            FailureKind::Permanent => Landing::Permanent { error: error_of_landing },
        };
        let (taken, waiters) =
            self.session.touch_down(self.slot, &self.launch, landing, None, None);
        let lost = taken && self.session.slot(self.slot).with(|state| state.gate.is_lost());
        let outcome = match (taken, lost) {
            (true, true) => RefreshOutcome::Lost(error),
            (true, false) => RefreshOutcome::Failed(error),
            (false, _) => RefreshOutcome::Discarded,
        };
        self.finish(outcome, waiters);
        if lost {
            self.session.persist(self.slot).await;
        }
    }
}

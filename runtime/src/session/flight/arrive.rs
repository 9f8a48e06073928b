//! Its end: what a flight brings is installed and saved, or its failure is told.

use std::sync::Arc;

use super::{Flight, FlightResult};
use crate::logic::gate::FlightOutcome;
use crate::ports::response::Received;
use crate::ports::store::Stored;
use crate::session::persist::Committed;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::session::slot::InstalledTokens;
use crate::types::event::RefreshOutcome;

impl Flight {
    pub(super) async fn bring(
        &mut self,
        holding: InstalledTokens,
        response: Option<Arc<Received>>,
    ) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let mut waiters = 0;
        let land = |outcome_of_flight, holding| {
            let (taken, woken) = session.complete_flight(
                slot,
                &launch,
                outcome_of_flight,
                holding,
                response.as_ref(),
            );
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
            Committed::Newer(stored) => return self.arrive(FlightResult::Stored(stored)).await,
            Committed::Other(stored) => return self.arrive(FlightResult::OtherLogin(stored)).await,
            Committed::SignedOut => return self.arrive(FlightResult::signed_out()).await,
        };
        self.finish(outcome, waiters);
    }

    pub(super) async fn arrive(&mut self, cargo: FlightResult) {
        match cargo {
            FlightResult::Tokens(..) => {}
            FlightResult::Stored(stored) => self.adopt(*stored).await,
            FlightResult::OtherLogin(stored) => {
                self.session.become_other(self.slot, &self.launch, &stored).await;
                // It lands on nothing if the other login was installed, and lets those who wait ask again
                // if that could not be used.
                let (session, launch) = (self.session.clone(), self.launch);
                let (_, waiters) =
                    session.complete_flight(self.slot, &launch, FlightOutcome::Aborted, None, None);
                self.finish(RefreshOutcome::Discarded, waiters);
            }
            FlightResult::Failure(failure) => self.fail(*failure).await,
        }
    }

    async fn adopt(&mut self, stored: Stored) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let early = session.credential(slot).early;
        let holding = InstalledTokens::restored(stored.tokens, stored.issued, early);
        let mut waiters = 0;
        let land = || {
            let (taken, woken) =
                session.complete_flight(slot, &launch, FlightOutcome::Renewed, Some(holding), None);
            waiters = woken;
            taken
        };
        let taken = session.take_over(slot, &launch, stored.version, land).await;
        if taken {
            session.look_ahead(slot);
        }
        let outcome = if taken { RefreshOutcome::Renewed } else { RefreshOutcome::Discarded };
        self.finish(outcome, waiters);
    }

    async fn fail(&mut self, failure: RefreshFailure) {
        let error = Arc::new(failure.error);
        let error_of_landing = Arc::clone(&error);
        let outcome_of_flight = match failure.kind {
            FailureKind::Transient { retry_after } => {
                FlightOutcome::Transient { error: error_of_landing, retry_after }
            }
            FailureKind::Ambiguous => {
                FlightOutcome::Transient { error: error_of_landing, retry_after: None }
            }
            FailureKind::Rejected => FlightOutcome::Rejected { error: error_of_landing },
            FailureKind::Permanent => FlightOutcome::Permanent { error: error_of_landing },
        };
        let (taken, waiters) =
            self.session.complete_flight(self.slot, &self.launch, outcome_of_flight, None, None);
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

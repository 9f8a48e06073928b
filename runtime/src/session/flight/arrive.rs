//! The end of a flight: its tokens are installed and saved, or its failure is reported.

use std::sync::Arc;

use super::{Flight, FlightResult};
use crate::logic::gate::FlightOutcome;
use crate::ports::response::Received;
use crate::ports::store::Stored;
use crate::session::persist::Committed;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::session::slot::InstalledTokens;
use crate::types::event::RefreshOutcome;
use crate::types::tokens::Tokens;

impl Flight {
    /// Saves and installs the tokens of a refresh.
    pub(super) async fn commit(
        &mut self,
        installed: InstalledTokens,
        response: Option<Arc<Received>>,
    ) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let mut waiters = 0;
        let complete = |outcome, installed| {
            let (counted, woken) =
                session.complete_flight(slot, &launch, outcome, installed, response.as_ref());
            waiters = woken;
            counted
        };
        let lock = self.take_lock();
        let arrived = installed.tokens.clone();
        self.keep_arrived(Some(installed.clone()));
        let committed =
            session.commit(slot, &launch, installed, self.replaces, lock, complete).await;
        self.keep_arrived(None);
        let outcome = match committed {
            Committed::Installed => {
                session.renew_ahead(slot);
                RefreshOutcome::Renewed
            }
            Committed::Discarded => {
                self.discard(&arrived);
                RefreshOutcome::Discarded
            }
            Committed::Newer(stored) => return self.arrive(FlightResult::Stored(stored)).await,
            Committed::Other(stored) => return self.arrive(FlightResult::OtherLogin(stored)).await,
            Committed::Removed => return self.arrive(FlightResult::tokens_gone()).await,
        };
        self.finish(outcome, waiters);
    }

    /// Keeps the tokens where a call that abandons this flight finds them: it may stall, or end, while they are saved.
    fn keep_arrived(&self, arrived: Option<InstalledTokens>) {
        self.session.slot(self.slot).with(|state| {
            if state.gate.is_awaiting(&self.launch)
                && let Some(flight) = state.flight()
            {
                flight.arrived = arrived.map(Box::new);
            }
        });
    }

    /// Handles tokens that arrived too late for their user. They are left alone if a refresh token among them is that of
    /// a login: revoking any of them would end it.
    fn discard(&self, arrived: &Tokens) {
        let presented = self.presented.as_ref().and_then(Tokens::refresh);
        let current = self.session.tokens_at(self.slot);
        if current.as_ref().is_some_and(|current| current.access() == arrived.access()) {
            return;
        }
        let current = current.as_ref().and_then(Tokens::refresh);
        let is_kept = arrived.refresh().is_some() && arrived.refresh() == presented;
        let is_current = current.is_some() && [presented, arrived.refresh()].contains(&current);
        if is_kept || is_current {
            return;
        }
        let renew = self.session.policy_of(self.slot).renew.get();
        if let Some(discard) = renew.and_then(|renew| renew.discard(arrived)) {
            // On its own task, since nothing waits for it.
            let _ = self.session.policy().spawner.spawn(discard);
        }
    }

    pub(super) async fn arrive(&mut self, result: FlightResult) {
        match result {
            FlightResult::Tokens(..) => {}
            FlightResult::Stored(stored) => self.adopt(*stored).await,
            FlightResult::OtherLogin(stored) => {
                self.session.switch_login(self.slot, &self.launch, &stored).await;
                // The flight no longer counts if the other login was installed. If that could not be used, the
                // waiting calls ask again.
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
        let early = session.policy_of(slot).early;
        let installed = InstalledTokens::restored(stored.tokens, stored.issued, early);
        let mut waiters = 0;
        let complete = || {
            let (counted, woken) = session.complete_flight(
                slot,
                &launch,
                FlightOutcome::Renewed,
                Some(installed),
                None,
            );
            waiters = woken;
            counted
        };
        let counted = session.adopt_stored(slot, &launch, stored.version, complete).await;
        if counted {
            session.renew_ahead(slot);
        }
        let outcome = if counted { RefreshOutcome::Renewed } else { RefreshOutcome::Discarded };
        self.finish(outcome, waiters);
    }

    async fn fail(&mut self, failure: RefreshFailure) {
        let reason = Arc::new(failure.error);
        let error = Arc::clone(&reason);
        let outcome = match failure.kind {
            FailureKind::Transient { retry_after } => {
                FlightOutcome::Transient { error, retry_after }
            }
            FailureKind::Ambiguous => FlightOutcome::Transient { error, retry_after: None },
            FailureKind::Unusable => FlightOutcome::Rejected { error, retry_after: None },
            FailureKind::Rejected { retry_after } => FlightOutcome::Rejected { error, retry_after },
            FailureKind::Permanent => FlightOutcome::Permanent { error },
        };
        let (counted, waiters) =
            self.session.complete_flight(self.slot, &self.launch, outcome, None, None);
        let lost = counted && self.session.slot(self.slot).with(|state| state.gate.is_lost());
        let outcome = match (counted, lost) {
            (true, true) => RefreshOutcome::Lost(reason),
            (true, false) => RefreshOutcome::Failed(reason),
            (false, _) => RefreshOutcome::Discarded,
        };
        self.finish(outcome, waiters);
        if lost {
            self.session.persist(self.slot).await;
        }
    }
}

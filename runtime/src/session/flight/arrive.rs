//! The end of a flight without tokens from a refresh: those in the store are installed, or its failure is reported.

use std::sync::Arc;

use super::{Flight, NoTokens};
use crate::logic::gate::FlightOutcome;
use crate::ports::store::Stored;
use crate::session::persist::{Found, Known, PROMPT, next_ticket, tokens_gone, too_slow};
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::types::event::RefreshOutcome;

impl Flight {
    pub(super) async fn arrive_without(&mut self, why: NoTokens) {
        match why {
            NoTokens::Found(Found::Newer(stored)) => self.adopt(&stored).await,
            NoTokens::Found(Found::Other(stored)) => {
                if let Some(store) = self.session.store_of(self.slot) {
                    store.switch_login(&self.launch, &stored).await;
                }
                // The flight no longer counts if the other login was installed. If that could not be used, the
                // waiting calls ask again.
                self.complete(FlightOutcome::Aborted, None, None);
                self.finish(RefreshOutcome::Discarded);
            }
            NoTokens::Found(Found::Removed) => {
                self.fail(RefreshFailure::of(FailureKind::Permanent, tokens_gone())).await;
            }
            NoTokens::Failure(failure) => self.fail(failure).await,
        }
    }

    /// Installs tokens that another process has saved.
    async fn adopt(&mut self, stored: &Stored) {
        let session = self.session.clone();
        // Without a store, dropping the flight completes it.
        let Some(store) = session.store_of(self.slot) else { return };
        let mut known = store.lock_writes(PROMPT).await;
        if known.is_none() {
            store.emit_failed(too_slow(PROMPT));
        }
        let is_installed = self.install(store.restored(stored), None);
        let is_noted = known.is_some();
        if let (Some(known), true) = (&mut known, is_installed) {
            **known = Known::of(stored.version, next_ticket(&self.launch));
        }
        drop(known);
        if !is_installed {
            return self.finish(RefreshOutcome::Discarded);
        }
        store.emit_adopted();
        if !is_noted {
            // What the store has is noted once the other write ends.
            session.persist(self.slot).await;
        }
        session.renew_ahead(self.slot);
        self.finish(RefreshOutcome::Renewed);
    }

    async fn fail(&mut self, failure: RefreshFailure) {
        let reason = Arc::new(failure.error);
        let error = Arc::clone(&reason);
        let outcome = match failure.kind {
            FailureKind::Transient { retry_after } => {
                FlightOutcome::Transient { error, retry_after }
            }
            FailureKind::Ambiguous => {
                let retry_after = error.retry_after();
                FlightOutcome::Transient { error, retry_after }
            }
            FailureKind::Unusable => FlightOutcome::Rejected { error, retry_after: None },
            FailureKind::Rejected { retry_after } => FlightOutcome::Rejected { error, retry_after },
            FailureKind::Permanent => FlightOutcome::Permanent { error },
        };
        let counted = self.complete(outcome, None, None);
        let lost = counted && self.session.slot(self.slot).with(|state| state.gate.is_lost());
        let outcome = match (counted, lost) {
            (true, true) => RefreshOutcome::Lost(reason),
            (true, false) => RefreshOutcome::Failed(reason),
            (false, _) => RefreshOutcome::Discarded,
        };
        self.finish(outcome);
        if lost {
            self.session.persist(self.slot).await;
        }
    }
}

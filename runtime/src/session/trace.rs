//! What happens, for `tracing`. No token is ever among the fields.

use std::time::Duration;

use tracing::{debug, info, warn};

use crate::types::event::{Event, RefreshOutcome};

/// Tells an event of a session.
pub(super) fn event(event: &Event) {
    let session = u64::from(event.session());
    match event {
        Event::RefreshStarted { credential, epoch, generation, trigger, .. } => {
            info!(session, credential, epoch, generation, ?trigger, "refresh started");
        }
        Event::RefreshFinished { outcome, duration, waiters, .. } => {
            finished(event, outcome, *duration, *waiters);
        }
        Event::Held { credential, endpoint, waiting, .. } => {
            debug!(
                session,
                credential,
                endpoint = endpoint.name,
                route = endpoint.path,
                waiting,
                "call held"
            );
        }
        Event::Replayed {
            credential, endpoint, attempt, from_generation, to_generation, ..
        } => {
            debug!(
                session,
                credential,
                endpoint = endpoint.name,
                route = endpoint.path,
                attempt,
                from_generation,
                to_generation,
                "call replayed"
            );
        }
        Event::SessionLost { credential, reason, .. } => {
            warn!(session, credential, %reason, "session lost");
        }
        Event::RotationAmbiguous { credential, .. } => {
            warn!(session, credential, "the response to a refresh was lost");
        }
        Event::LifetimeUnreadable { credential, .. } => {
            warn!(session, credential, "the lifetime of a token cannot be read");
        }
        Event::Adopted { credential, source, .. } => {
            info!(session, credential, ?source, "token adopted")
        }
        Event::StoreFailed { credential, reason, .. } => {
            warn!(session, credential, %reason, "token store failed");
        }
    }
}

/// A refresh that failed is worth a warning.
fn finished(event: &Event, outcome: &RefreshOutcome, duration: Duration, waiters: usize) {
    let Event::RefreshFinished { session, credential, epoch, generation, .. } = event else {
        return;
    };
    let (session, outcome_is) = (u64::from(*session), outcome_name(outcome));
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        RefreshOutcome::Failed(error) | RefreshOutcome::Lost(error) => {
            warn!(session, credential, epoch, generation, outcome = outcome_is, millis, waiters, %error, "refresh finished");
        }
        _ => {
            info!(
                session,
                credential,
                epoch,
                generation,
                outcome = outcome_is,
                millis,
                waiters,
                "refresh finished"
            );
        }
    }
}

fn outcome_name(outcome: &RefreshOutcome) -> &'static str {
    match outcome {
        RefreshOutcome::Renewed => "renewed",
        RefreshOutcome::Failed(_) => "failed",
        RefreshOutcome::Lost(_) => "lost",
        RefreshOutcome::Discarded => "discarded",
        RefreshOutcome::Aborted => "aborted",
    }
}

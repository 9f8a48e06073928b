//! Events of a session for `tracing`. Their fields never contain a token.

use std::time::Duration;

use tracing::{debug, info, warn};

use crate::types::event::{Event, EventKind, RefreshOutcome};

pub(super) fn event(event: &Event) {
    let (session, credential) = (u64::from(event.session), event.credential);
    match &event.kind {
        EventKind::RefreshStarted { epoch, generation, trigger } => {
            info!(session, credential, epoch, generation, ?trigger, "refresh started");
        }
        EventKind::RefreshFinished { epoch, generation, outcome, duration, waiters } => {
            finished(event, (*epoch, *generation), outcome, *duration, *waiters);
        }
        EventKind::Queued { endpoint, waiting } => {
            let (endpoint, route) = (endpoint.name, endpoint.path);
            debug!(session, credential, endpoint, route, waiting, "call queued");
        }
        EventKind::Replayed { endpoint, attempt, from_generation, to_generation } => {
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
        EventKind::SessionLost { reason } => {
            warn!(session, credential, %reason, "session lost");
        }
        EventKind::RotationAmbiguous {} => {
            warn!(session, credential, "the outcome of a refresh is unknown");
        }
        EventKind::LifetimeUnreadable {} => {
            warn!(session, credential, "the lifetime of a token cannot be read");
        }
        EventKind::Adopted { source } => {
            info!(session, credential, ?source, "token adopted");
        }
        EventKind::StoreFailed { reason } => {
            warn!(session, credential, %reason, "token store failed");
        }
    }
}

/// A refresh that failed is reported as a warning.
fn finished(
    event: &Event,
    (epoch, generation): (u64, u64),
    outcome: &RefreshOutcome,
    duration: Duration,
    waiters: usize,
) {
    let (session, credential) = (u64::from(event.session), event.credential);
    let outcome_is = outcome_name(outcome);
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

const fn outcome_name(outcome: &RefreshOutcome) -> &'static str {
    match outcome {
        RefreshOutcome::Renewed => "renewed",
        RefreshOutcome::Failed(_) => "failed",
        RefreshOutcome::Lost(_) => "lost",
        RefreshOutcome::Discarded => "discarded",
        RefreshOutcome::Aborted => "aborted",
    }
}

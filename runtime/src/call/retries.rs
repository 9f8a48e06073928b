//! Retries after a failure of the transport.
//!
//! They are counted for the call as a whole, beside its repeats after a refresh, so that the two do
//! not multiply. A budget for the client as a whole keeps a broken server from being stormed.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use super::parts::Parts;
use crate::ports::random::jitter;
use crate::types::endpoint::Retry;
use crate::types::error::{Error, ErrorKind, Phase};

/// A full budget, and the price of a retry; what a good response pays back.
const FULL: i32 = 1_000;
const PRICE: i32 = 100;
const REFUND: i32 = 10;

/// No call waits for longer than this between two attempts. A server that asks for more is not asked
/// again: the caller is told how long, and decides.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// What all calls of a client may spend on retries: ten at once, and one more for each ten good
/// answers.
#[derive(Debug)]
pub(crate) struct Budget(AtomicI32);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI32::new(FULL))
    }
}

impl Budget {
    fn spend(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left >= PRICE).then(|| left - PRICE)
            })
            .is_ok()
    }

    fn earn(&self) {
        if self.0.load(Ordering::Relaxed) < FULL {
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some((left + REFUND).min(FULL))
            });
        }
    }
}

/// How long to wait before a call is sent again after a failure; `None` if it is not.
pub(crate) fn after_failure(parts: &mut Parts, error: &Error) -> Option<Duration> {
    let retry = allowed(parts)?;
    let worth = match error.kind() {
        // It would be no better the next time.
        ErrorKind::Argument => false,
        _ if error.is_unsent() => retry.connect,
        ErrorKind::Transport => retry.connect,
        ErrorKind::Timeout(Phase::Attempt) => retry.timeout,
        _ => false,
    };
    if worth { pause(parts, &retry, None) } else { None }
}

/// The same, after a response that says failure.
pub(crate) fn after_response(parts: &mut Parts, error: &Error) -> Option<Duration> {
    let retry = allowed(parts)?;
    let status = error.status()?.as_u16();
    if retry.statuses.contains(&status) { pause(parts, &retry, error.retry_after()) } else { None }
}

/// A good response pays back.
pub(crate) fn succeeded(parts: &Parts) {
    if allowed(parts).is_some() {
        parts.client.core().budget.earn();
    }
}

fn allowed(parts: &Parts) -> Option<Retry> {
    parts.retry().filter(|_| parts.is_idempotent() && parts.body.is_repeatable())
}

fn pause(parts: &mut Parts, retry: &Retry, asked: Option<Duration>) -> Option<Duration> {
    let made = parts.progress.retries;
    let asked = asked.unwrap_or_default();
    if made >= retry.limit || asked > LONGEST_RETRY_AFTER || !parts.client.core().budget.spend() {
        return None;
    }
    let doubled = retry.shortest.saturating_mul(1 << made.min(16)).min(retry.longest);
    parts.progress.retries += 1;
    // Between half and the whole of it, so that those who failed together do not return together.
    let spread = doubled.mul_f64(0.5 + jitter() / 2.0);
    Some(spread.max(asked))
}

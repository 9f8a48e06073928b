//! Retries after a transport failure.
//!
//! They are counted for the whole call, apart from its replays after a refresh, so that the two do not multiply. A
//! budget for the whole client keeps retries from overloading a failing server.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use super::body::sized::WrongLength;
use super::parts::Parts;
use crate::logic::retry::{self, Failure};
use crate::ports::random::jitter;
use crate::types::error::{Error, ErrorKind, Phase};

/// A full budget, the price of a retry, and the refund for a success.
const FULL: i32 = 1_000;
const PRICE: i32 = 100;
const REFUND: i32 = 10;

/// The retry budget that all calls of a client share: ten retries, and one more for every ten successes.
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

/// How long to wait before a call is retried after a transport failure; `None` if it is not retried.
pub(crate) fn after_failure(parts: &mut Parts, error: &Error) -> Option<Duration> {
    let failure = match error.kind() {
        // The next attempt would fail in the same way.
        ErrorKind::Argument => return None,
        _ if error.is_unsent() => Failure::Connection,
        // The next attempt would send something else: half of a file.
        ErrorKind::Transport if error.cause().is_some_and(WrongLength::caused) => return None,
        ErrorKind::Transport => Failure::Connection,
        ErrorKind::Timeout(Phase::Attempt) => Failure::Timeout,
        _ => return None,
    };
    pause(parts, failure, None)
}

/// How long to wait before a call is retried after a response that reports a failure.
pub(crate) fn after_response(parts: &mut Parts, error: &Error) -> Option<Duration> {
    let status = error.status()?;
    let stated = error.retry_after();
    let response = error.as_raw()?;
    let is_asked_for =
        parts.retry().is_some_and(|it| retry::is_asked_for(&it, &response, error.raw_code()));
    let failure = match is_asked_for {
        // With one of these, a stated wait applies to every method.
        true if !matches!(status.as_u16(), 429 | 503) || stated.is_none() => Failure::Rule,
        _ => Failure::Status(status.as_u16(), stated),
    };
    // A server that is still working on the result has not failed.
    match status.is_success() {
        true => unpaid_pause(parts, failure, stated),
        false => pause(parts, failure, stated),
    }
}

/// A success refunds a part of a retry.
pub(crate) fn succeeded(parts: &Parts) {
    if parts.retry().is_some() {
        parts.client.core().budget.earn();
    }
}

fn pause(parts: &mut Parts, failure: Failure, stated: Option<Duration>) -> Option<Duration> {
    let before = parts.progress.retries;
    let pause = unpaid_pause(parts, failure, stated)?;
    let is_paid = parts.client.core().budget.spend();
    if !is_paid {
        parts.progress.retries = before;
    }
    is_paid.then_some(pause)
}

fn unpaid_pause(parts: &mut Parts, failure: Failure, stated: Option<Duration>) -> Option<Duration> {
    let can_be_sent = parts.turned().is_some() || parts.body.is_repeatable();
    let retry = parts.retry().filter(|_| can_be_sent)?;
    if !retry::is_worth(&retry, failure, parts.is_idempotent()) {
        return None;
    }
    let pause = retry::pause(&retry, parts.progress.retries, stated, jitter())?;
    parts.progress.retries += 1;
    Some(pause)
}

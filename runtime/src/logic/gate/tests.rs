//! The invariants of the gate, one by one. The explorer covers their combinations.

#![allow(clippy::unwrap_used)]

mod cooldown;
mod crossing;
mod identity;
mod questions;
mod queue;
mod unhelped;

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::logic::backoff::Backoff;

type TestGate = Gate<u8, &'static str>;

const LIMITS: Limits = Limits {
    queue: usize::MAX,
    permits: usize::MAX,
    rejections: Some(3),
    cooldown: Backoff::new(seconds(1), seconds(60)),
    window: Window { refreshes: 5, within: seconds(30) },
};

const ONE_PERMIT: Limits = Limits { permits: 1, ..LIMITS };

/// The state of an ordinary call.
const ASK: Ask = Ask {
    now: Duration::ZERO,
    freshness: Freshness::Fresh,
    bound: None,
    may_start: true,
    optional: false,
    tokenless: false,
    send_during_refresh: false,
};

const TRANSIENT: FlightOutcome<&str> =
    FlightOutcome::Transient { error: "busy", retry_after: None };

const REJECTED: FlightOutcome<&str> = FlightOutcome::Rejected { error: "what?", retry_after: None };

/// The endpoint of ordinary calls, and another one.
const ENDPOINT: EndpointId = 1;
const OTHER_ENDPOINT: EndpointId = 2;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn signed_in() -> TestGate {
    let mut gate = TestGate::new();
    gate.login();
    gate
}

/// The next id of a waiter.
fn next_id() -> WaiterId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The wait of a call.
fn waiter(call: u8) -> (WaiterId, u8, WaiterId) {
    let id = next_id();
    (id, call, id)
}

/// The gate's decision for call 0, without its wait.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Send(Ticket),
    SendBare,
    Replay,
    Wait,
    GiveUp,
    Refuse(Refusal<&'static str>),
}

/// Call 0 asks, and does not stay in the queue.
fn admit_with(gate: &mut TestGate, ask: &Ask, limits: &Limits) -> (Answer, Option<Launch>) {
    let (admission, launch) = gate.admit(ask, limits, || waiter(0));
    let answer = match admission {
        Admission::Send(ticket) => Answer::Send(ticket),
        Admission::SendBare => Answer::SendBare,
        Admission::Refuse(refusal) => Answer::Refuse(refusal),
        Admission::Wait(id) => {
            gate.cancel(id);
            Answer::Wait
        }
    };
    (answer, launch)
}

fn admit(gate: &mut TestGate, ask: &Ask) -> (Answer, Option<Launch>) {
    admit_with(gate, ask, &LIMITS)
}

/// Call 0 asks, and has to start a flight.
fn starts(gate: &mut TestGate, ask: &Ask) -> Launch {
    match admit(gate, ask) {
        (Answer::Wait, Some(launch)) => launch,
        other => panic!("no flight is started: {other:?}"),
    }
}

/// Call 0 gets a response that says "expired", and does not stay in the queue.
fn expire_with(gate: &mut TestGate, expired: &Expired) -> (Answer, Option<Launch>) {
    let (after, launch) = gate.expired(expired, &LIMITS, || waiter(0));
    let answer = match after {
        Ok(AfterExpiry::Replay) => Answer::Replay,
        Ok(AfterExpiry::GiveUp) => Answer::GiveUp,
        Err(refusal) => Answer::Refuse(refusal),
        Ok(AfterExpiry::Wait(id)) => {
            gate.cancel(id);
            Answer::Wait
        }
    };
    (answer, launch)
}

const fn response(ticket: Ticket) -> Expired {
    Expired {
        now: Duration::ZERO,
        ticket,
        endpoint: ENDPOINT,
        replays: true,
        may_start: true,
        was_replayed: false,
    }
}

fn expired(gate: &mut TestGate, ticket: Ticket) -> (Answer, Option<Launch>) {
    expire_with(gate, &response(ticket))
}

/// A refresh by hand, whose caller does not stay in the queue.
fn refresh(
    gate: &mut TestGate,
    now: Duration,
    tokenless: bool,
) -> (Result<(), Refusal<&'static str>>, Option<Launch>) {
    let (waiting, launch) = gate.refresh(now, tokenless, &LIMITS, || waiter(0));
    (waiting.map(|id| gate.cancel(id)), launch)
}

fn asked(gate: &mut TestGate, now: Duration) -> Launch {
    match refresh(gate, now, false) {
        (Ok(()), Some(launch)) => launch,
        other => panic!("no refresh at {now:?}: {other:?}"),
    }
}

/// A refresh, and its outcome with `jitter`.
fn fly(
    gate: &mut TestGate,
    now: Duration,
    jitter: f64,
    outcome: FlightOutcome<&'static str>,
) -> Completion<u8, &'static str> {
    let launch = asked(gate, now);
    gate.complete(now, jitter, &launch, outcome, &LIMITS)
}

fn calls(waiters: &[(WaiterId, u8)]) -> Vec<u8> {
    waiters.iter().map(|(_, call)| *call).collect()
}

fn complete(
    gate: &mut TestGate,
    outcome: FlightOutcome<&'static str>,
    limits: &Limits,
) -> Vec<(WaiterId, u8)> {
    let launch = *gate.flight().unwrap();
    gate.complete(Duration::ZERO, 0.0, &launch, outcome, limits).released.waiters
}

fn queue_with(gate: &mut TestGate, call: u8, limits: &Limits) -> Option<WaiterId> {
    gate.enqueue(limits, || waiter(call))
}

fn queue(gate: &mut TestGate, calls: &[u8]) -> Vec<WaiterId> {
    calls.iter().map(|call| queue_with(gate, *call, &LIMITS).unwrap()).collect()
}

/// The time after `now` in which no refresh is made.
fn cooldown(gate: &TestGate, now: Duration) -> Duration {
    let mut end = now;
    while refresh(&mut gate.clone(), end, false).0 == Err(Refusal::CoolingDown("busy")) {
        end += Duration::from_millis(500);
    }
    end - now
}

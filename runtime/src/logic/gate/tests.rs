//! The promises of the gate, one by one. Their combinations are walked through by the explorer.

#![allow(clippy::unwrap_used)]

mod cooldown;
mod crossing;
mod identity;
mod queue;

use super::*;

type Desk = Gate<u8, &'static str>;

const LIMITS: Limits = Limits {
    queue: usize::MAX,
    permits: usize::MAX,
    rejections: 3,
    window: Window { refreshes: 5, within: seconds(30) },
};

const ONE_TURN: Limits = Limits { permits: 1, ..LIMITS };

/// What a call without anything special asks at the beginning.
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

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn signed_in() -> Desk {
    let mut gate = Desk::new();
    gate.login();
    gate
}

/// A refresh that somebody has asked for.
fn asked(gate: &mut Desk, now: Duration) -> Launch {
    match gate.refresh(now, Trigger::Asked, false, &LIMITS) {
        Admission::Hold(Some(launch)) => launch,
        other => panic!("no refresh at {now:?}: {other:?}"),
    }
}

/// A refresh, and a outcome_of_flight that is thrown with `jitter`.
fn fly(
    gate: &mut Desk,
    now: Duration,
    jitter: f64,
    outcome_of_flight: FlightOutcome<&'static str>,
) -> Completion<u8, &'static str> {
    let launch = asked(gate, now);
    gate.land(now, jitter, &launch, outcome_of_flight, &LIMITS)
}

fn land(
    gate: &mut Desk,
    outcome_of_flight: FlightOutcome<&'static str>,
    limits: &Limits,
) -> Vec<u8> {
    let launch = *gate.flight().unwrap();
    gate.land(Duration::ZERO, 0.0, &launch, outcome_of_flight, limits).released.waiters
}

fn hold(gate: &mut Desk, calls: &[u8]) -> Vec<WaiterId> {
    calls.iter().map(|call| gate.hold(*call, &LIMITS).unwrap()).collect()
}

/// How long after `now` no refresh is made.
fn rest(gate: &Desk, now: Duration) -> Duration {
    let mut end = now;
    while gate.clone().refresh(end, Trigger::Asked, false, &LIMITS)
        == Admission::Refuse(Refusal::Resting("busy"))
    {
        end += Duration::from_millis(500);
    }
    end - now
}

fn expired(gate: &mut Desk, ticket: Ticket) -> AfterExpiry<&'static str> {
    gate.expired(Duration::ZERO, ticket, true, true, &LIMITS)
}

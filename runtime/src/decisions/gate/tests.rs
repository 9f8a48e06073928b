//! The promises of the gate, one by one. Their combinations are walked through by the explorer.

#![allow(clippy::unwrap_used)]

mod crossing;
mod identity;
mod queue;
mod trouble;

use super::*;

type Desk = Gate<u8, &'static str>;

const LIMITS: Limits = Limits {
    queue: usize::MAX,
    turns: usize::MAX,
    rejections: 3,
    window: Window { refreshes: 5, within: seconds(30) },
};

const ONE_TURN: Limits = Limits { turns: 1, ..LIMITS };

/// What a call without anything special asks at the beginning.
const ASK: Ask = Ask {
    now: Duration::ZERO,
    freshness: Freshness::Good,
    bound: None,
    may_start: true,
    optional: false,
    tokenless: false,
    send_during_refresh: false,
};

const TRANSIENT: Landing<&str> = Landing::Transient { error: "busy", retry_after: None };

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

/// A refresh, and a landing that is thrown with `dice`.
fn fly(
    gate: &mut Desk,
    now: Duration,
    dice: f64,
    landing: Landing<&'static str>,
) -> Landed<u8, &'static str> {
    let launch = asked(gate, now);
    gate.land(now, dice, &launch, landing, &LIMITS)
}

fn land(gate: &mut Desk, landing: Landing<&'static str>, limits: &Limits) -> Vec<u8> {
    let launch = *gate.flight().unwrap();
    gate.land(Duration::ZERO, 0.0, &launch, landing, limits).released.waiters
}

fn hold(gate: &mut Desk, calls: &[u8]) -> Vec<Place> {
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

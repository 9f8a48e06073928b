//! The queue and the permits of those who leave it.

use super::*;

#[test]
fn the_queue_turns_calls_away_when_it_is_full() {
    let limits = Limits { queue: 2, ..LIMITS };
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    let first = gate.hold(1, &limits).unwrap();
    gate.hold(2, &limits).unwrap();
    assert_eq!(gate.hold(3, &limits), Err(3));
    gate.cancel(first);
    gate.hold(4, &limits).unwrap();
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &limits), [2, 4]);
}

#[test]
fn a_cancelled_call_leaves_the_order_of_the_others_as_it_is() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    let next_waiter = hold(&mut gate, &[0, 1, 2, 3, 4]);
    for place in [next_waiter[2], next_waiter[0], next_waiter[2]] {
        gate.cancel(place);
    }
    assert_eq!(gate.held(), 3);
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &LIMITS), [1, 3, 4]);
    gate.cancel(next_waiter[1]);
    assert_eq!(gate.held(), 0);
}

#[test]
fn released_calls_take_turns_in_their_order() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    let next_waiter = hold(&mut gate, &[1, 2, 3, 4]);
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &ONE_TURN), [1]);
    assert_eq!(gate.held(), 3);
    gate.cancel(next_waiter[1]);
    assert_eq!(gate.permit_returned(&ONE_TURN), [3]);
    assert_eq!(gate.permit_returned(&ONE_TURN), [4]);
    assert!(gate.permit_returned(&ONE_TURN).is_empty());
    assert!(gate.traffic.is_none());
}

#[test]
fn calls_that_wait_for_a_turn_go_before_those_of_the_next_refresh() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    hold(&mut gate, &[1, 2]);
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &ONE_TURN), [1]);
    asked(&mut gate, Duration::ZERO);
    hold(&mut gate, &[3, 1]);
    assert!(land(&mut gate, FlightOutcome::Renewed, &ONE_TURN).is_empty());
    let order: Vec<_> = (0..3).flat_map(|_| gate.permit_returned(&ONE_TURN)).collect();
    assert_eq!(order, [2, 3, 1]);
}

#[test]
fn a_turn_counts_until_it_ends_even_through_a_login() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    hold(&mut gate, &[1, 2]);
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &ONE_TURN), [1]);
    let released = gate.login();
    assert_eq!((released.waiters, released.word), (vec![2], Release::Changed));
    asked(&mut gate, Duration::ZERO);
    hold(&mut gate, &[3, 4]);
    assert!(land(&mut gate, FlightOutcome::Renewed, &ONE_TURN).is_empty());
    assert_eq!(gate.permit_returned(&ONE_TURN), [3]);
    assert_eq!(gate.permit_returned(&ONE_TURN), [4]);
}

#[test]
fn a_quiet_gate_keeps_nothing() {
    let mut gate = signed_in();
    let place = {
        asked(&mut gate, Duration::ZERO);
        hold(&mut gate, &[1])[0]
    };
    gate.cancel(place);
    land(&mut gate, FlightOutcome::Renewed, &LIMITS);
    let ticket = gate.ticket();
    gate.accepted(ticket);
    assert!(gate.traffic.is_none() && gate.failures.is_none());
}

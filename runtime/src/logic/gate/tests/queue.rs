//! The queue, and the permits of calls that leave it.

use super::*;

const NOW: Duration = Duration::ZERO;
const LATER: Duration = Duration::from_millis(100);

/// The calls that the gate lets send when the permit of the first of `sending` ends.
fn ends(gate: &mut TestGate, sending: &mut Vec<(WaiterId, u8)>) -> Vec<u8> {
    let (id, _) = sending.remove(0);
    let next = gate.permit_returned(NOW, id, &ONE_PERMIT);
    let next_calls = calls(&next);
    sending.extend(next);
    next_calls
}

#[test]
fn the_queue_rejects_calls_when_it_is_full() {
    let limits = Limits { queue: 2, ..LIMITS };
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    let first = queue_with(&mut gate, 1, &limits).unwrap();
    queue_with(&mut gate, 2, &limits).unwrap();
    let refused = (Answer::Refuse(Refusal::QueueFull), None);
    assert_eq!(admit_with(&mut gate, &ASK, &limits), refused);
    gate.cancel(first);
    queue_with(&mut gate, 4, &limits).unwrap();
    assert_eq!(calls(&complete(&mut gate, FlightOutcome::Renewed, &limits)), [2, 4]);
}

#[test]
fn a_call_that_finds_the_queue_full_starts_the_refresh_for_the_next_one() {
    let limits = Limits { queue: 0, ..LIMITS };
    let mut gate = signed_in();
    gate.expire();
    let (answer, launch) = admit_with(&mut gate, &ASK, &limits);
    assert_eq!(answer, Answer::Refuse(Refusal::QueueFull));
    assert_eq!(launch.as_ref(), gate.flight());
    assert!(launch.is_some());
}

#[test]
fn a_canceled_call_does_not_change_the_order_of_the_others() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    let ids = queue(&mut gate, &[0, 1, 2, 3, 4]);
    for id in [ids[2], ids[0], ids[2]] {
        gate.cancel(id);
    }
    assert_eq!(gate.waiting(), 3);
    assert_eq!(calls(&complete(&mut gate, FlightOutcome::Renewed, &LIMITS)), [1, 3, 4]);
    gate.cancel(ids[1]);
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn released_calls_get_their_permits_in_their_order() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    let ids = queue(&mut gate, &[1, 2, 3, 4]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert_eq!(calls(&sending), [1]);
    assert_eq!(gate.waiting(), 3);
    gate.cancel(ids[1]);
    assert_eq!(ends(&mut gate, &mut sending), [3]);
    assert_eq!(ends(&mut gate, &mut sending), [4]);
    assert!(ends(&mut gate, &mut sending).is_empty());
    assert!(gate.present_traffic().is_none());
}

#[test]
fn calls_that_wait_for_a_permit_go_before_those_of_the_next_refresh() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert_eq!(calls(&sending), [1]);
    asked(&mut gate, NOW);
    queue(&mut gate, &[3, 1]);
    assert!(complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT).is_empty());
    let order: Vec<_> = (0..3).flat_map(|_| ends(&mut gate, &mut sending)).collect();
    assert_eq!(order, [2, 3, 1]);
}

#[test]
fn a_permit_counts_until_it_ends_even_through_a_login() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert_eq!(calls(&sending), [1]);
    let released = gate.login();
    assert_eq!((calls(&released.waiters), released.release), (vec![2], Release::SessionChanged));
    asked(&mut gate, NOW);
    queue(&mut gate, &[3, 4]);
    assert!(complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT).is_empty());
    assert_eq!(ends(&mut gate, &mut sending), [3]);
    assert_eq!(ends(&mut gate, &mut sending), [4]);
}

#[test]
fn a_call_that_is_woken_and_not_polled_gives_its_permit_to_the_next() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2, 3]);
    let first = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert!(gate.reclaim_permits(NOW, &ONE_PERMIT).is_empty());
    let second = gate.reclaim_permits(LATER, &ONE_PERMIT);
    assert_eq!(calls(&second), [2]);
    assert!(!gate.permit_polled(first[0].0), "it belongs to another call now");
    assert!(gate.permit_polled(second[0].0));
    // A call that is polled keeps its permit, however long it takes.
    assert!(gate.reclaim_permits(seconds(60), &ONE_PERMIT).is_empty());
    gate.permit_woken(seconds(60), second[0].0);
    assert!(gate.reclaim_permits(seconds(60), &ONE_PERMIT).is_empty());
    assert_eq!(calls(&gate.reclaim_permits(seconds(61), &ONE_PERMIT)), [3]);
}

#[test]
fn a_call_that_sends_again_after_a_pause_waits_for_a_permit_behind_the_others() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert_eq!(ends(&mut gate, &mut sending), [2]);
    let id = next_id();
    assert!(gate.take_permit(id, &ONE_PERMIT, || (1, ())).is_err());
    assert!(gate.has_ready());
    // Calls of a refresh that have waited longer go first.
    assert_eq!(ends(&mut gate, &mut sending), [1]);
    assert_eq!(sending[0].0, id);
    assert!(ends(&mut gate, &mut sending).is_empty());
    assert!(gate.take_permit(next_id(), &ONE_PERMIT, || (1, ())).is_ok());
}

#[test]
fn calls_of_several_refreshes_and_pauses_get_their_permits_in_the_order_of_their_arrival() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    asked(&mut gate, NOW);
    queue(&mut gate, &[3]);
    assert!(gate.take_permit(next_id(), &ONE_PERMIT, || (4, ())).is_err());
    queue(&mut gate, &[5]);
    assert!(complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT).is_empty());
    let order: Vec<_> = (0..4).flat_map(|_| ends(&mut gate, &mut sending)).collect();
    assert_eq!(order, [2, 3, 4, 5]);
}

#[test]
fn a_call_that_waits_for_a_permit_can_be_canceled_at_any_point() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1]);
    let mut sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    asked(&mut gate, NOW);
    let queued = queue(&mut gate, &[2, 3]);
    let again = next_id();
    assert!(gate.take_permit(again, &ONE_PERMIT, || (4, ())).is_err());
    assert!(complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT).is_empty());
    gate.cancel(queued[1]);
    assert_eq!(gate.waiting(), 2);
    assert_eq!(ends(&mut gate, &mut sending), [2]);
    gate.cancel(again);
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn an_idle_gate_stores_nothing() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    let id = queue(&mut gate, &[1])[0];
    gate.cancel(id);
    complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    let ticket = gate.ticket();
    gate.accepted(ticket, ENDPOINT);
    assert!(gate.rare.is_none());
}

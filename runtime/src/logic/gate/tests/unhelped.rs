//! Endpoints that still reject a renewed token.

use super::*;

/// Call 0 is replayed after its refresh, and rejected again.
fn rejected_again(gate: &mut TestGate, now: Duration, endpoint: EndpointId) {
    let expired = Expired { now, endpoint, ..response(gate.ticket()) };
    let (Answer::Wait, Some(launch)) = expire_with(gate, &expired) else {
        panic!("no refresh at {now:?}");
    };
    gate.complete(now, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
    let again = Expired {
        now,
        endpoint,
        replays: false,
        may_start: false,
        was_replayed: true,
        ..response(gate.ticket())
    };
    assert_eq!(expire_with(gate, &again), (Answer::GiveUp, None));
}

fn at(gate: &TestGate, now: Duration, endpoint: EndpointId) -> Expired {
    Expired { now, endpoint, ..response(gate.ticket()) }
}

#[test]
fn an_endpoint_that_rejects_every_token_starts_one_refresh() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    let accepted = gate.ticket();
    gate.accepted(accepted, OTHER_ENDPOINT);
    for second in 0..12 {
        let rejected = at(&gate, seconds(second), ENDPOINT);
        assert_eq!(expire_with(&mut gate, &rejected), (Answer::GiveUp, None), "{second}");
        // Other endpoints accept the token.
        assert_eq!(admit(&mut gate, &ASK).0, Answer::Send(accepted));
    }
}

#[test]
fn an_endpoint_that_a_refresh_did_not_help_gets_another_after_the_cooldown() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    let accepted = gate.ticket();
    gate.accepted(accepted, OTHER_ENDPOINT);
    let later = at(&gate, seconds(60), ENDPOINT);
    assert!(matches!(expire_with(&mut gate, &later), (Answer::Wait, Some(_))));
}

#[test]
fn if_no_endpoint_has_accepted_the_token_refreshes_follow_at_growing_intervals() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    let early = at(&gate, Duration::from_millis(500), ENDPOINT);
    assert_eq!(expire_with(&mut gate, &early), (Answer::GiveUp, None));
    rejected_again(&mut gate, seconds(1), ENDPOINT);
    let early = at(&gate, seconds(2), ENDPOINT);
    assert_eq!(expire_with(&mut gate, &early), (Answer::GiveUp, None));
    let later = at(&gate, seconds(3), ENDPOINT);
    assert!(matches!(expire_with(&mut gate, &later), (Answer::Wait, Some(_))));
}

#[test]
fn other_endpoints_start_their_own_refresh() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    let other = at(&gate, seconds(1), OTHER_ENDPOINT);
    assert!(matches!(expire_with(&mut gate, &other), (Answer::Wait, Some(_))));
}

#[test]
fn a_token_that_was_renewed_for_another_reason_may_help() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    fly(&mut gate, seconds(1), 0.0, FlightOutcome::Renewed);
    let rejected = at(&gate, seconds(2), ENDPOINT);
    assert!(matches!(expire_with(&mut gate, &rejected), (Answer::Wait, Some(_))));
}

#[test]
fn an_endpoint_that_accepts_the_token_after_all_is_helped_again() {
    let mut gate = signed_in();
    rejected_again(&mut gate, seconds(0), ENDPOINT);
    let ticket = gate.ticket();
    assert!(gate.remembers_endpoints());
    gate.accepted(ticket, ENDPOINT);
    assert!(!gate.remembers_endpoints());
    let rejected = at(&gate, seconds(1), ENDPOINT);
    assert!(matches!(expire_with(&mut gate, &rejected), (Answer::Wait, Some(_))));
}

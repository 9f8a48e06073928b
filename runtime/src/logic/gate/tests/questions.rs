//! Queries of the session, and edge cases that the explorer never reaches.

use super::*;

const NOW: Duration = Duration::ZERO;

#[test]
fn a_gate_is_idle_while_only_the_current_token_matters() {
    let mut gate = signed_in();
    assert!(gate.is_quiet());
    // The token has expired.
    gate.expire();
    assert!(!gate.is_quiet());
    // A refresh is in progress.
    let mut gate = signed_in();
    let launch = asked(&mut gate, NOW);
    assert!(!gate.is_quiet());
    // A failure is recorded.
    gate.complete(NOW, 0.0, &launch, TRANSIENT, &LIMITS);
    assert!(!gate.is_quiet());
    // So is the next success, until its token is accepted.
    fly(&mut gate, seconds(5), 0.0, FlightOutcome::Renewed);
    assert!(!gate.is_quiet());
    let present = gate.ticket();
    gate.accepted(present, ENDPOINT);
    assert!(gate.is_quiet());
}

#[test]
fn a_ticket_is_current_until_the_token_or_the_user_changes() {
    let mut gate = signed_in();
    let first = gate.ticket();
    assert!(gate.is_present(first));
    fly(&mut gate, NOW, 0.0, FlightOutcome::Renewed);
    assert!(!gate.is_present(first) && gate.is_present(gate.ticket()));
    gate.logout();
    assert!(!gate.is_present(first) && !gate.is_present(gate.ticket()));
}

#[test]
fn a_flight_is_awaited_until_it_completes_or_the_user_changes() {
    let mut gate = signed_in();
    let first = asked(&mut gate, NOW);
    assert!(gate.is_awaiting(&first));
    gate.complete(NOW, 0.0, &first, FlightOutcome::Renewed, &LIMITS);
    assert!(!gate.is_awaiting(&first));
    let second = asked(&mut gate, NOW);
    assert!(!gate.is_awaiting(&first) && gate.is_awaiting(&second));
    gate.login();
    assert!(!gate.is_awaiting(&second));
}

#[test]
fn every_flight_every_user_and_every_token_set_has_its_own_number() {
    let mut gate = signed_in();
    let first = asked(&mut gate, NOW);
    gate.complete(NOW, 0.0, &first, FlightOutcome::Aborted, &LIMITS);
    let second = asked(&mut gate, NOW);
    assert_ne!(first.flight, second.flight);
    let mut epochs = vec![gate.ticket().epoch];
    let mut generations = vec![gate.ticket().generation];
    for _ in 0..3 {
        gate.logout();
        epochs.push(gate.ticket().epoch);
        gate.login();
        epochs.push(gate.ticket().epoch);
        generations.push(gate.ticket().generation);
    }
    // Each login also brings another token set: a success with one confirms no other.
    assert!(generations.is_sorted_by(|one, next| one < next), "{generations:?}");
    assert!(epochs.is_sorted_by(|one, next| one < next), "{epochs:?}");
}

#[test]
fn a_call_is_bound_to_the_user_of_its_start_even_of_a_lost_session() {
    let mut gate = TestGate::new();
    assert_eq!(gate.binding(), None);
    gate.login();
    gate.logout();
    assert_eq!(gate.binding(), None);
    gate.login();
    assert_eq!(gate.binding(), Some(gate.ticket().epoch));
    fly(&mut gate, NOW, 0.0, FlightOutcome::Permanent { error: "no" });
    assert!(gate.is_lost() && !gate.is_signed_in());
    assert_eq!(gate.binding(), Some(gate.ticket().epoch));
    gate.login();
    assert!(!gate.is_lost());
}

#[test]
fn a_refresh_says_why_it_was_started() {
    let trigger = |gate: &mut TestGate, ask: &Ask| starts(gate, ask).trigger;
    let mut gate = TestGate::new();
    assert_eq!(trigger(&mut gate, &Ask { tokenless: true, ..ASK }), RefreshTrigger::First);
    let due = Ask { freshness: Freshness::Due, ..ASK };
    assert_eq!(trigger(&mut signed_in(), &due), RefreshTrigger::Early);
    let over = Ask { freshness: Freshness::Expired, ..ASK };
    assert_eq!(trigger(&mut signed_in(), &over), RefreshTrigger::Early);
    let mut gate = signed_in();
    gate.expire();
    assert_eq!(trigger(&mut gate, &ASK), RefreshTrigger::Expired);
    let mut gate = signed_in();
    let ticket = gate.ticket();
    let (_, launch) = expired(&mut gate, ticket);
    assert_eq!(launch.map(|launch| launch.trigger), Some(RefreshTrigger::Expired));
    let launch = signed_in().refresh_ahead(NOW, &LIMITS);
    assert_eq!(launch.map(|launch| launch.trigger), Some(RefreshTrigger::Ahead));
    assert_eq!(asked(&mut signed_in(), NOW).trigger, RefreshTrigger::Manual);
}

#[test]
fn an_unrepeatable_call_gets_its_response_even_during_a_cooldown() {
    let mut gate = signed_in();
    fly(&mut gate, NOW, 0.0, TRANSIENT);
    let ticket = gate.ticket();
    let once = Expired { replays: false, ..response(ticket) };
    assert_eq!(expire_with(&mut gate, &once), (Answer::GiveUp, None));
    let (answer, launch) = expired(&mut gate, ticket);
    assert_eq!((answer, launch), (Answer::Refuse(Refusal::CoolingDown("busy")), None));
}

#[test]
fn a_manual_refresh_joins_the_one_in_progress_and_needs_a_user() {
    let mut gate = TestGate::new();
    assert_eq!(refresh(&mut gate, NOW, false), (Err(Refusal::SignedOut), None));
    assert_eq!(gate.refresh_ahead(NOW, &LIMITS), None);
    gate.login();
    asked(&mut gate, NOW);
    assert_eq!(refresh(&mut gate, NOW, false), (Ok(()), None));
    assert_eq!(gate.refresh_ahead(NOW, &LIMITS), None);
    gate.logout();
    // A user who has signed out is not signed in again, even if a refresh needs no token.
    assert_eq!(refresh(&mut gate, NOW, true), (Err(Refusal::SignedOut), None));
}

#[test]
fn a_refresh_in_progress_can_be_joined_though_another_could_not_be_started() {
    let limits = Limits { window: Window { refreshes: 1, within: seconds(30) }, ..LIMITS };
    let mut gate = signed_in();
    let launch = asked(&mut gate, NOW);
    // A second flight would be futile from now on; the first one was started before.
    let generation = gate.ticket().generation;
    gate.failures().renewed(NOW, Some(generation));
    assert_eq!(gate.blocked(NOW, &limits), Some(Refusal::Excessive));
    let joined = gate.refresh(NOW, false, &limits, || waiter(0));
    assert!(matches!(joined, (Ok(_), None)), "{joined:?}");
    assert!(gate.is_awaiting(&launch));
}

#[test]
fn the_reason_why_no_refresh_can_be_made_is_the_end_of_the_session_or_a_cooldown() {
    let mut gate = signed_in();
    assert_eq!(gate.refusal(NOW, &LIMITS), None);
    fly(&mut gate, NOW, 0.0, TRANSIENT);
    assert_eq!(gate.refusal(NOW, &LIMITS), Some(Refusal::CoolingDown("busy")));
    assert_eq!(gate.refusal(seconds(9), &LIMITS), None);
    fly(&mut gate, seconds(9), 0.0, FlightOutcome::Permanent { error: "no" });
    assert_eq!(gate.refusal(seconds(9), &LIMITS), Some(Refusal::Lost("no")));
}

#[test]
fn an_aborted_refresh_does_not_change_whether_the_token_counts_as_expired() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    complete(&mut gate, FlightOutcome::Aborted, &LIMITS);
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &ASK), (Answer::Send(present), None));
    asked(&mut gate, NOW);
    gate.expire();
    complete(&mut gate, FlightOutcome::Aborted, &LIMITS);
    starts(&mut gate, &ASK);
}

#[test]
fn the_same_rejection_again_does_not_count_twice() {
    let mut gate = signed_in();
    let rejected = |gate: &mut TestGate, at: u64| {
        let again = Expired {
            now: seconds(at),
            replays: false,
            may_start: false,
            was_replayed: true,
            ..response(gate.ticket())
        };
        expire_with(gate, &again)
    };
    fly(&mut gate, NOW, 0.0, FlightOutcome::Renewed);
    // Many calls are rejected with one token: that counts as one rejection, and the pause is the first.
    for _ in 0..5 {
        rejected(&mut gate, 0);
    }
    let later = Expired { now: seconds(1), ..response(gate.ticket()) };
    assert!(matches!(expire_with(&mut gate, &later), (Answer::Wait, Some(_))));
}

#[test]
fn a_gate_has_ready_calls_while_some_wait_for_a_permit() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    assert!(!gate.has_ready());
    let sending = complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    assert!(gate.has_ready());
    gate.permit_returned(NOW, sending[0].0, &ONE_PERMIT);
    assert!(!gate.has_ready());
}

#[test]
fn calls_that_were_left_without_a_permit_are_released_where_the_limit_is_lifted() {
    let mut gate = signed_in();
    asked(&mut gate, NOW);
    queue(&mut gate, &[1, 2]);
    complete(&mut gate, FlightOutcome::Renewed, &ONE_PERMIT);
    asked(&mut gate, NOW);
    queue(&mut gate, &[3]);
    assert_eq!(calls(&complete(&mut gate, FlightOutcome::Renewed, &LIMITS)), [2, 3]);
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn endpoints_are_remembered_only_while_one_was_not_helped() {
    let mut gate = signed_in();
    fly(&mut gate, NOW, 0.0, FlightOutcome::Renewed);
    assert!(!gate.remembers_endpoints());
    let rejected = Expired { was_replayed: true, may_start: false, ..response(gate.ticket()) };
    expire_with(&mut gate, &rejected);
    assert!(gate.remembers_endpoints());
}

//! Who sends, who waits, who refreshes.

use super::*;

#[test]
fn a_late_response_to_an_old_token_is_repeated_without_a_refresh() {
    let mut gate = signed_in();
    let old = gate.ticket();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Renewed);
    assert_eq!(expired(&mut gate, old), AfterExpiry::Replay);
    let once = gate.expired(Duration::ZERO, old, false, true, &LIMITS);
    assert_eq!(once, AfterExpiry::GiveUp(None));
    assert!(gate.flight().is_none());
}

#[test]
fn an_unrepeatable_call_starts_the_refresh_for_the_next_one() {
    let mut gate = signed_in();
    let ticket = gate.ticket();
    let after = gate.expired(Duration::ZERO, ticket, false, true, &LIMITS);
    assert_eq!(after, AfterExpiry::GiveUp(gate.flight().copied()));
    assert!(gate.flight().is_some());
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Hold(None));
}

#[test]
fn a_call_that_has_had_its_refresh_starts_no_other() {
    let mut gate = signed_in();
    gate.expire();
    let again = Ask { may_start: false, ..ASK };
    assert_eq!(gate.admit(&again, &LIMITS), Admission::Send(gate.ticket()));
    let ticket = gate.ticket();
    let after = gate.expired(Duration::ZERO, ticket, true, false, &LIMITS);
    assert_eq!(after, AfterExpiry::GiveUp(None));
    assert!(gate.flight().is_none());
}

#[test]
fn a_vanished_refresh_is_started_again_by_the_next_caller() {
    let mut gate = signed_in();
    gate.expire();
    assert!(matches!(gate.admit(&ASK, &LIMITS), Admission::Hold(Some(_))));
    hold(&mut gate, &[1, 2]);
    assert_eq!(land(&mut gate, FlightOutcome::Aborted, &LIMITS), [1, 2]);
    assert!(matches!(gate.admit(&ASK, &LIMITS), Admission::Hold(Some(_))));
}

#[test]
fn calls_go_on_while_their_token_is_renewed_in_the_background() {
    let mut gate = signed_in();
    gate.refresh(Duration::ZERO, Trigger::Ahead, false, &LIMITS);
    let due = Ask { freshness: Freshness::Due, ..ASK };
    assert_eq!(gate.admit(&due, &LIMITS), Admission::Send(gate.ticket()));
    let over = Ask { freshness: Freshness::Expired, ..ASK };
    assert_eq!(gate.admit(&over, &LIMITS), Admission::Hold(None));
    let ticket = gate.ticket();
    assert_eq!(expired(&mut gate, ticket), AfterExpiry::Hold(None));
    assert_eq!(gate.admit(&due, &LIMITS), Admission::Hold(None));
}

#[test]
fn calls_wait_for_a_refresh_unless_they_were_told_to_go_on() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Hold(None));
    let eager = Ask { send_during_refresh: true, ..ASK };
    assert_eq!(gate.admit(&eager, &LIMITS), Admission::Send(gate.ticket()));
    gate.expire();
    assert_eq!(gate.admit(&eager, &LIMITS), Admission::Hold(None));
}

#[test]
fn tokens_that_come_during_a_refresh_are_passed_over() {
    let mut gate = signed_in();
    let launch = asked(&mut gate, Duration::ZERO);
    let before = gate.clone();
    assert!(!gate.adopt());
    assert_eq!(gate, before);
    assert!(gate.land(Duration::ZERO, 0.0, &launch, FlightOutcome::Renewed, &LIMITS).taken);
    assert!(gate.adopt());
    assert_eq!(gate.ticket().generation, before.ticket().generation + 2);
}

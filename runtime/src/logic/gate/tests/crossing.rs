//! Which calls send, wait, and refresh.

use super::*;

#[test]
fn a_call_with_a_late_response_to_an_old_token_is_replayed_without_a_refresh() {
    let mut gate = signed_in();
    let old = gate.ticket();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Renewed);
    assert_eq!(expired(&mut gate, old), (Answer::Replay, None));
    let once = Expired { replays: false, ..response(old) };
    assert_eq!(expire_with(&mut gate, &once), (Answer::GiveUp, None));
    assert!(gate.flight().is_none());
}

#[test]
fn an_unrepeatable_call_starts_the_refresh_for_the_next_one() {
    let mut gate = signed_in();
    let ticket = gate.ticket();
    let once = Expired { replays: false, ..response(ticket) };
    let (answer, launch) = expire_with(&mut gate, &once);
    assert_eq!(answer, Answer::GiveUp);
    assert!(launch.is_some() && launch.as_ref() == gate.flight());
    assert_eq!(admit(&mut gate, &ASK), (Answer::Wait, None));
}

#[test]
fn a_call_that_has_caused_a_refresh_starts_no_other() {
    let mut gate = signed_in();
    gate.expire();
    let again = Ask { may_start: false, ..ASK };
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &again), (Answer::Send(present), None));
    let ticket = gate.ticket();
    let again = Expired { may_start: false, ..response(ticket) };
    assert_eq!(expire_with(&mut gate, &again), (Answer::GiveUp, None));
    assert!(gate.flight().is_none());
}

#[test]
fn an_aborted_refresh_is_started_again_by_the_next_caller() {
    let mut gate = signed_in();
    gate.expire();
    starts(&mut gate, &ASK);
    queue(&mut gate, &[1, 2]);
    assert_eq!(calls(&complete(&mut gate, FlightOutcome::Aborted, &LIMITS)), [1, 2]);
    starts(&mut gate, &ASK);
}

#[test]
fn calls_continue_while_their_token_is_renewed_in_the_background() {
    let mut gate = signed_in();
    gate.refresh_ahead(Duration::ZERO, &LIMITS).unwrap();
    let due = Ask { freshness: Freshness::Due, ..ASK };
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &due), (Answer::Send(present), None));
    let over = Ask { freshness: Freshness::Expired, ..ASK };
    assert_eq!(admit(&mut gate, &over), (Answer::Wait, None));
    let ticket = gate.ticket();
    assert_eq!(expired(&mut gate, ticket), (Answer::Wait, None));
    assert_eq!(admit(&mut gate, &due), (Answer::Wait, None));
}

#[test]
fn calls_wait_for_a_refresh_unless_they_may_be_sent_during_it() {
    let mut gate = signed_in();
    asked(&mut gate, Duration::ZERO);
    assert_eq!(admit(&mut gate, &ASK), (Answer::Wait, None));
    let eager = Ask { send_during_refresh: true, ..ASK };
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &eager), (Answer::Send(present), None));
    gate.expire();
    assert_eq!(admit(&mut gate, &eager), (Answer::Wait, None));
}

#[test]
fn tokens_that_come_during_a_refresh_are_ignored() {
    let mut gate = signed_in();
    let launch = asked(&mut gate, Duration::ZERO);
    let before = gate.clone();
    assert!(!gate.adopt());
    assert_eq!(gate, before);
    assert!(gate.complete(Duration::ZERO, 0.0, &launch, FlightOutcome::Renewed, &LIMITS).counted);
    assert!(gate.adopt());
    assert_eq!(gate.ticket().generation, before.ticket().generation + 2);
}

#[test]
fn a_token_that_was_requested_before_the_program_expired_it_is_renewed_again() {
    let mut gate = signed_in();
    gate.expire();
    starts(&mut gate, &ASK);
    gate.expire();
    complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    starts(&mut gate, &ASK);
    complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &ASK), (Answer::Send(present), None));
}

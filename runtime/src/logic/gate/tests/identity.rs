//! Who is signed in, and to whom a call belongs.

use super::*;

#[test]
fn tokens_are_adopted_only_where_somebody_is_signed_in() {
    let mut gate = Desk::new();
    assert!(!gate.adopt());
    gate.login();
    gate.expire();
    assert!(gate.adopt());
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Send(gate.ticket()));
    gate.logout();
    assert!(!gate.adopt());
}

#[test]
fn the_first_call_brings_the_first_token_where_none_is_needed_for_it() {
    let mut gate = Desk::new();
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Refuse(Refusal::SignedOut));
    let first = Ask { tokenless: true, ..ASK };
    assert!(matches!(gate.admit(&first, &LIMITS), Admission::Hold(Some(_))));
    assert_eq!(gate.flight().unwrap().trigger, Trigger::First);
    hold(&mut gate, &[1]);
    assert_eq!(gate.admit(&first, &LIMITS), Admission::Hold(None));
    hold(&mut gate, &[2]);
    assert_eq!(land(&mut gate, FlightOutcome::Renewed, &LIMITS), [1, 2]);
    assert_eq!(gate.admit(&first, &LIMITS), Admission::Send(gate.ticket()));
}

#[test]
fn a_first_token_that_does_not_come_fails_those_who_wait() {
    let mut gate = Desk::new();
    let first = Ask { tokenless: true, ..ASK };
    gate.admit(&first, &LIMITS);
    hold(&mut gate, &[1]);
    let launch = *gate.flight().unwrap();
    let landed = gate.land(Duration::ZERO, 0.0, &launch, TRANSIENT, &LIMITS);
    assert_eq!(landed.released.word, Release::Failed("busy"));
    assert_eq!(gate.admit(&first, &LIMITS), Admission::Refuse(Refusal::Resting("busy")));
    let again = Ask { now: seconds(1), may_start: false, ..first };
    assert_eq!(gate.admit(&again, &LIMITS), Admission::Refuse(Refusal::SignedOut));
}

#[test]
fn who_has_signed_out_is_not_signed_in_again_by_a_call() {
    let mut gate = Desk::new();
    gate.logout();
    let first = Ask { tokenless: true, ..ASK };
    assert_eq!(gate.admit(&first, &LIMITS), Admission::Refuse(Refusal::SignedOut));
    let refused = gate.refresh(Duration::ZERO, Trigger::Asked, true, &LIMITS);
    assert_eq!(refused, Admission::Refuse(Refusal::SignedOut));
}

#[test]
fn an_optional_call_carries_the_token_if_there_is_one() {
    let optional = Ask { optional: true, tokenless: true, ..ASK };
    let mut gate = Desk::new();
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Bare);
    gate.refresh(Duration::ZERO, Trigger::Asked, true, &LIMITS);
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Bare);
    land(&mut gate, FlightOutcome::Renewed, &LIMITS);
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Send(gate.ticket()));
    asked(&mut gate, Duration::ZERO);
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Hold(None));
    land(&mut gate, FlightOutcome::Permanent { error: "gone" }, &LIMITS);
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Bare);
}

#[test]
fn a_call_of_one_user_never_goes_out_as_another() {
    let mut gate = signed_in();
    let ticket = gate.ticket();
    let bound = gate.binding();
    assert_eq!(bound, Some(ticket.epoch));
    gate.login();
    let mine = Ask { bound, ..ASK };
    assert_eq!(gate.admit(&mine, &LIMITS), Admission::Refuse(Refusal::Changed));
    let optional = Ask { optional: true, ..mine };
    assert_eq!(gate.admit(&optional, &LIMITS), Admission::Refuse(Refusal::Changed));
    assert_eq!(expired(&mut gate, ticket), AfterExpiry::Refuse(Refusal::Changed));
}

#[test]
fn a_call_that_was_started_in_a_lost_session_belongs_to_its_user() {
    let mut gate = signed_in();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Permanent { error: "gone" });
    let mine = Ask { bound: gate.binding(), ..ASK };
    gate.login();
    assert_eq!(gate.admit(&mine, &LIMITS), Admission::Refuse(Refusal::Changed));
}

#[test]
fn a_landing_after_a_login_or_a_logout_changes_nothing() {
    for change in [Desk::login, Desk::logout] {
        let mut gate = signed_in();
        let late = asked(&mut gate, Duration::ZERO);
        hold(&mut gate, &[1]);
        assert_eq!(change(&mut gate).waiters, [1]);
        let before = gate.clone();
        for outcome_of_flight in
            [FlightOutcome::Renewed, TRANSIENT, FlightOutcome::Permanent { error: "gone" }]
        {
            let landed = gate.land(Duration::ZERO, 0.0, &late, outcome_of_flight, &LIMITS);
            assert!(!landed.taken && !landed.lost && landed.released.waiters.is_empty());
            assert_eq!(gate, before);
        }
    }
}

#[test]
fn only_an_response_to_the_present_token_ends_the_session_and_only_once() {
    let mut gate = signed_in();
    let old = gate.ticket();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Renewed);
    assert!(gate.revoked(old, "gone").is_none());
    let late = asked(&mut gate, Duration::ZERO);
    hold(&mut gate, &[1]);
    let present = gate.ticket();
    let released = gate.revoked(present, "gone").unwrap();
    assert_eq!((released.waiters, released.word), (vec![1], Release::Failed("gone")));
    assert!(gate.revoked(present, "gone").is_none());
    assert!(!gate.land(Duration::ZERO, 0.0, &late, FlightOutcome::Renewed, &LIMITS).taken);
    assert_eq!(expired(&mut gate, present), AfterExpiry::Refuse(Refusal::Lost("gone")));
}

#[test]
fn nobody_who_is_signed_out_has_a_token_that_could_be_over() {
    let mut gate = Desk::new();
    gate.expire();
    assert_eq!(gate, Desk::new());
}

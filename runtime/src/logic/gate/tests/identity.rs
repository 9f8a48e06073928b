//! Who is signed in, and to which user a call belongs.

use super::*;

#[test]
fn tokens_are_adopted_only_while_a_user_is_signed_in() {
    let mut gate = TestGate::new();
    assert!(!gate.adopt());
    gate.login();
    gate.expire();
    assert!(gate.adopt());
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &ASK), (Answer::Send(present), None));
    gate.logout();
    assert!(!gate.adopt());
}

#[test]
fn the_first_call_fetches_the_first_token_if_no_login_is_needed() {
    let mut gate = TestGate::new();
    assert_eq!(admit(&mut gate, &ASK), (Answer::Refuse(Refusal::SignedOut), None));
    let first = Ask { tokenless: true, ..ASK };
    starts(&mut gate, &first);
    assert_eq!(gate.flight().unwrap().trigger, RefreshTrigger::First);
    queue(&mut gate, &[1]);
    assert_eq!(admit(&mut gate, &first), (Answer::Wait, None));
    queue(&mut gate, &[2]);
    assert_eq!(calls(&complete(&mut gate, FlightOutcome::Renewed, &LIMITS)), [1, 2]);
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &first), (Answer::Send(present), None));
}

#[test]
fn a_first_token_that_does_not_come_fails_the_waiters() {
    let mut gate = TestGate::new();
    let first = Ask { tokenless: true, ..ASK };
    starts(&mut gate, &first);
    queue(&mut gate, &[1]);
    let launch = *gate.flight().unwrap();
    let completion = gate.complete(Duration::ZERO, 0.0, &launch, TRANSIENT, &LIMITS);
    assert_eq!(completion.released.release, Release::Fail("busy"));
    assert_eq!(admit(&mut gate, &first), (Answer::Refuse(Refusal::CoolingDown("busy")), None));
    let again = Ask { now: seconds(1), may_start: false, ..first };
    assert_eq!(admit(&mut gate, &again), (Answer::Refuse(Refusal::SignedOut), None));
}

#[test]
fn a_user_who_has_signed_out_is_not_signed_in_again_by_a_call() {
    let mut gate = TestGate::new();
    gate.logout();
    let first = Ask { tokenless: true, ..ASK };
    assert_eq!(admit(&mut gate, &first), (Answer::Refuse(Refusal::SignedOut), None));
    let refused = refresh(&mut gate, Duration::ZERO, true);
    assert_eq!(refused, (Err(Refusal::SignedOut), None));
}

#[test]
fn an_optional_call_carries_the_token_if_there_is_one() {
    let optional = Ask { optional: true, tokenless: true, ..ASK };
    let mut gate = TestGate::new();
    assert_eq!(admit(&mut gate, &optional), (Answer::SendBare, None));
    refresh(&mut gate, Duration::ZERO, true).0.unwrap();
    assert_eq!(admit(&mut gate, &optional), (Answer::SendBare, None));
    complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &optional), (Answer::Send(present), None));
    asked(&mut gate, Duration::ZERO);
    assert_eq!(admit(&mut gate, &optional), (Answer::Wait, None));
    complete(&mut gate, FlightOutcome::Permanent { error: "gone" }, &LIMITS);
    assert_eq!(admit(&mut gate, &optional), (Answer::SendBare, None));
}

#[test]
fn a_call_of_one_user_never_goes_out_as_another() {
    let mut gate = signed_in();
    let ticket = gate.ticket();
    let bound = gate.binding();
    assert_eq!(bound, Some(ticket.epoch));
    gate.login();
    let mine = Ask { bound, ..ASK };
    assert_eq!(admit(&mut gate, &mine), (Answer::Refuse(Refusal::SessionChanged), None));
    let optional = Ask { optional: true, ..mine };
    assert_eq!(admit(&mut gate, &optional), (Answer::Refuse(Refusal::SessionChanged), None));
    assert_eq!(expired(&mut gate, ticket), (Answer::Refuse(Refusal::SessionChanged), None));
}

#[test]
fn a_call_that_was_started_in_a_lost_session_belongs_to_its_user() {
    let mut gate = signed_in();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Permanent { error: "gone" });
    let mine = Ask { bound: gate.binding(), ..ASK };
    gate.login();
    assert_eq!(admit(&mut gate, &mine), (Answer::Refuse(Refusal::SessionChanged), None));
}

#[test]
fn a_call_with_tokens_that_were_discarded_is_never_sent_with_the_next_ones() {
    let mut gate = signed_in();
    let mut before = vec![gate.ticket()];
    gate.login();
    before.push(gate.ticket());
    asked(&mut gate, Duration::ZERO);
    queue(&mut gate, &[1]);
    let released = gate.reset(Release::SignedOut);
    assert_eq!((calls(&released.waiters), released.release), (vec![1], Release::SignedOut));
    starts(&mut gate, &Ask { tokenless: true, ..ASK });
    complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    for ticket in before {
        let bound = Ask { bound: Some(ticket.epoch), ..ASK };
        assert_eq!(admit(&mut gate, &bound), (Answer::Refuse(Refusal::SessionChanged), None));
        assert_eq!(expired(&mut gate, ticket), (Answer::Refuse(Refusal::SessionChanged), None));
    }
}

#[test]
fn a_lost_session_that_is_opened_again_fetches_a_token_and_a_user_who_left_stays_away() {
    let first = Ask { tokenless: true, ..ASK };
    let mut gate = signed_in();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Permanent { error: "gone" });
    assert_eq!(admit(&mut gate, &first), (Answer::Refuse(Refusal::Lost("gone")), None));
    gate.reopen();
    starts(&mut gate, &first);
    let mut gate = signed_in();
    gate.logout();
    gate.reopen();
    assert_eq!(admit(&mut gate, &first), (Answer::Refuse(Refusal::SignedOut), None));
}

#[test]
fn an_outcome_after_a_login_or_a_logout_changes_nothing() {
    for change in [TestGate::login, TestGate::logout] {
        let mut gate = signed_in();
        let late = asked(&mut gate, Duration::ZERO);
        queue(&mut gate, &[1]);
        assert_eq!(calls(&change(&mut gate).waiters), [1]);
        let before = gate.clone();
        for outcome in
            [FlightOutcome::Renewed, TRANSIENT, FlightOutcome::Permanent { error: "gone" }]
        {
            let completion = gate.complete(Duration::ZERO, 0.0, &late, outcome, &LIMITS);
            assert!(
                !completion.counted && !completion.lost && completion.released.waiters.is_empty()
            );
            assert_eq!(gate, before);
        }
    }
}

#[test]
fn only_a_response_to_the_current_token_ends_the_session_and_only_once() {
    let mut gate = signed_in();
    let old = gate.ticket();
    fly(&mut gate, Duration::ZERO, 0.0, FlightOutcome::Renewed);
    assert!(gate.revoked(old, "gone").is_none());
    let late = asked(&mut gate, Duration::ZERO);
    queue(&mut gate, &[1]);
    let present = gate.ticket();
    let released = gate.revoked(present, "gone").unwrap();
    assert_eq!((calls(&released.waiters), released.release), (vec![1], Release::Fail("gone")));
    assert!(gate.revoked(present, "gone").is_none());
    assert!(!gate.complete(Duration::ZERO, 0.0, &late, FlightOutcome::Renewed, &LIMITS).counted);
    assert_eq!(expired(&mut gate, present), (Answer::Refuse(Refusal::Lost("gone")), None));
}

#[test]
fn without_a_user_there_is_no_token_to_expire() {
    let mut gate = TestGate::new();
    gate.expire();
    assert_eq!(gate, TestGate::new());
}

//! Failures, rests, and refreshes that do no good.

use super::*;

#[test]
fn the_rest_after_a_failure_doubles_up_to_a_minute() {
    for (jitter, expected) in [
        (0.0, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 40_000, 40_000]),
        (1.0, [1_500, 3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000]),
    ] {
        let (mut gate, mut now) = (signed_in(), Duration::ZERO);
        for expected in expected.map(Duration::from_millis) {
            fly(&mut gate, now, jitter, TRANSIENT);
            assert_eq!(rest(&gate, now), expected, "with the jitter at {jitter}");
            now += expected;
        }
    }
}

#[test]
fn a_server_can_ask_for_a_longer_rest_but_not_for_a_day() {
    for (retry_after, expected) in [(0, 1), (45, 45), (24 * 60 * 60, 300)] {
        let mut gate = signed_in();
        let retry_after = Some(seconds(retry_after));
        fly(&mut gate, seconds(7), 0.0, FlightOutcome::Transient { error: "busy", retry_after });
        assert_eq!(rest(&gate, seconds(7)), seconds(expected));
    }
}

#[test]
fn new_tokens_end_a_rest_and_start_its_growth_again() {
    let renewed = |gate: &mut Desk| drop(fly(gate, seconds(2), 0.0, FlightOutcome::Renewed));
    let adopted = |gate: &mut Desk| assert!(gate.adopt());
    let login = |gate: &mut Desk| drop(gate.login());
    let ways: [&dyn Fn(&mut Desk); 3] = [&renewed, &adopted, &login];
    for end in ways {
        let mut gate = signed_in();
        fly(&mut gate, Duration::ZERO, 0.0, TRANSIENT);
        end(&mut gate);
        fly(&mut gate, seconds(2), 0.0, TRANSIENT);
        assert_eq!(rest(&gate, seconds(2)), seconds(1));
    }
}

#[test]
fn a_call_fails_without_the_network_while_the_gate_rests_and_its_token_is_over() {
    let mut gate = signed_in();
    gate.expire();
    assert!(matches!(gate.admit(&ASK, &LIMITS), Admission::Hold(Some(_))));
    land(&mut gate, TRANSIENT, &LIMITS);
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Refuse(Refusal::Resting("busy")));
    let later = Ask { now: seconds(1), ..ASK };
    assert!(matches!(gate.admit(&later, &LIMITS), Admission::Hold(Some(_))));
}

#[test]
fn a_failed_early_refresh_is_invisible_while_the_token_is_valid() {
    let mut gate = signed_in();
    let due = Ask { freshness: Freshness::Due, ..ASK };
    assert!(matches!(gate.admit(&due, &LIMITS), Admission::Hold(Some(_))));
    hold(&mut gate, &[1]);
    let launch = *gate.flight().unwrap();
    let landed = gate.land(Duration::ZERO, 0.0, &launch, TRANSIENT, &LIMITS);
    assert_eq!(landed.released.word, Release::Go);
    assert_eq!(gate.admit(&due, &LIMITS), Admission::Send(gate.ticket()));
}

#[test]
fn a_failed_early_refresh_fails_all_whose_token_is_past_its_end_even_who_started_it() {
    let mut gate = signed_in();
    let over = Ask { freshness: Freshness::Expired, ..ASK };
    assert!(matches!(gate.admit(&over, &LIMITS), Admission::Hold(Some(_))));
    land(&mut gate, TRANSIENT, &LIMITS);
    for may_start in [true, false] {
        let again = Ask { may_start, ..over };
        assert_eq!(gate.admit(&again, &LIMITS), Admission::Refuse(Refusal::Resting("busy")));
    }
}

#[test]
fn rejections_in_a_row_end_the_session() {
    let mut gate = signed_in();
    let rejected = FlightOutcome::Rejected { error: "what?" };
    assert!(!fly(&mut gate, seconds(0), 0.0, rejected.clone()).lost);
    assert!(!fly(&mut gate, seconds(10), 0.0, rejected.clone()).lost);
    let last = fly(&mut gate, seconds(20), 0.0, rejected);
    assert!(last.lost);
    assert_eq!(last.released.word, Release::Failed("what?"));
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Refuse(Refusal::Lost("what?")));
}

#[test]
fn a_renewal_between_rejections_starts_their_count_again() {
    let mut gate = signed_in();
    let rejected = FlightOutcome::Rejected { error: "what?" };
    for now in [0, 10, 30, 40] {
        if now == 30 {
            fly(&mut gate, seconds(20), 0.0, FlightOutcome::Renewed);
        }
        assert!(!fly(&mut gate, seconds(now), 0.0, rejected.clone()).lost);
    }
}

#[test]
fn futile_refreshes_are_refused_until_the_window_has_passed() {
    let mut gate = signed_in();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    let mut ask = |now| gate.refresh(seconds(now), Trigger::Asked, false, &LIMITS);
    assert_eq!(ask(5), Admission::Refuse(Refusal::Excessive));
    assert_eq!(ask(29), Admission::Refuse(Refusal::Excessive));
    assert!(matches!(ask(30), Admission::Hold(Some(_))));
}

#[test]
fn a_server_that_calls_every_token_over_is_left_alone_after_a_while() {
    let mut gate = signed_in();
    for _ in 0..5 {
        let ticket = gate.ticket();
        assert!(matches!(expired(&mut gate, ticket), AfterExpiry::Hold(Some(_))));
        land(&mut gate, FlightOutcome::Renewed, &LIMITS);
    }
    let ticket = gate.ticket();
    assert_eq!(expired(&mut gate, ticket), AfterExpiry::Refuse(Refusal::Excessive));
    assert_eq!(gate.admit(&ASK, &LIMITS), Admission::Refuse(Refusal::Excessive));
}

#[test]
fn very_short_lifetimes_never_trip_the_window() {
    let mut gate = signed_in();
    let mut before = gate.ticket();
    for _ in 0..50 {
        let launch = asked(&mut gate, Duration::ZERO);
        gate.land(Duration::ZERO, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
        // The good response to the last token comes when the next is already there.
        gate.accepted(before);
        before = gate.ticket();
    }
}

#[test]
fn a_late_good_answer_does_not_speak_for_the_refreshes_after_it() {
    let mut gate = signed_in();
    let before = gate.ticket();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    gate.accepted(before);
    let refused = gate.refresh(seconds(5), Trigger::Asked, false, &LIMITS);
    assert_eq!(refused, Admission::Refuse(Refusal::Excessive));
}

#[test]
fn refreshes_in_the_background_of_an_idle_session_are_not_futile() {
    let mut gate = signed_in();
    for now in 0..20 {
        let now = seconds(now);
        let ahead = gate.refresh(now, Trigger::Ahead, false, &LIMITS);
        let Admission::Hold(Some(launch)) = ahead else { panic!("{ahead:?}") };
        gate.land(now, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
    }
}

#[test]
fn futile_refreshes_are_forgotten_with_the_user() {
    let mut gate = signed_in();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    gate.login();
    asked(&mut gate, seconds(5));
}

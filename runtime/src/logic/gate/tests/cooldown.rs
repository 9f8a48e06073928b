//! Failures, cooldowns, and futile refreshes.

use super::*;

#[test]
fn the_cooldown_after_a_failure_doubles_up_to_the_longest() {
    for (jitter, expected) in [
        (0.0, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 40_000, 40_000]),
        (1.0, [1_500, 3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000]),
    ] {
        let (mut gate, mut now) = (signed_in(), Duration::ZERO);
        for expected in expected.map(Duration::from_millis) {
            fly(&mut gate, now, jitter, TRANSIENT);
            assert_eq!(cooldown(&gate, now), expected, "with the jitter at {jitter}");
            now += expected;
        }
    }
}

#[test]
fn a_server_can_ask_for_a_longer_cooldown_but_not_for_a_day() {
    for (retry_after, expected) in [(0, 1), (45, 45), (24 * 60 * 60, 300)] {
        let mut gate = signed_in();
        let retry_after = Some(seconds(retry_after));
        fly(&mut gate, seconds(7), 0.0, FlightOutcome::Transient { error: "busy", retry_after });
        assert_eq!(cooldown(&gate, seconds(7)), seconds(expected));
    }
}

#[test]
fn new_tokens_end_a_cooldown_and_start_its_growth_again() {
    let renewed = |gate: &mut TestGate| drop(fly(gate, seconds(2), 0.0, FlightOutcome::Renewed));
    let adopted = |gate: &mut TestGate| assert!(gate.adopt());
    let login = |gate: &mut TestGate| drop(gate.login());
    let ways: [&dyn Fn(&mut TestGate); 3] = [&renewed, &adopted, &login];
    for end in ways {
        let mut gate = signed_in();
        fly(&mut gate, Duration::ZERO, 0.0, TRANSIENT);
        end(&mut gate);
        fly(&mut gate, seconds(2), 0.0, TRANSIENT);
        assert_eq!(cooldown(&gate, seconds(2)), seconds(1));
    }
}

#[test]
fn a_call_fails_without_the_network_during_a_cooldown_if_its_token_has_expired() {
    let mut gate = signed_in();
    gate.expire();
    starts(&mut gate, &ASK);
    complete(&mut gate, TRANSIENT, &LIMITS);
    assert_eq!(admit(&mut gate, &ASK), (Answer::Refuse(Refusal::CoolingDown("busy")), None));
    let later = Ask { now: seconds(1), ..ASK };
    starts(&mut gate, &later);
}

#[test]
fn a_failed_early_refresh_is_invisible_while_the_token_is_valid() {
    let mut gate = signed_in();
    let due = Ask { freshness: Freshness::Due, ..ASK };
    starts(&mut gate, &due);
    queue(&mut gate, &[1]);
    let launch = *gate.flight().unwrap();
    let completion = gate.complete(Duration::ZERO, 0.0, &launch, TRANSIENT, &LIMITS);
    assert_eq!(completion.released.release, Release::Proceed);
    let present = gate.ticket();
    assert_eq!(admit(&mut gate, &due), (Answer::Send(present), None));
}

#[test]
fn a_failed_early_refresh_fails_every_call_whose_token_is_past_its_expiry() {
    let mut gate = signed_in();
    let over = Ask { freshness: Freshness::Expired, ..ASK };
    starts(&mut gate, &over);
    complete(&mut gate, TRANSIENT, &LIMITS);
    for may_start in [true, false] {
        let again = Ask { may_start, ..over };
        assert_eq!(admit(&mut gate, &again), (Answer::Refuse(Refusal::CoolingDown("busy")), None));
    }
}

#[test]
fn consecutive_rejections_end_the_session_if_a_limit_is_set() {
    let mut gate = signed_in();
    let rejected = REJECTED;
    assert!(!fly(&mut gate, seconds(0), 0.0, rejected.clone()).lost);
    assert!(!fly(&mut gate, seconds(10), 0.0, rejected.clone()).lost);
    let last = fly(&mut gate, seconds(20), 0.0, rejected);
    assert!(last.lost);
    assert_eq!(last.released.release, Release::Fail("what?"));
    assert_eq!(admit(&mut gate, &ASK), (Answer::Refuse(Refusal::Lost("what?")), None));
}

#[test]
fn a_renewal_between_rejections_restarts_their_count() {
    let mut gate = signed_in();
    let rejected = REJECTED;
    for now in [0, 10, 30, 40] {
        if now == 30 {
            fly(&mut gate, seconds(20), 0.0, FlightOutcome::Renewed);
        }
        assert!(!fly(&mut gate, seconds(now), 0.0, rejected.clone()).lost);
    }
}

#[test]
fn futile_refreshes_are_rejected_until_the_window_has_passed() {
    let mut gate = signed_in();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    let mut ask = |now| refresh(&mut gate, seconds(now), false);
    assert_eq!(ask(5), (Err(Refusal::Excessive), None));
    assert_eq!(ask(29), (Err(Refusal::Excessive), None));
    assert!(matches!(ask(30), (Ok(()), Some(_))));
}

#[test]
fn a_server_that_says_expired_to_every_token_gets_no_more_refreshes_after_a_while() {
    let mut gate = signed_in();
    for _ in 0..5 {
        let ticket = gate.ticket();
        assert!(matches!(expired(&mut gate, ticket), (Answer::Wait, Some(_))));
        complete(&mut gate, FlightOutcome::Renewed, &LIMITS);
    }
    let ticket = gate.ticket();
    assert_eq!(expired(&mut gate, ticket), (Answer::Refuse(Refusal::Excessive), None));
    assert_eq!(admit(&mut gate, &ASK), (Answer::Refuse(Refusal::Excessive), None));
}

#[test]
fn tokens_that_are_adopted_clear_no_futile_refreshes_before_one_is_accepted() {
    let mut gate = signed_in();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
        assert!(gate.adopt());
    }
    assert_eq!(refresh(&mut gate, seconds(5), false), (Err(Refusal::Excessive), None));
    let adopted = gate.ticket();
    gate.accepted(adopted, ENDPOINT);
    assert!(matches!(refresh(&mut gate, seconds(5), false), (Ok(()), Some(_))));
}

#[test]
fn very_short_lifetimes_never_trip_the_window() {
    let mut gate = signed_in();
    let mut before = gate.ticket();
    for _ in 0..50 {
        let launch = asked(&mut gate, Duration::ZERO);
        gate.complete(Duration::ZERO, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
        // The success with the last token arrives after the next token was installed.
        gate.accepted(before, ENDPOINT);
        before = gate.ticket();
    }
}

#[test]
fn a_late_good_response_does_not_vouch_for_the_refreshes_after_it() {
    let mut gate = signed_in();
    let before = gate.ticket();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    gate.accepted(before, ENDPOINT);
    let refused = refresh(&mut gate, seconds(5), false);
    assert_eq!(refused, (Err(Refusal::Excessive), None));
}

#[test]
fn refreshes_in_the_background_of_an_idle_session_are_not_futile() {
    let mut gate = signed_in();
    for now in 0..20 {
        let now = seconds(now);
        let launch = gate.refresh_ahead(now, &LIMITS).unwrap();
        gate.complete(now, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
    }
}

#[test]
fn futile_refreshes_are_cleared_with_the_user() {
    let mut gate = signed_in();
    for now in 0..5 {
        fly(&mut gate, seconds(now), 0.0, FlightOutcome::Renewed);
    }
    gate.login();
    asked(&mut gate, seconds(5));
}

#[test]
fn no_number_of_rejections_ends_the_session_without_a_limit() {
    let limits = Limits { rejections: None, ..LIMITS };
    let mut gate = signed_in();
    for day in 0..100 {
        let now = seconds(day * 24 * 60 * 60);
        let launch = asked(&mut gate, now);
        let completion = gate.complete(now, 1.0, &launch, REJECTED, &limits);
        assert!(!completion.lost && gate.is_signed_in());
    }
}

#[test]
fn an_abandoned_flight_counts_again_if_its_tokens_come_next() {
    let abandoned = || {
        let mut gate = signed_in();
        gate.expire();
        let launch = starts(&mut gate, &ASK);
        complete(&mut gate, TRANSIENT, &LIMITS);
        (gate, launch)
    };
    let (mut gate, launch) = abandoned();
    gate.resume(&launch);
    assert!(gate.is_awaiting(&launch));
    let completion = gate.complete(Duration::ZERO, 0.0, &launch, FlightOutcome::Renewed, &LIMITS);
    assert!(completion.counted);
    assert_eq!(gate.refusal(Duration::ZERO, &LIMITS), None, "its cooldown has ended");

    let renewed = |gate: &mut TestGate| drop(fly(gate, seconds(9), 0.0, FlightOutcome::Renewed));
    let login = |gate: &mut TestGate| drop(gate.login());
    let lost = |gate: &mut TestGate| {
        drop(fly(gate, seconds(9), 0.0, FlightOutcome::Permanent { error: "gone" }));
    };
    let changes: [&dyn Fn(&mut TestGate); 3] = [&renewed, &login, &lost];
    for change in changes {
        let (mut gate, launch) = abandoned();
        change(&mut gate);
        gate.resume(&launch);
        assert!(!gate.is_awaiting(&launch));
    }
}

#[test]
fn a_flight_that_is_resumed_takes_the_place_of_the_next_one() {
    let mut gate = signed_in();
    gate.expire();
    let launch = starts(&mut gate, &ASK);
    complete(&mut gate, TRANSIENT, &LIMITS);
    let next = starts(&mut gate, &Ask { now: seconds(9), ..ASK });
    gate.resume(&launch);
    assert!(gate.is_awaiting(&launch) && !gate.is_awaiting(&next));
}

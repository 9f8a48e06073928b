//! Explores every interleaving of a few calls with everything that can happen to them.
//!
//! A small world surrounds the gate: calls, refreshes in flight, a server that accepts each refresh token once, a
//! clock, and a limited number of events. From each state every possible step is taken, and the invariants of the
//! gate are checked after each. The world keeps its own record of who waits, who is signed in and what is known,
//! and never asks the gate what is right.
//!
//! Mutants around the gate prove that the invariants detect faults.

mod actions;
mod invariants;
mod mutants;
mod scenarios;
mod steps;
mod walk;
mod world;

use mutants::Mutation;
use scenarios::*;
use walk::walk;
use world::Scenario;

fn holds(scenario: &Scenario) {
    match walk(scenario, None) {
        Ok(walked) => assert!(walked.states > 100, "too little was walked: {}", walked.states),
        Err(counterexample) => panic!("{counterexample}"),
    }
}

macro_rules! every_promise_holds {
    ($($test:ident: $scenario:expr;)*) => {$(
        #[test]
        fn $test() {
            holds(&$scenario);
        }
    )*};
}

every_promise_holds! {
    every_promise_holds_through_expiry_failure_login_and_logout: EVERYTHING;
    every_promise_holds_when_calls_linger_before_they_ask: LINGERING;
    every_promise_holds_with_cancellation_at_any_point: CANCELED;
    every_promise_holds_when_permits_are_limited: PERMITS;
    every_promise_holds_when_permits_are_reclaimed: RECLAIMED;
    every_promise_holds_when_two_permits_are_reclaimed: RECLAIMED_OF_TWO;
    every_promise_holds_with_every_kind_of_failure: FAILURES;
    every_promise_holds_for_an_endpoint_that_rejects_every_token: UNHELPED;
    every_promise_holds_when_no_rejection_is_final: REJECTIONS;
    every_promise_holds_when_refreshes_are_futile: FUTILE;
    every_promise_holds_when_tokens_age: AGING;
    every_promise_holds_when_calls_go_on_during_a_refresh: GOING_ON;
    every_promise_holds_for_calls_of_every_kind: KINDS;
    every_promise_holds_without_a_token_at_first: FIRST;
    every_promise_holds_in_a_short_queue: SHORT_QUEUE;
    every_promise_holds_when_the_server_ends_the_session: REVOKED;
    every_call_succeeds_through_an_expiry: SUCCESS;
    every_call_succeeds_through_an_expiry_with_one_permit: SUCCESS_WITH_ONE_PERMIT;
}

/// Explores until the mutant is found, and prints the path to it.
fn finds(mutation: Mutation, scenario: &Scenario, expected: &str) {
    match walk(scenario, Some(mutation)) {
        Ok(walked) => panic!("{mutation:?} was not found in {} states", walked.states),
        Err(counterexample) => {
            println!("{mutation:?}, {counterexample}");
            assert!(
                counterexample.violation.0.contains(expected),
                "{mutation:?} was found as another: {counterexample}"
            );
            assert!(
                counterexample.steps.len() < 16,
                "the counterexample is hard to read: {counterexample}"
            );
        }
    }
}

macro_rules! the_explorer_finds {
    ($($test:ident: $mutation:ident in $scenario:expr => $expected:literal;)*) => {$(
        #[test]
        fn $test() {
            finds(Mutation::$mutation, &$scenario, $expected);
        }
    )*};
}

the_explorer_finds! {
    a_gate_that_compares_no_generations_is_found:
        NoGenerationCompare in EVERYTHING => "a refresh without a reason";
    a_gate_that_accepts_a_stale_outcome_is_found:
        StaleOutcomeAccepted in EVERYTHING => "a late outcome counts";
    a_gate_that_lets_calls_send_during_a_refresh_is_found:
        SendWhileRefreshing in EVERYTHING => "sends while its token is renewed";
    a_gate_that_forgets_a_waiter_is_found:
        WaiterForgotten in EVERYTHING => "are left behind";
    a_gate_that_forgets_a_waiter_with_permits_is_found:
        WaiterForgotten in TWO_PERMITS => "and one is free";
    a_gate_that_ignores_epochs_is_found:
        EpochIgnored in EVERYTHING => "of one user is replayed for another";
    a_gate_that_releases_twice_is_found:
        ReleasedTwice in FAILURES => "though it does not wait";
    a_gate_that_ignores_the_cooldown_is_found:
        CooldownIgnored in FAILURES => "right after one that has failed";
    a_gate_that_starts_a_second_flight_is_found:
        SecondFlight in EVERYTHING => "two refreshes for one token";
    a_gate_that_releases_the_newest_first_is_found:
        NewestFirst in EVERYTHING => "is released before";
    a_gate_that_ignores_permits_is_found:
        PermitsIgnored in PERMITS => "have a permit";
    a_call_that_keeps_its_permit_while_it_waits_is_found:
        PermitKeptWhileWaiting in PERMITS => "and one is free";
    a_gate_that_reclaims_the_permit_of_a_polled_call_is_found:
        PolledPermitReclaimed in RECLAIMED => "have a permit";
    a_gate_that_leaves_an_idle_permit_is_found:
        IdlePermitKept in RECLAIMED => "and one is free";
    a_gate_that_counts_a_reclaimed_permit_is_found:
        ReclaimedPermitCounts in RECLAIMED => "is told that it has its permit: true";
    a_gate_that_does_not_count_futile_refreshes_is_found:
        FutileNotCounted in FUTILE => "after too many futile ones";
    a_gate_that_keeps_a_canceled_call_is_found:
        CanceledIsSent in CANCELED => "waiting calls, but";
    a_gate_that_forgets_a_logout_is_found:
        LogoutForgotten in EVERYTHING => "signed in: true";
    a_gate_that_reports_a_loss_twice_is_found:
        LossReportedTwice in REVOKED => "the session ends a second time";
    a_gate_that_forgets_that_a_token_has_expired_is_found:
        ExpiryForgotten in EVERYTHING => "knows to have expired";
    a_gate_that_swallows_an_expiry_during_a_refresh_is_found:
        DemandSwallowed in CANCELED => "knows to have expired";
    a_gate_that_refreshes_for_an_endpoint_in_vain_is_found:
        UnhelpedForgotten in UNHELPED => "that has not helped its endpoint";
    a_gate_that_takes_a_rejection_for_final_is_found:
        RejectionIsFinal in REJECTIONS => "reported that the session has ended: true";
}

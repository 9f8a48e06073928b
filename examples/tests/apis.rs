//! Each API as a person runs it.

#![allow(clippy::unwrap_used)]

use std::process::Command;

fn said(binary: &str) -> Vec<String> {
    let output = Command::new(binary).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn github_is_walked_by_link_and_its_errors_and_limits_are_variants() {
    let expected = [
        "issues: issue 1, issue 2, issue 3, issue 4, issue 5",
        "a page of 2",
        "a page of 2",
        "a page of 1",
        "issue 2: issue 2, 1 requests left",
        "issue 99: not found",
        "issue 3: ask after 1800000000",
        "rejected: Validation Failed, \"missing_field\"",
        "opened: #6 ICE",
    ];
    assert_eq!(said(env!("CARGO_BIN_EXE_github")), expected);
}

#[test]
fn only_one_of_the_two_challenges_of_an_oauth_2_server_starts_a_refresh() {
    let expected = [
        "a wrong password is rejected: invalid_grant",
        "signed in as Ann",
        "the token has expired, and three concurrent calls succeed: Ann, Ann, Ann",
        "refreshes: 1 (expected: 1 for all three)",
        "deleting the account: not allowed (expected: not allowed)",
        "refreshes: 1 (expected: still 1, no token helps here)",
        "the grant was revoked, and the token has expired: please sign in again",
    ];
    assert_eq!(said(env!("CARGO_BIN_EXE_oauth2")), expected);
}

#[test]
fn a_backend_of_codes_is_walked_through_an_expiry_on_each_page() {
    let expected = [
        "1: article 1",
        "2: article 2",
        "3: article 3",
        "Ben edits article 2",
        "refreshes: 3",
        "please sign in again: code 50012",
        "signed out: true",
    ];
    assert_eq!(said(env!("CARGO_BIN_EXE_codes")), expected);
}

#[test]
fn layers_limit_one_endpoint_ration_another_and_sign_each_attempt_of_a_third() {
    let expected = [
        "searches done: 10 of 10",
        "at once on the server: 2 at most (allowed: 2)",
        "reports done: 20 of 20",
        "requests while the server wanted to be left alone: 0 (expected: 0)",
        "order: signed on attempt 3 (expected: attempt 3)",
        "refreshes: 1 (expected: 1)",
    ];
    assert_eq!(said(env!("CARGO_BIN_EXE_layers")), expected);
}

#[test]
fn a_cache_serves_what_has_not_changed_although_the_token_has_expired() {
    let expected = [
        "2 products, sent 1, unchanged 0",
        "2 products, sent 1, unchanged 1",
        "the token has expired",
        "2 products, sent 1, unchanged 2",
        "a product came in",
        "3 products, sent 2, unchanged 2",
        "refreshes: 1",
    ];
    assert_eq!(said(env!("CARGO_BIN_EXE_cache")), expected);
}

//! The command itself, as a person or a script runs it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::process::{Command, Output};

use serde_json::Value;

fn article(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_article")).args(arguments).output().unwrap()
}

#[test]
fn it_reports_one_refresh_per_expiry_and_no_failed_call() {
    let output = article(&["--calls", "60", "--waves", "2", "--ttl", "1s", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = [
        "calls",
        "expiries",
        "failed",
        "largest_queue",
        "late",
        "refreshes",
        "repeats",
        "requests",
    ];
    assert_eq!(keys, expected);
    assert!(report.as_object().unwrap().values().all(Value::is_u64), "{report}");
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!((count("calls"), count("failed")), (120, 0));
    assert_eq!(count("refreshes"), count("expiries"));
    assert!(count("requests") <= 2 * (2 * 60 + 1), "{report}");
    assert_eq!(count("requests"), count("calls") + count("repeats") + count("refreshes"));
    assert!(count("largest_queue") <= 60, "{report}");
}

#[test]
fn what_is_piped_has_no_colours_and_moves_no_cursor() {
    let output = article(&["--calls", "5", "--waves", "1", "--ttl", "400ms"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let picture = String::from_utf8(output.stdout).unwrap();
    assert!(!picture.contains(['\u{1b}', '\r']), "{picture}");
    assert!(picture.contains("wave 1") && picture.contains("5 calls, 0 failed"), "{picture}");
}

#[test]
fn a_lifetime_that_is_none_is_refused() {
    let output = article(&["--ttl", "2 fortnights"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is no unit: write `s` or `ms`"));
}

//! The command itself, as a person or a script runs it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

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
        "replays",
        "requests",
    ];
    assert_eq!(keys, expected);
    assert!(report.as_object().unwrap().values().all(Value::is_u64), "{report}");
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!((count("calls"), count("failed")), (120, 0));
    assert_eq!(count("refreshes"), count("expiries"));
    assert!(count("requests") <= 2 * (2 * 60 + 1), "{report}");
    assert_eq!(count("requests"), count("calls") + count("replays") + count("refreshes"));
    assert!(count("largest_queue") <= 60, "{report}");
}

#[test]
fn piped_output_has_no_colors_and_moves_no_cursor() {
    let output = article(&["--calls", "5", "--waves", "1", "--ttl", "400ms"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let picture = String::from_utf8(output.stdout).unwrap();
    assert!(!picture.contains(['\u{1b}', '\r']), "{picture}");
    assert!(picture.contains("wave 1") && picture.contains("5 calls, 0 failed"), "{picture}");
}

#[test]
fn it_ends_quietly_when_the_reader_closes_the_pipe() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_article"));
    command.args(["--calls", "5", "--waves", "1", "--ttl", "400ms"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    // The reader closes the pipe after one line, as `head -1` does.
    BufReader::new(run.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = run.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(line, "A token lives for 0.4 s.\n");
    assert_eq!((output.status.code(), &*complaint), (Some(0), ""));
}

#[test]
fn an_argument_out_of_its_range_is_rejected_with_the_range() {
    for (option, value, way_out) in [
        ("--ttl", "2 fortnights", "invalid value"),
        ("--ttl", "0s", "expected `10ms` to `1h`"),
        ("--ttl", "3601s", "expected `10ms` to `1h`"),
        ("--calls", "0", "1..=100000"),
        ("--calls", "100001", "1..=100000"),
        ("--waves", "0", "1..=100"),
        ("--waves", "101", "1..=100"),
    ] {
        let output = article(&[option, value]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option} {value}: {said}");
        assert!(said.contains(option) && said.contains(way_out), "{option} {value}: {said}");
    }
}

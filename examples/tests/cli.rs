//! The command-line tool, as a person runs it and as a script does: many times at once.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use perennial_examples::server::{Options, Server};

/// A directory of the test's own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A run of the tool, not started yet.
fn cli(server: &Server, file: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cli"));
    command.env("SHOP", server.url()).arg("--file").arg(file).args(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> (bool, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap().trim().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_outlives_the_tool_and_eight_runs_at_once_renew_it_once_for_each_expiry() {
    let scratch = Scratch::new("cli");
    let file = scratch.0.join("made/tokens.json");
    let ttl = Duration::from_secs(2);
    let server = Server::start(Options { ttl, ..Options::default() }).await.unwrap();
    let run = |words: &[&str]| said(&cli(&server, &file, words).output().unwrap());
    assert_eq!(run(&["order", "1"]), (false, "error: please sign in".to_owned()));
    assert_eq!(run(&["login", "ann"]), (true, "signed in as ann".to_owned()));
    for _ in 0..3 {
        tokio::time::sleep(ttl).await;
        let runs: Vec<_> = (1..=8)
            .map(|id| (id, cli(&server, &file, &["order", &id.to_string()]).spawn().unwrap()))
            .collect();
        for (id, run) in runs {
            let (succeeded, text) = said(&run.wait_with_output().unwrap());
            assert!(succeeded && text.starts_with(&format!("order {id}: ")), "{id}: {text}");
            assert_eq!(text.lines().count(), 1, "{text}");
        }
    }
    let counts = server.counts();
    assert_eq!((counts.refreshes, counts.reuses), (counts.expiries, 0));
    assert!(counts.refreshes >= 3, "{counts:?}");
    assert_eq!(run(&["logout"]), (true, "signed out".to_owned()));
    assert_eq!(run(&["order", "1"]), (false, "error: please sign in".to_owned()));
    assert_eq!(server.counts().refreshes, counts.refreshes);
}

#[test]
fn an_argument_out_of_its_range_is_rejected_with_the_range() {
    for (words, way_out) in [
        (["serve", "--ttl", "0s"], "expected `10ms` to `1h`"),
        (["many", "--processes", "0"], "1..=100"),
        (["many", "--processes", "101"], "1..=100"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_cli")).args(words).output().unwrap();
        let (_, text) = said(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {text}");
        assert!(text.contains(words[1]) && text.contains(way_out), "{words:?}: {text}");
    }
}

#[test]
fn it_starts_a_shop_and_many_copies_of_itself() {
    let many = Command::new(env!("CARGO_BIN_EXE_cli")).arg("many").output().unwrap();
    let (succeeded, text) = said(&many);
    assert!(succeeded, "{text}");
    assert!(text.contains("8 processes, 0 failed, "), "{text}");
}

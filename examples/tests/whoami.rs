//! The tool that signs in at an OpenID provider, as a person runs it and as ten scripts do at once.
//!
//! `eval "$(ci/oidc.sh start)"` starts a provider and a browser; without them these tests are skipped, but never
//! with `CI=true`.

#![cfg(feature = "oauth2")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct World {
    issuer: String,
    sign_in: String,
    folder: PathBuf,
}

impl World {
    fn or_skip(name: &str) -> Option<Self> {
        let (Ok(issuer), Ok(sign_in)) = (std::env::var("OIDC"), std::env::var("SIGN_IN")) else {
            let missing = "skipped: no OpenID provider; start one with `ci/oidc.sh start`";
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{missing}");
            eprintln!("{missing}");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("perennial-{name}-{}", std::process::id()));
        Some(Self { issuer, sign_in, folder })
    }

    fn start(&self, words: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_whoami"))
            .args(["--issuer", &self.issuer, "--client-id", "cli", "--file"])
            .arg(self.folder.join("tokens.json"))
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn run(&self, words: &[&str]) -> (bool, String) {
        said(self.start(words))
    }

    /// A person who signs in, until the browser has shown the last page.
    fn sign_in(&self, words: &[&str]) {
        let (program, script) = self.sign_in.split_once(' ').unwrap();
        let status = Command::new(program).arg(script).args(words).stdout(Stdio::null()).status();
        assert!(status.unwrap().success());
    }

    /// Asks the provider something beside the protocol.
    async fn control(&self, path: &str) -> serde_json::Value {
        let url = format!("{}/control/{path}", self.issuer);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn said(run: Child) -> (bool, String) {
    let output = run.wait_with_output().unwrap();
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap().trim().to_owned())
}

/// The first line that a run prints, and the run.
fn first_line(mut run: Child) -> (String, Child) {
    let mut line = String::new();
    let mut printed = BufReader::new(run.stdout.take().unwrap());
    printed.read_line(&mut line).unwrap();
    // The rest is read as well, so that a full pipe does not block the run.
    std::thread::spawn(move || printed.read_to_end(&mut Vec::new()));
    (line.trim().to_owned(), run)
}

// One test, since the refreshes of the provider are counted as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_is_shared_by_ten_runs_at_once_and_revoked_at_the_end() {
    let Some(world) = World::or_skip("whoami") else { return };
    assert_eq!(world.run(&["show"]), (false, "error: please sign in: whoami login".to_owned()));

    let (line, run) = first_line(world.start(&["login", "--print"]));
    world.sign_in(&[line.strip_prefix("open ").unwrap(), "ann"]);
    assert!(said(run).0);
    assert_eq!(world.run(&["show"]), (true, "ann".to_owned()));

    for _ in 0..3 {
        let before = world.control("counts").await["refreshes"].as_u64().unwrap();
        world.control("expire").await;
        let runs: Vec<_> = (0..10).map(|_| world.start(&["show"])).collect();
        for run in runs {
            assert_eq!(said(run), (true, "ann".to_owned()));
        }
        let after = world.control("counts").await["refreshes"].as_u64().unwrap();
        assert_eq!(after - before, 1);
    }
    assert_eq!(world.run(&["logout"]), (true, "signed out".to_owned()));

    let (line, run) = first_line(world.start(&["login", "--device"]));
    let (address, code) = line.strip_prefix("Open ").unwrap().split_once(' ').unwrap();
    world.sign_in(&[address, "ben", code.rsplit(' ').next().unwrap()]);
    assert!(said(run).0);
    assert_eq!(world.run(&["show"]), (true, "ben".to_owned()));

    // Ten sign out at once while ten others ask: each is told something, and nobody is signed in afterwards.
    let outs: Vec<_> = (0..10).map(|_| world.start(&["logout"])).collect();
    let shows: Vec<_> = (0..10).map(|_| world.start(&["show"])).collect();
    for run in outs {
        assert_eq!(said(run), (true, "signed out".to_owned()));
    }
    for run in shows {
        let (_, text) = said(run);
        assert!(text == "ben" || text.starts_with("error: "), "{text}");
    }
    assert_eq!(world.run(&["show"]), (false, "error: please sign in: whoami login".to_owned()));
}

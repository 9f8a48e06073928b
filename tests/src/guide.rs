//! Helpers that several examples of the guide share.

use std::sync::mpsc;
use std::thread;

use perennial::Tokens;
use serde::Serialize;
use tokio::runtime::Builder;

use crate::{Protocol, Server};

/// The body of a refresh that sends the refresh token as JSON: `{"refresh_token": ".."}`.
#[derive(Debug, Serialize)]
pub struct RefreshRequest {
    refresh_token: String,
}

impl From<&Tokens> for RefreshRequest {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

/// A server for a program that is not async. It runs on a thread of its own until the process ends.
///
/// # Panics
///
/// If the system allows no thread, or no runtime on it.
#[must_use]
pub fn serve(protocol: Protocol) -> Server {
    let (started, server) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("the system allows a runtime").block_on(async {
            // The caller waits for it.
            let _ = started.send(Server::start(protocol));
            std::future::pending::<()>().await;
        });
    });
    server.recv().expect("the thread has started the server")
}

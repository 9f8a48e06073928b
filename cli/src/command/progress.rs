//! Progress on the terminal.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Reports the progress of long work, only on a terminal.
pub(super) struct Progress {
    began: Instant,
    shows: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), shows: std::io::stderr().is_terminal() }
    }

    /// The next step.
    pub(super) fn step(&self, what: &str) {
        if self.shows {
            let mut out = std::io::stderr().lock();
            // If a line cannot be written, that is not worth an error.
            let _ = write!(out, "\r\u{1b}[K{what} ..");
            let _ = out.flush();
        }
    }

    /// Clears the line, and says how long the work took if it took long.
    pub(super) fn end(self) -> Duration {
        if self.shows {
            eprint!("\r\u{1b}[K");
        }
        self.began.elapsed()
    }
}

//! A clock whose hands a test can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use perennial::BoxFuture;
use perennial::system::Clock;
use tokio::time::Instant;

use super::secs;

/// Runs with tokio's time, and so with the test's where that is paused.
#[derive(Clone)]
pub struct Turned {
    start: Instant,
    wall: SystemTime,
    ahead: Arc<AtomicI64>,
    passed: Arc<AtomicU64>,
}

impl Turned {
    /// A clock that is so many seconds ahead of the server's.
    pub fn ahead(seconds: i64) -> Self {
        Self {
            start: Instant::now(),
            wall: SystemTime::now(),
            ahead: Arc::new(AtomicI64::new(seconds)),
            passed: Arc::default(),
        }
    }

    /// Moves the time of day, and nothing else, as a machine does that has slept.
    pub fn jump(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Lets time pass. Who sleeps goes on sleeping.
    pub fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Turned {
    fn now(&self) -> Duration {
        self.start.elapsed() + secs(self.passed.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let wall = self.wall + self.now();
        if ahead < 0 {
            wall - secs(ahead.unsigned_abs())
        } else {
            wall + secs(ahead.unsigned_abs())
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

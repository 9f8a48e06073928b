//! A clock whose time of day jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use perennial::BoxFuture;
use perennial::system::Clock;

#[derive(Clone)]
pub(super) struct SoakClock {
    start: Instant,
    ahead: Arc<AtomicI64>,
    jumps: Arc<AtomicU64>,
}

impl SoakClock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), ahead: Arc::default(), jumps: Arc::default() }
    }

    /// Sets the time of day to so many seconds from the true one.
    pub(super) fn jump(&self, ahead: i64) {
        self.ahead.store(ahead, Ordering::SeqCst);
        self.jumps.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn jumps(&self) -> u64 {
        self.jumps.load(Ordering::SeqCst)
    }
}

impl Clock for SoakClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let distance = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        if ahead < 0 { now - distance } else { now + distance }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

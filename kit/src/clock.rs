//! A clock that a test controls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use perennial::BoxFuture;
use perennial::system::Clock;
use tokio::sync::watch;
use tokio::time::Instant;

/// A clock that a test controls, for [`ClientBuilder::clock`](perennial::ClientBuilder::clock). Clones share it.
///
/// The clock also advances with tokio's time, so that it works with `#[tokio::test(start_paused = true)]`.
///
/// ```
/// use std::time::Duration;
/// use perennial::system::Clock;
/// use perennial_test::TestClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = TestClock::new();
/// let nap = tokio::spawn(clock.sleep(Duration::from_secs(3600)));
/// clock.advance(Duration::from_secs(3600));
/// nap.await.unwrap();
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TestClock {
    start: Instant,
    wall: SystemTime,
    /// The offset of the time of day, in seconds.
    ahead: Arc<AtomicI64>,
    advanced: Arc<watch::Sender<Duration>>,
}

impl TestClock {
    /// Creates a clock that starts with the system's time of day.
    #[must_use]
    pub fn new() -> Self {
        Self::ahead(0)
    }

    /// Creates a clock whose time of day is this many seconds ahead.
    #[must_use]
    pub fn ahead(seconds: i64) -> Self {
        Self {
            start: Instant::now(),
            wall: SystemTime::now(),
            ahead: Arc::new(AtomicI64::new(seconds)),
            advanced: Arc::new(watch::Sender::new(Duration::ZERO)),
        }
    }

    /// Makes time pass: the time of day and the monotonic time advance, and timers that are due fire.
    pub fn advance(&self, time: Duration) {
        self.advanced.send_modify(|advanced| *advanced += time);
    }

    /// Changes only the time of day, as a suspended machine or a corrected clock does.
    pub fn set_back_or_ahead(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        self.start.elapsed() + *self.advanced.borrow()
    }

    fn wall(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let wall = self.wall + self.now();
        let distance = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { wall - distance } else { wall + distance }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let until = self.now().saturating_add(duration);
        Box::pin(async move {
            let mut advanced = clock.advanced.subscribe();
            loop {
                let left = until.saturating_sub(clock.now());
                if left.is_zero() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(left) => {}
                    // This clock owns the sender, so it outlives the wait.
                    _ = advanced.changed() => {}
                }
            }
        })
    }
}

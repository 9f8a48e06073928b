//! The lock of a fleet: it expires unless its holder extends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::{LONGEST, Shared, scripts};
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{Lease, StoreError, StoreLock};

/// If it is unknown when a lock expires, it is tried again after this time.
const UNKNOWN: Duration = Duration::from_secs(1);

/// Attempts to acquire the lock. If this is dropped while Redis is responding, it releases the lock.
pub(super) struct Attempts {
    lock: Arc<HeldLock>,
    /// Whether Redis may have granted the lock although the response has not arrived.
    pending: AtomicBool,
}

/// The outcome of one attempt.
pub(super) enum Attempt {
    Acquired(StoreLock),
    /// Another process holds the lock, for this long at most.
    Busy(Duration),
}

/// A lock that this process holds or held.
pub(super) struct HeldLock {
    shared: Arc<Shared>,
    /// Unique among all processes.
    name: String,
    fencing_token: AtomicU64,
    released: AtomicBool,
    until: Mutex<Until>,
}

/// Points in time on the monotonic clock.
#[derive(Clone, Copy)]
struct Until {
    /// Until then, Redis has confirmed the lock.
    confirmed: Instant,
    /// Until then, the session has requested the lock.
    wanted: Instant,
}

/// The lock, as a session holds it.
struct Guard {
    lock: Arc<HeldLock>,
    renewal: AbortHandle,
}

impl Attempts {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let now = Instant::now();
        let lock = Arc::new(HeldLock {
            shared: Arc::clone(shared),
            name: format!("{:016x}{:016x}", random(), random()),
            fencing_token: AtomicU64::new(0),
            released: AtomicBool::new(false),
            until: Mutex::new(Until { confirmed: now, wanted: now }),
        });
        Self { lock, pending: AtomicBool::new(false) }
    }

    pub(super) async fn try_once(&self) -> Result<Attempt, StoreError> {
        let (lock, shared) = (&self.lock, &self.lock.shared);
        let sent = Instant::now();
        let mut script = shared.keys.invoke(&scripts::LOCK);
        script.arg(&lock.name).arg(millis(shared.lease));
        self.pending.store(true, Ordering::Relaxed);
        let (fencing_token, left): (u64, i64) = shared.run(&script).await?;
        self.pending.store(false, Ordering::Relaxed);
        if fencing_token == 0 {
            let left = u64::try_from(left).map_or(UNKNOWN, Duration::from_millis);
            // A lock that expires in this millisecond is free in the next.
            return Ok(Attempt::Busy(left + Duration::from_millis(1)));
        }
        lock.fencing_token.store(fencing_token, Ordering::Relaxed);
        lock.until().confirmed = sent + shared.lease;
        shared.set_held(Some(Arc::clone(lock)));
        let renewal = tokio::spawn(Arc::clone(lock).renew()).abort_handle();
        Ok(Attempt::Acquired(StoreLock::leased(Guard { lock: Arc::clone(lock), renewal })))
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        if *self.pending.get_mut() {
            self.lock.release_in_background();
        }
    }
}

impl HeldLock {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fencing_token(&self) -> u64 {
        self.fencing_token.load(Ordering::Relaxed)
    }

    pub(super) fn set_released(&self) {
        self.released.store(true, Ordering::Relaxed);
    }

    fn is_released(&self) -> bool {
        self.released.load(Ordering::Relaxed)
    }

    fn until(&self) -> MutexGuard<'_, Until> {
        // Each change is a single assignment.
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Extends the lock three times in each lease, while it is held.
    async fn renew(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.shared.lease / 3).await;
            // After an error the next attempt may succeed; otherwise the lock expires.
            if self.is_released() || matches!(self.extend().await, Ok(false)) {
                return;
            }
        }
    }

    /// Extends the lock by one lease, or for as long as the session requested.
    async fn extend(&self) -> Result<bool, StoreError> {
        let now = Instant::now();
        let wanted = self.until().wanted.saturating_duration_since(now);
        let span = self.shared.lease.max(wanted);
        let mut script = self.shared.keys.invoke(&scripts::EXTEND);
        script.arg(&self.name).arg(millis(span));
        let is_held = self.shared.run_replicated::<bool>(&script).await?;
        if is_held {
            self.until().confirmed = now + span;
        }
        Ok(is_held)
    }

    async fn release(&self) {
        if self.released.swap(true, Ordering::Relaxed) {
            return;
        }
        self.forget();
        let mut script = self.shared.keys.invoke(&scripts::RELEASE);
        script.arg(&self.name);
        // If Redis does not respond, the lock expires.
        let _ = self.shared.run::<bool>(&script).await;
    }

    fn release_in_background(self: &Arc<Self>) {
        self.forget();
        if !self.is_released()
            && let Ok(runtime) = Handle::try_current()
        {
            let lock = Arc::clone(self);
            runtime.spawn(async move { lock.release().await });
        }
    }

    /// Later saves of this store no longer use the fencing token of this lock.
    fn forget(&self) {
        let mut held = self.shared.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| std::ptr::eq(&**held, self)) {
            *held = None;
        }
    }
}

impl Lease for Guard {
    fn extend(&self, span: Duration) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            self.lock.until().wanted = Instant::now() + span.min(LONGEST);
            match self.lock.extend().await {
                Ok(is_held) => is_held,
                // Redis does not respond, but the lock that it last confirmed may still be valid.
                Err(_) => Instant::now() < self.lock.until().confirmed,
            }
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let lock = Arc::clone(&self.lock);
        self.renewal.abort();
        Box::pin(async move { lock.release().await })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.renewal.abort();
        self.lock.release_in_background();
    }
}

/// Leases are at most a year long.
fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

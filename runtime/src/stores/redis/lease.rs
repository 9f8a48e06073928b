//! The lock of a fleet: it runs out by itself, unless its holder renews it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::{LONGEST, Shared, script};
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{Lease, StoreError, StoreLock};

/// A lock of unknown end is looked at again after so long.
const UNKNOWN: Duration = Duration::from_secs(1);

/// An attempt to get the lock. Should it be dropped while Redis answers, it gives the lock back.
pub(super) struct Attempt {
    held: Arc<Held>,
    /// Whether Redis may believe that this has the lock.
    open: AtomicBool,
}

/// How a try ended.
pub(super) enum Try {
    Locked(StoreLock),
    /// Somebody has it, for so long at most.
    Busy(Duration),
}

/// A lock that is held, or that was.
pub(super) struct Held {
    shared: Arc<Shared>,
    /// Nobody else has this name.
    name: String,
    fence: AtomicU64,
    given_back: AtomicBool,
    until: Mutex<Until>,
}

/// Until when, on the clock that does not jump.
#[derive(Clone, Copy)]
struct Until {
    /// Others are kept away by what Redis was last told.
    sure: Instant,
    /// Others are to be kept away.
    wanted: Instant,
}

/// What a session holds.
struct Guard {
    held: Arc<Held>,
    renewal: AbortHandle,
}

impl Attempt {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let now = Instant::now();
        let held = Arc::new(Held {
            shared: Arc::clone(shared),
            name: format!("{:016x}{:016x}", random(), random()),
            fence: AtomicU64::new(0),
            given_back: AtomicBool::new(false),
            until: Mutex::new(Until { sure: now, wanted: now }),
        });
        Self { held, open: AtomicBool::new(false) }
    }

    pub(super) async fn try_once(&self) -> Result<Try, StoreError> {
        let (held, shared) = (&self.held, &self.held.shared);
        let asked = Instant::now();
        let script =
            shared.script(script::LOCK).arg(&held.name).arg(&shared.lease.as_millis().to_string());
        self.open.store(true, Ordering::Relaxed);
        let (fence, left): (u64, i64) = shared.run(&script).await?;
        self.open.store(false, Ordering::Relaxed);
        if fence == 0 {
            let left = u64::try_from(left).map_or(UNKNOWN, Duration::from_millis);
            // What ends in this millisecond is over in the next.
            return Ok(Try::Busy(left + Duration::from_millis(1)));
        }
        held.fence.store(fence, Ordering::Relaxed);
        held.is_sure_until(asked + shared.lease);
        shared.hold(Some(Arc::clone(held)));
        let renewal = tokio::spawn(Arc::clone(held).renew()).abort_handle();
        Ok(Try::Locked(StoreLock::leased(Guard { held: Arc::clone(held), renewal })))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if *self.open.get_mut() {
            self.held.give_back_later();
        }
    }
}

impl Try {
    pub(super) fn into_lock(self) -> Option<StoreLock> {
        match self {
            Self::Locked(lock) => Some(lock),
            Self::Busy(_) => None,
        }
    }
}

impl Held {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fence(&self) -> u64 {
        self.fence.load(Ordering::Relaxed)
    }

    pub(super) fn given_back(&self) {
        self.given_back.store(true, Ordering::Relaxed);
    }

    fn is_given_back(&self) -> bool {
        self.given_back.load(Ordering::Relaxed)
    }

    fn until(&self) -> Until {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_sure_until(&self, end: Instant) {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).sure = end;
    }

    /// Renews the lock as long as it is held, three times in each of its lives.
    async fn renew(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.shared.lease / 3).await;
            // What Redis does not answer now it answers at the next try, or the lock runs out.
            if self.is_given_back() || matches!(self.prolong().await, Ok(false)) {
                return;
            }
        }
    }

    /// Tells Redis to keep others away for a lease, and for as long as was wanted.
    async fn prolong(&self) -> Result<bool, StoreError> {
        let now = Instant::now();
        let wanted = self.until().wanted.saturating_duration_since(now);
        let span = self.shared.lease.max(wanted);
        let script =
            self.shared.script(script::EXTEND).arg(&self.name).arg(&span.as_millis().to_string());
        let kept = self.shared.run::<bool>(&script).await?;
        if kept {
            self.is_sure_until(now + span);
        }
        Ok(kept)
    }

    async fn give_back(&self) {
        if self.given_back.swap(true, Ordering::Relaxed) {
            return;
        }
        self.forget();
        let script = self.shared.script(script::RELEASE).arg(&self.name);
        // A Redis that does not answer lets the lock run out.
        let _ = self.shared.run::<bool>(&script).await;
    }

    fn give_back_later(self: &Arc<Self>) {
        self.forget();
        if !self.is_given_back()
            && let Ok(runtime) = Handle::try_current()
        {
            let held = Arc::clone(self);
            runtime.spawn(async move { held.give_back().await });
        }
    }

    /// What this store saves from now on is not saved under this lock.
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
            let held = &self.held;
            held.until.lock().unwrap_or_else(PoisonError::into_inner).wanted =
                Instant::now() + span.min(LONGEST);
            match held.prolong().await {
                Ok(kept) => kept,
                // Redis does not answer, but what it was last told still holds.
                Err(_) => Instant::now() < held.until().sure,
            }
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let held = Arc::clone(&self.held);
        self.renewal.abort();
        Box::pin(async move { held.give_back().await })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.renewal.abort();
        self.held.give_back_later();
    }
}

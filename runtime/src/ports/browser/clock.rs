//! Time in a browser.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gloo_timers::future::TimeoutFuture;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::Performance;

use super::global;
use crate::ports::BoxFuture;
use crate::ports::clock::Clock;

/// The browser's clocks and timers.
///
/// A page that sleeps (in the background, in the back/forward cache, under a closed lid) gets its timers late.
/// Lifetimes are compared with the time of day, so an expiry is still detected when the page wakes.
#[derive(Debug, Clone)]
pub struct SystemClock {
    performance: Option<Arc<SendWrapper<Performance>>>,
}

impl Default for SystemClock {
    fn default() -> Self {
        let performance = global("performance").map(JsCast::unchecked_into::<Performance>);
        Self { performance: performance.map(|it| Arc::new(SendWrapper::new(it))) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        let millis = self.performance.as_ref().map_or_else(js_sys::Date::now, |it| it.now());
        span(millis)
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + span(js_sys::Date::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(SendWrapper::new(async move {
            let mut left = duration.as_millis().saturating_add(1);
            while left > 0 {
                let step = u32::try_from(left).unwrap_or(u32::MAX).min(LONGEST_TIMER);
                TimeoutFuture::new(step).await;
                left -= u128::from(step);
            }
        }))
    }
}

/// A browser treats a longer time as zero.
const LONGEST_TIMER: u32 = i32::MAX as u32;

fn span(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default()
}

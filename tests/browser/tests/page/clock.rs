//! The clock, its timer, and tasks.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};
use perennial::BoxFuture;
use perennial::system::{Clock as _, LocalSpawner, Spawn as _, SystemClock};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_timer_never_fires_early() {
    let clock = SystemClock::default();
    for millis in [0, 1, 17, 60] {
        let began = clock.now();
        let span = Duration::from_millis(millis);
        clock.sleep(span).await;
        let slept = clock.now() - began;
        assert!(slept >= span, "{slept:?} is less than {span:?}");
    }
}

#[wasm_bindgen_test]
async fn a_timer_for_longer_than_a_browser_counts_does_not_fire_at_once() {
    let clock = SystemClock::default();
    for span in [Duration::from_secs(25 * 86_400), Duration::from_secs(u64::MAX)] {
        let (long, short) = (clock.sleep(span), clock.sleep(Duration::from_millis(30)));
        assert!(matches!(select(long, short).await, Either::Right(_)), "{span:?}");
    }
}

#[wasm_bindgen_test]
fn the_time_of_day_is_that_of_javascript() {
    let before = js_sys::Date::now();
    let now = SystemClock::default().wall().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = now.as_secs_f64() * 1000.0;
    assert!((before - 1.0..=js_sys::Date::now() + 1.0).contains(&now), "{now}");
}

#[wasm_bindgen_test]
async fn a_task_runs_without_anybody_who_waits_for_it() {
    let ran = Rc::new(Cell::new(false));
    let flag = send_wrapper::SendWrapper::new(Rc::clone(&ran));
    let task: BoxFuture<'static, ()> = Box::pin(async move { flag.set(true) });
    assert!(LocalSpawner.spawn(task).is_ok());
    assert!(!ran.get(), "a task does not run inside of the call that starts it");
    SystemClock::default().sleep(Duration::ZERO).await;
    assert!(ran.get());
}

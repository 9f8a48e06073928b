//! Web Locks, which all tabs of an origin share.

use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::{Array, Boolean, Function, Object, Promise, Reflect};
use send_wrapper::SendWrapper;
use tokio::sync::oneshot;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::ports::browser::clock::SystemClock;
use crate::ports::browser::error::said;
use crate::ports::browser::{global, property};
use crate::ports::clock::Clock as _;
use crate::ports::store::StoreError;
use crate::stores::errors::failed as failed_to;

/// A Web Lock that is held until it is dropped or the tab closes.
pub(super) struct WebLock(SendWrapper<Function>);

impl Drop for WebLock {
    fn drop(&mut self) {
        // This resolves a promise, which cannot fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Acquires the lock of this name. With a `patience` of zero it is tried once.
pub(super) async fn exclusive(name: &str, patience: Duration) -> Result<WebLock, StoreError> {
    let failed = |thrown: JsValue| failed_to("cannot take a Web Lock".into(), said(&thrown));
    let (sender, granted) = oneshot::channel();
    let grant = Closure::once(move |lock: JsValue| hand_over(&lock, sender));
    let abort = AbortController::new().map_err(failed)?;
    let options = Object::new();
    let (option, value) = if patience.is_zero() {
        ("ifAvailable", JsValue::from(Boolean::from(true)))
    } else {
        ("signal", abort.signal().into())
    };
    Reflect::set(&options, &option.into(), &value).map_err(failed)?;
    let args = Array::of3(&name.into(), &options, grant.as_ref());
    let ended = JsFuture::from(call("request", &args)?);
    let _abort = AbortOnDrop(abort);
    let waiting = Box::pin(async {
        match select(granted, ended).await {
            Either::Left((Ok(Some(lock)), _)) => Ok(lock),
            Either::Right((Err(thrown), _)) => Err(failed(thrown)),
            _ => Err(StoreError::Locked),
        }
    });
    if patience.is_zero() {
        return waiting.await;
    }
    match select(waiting, SystemClock::default().sleep(patience)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(StoreError::Locked),
    }
}

/// The largest number for which a lock named `prefix` plus the number is held, if there is one.
pub(super) async fn latest(prefix: &str) -> Option<u64> {
    let answer = JsFuture::from(call("query", &Array::new()).ok()?).await.ok()?;
    let held: Array = property(&answer, "held")?.dyn_into().ok()?;
    let names = held.iter().filter_map(|lock| property(&lock, "name")?.as_string());
    names.filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).max()
}

/// Takes over a lock from the browser, which waits for the promise that this returns.
fn hand_over(lock: &JsValue, sender: oneshot::Sender<Option<WebLock>>) -> JsValue {
    if lock.is_null() {
        // If this fails, nothing waits for it any more.
        let _ = sender.send(None);
        return JsValue::UNDEFINED;
    }
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(WebLock(SendWrapper::new(resolve))));
    // A lock for which nothing waits any more is dropped here, and so released.
    let _ = sender.send(release);
    held.into()
}

fn call(method: &str, args: &Array) -> Result<Promise, StoreError> {
    let locks = global("navigator").and_then(|it| property(&it, "locks")).ok_or_else(|| {
        StoreError::failed(
            "there are no Web Locks here, so tabs are not coordinated: serve the page over https",
        )
    })?;
    let failed = |thrown: JsValue| failed_to("cannot use Web Locks".into(), said(&thrown));
    let method: Function = Reflect::get(&locks, &method.into())
        .and_then(|method| method.dyn_into())
        .map_err(failed)?;
    Ok(method.apply(&locks, args).map_err(failed)?.unchecked_into())
}

/// Withdraws a request for a lock. It does not affect a lock that was granted.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! When to check the storage again.

use std::sync::Arc;

use send_wrapper::SendWrapper;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget, StorageEvent};

use super::area::Area;

/// Other tabs have written (`storage`), or the page has come back from the cache or from the background.
const EVENTS: [&str; 3] = ["storage", "pageshow", "visibilitychange"];

/// Listens to the page's events.
pub(super) struct Wake {
    notify: Arc<Notify>,
    _listener: Option<SendWrapper<Listener>>,
}

impl Wake {
    pub(super) fn new(area: Area, key: &str) -> Self {
        let notify = Arc::new(Notify::new());
        let listener = (area == Area::Local).then(|| Listener::new(&notify, key)).flatten();
        Self { notify, _listener: listener.map(SendWrapper::new) }
    }

    /// The next event after this is called.
    pub(super) fn next(&self) -> Notified<'_> {
        self.notify.notified()
    }
}

struct Listener {
    target: EventTarget,
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    fn new(notify: &Arc<Notify>, key: &str) -> Option<Self> {
        let target: EventTarget = web_sys::window()?.into();
        let (notify, key) = (Arc::clone(notify), key.to_owned());
        let callback = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            // Without a key, the whole storage was cleared.
            let other = event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
            if other.is_none_or(|other| other == key) {
                notify.notify_waiters();
            }
        });
        for event in EVENTS {
            target
                .add_event_listener_with_callback(event, callback.as_ref().unchecked_ref())
                .ok()?;
        }
        Some(Self { target, callback })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for event in EVENTS {
            let callback = self.callback.as_ref().unchecked_ref();
            let _ = self.target.remove_event_listener_with_callback(event, callback);
        }
    }
}

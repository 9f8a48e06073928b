//! The ports in a browser: `fetch`, timers, and tasks on the page's own event loop.
//!
//! JavaScript's objects belong to one thread. They are wrapped in `SendWrapper`, which checks this, so that the
//! rest of the runtime is the same as on native targets, and calls are `Send` everywhere.

pub(crate) mod body;
pub(crate) mod clock;
pub(crate) mod error;
pub(crate) mod fetch;
pub(crate) mod message;
pub(crate) mod options;
pub(crate) mod spawn;

use js_sys::Reflect;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;

/// A property of the global object: the window or the worker that runs this.
pub(crate) fn global(name: &str) -> Option<JsValue> {
    property(&js_sys::global(), name)
}

/// A property of an object, unless it is `undefined` or `null`, or reading it throws.
pub(crate) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// The origin of the page, if it has one; a sandboxed frame or a `file:` page has none.
pub(crate) fn origin() -> Option<String> {
    let origin = property(&global("location")?, "origin")?.as_string()?;
    origin.starts_with("http").then_some(origin)
}

/// A hook that may hold values of this thread, such as the state of a component.
pub(crate) fn on_this_thread<T: ?Sized>(hook: impl Fn(&T) + 'static) -> impl Fn(&T) + Send + Sync {
    let hook = SendWrapper::new(hook);
    move |told: &T| (*hook)(told)
}

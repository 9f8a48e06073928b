//! Numbers, dates and bytes in text. In a browser, they are read by the browser, which contains the code already.

use std::time::SystemTime;

#[cfg(not(target_family = "wasm"))]
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
#[cfg(target_family = "wasm")]
use wasm_bindgen::{JsCast as _, JsValue};

/// A number as a program writes it.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// A date of HTTP (RFC 9110, section 5.6.7).
#[cfg(not(target_family = "wasm"))]
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// Base64 without its padding (RFC 4648, section 4).
#[cfg(not(target_family = "wasm"))]
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

#[cfg(target_family = "wasm")]
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    // JavaScript reads an empty text as zero.
    if text.is_empty() {
        return None;
    }
    Some(js_sys::Number::from(JsValue::from(text)).value_of()).filter(|number| !number.is_nan())
}

#[cfg(target_family = "wasm")]
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    // A browser accepts nearly anything as a date, and assumes local time for one without a zone.
    let has_time = text.bytes().filter(|byte| *byte == b':').count() == 2;
    if !has_time || !DAYS.iter().any(|day| text.starts_with(day)) {
        return None;
    }
    let zone = if text.ends_with(" GMT") { "" } else { " GMT" };
    let millis = js_sys::Date::parse(&format!("{text}{zone}"));
    let since = std::time::Duration::try_from_secs_f64(millis / 1000.0).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(target_family = "wasm")]
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let decode = js_sys::Reflect::get(&js_sys::global(), &"atob".into()).ok()?;
    let decode = decode.dyn_ref::<js_sys::Function>()?;
    // A string with a character for each byte.
    let bytes = decode.call1(&JsValue::UNDEFINED, &text.into()).ok()?.as_string()?;
    bytes.chars().map(|byte| u8::try_from(u32::from(byte)).ok()).collect()
}

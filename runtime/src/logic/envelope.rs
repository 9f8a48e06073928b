//! Reads the envelope of a response: its code, and the value inside.
//!
//! One pass does both if possible. If a success code comes first, the value is decoded in place; if any other code
//! comes first, nothing else matters. A value that comes before the code is decoded in case the code means success.
//! The code always takes precedence over a value that cannot be decoded, since the response to a failed call need
//! not have the usual shape.

mod broken;
mod errors;
mod first;
mod mended;
mod place;
mod scan;
mod text;
mod walk;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny};

pub(crate) use broken::Broken;
pub(crate) use errors::{code, message};
pub(crate) use first::{Looks, has_first};
pub(crate) use scan::scan;
use scan::scan_code;
pub(crate) use text::{Json, Place};

use super::json::is_given;
use crate::types::JsonPath;
use crate::types::code::Code;
use crate::types::envelope::Envelope;
use mended::mended;
use text::{ReadError, Text};
use walk::{Judged, Walk};

/// The content of a response.
#[derive(Debug)]
pub(crate) enum Opened<'de> {
    /// The code means success, and the value is in its place.
    Taken,
    /// The code does not mean success. The place may contain a value nevertheless.
    Rejected(Code<'de>),
    /// The code is missing, and the declaration does not accept that.
    NoCode,
    /// It is not JSON, or the code means success and the value does not match the declared type.
    Broken(Broken),
}

/// Decodes the next value as a `T` and returns it. Only this is compiled for each type.
pub(crate) fn decoding<T: DeserializeOwned>(
    mut keep: impl FnMut(T),
) -> impl FnMut(&mut Json<'_>) -> serde_json::Result<()> {
    move |json| T::deserialize(json).map(&mut keep)
}

/// Reads a response that has an envelope.
pub(crate) fn open<'de>(
    envelope: &Envelope,
    body: &'de [u8],
    place: &mut Place<'_>,
) -> Opened<'de> {
    if let Some(errors) = envelope.ok_without {
        return errors::open_without(envelope, errors, body, place);
    }
    let body = plain(body);
    match std::str::from_utf8(body) {
        Ok(text) => open_text(envelope, text, place),
        Err(_) => match open_text(envelope, &mended(body), place) {
            Opened::Taken => Opened::Taken,
            Opened::Rejected(code) => Opened::Rejected(code.into_owned()),
            Opened::NoCode => Opened::NoCode,
            Opened::Broken(broken) => Opened::Broken(broken.of_mended()),
        },
    }
}

fn open_text<'de>(envelope: &Envelope, body: &'de str, place: &mut Place<'_>) -> Opened<'de> {
    let Some(data) = envelope.data else { return open_twice(envelope, body, place) };
    let mut walk = Walk::new(envelope, body, place);
    let walked = walk.go(Some(envelope.code), data);
    let Walk { code, has_value, is_tangled, .. } = walk;
    match (code, walked) {
        _ if is_tangled => open_twice(envelope, body, place),
        (Judged::Bad { is_cut: true, .. }, _) => broken(&Text::new(body).error_here(), body),
        (Judged::Bad { code, .. }, _) => Opened::Rejected(code),
        (Judged::Good, Ok(())) => taken(has_value, data, body, place),
        (Judged::Good, Err(error)) => broken(&error, body),
        (Judged::Unseen, Ok(())) if !envelope.ok_absent => Opened::NoCode,
        (Judged::Unseen, Ok(())) => taken(has_value, data, body, place),
        (Judged::Unseen, Err(error)) => doubtful(envelope, body, &error, place),
    }
}

/// Reads a response without an envelope. An empty body counts as `null`.
pub(crate) fn bare(body: &[u8], place: &mut Place<'_>) -> Result<(), Broken> {
    let body = plain(body);
    match std::str::from_utf8(body) {
        Ok(text) => bare_text(text, place),
        Err(_) => bare_text(&mended(body), place).map_err(Broken::of_mended),
    }
}

fn bare_text(body: &str, place: &mut Place<'_>) -> Result<(), Broken> {
    let body = if is_blank(body) { "null" } else { body };
    let mut text = Text::new(body);
    text.decode(place).and_then(|()| text.end()).map_err(|error| broken_by(&error, body))
}

/// The value of an item in a stream, which has no envelope.
pub(crate) fn piece<T: DeserializeOwned>(body: &[u8]) -> Result<T, Broken> {
    let mut value = None;
    bare(body, &mut decoding(|it| value = Some(it)))?;
    value.ok_or_else(|| Broken::absent(&[], body))
}

/// The value of an item in a stream. It has no envelope around it, but may contain a code that says that it is an
/// error.
pub(crate) fn item<T: DeserializeOwned>(
    declared: Option<&Envelope>,
    item: &[u8],
) -> Result<T, Broken> {
    let value = piece(item)?;
    if declared.is_some_and(|envelope| rejects(envelope, item)) {
        let error = serde_json::Error::custom("the item is an error of the server");
        return Err(Broken::new(&ReadError { error, base: 0 }, item));
    }
    Ok(value)
}

/// Whether an item has a code that does not mean success. An item without a code has not failed.
fn rejects(envelope: &Envelope, item: &[u8]) -> bool {
    let code = scan_code(envelope.code, item);
    let is_bad = code.as_ref().is_some_and(|code| !is_good(envelope, code));
    match envelope.ok_without {
        Some(errors) => is_given(errors, item) && (is_bad || code.is_none()),
        None => is_bad,
    }
}

/// Without the byte order mark that some servers put before UTF-8.
fn plain(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// The code is inside the value, so they are read one after the other.
fn open_twice<'de>(envelope: &Envelope, body: &'de str, place: &mut Place<'_>) -> Opened<'de> {
    match scan_code(envelope.code, body.as_bytes()) {
        Some(code) if !is_good(envelope, &code) => return Opened::Rejected(code),
        None if !envelope.ok_absent => {
            // A body that is not JSON is not merely without a code.
            return match serde_json::from_str::<IgnoredAny>(body) {
                Ok(_) => Opened::NoCode,
                Err(error) => broken(&ReadError { error, base: 0 }, body),
            };
        }
        _ => {}
    }
    let Some(data) = envelope.data else {
        return bare_text(body, place).map_or_else(Opened::Broken, |()| Opened::Taken);
    };
    let mut walk = Walk::new(envelope, body, place);
    let walked = walk.go(None, data);
    let has_value = walk.has_value;
    match walked {
        Ok(()) => taken(has_value, data, body, place),
        Err(error) => broken(&error, body),
    }
}

/// The code means success. Some types accept a response without a value.
fn taken<'de>(has_value: bool, data: JsonPath, body: &str, place: &mut Place<'_>) -> Opened<'de> {
    if has_value || Text::new("null").decode(place).is_ok() {
        Opened::Taken
    } else {
        Opened::Broken(Broken::absent(data, body.as_bytes()))
    }
}

/// Reading failed before a code was seen. It may come later.
#[cold]
fn doubtful<'de>(
    envelope: &Envelope,
    body: &'de str,
    error: &ReadError,
    place: &mut Place<'_>,
) -> Opened<'de> {
    if is_blank(body) {
        let data = envelope.data.unwrap_or_default();
        return if envelope.ok_absent { taken(false, data, body, place) } else { Opened::NoCode };
    }
    match scan_code(envelope.code, body.as_bytes()) {
        Some(code) if !is_good(envelope, &code) => Opened::Rejected(code),
        None if error.error.is_data() && !envelope.ok_absent => Opened::NoCode,
        _ => broken(error, body),
    }
}

fn broken<'de>(error: &ReadError, body: &str) -> Opened<'de> {
    Opened::Broken(broken_by(error, body))
}

fn broken_by(error: &ReadError, body: &str) -> Broken {
    Broken::new(error, body.as_bytes())
}

fn is_blank(body: &str) -> bool {
    body.trim_ascii_start().is_empty()
}

fn is_good(envelope: &Envelope, code: &Code<'_>) -> bool {
    envelope.ok.iter().any(|good| code.matches(good))
}

#[cfg(test)]
mod tests;

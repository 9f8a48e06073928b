//! What an answer says: its code, and the value within.
//!
//! One pass does both where it can. A good code that comes first lets the value be decoded in place;
//! a bad one lets everything else be skipped. A value that comes before the code is decoded on the
//! chance that the code is good. The code always wins over a value that cannot be decoded, since the
//! answer to a failed call need not have the shape of the others.

mod broken;
mod scan;
mod walk;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_json::Deserializer;

pub(crate) use broken::Broken;
pub(crate) use scan::{message, scan};

use super::code::Code;
use crate::words::envelope::Envelope;
use scan::is_cut;
use walk::{Judged, Level, Walk};

/// What was in an answer.
#[derive(Debug)]
pub(crate) enum Opened<'de, T> {
    /// The code is good, and this is the value.
    Value(T),
    /// The code is not one of the good ones.
    Refused(Code<'de>),
    /// There is no code, and that is not declared as good.
    NoCode,
    /// It is no JSON, or the code is good and the value is not what was declared.
    Broken(Broken),
}

/// Reads an answer that has an envelope.
pub(crate) fn open<'de, T: DeserializeOwned>(
    envelope: &Envelope,
    body: &'de [u8],
) -> Opened<'de, T> {
    let body = plain(body);
    let Some(data) = envelope.data else { return open_twice(envelope, body) };
    let mut walk = Walk::new(envelope);
    let mut deserializer = Deserializer::from_slice(body);
    let walked = Level::new(&mut walk, envelope.code, data)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    let Walk { code, value, is_tangled, .. } = walk;
    if is_tangled {
        return open_twice(envelope, body);
    }
    match (code, walked) {
        (Judged::Bad(code), Err(error)) if is_cut(&code, body) => {
            Opened::Broken(Broken::new(&error, body))
        }
        (Judged::Bad(code), _) => Opened::Refused(code),
        (Judged::Good, Ok(())) => value.map_or_else(|| absent(envelope, body), Opened::Value),
        (Judged::Good, Err(error)) => Opened::Broken(Broken::new(&error, body)),
        (Judged::Unseen, Ok(())) if !envelope.ok_absent => Opened::NoCode,
        (Judged::Unseen, Ok(())) => value.map_or_else(|| absent(envelope, body), Opened::Value),
        (Judged::Unseen, Err(error)) => doubtful(envelope, body, &error),
    }
}

/// Reads an answer that has none. An empty body counts as `null`.
pub(crate) fn bare<T: DeserializeOwned>(body: &[u8]) -> Result<T, Broken> {
    let body = plain(body);
    let body = if is_blank(body) { b"null" } else { body };
    serde_json::from_slice(body).map_err(|error| Broken::new(&error, body))
}

/// Without the mark that some servers put before UTF-8.
fn plain(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// The code lies within the value: first the one, then the other.
fn open_twice<'de, T: DeserializeOwned>(envelope: &Envelope, body: &'de [u8]) -> Opened<'de, T> {
    match scan(envelope.code, body) {
        Some(code) if !is_good(envelope, &code) => return Opened::Refused(code),
        None if !envelope.ok_absent => {
            // What is no JSON at all is not merely without a code.
            return match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
                Ok(_) => Opened::NoCode,
                Err(error) => Opened::Broken(Broken::new(&error, body)),
            };
        }
        _ => {}
    }
    let Some(data) = envelope.data else {
        return bare(body).map_or_else(Opened::Broken, Opened::Value);
    };
    let mut walk = Walk::new(envelope);
    let mut deserializer = Deserializer::from_slice(body);
    let walked = Level::without_code(&mut walk, data)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (walked, walk.value) {
        (Ok(()), Some(value)) => Opened::Value(value),
        (Ok(()), None) => absent(envelope, body),
        (Err(error), _) => Opened::Broken(Broken::new(&error, body)),
    }
}

/// Reading failed before a code was seen. It may come later.
#[cold]
fn doubtful<'de, T: DeserializeOwned>(
    envelope: &Envelope,
    body: &'de [u8],
    error: &serde_json::Error,
) -> Opened<'de, T> {
    if is_blank(body) {
        return blank(envelope, body);
    }
    match scan(envelope.code, body) {
        Some(code) if !is_good(envelope, &code) => Opened::Refused(code),
        None if error.is_data() && !envelope.ok_absent => Opened::NoCode,
        _ => Opened::Broken(Broken::new(error, body)),
    }
}

fn is_blank(body: &[u8]) -> bool {
    body.trim_ascii_start().is_empty()
}

/// There is nothing at all.
#[cold]
fn blank<'de, T: DeserializeOwned>(envelope: &Envelope, body: &[u8]) -> Opened<'de, T> {
    if envelope.ok_absent { absent(envelope, body) } else { Opened::NoCode }
}

/// There is no value. Some types are content with that.
#[cold]
fn absent<'de, T: DeserializeOwned>(envelope: &Envelope, body: &[u8]) -> Opened<'de, T> {
    match serde_json::from_slice(b"null") {
        Ok(value) => Opened::Value(value),
        Err(_) => Opened::Broken(Broken::absent(envelope.data.unwrap_or_default(), body)),
    }
}

fn is_good(envelope: &Envelope, code: &Code<'_>) -> bool {
    envelope.ok.iter().any(|good| code.matches(good))
}

#[cfg(test)]
mod tests;

//! Envelopes whose success is the absence of something: the `errors` of GraphQL.
//!
//! A batch is a list of such bodies. Its requests carried one token, so the first error speaks for all.

use serde_json::value::RawValue;

use super::text::Place;
use super::{Opened, is_good, open, plain, scan};
use crate::logic::page::is_given;
use crate::types::JsonPath;
use crate::types::code::Code;
use crate::types::envelope::Envelope;

/// Reads a response that is good unless something is at this place.
pub(super) fn open_without<'de>(
    envelope: &Envelope,
    errors: JsonPath,
    body: &'de [u8],
    place: &mut Place<'_>,
) -> Opened<'de> {
    let parts = parts(body);
    let failed = parts.iter().copied().find(|part| is_given(errors, part));
    match failed.map(|part| scan(envelope.code, part)) {
        Some(None) => return Opened::NoCode,
        Some(Some(code)) if !is_good(envelope, &code) => return Opened::Refused(code),
        _ => {}
    }
    open(&Envelope { ok_without: None, ok_absent: true, ..*envelope }, body, place)
}

/// The code of a response, which in a batch is that of the first part that has one.
pub(crate) fn code<'de>(envelope: &Envelope, body: &'de [u8]) -> Option<Code<'de>> {
    match envelope.ok_without {
        None => scan(envelope.code, body),
        Some(_) => parts(body).into_iter().find_map(|part| scan(envelope.code, part)),
    }
}

/// The server's message, which in a batch is the first. It is neither masked nor cut.
pub(crate) fn message(envelope: &Envelope, body: &[u8]) -> Option<String> {
    let path = envelope.message?;
    let message = match envelope.ok_without {
        None => scan(path, body),
        Some(_) => parts(body).into_iter().find_map(|part| scan(path, part)),
    };
    message.map(|message| message.to_string())
}

/// The bodies in a body.
fn parts(body: &[u8]) -> Vec<&[u8]> {
    let body = plain(body);
    let batch = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice::<Vec<&RawValue>>(body).ok(),
        _ => None,
    };
    batch.map_or_else(|| vec![body], |parts| parts.iter().map(|it| it.get().as_bytes()).collect())
}

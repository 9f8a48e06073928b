//! The error of an item that cannot be decoded: it keeps the item and its text.

use bytes::Bytes;

use super::body_reader::ItemSecrets;
use crate::logic::envelope::{self, Broken};
use crate::logic::mask;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::envelope::Envelope;
use crate::types::error::{Error, ErrorKind};

/// Where servers put the text of an error in the middle of a stream, if the API has no envelope.
const MESSAGES: &[&[&str]] = &[&["error", "message"], &["error"], &["message"], &["detail"]];

/// The error of an item that is not a value. If the item is an error of the server, its text and code become those
/// of this error.
pub(super) fn item_error(
    endpoint: &Endpoint,
    item: impl Into<Bytes>,
    broken: &Broken,
    secrets: &ItemSecrets,
) -> Error {
    let item = item.into();
    let secrets = secrets.as_ref().map(|secrets| secrets.now()).unwrap_or_default();
    let envelope = endpoint.envelope;
    let code = envelope
        .and_then(|it| envelope::scan(it.code, &item).filter(|code| !is_good(it, code)))
        .map(Code::into_owned);
    let declared = envelope.and_then(|it| envelope::message(it, &item));
    let message = declared.or_else(|| {
        let mut found = MESSAGES.iter().filter_map(|path| envelope::scan(path, &item));
        found.find_map(|code| match code {
            Code::Text(text) if !text.is_empty() => Some(text.into_owned()),
            _ => None,
        })
    });
    let (kind, message) = match message {
        Some(message) => (ErrorKind::Api, mask::guarded(&message, &secrets, mask::LONGEST_MESSAGE)),
        None if code.is_some() => (ErrorKind::Api, broken.say(&secrets)),
        None => (ErrorKind::Decode, broken.say(&secrets)),
    };
    let error = Error::of_kind(kind).with_code(code).with_message(message).with_body(item);
    mask::hide(error, &secrets)
}

fn is_good(envelope: &Envelope, code: &Code<'_>) -> bool {
    envelope.ok.iter().any(|good| code.matches(good))
}

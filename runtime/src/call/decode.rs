//! Decodes a response as a value of the declared type. The type alone determines how; see [`Probe`].

mod coded;
mod custom;
mod mismatch;
mod probe;
mod tokens;
mod whole;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
pub(super) use serde::de::DeserializeOwned;
use serde::de::{IgnoredAny, IntoDeserializer};

use super::parts::Parts;
use super::sink::{Decoded, ReadMode, TokensOutcome};
use crate::logic::envelope::{self, Opened, Place};
use crate::ports::response::Received;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::envelope::Envelope;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::IntoTokens;
pub use coded::coded;
pub(crate) use coded::{Coded, CodedMaybe};
pub(crate) use custom::Custom;
pub use custom::FromResponse;
use mismatch::not_declared;
pub use probe::Probe;
pub(crate) use probe::kinds;
pub(crate) use tokens::at_places as tokens_at_places;
pub(crate) use tokens::decode_declared;
pub(crate) use tokens::{Asked, OfTokens};
pub(crate) use whole::Whole;

/// A type that can be made from a response, in the way that `K` names.
pub trait Decode<K>: Sized {
    /// How much of the response is read before decoding.
    const READS: ReadMode = ReadMode::Whole;

    /// Decodes a response with a success status, and stores the value.
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a>;

    /// Whether a response without tokens is still a value; see [`Login`](crate::Login).
    const ASKS: bool = false;

    /// Passes the parts of the call to the value, for its later requests.
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = None;

    /// Creates the value of a response with another status, if the type has one.
    const WITHOUT: Option<fn(StatusCode, &HeaderMap) -> Option<Self>> = None;
}

/// Receives a decoded value. A closure does, too; but as a trait object of its own trait, it brings no code that consumes
/// it, which would be compiled for each type.
pub trait Keep<T> {
    /// Keeps the value.
    fn keep(&mut self, value: T);
}

impl<T, F: FnMut(T)> Keep<T> for F {
    fn keep(&mut self, value: T) {
        self(value);
    }
}

/// The value of the envelope, or the whole body, in JSON.
#[derive(Debug)]
pub struct Json;
/// Nothing: only the code matters.
#[derive(Debug)]
pub struct Unit;
/// A value that may be missing: `None` for 404, 204 and null.
#[derive(Debug)]
pub struct Maybe;
/// Text: `data` of the envelope, or the body if there is none.
#[derive(Debug)]
pub struct Text;
/// The unchanged body.
#[derive(Debug)]
pub struct Raw;
/// The body, chunk by chunk.
#[derive(Debug)]
pub struct Piecemeal;
impl<T: DeserializeOwned> Decode<Json> for T {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        decode_json(endpoint, received, &mut envelope::decoding(|value| keep.keep(value)))
    }
}

impl Decode<Unit> for () {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        let has_no_body =
            matches!(received.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
                || received.status.is_redirection()
                || endpoint.method == Method::HEAD.as_str();
        if has_no_body || envelope_of(endpoint, received).is_none() {
            keep.keep(());
            return Decoded::Taken;
        }
        judged(endpoint, received, || Ok(()), keep)
    }
}

impl<T: DeserializeOwned> Decode<Maybe> for Option<T> {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        let mut there = presence::<T>();
        if there.is_some() {
            return <() as Decode<Unit>>::decode(endpoint, received, &mut |()| {
                keep.keep(there.take())
            });
        }
        if received.status == StatusCode::NO_CONTENT {
            keep.keep(None);
            return Decoded::Taken;
        }
        <Self as Decode<Json>>::decode(endpoint, received, keep)
    }

    const WITHOUT: Option<fn(StatusCode, &HeaderMap) -> Option<Self>> =
        Some(|status, _| (status == StatusCode::NOT_FOUND).then_some(None));
}

impl Decode<Raw> for Bytes {
    const READS: ReadMode = ReadMode::Bytes;

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        if let Some(code) = judge_raw(endpoint, received) {
            return Decoded::Rejected(code);
        }
        keep.keep(received.raw().clone());
        Decoded::Taken
    }
}

/// The help for text that is not JSON but should be an envelope.
const TEXT_IN_AN_ENVELOPE: &str =
    "if this endpoint responds with plain text, declare `envelope = off` on its method";

impl Decode<Text> for String {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        match envelope_of(endpoint, received) {
            Some(Envelope { data: Some(_), .. }) => {
                decode_json(endpoint, received, &mut envelope::decoding(|value| keep.keep(value)))
            }
            Some(_) => match judged(endpoint, received, || text(received), keep) {
                Decoded::Broken(error) => Decoded::Broken(error.with_help(TEXT_IN_AN_ENVELOPE)),
                other => other,
            },
            None => text(received)
                .map(|text| keep.keep(text))
                .map_or_else(Decoded::Broken, |()| Decoded::Taken),
        }
    }
}

/// The value of a type without content, such as `()`. In an `Option` it says that the resource exists, whatever the
/// response looks like.
fn presence<T: DeserializeOwned>() -> Option<T> {
    if size_of::<T>() > 0 {
        return None;
    }
    let nothing = IntoDeserializer::<serde::de::value::Error>::into_deserializer(());
    T::deserialize(nothing).ok()
}

/// Judges a response by its envelope, ignoring its value, and then makes another value of the response.
fn judged<'a, T>(
    endpoint: &'static Endpoint,
    received: &'a Received,
    make: impl FnOnce() -> Result<T>,
    keep: &mut dyn Keep<T>,
) -> Decoded<'a> {
    match decode_json(endpoint, received, &mut envelope::decoding(|IgnoredAny| ())) {
        Decoded::Taken => {
            make().map(|value| keep.keep(value)).map_or_else(Decoded::Broken, |()| Decoded::Taken)
        }
        other => other,
    }
}

fn text(received: &Received) -> Result<String> {
    String::from_utf8(received.raw().to_vec()).map_err(|error| {
        Error::of_kind(ErrorKind::Decode)
            .with_message("the body is not UTF-8")
            .with_source(error.utf8_error())
    })
}

/// The kind of a type that cannot be decoded, with a name that says what it lacks. Every type implements it, so
/// that the only compile error is that of [`Decodable`](super::output::Decodable).
#[derive(Debug)]
pub struct Deserialize;

pub(crate) use Deserialize as Undecoded;

impl<T> Decode<Undecoded> for T {
    fn decode<'a>(
        _: &'static Endpoint,
        _: &'a mut Received,
        _: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        Decoded::Broken(Error::of_kind(ErrorKind::Decode))
    }
}

/// Decodes tokens from the response to a login or a refresh.
pub(crate) fn decode_tokens<T: Decode<K> + IntoTokens, K>(
    endpoint: &'static Endpoint,
    received: &mut Received,
) -> TokensOutcome {
    let mut tokens = None;
    let decoded = T::decode(endpoint, received, &mut |value: T| tokens = value.into_login());
    match (decoded, tokens) {
        (Decoded::Broken(error), _) => TokensOutcome::Broken(error),
        (Decoded::Taken, Some(tokens)) => TokensOutcome::Tokens(tokens),
        (Decoded::Taken | Decoded::Rejected(_), _) => TokensOutcome::Rejected,
    }
}

/// The remark about a type that contains the envelope.
const THE_ENVELOPE_IS_REMOVED: &str = "the type matches the whole body, but `envelope(data = ..)` already takes the value \
                                       out of it: return the type of the value alone";

#[cold]
#[inline(never)]
fn note_envelope(broken: &mut envelope::Broken, body: &[u8], place: &mut Place<'_>) {
    if envelope::bare(body, place).is_ok() {
        broken.note(THE_ENVELOPE_IS_REMOVED);
    }
}

/// Decodes the value of the envelope, or the whole body, into `place`.
fn decode_json<'a>(
    endpoint: &'static Endpoint,
    received: &'a Received,
    place: &mut Place<'_>,
) -> Decoded<'a> {
    let envelope = envelope_of(endpoint, received);
    let mut opened = match envelope {
        Some(envelope) => envelope::open(envelope, &received.body, place),
        None => {
            envelope::bare(&received.body, place).map_or_else(Opened::Broken, |()| Opened::Taken)
        }
    };
    if let Opened::Broken(broken) = &mut opened
        && envelope.is_some_and(|envelope| envelope.data.is_some())
    {
        note_envelope(broken, &received.body, place);
    }
    decoded(endpoint, received, opened)
}

/// The envelope of a response. A response from another origin has none, since it does not come from the API.
pub(super) fn envelope_of(
    endpoint: &'static Endpoint,
    received: &Received,
) -> Option<&'static Envelope> {
    endpoint.envelope.filter(|_| !received.is_foreign)
}

/// The result of a response whose envelope was read.
pub(super) fn decoded<'a>(
    endpoint: &'static Endpoint,
    received: &Received,
    opened: Opened<'a>,
) -> Decoded<'a> {
    match opened {
        Opened::Taken => Decoded::Taken,
        Opened::Rejected(code) => Decoded::Rejected(Some(code)),
        Opened::NoCode => Decoded::Rejected(None),
        Opened::Broken(broken) => Decoded::Broken(not_declared(endpoint, received, broken)),
    }
}

/// The code of a raw body, if the API has an envelope, the body is one, and its code does not mean success.
pub(crate) fn judge_raw<'a>(
    endpoint: &'static Endpoint,
    received: &'a Received,
) -> Option<Option<Code<'a>>> {
    if received.native.is_none() && !crate::logic::rules::is_json(&received.headers, &received.body)
    {
        return None;
    }
    judge_code(endpoint, received)
}

/// The same, whatever media type the response states.
fn judge_code<'a>(endpoint: &'static Endpoint, received: &'a Received) -> Option<Option<Code<'a>>> {
    let envelope = envelope_of(endpoint, received)?;
    if envelope.ok_without.is_some() {
        let mut ignored = envelope::decoding(|IgnoredAny| ());
        return match envelope::open(envelope, &received.body, &mut ignored) {
            Opened::Rejected(code) => Some(Some(code)),
            Opened::NoCode => Some(None),
            Opened::Taken | Opened::Broken(_) => None,
        };
    }
    let code = envelope::code(envelope, &received.body)?;
    let good = envelope.ok.iter().any(|good| code.matches(good));
    (!good).then_some(Some(code))
}

//! How an answer becomes a value of the declared type. The type alone selects it, see [`Probe`].

mod probe;

use std::marker::PhantomData;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
pub(super) use serde::de::DeserializeOwned;

use super::answer::{Received, Response};
use super::judge::TokensOutcome;
use super::land::Reads;
use super::parts::Parts;
use crate::decisions::code::Code;
use crate::decisions::envelope::{self, Opened};
use crate::words::endpoint::Endpoint;
use crate::words::error::{Error, ErrorKind};
use crate::words::tokens::IntoTokens;
pub use probe::{Probe, kinds};

/// What became of an answer.
pub enum Decoded<'a, T> {
    /// The value.
    Value(T),
    /// The envelope bears a code that is not a good one.
    Refused(Option<Code<'a>>),
    /// The answer is not what was declared.
    Broken(Error),
}

impl<'a, T> Decoded<'a, T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Decoded<'a, U> {
        match self {
            Self::Value(value) => Decoded::Value(change(value)),
            Self::Refused(code) => Decoded::Refused(code),
            Self::Broken(error) => Decoded::Broken(error),
        }
    }
}

/// A type that an answer becomes, in the way that `K` names.
pub trait Decode<K>: Sized {
    /// How much of the answer is read before.
    const READS: Reads = Reads::Whole;

    /// Decodes an answer with a good status.
    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self>;

    /// Gives the value what a later request in the name of the call is made of.
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = None;

    /// The value of an answer with another status, if it is one all the same.
    fn without(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let _ = (status, headers);
        None
    }
}

/// The value of the envelope, or the whole body, in JSON.
#[derive(Debug)]
pub struct Json;
/// Nothing: only the code counts.
#[derive(Debug)]
pub struct Unit;
/// A value that may be missing: 404, 204 and null are none.
#[derive(Debug)]
pub struct Maybe;
/// The body as it is.
#[derive(Debug)]
pub struct Raw;
/// The body piece by piece.
#[derive(Debug)]
pub struct Piecemeal;
/// What the user's own type makes of it.
#[derive(Debug)]
pub struct Custom;
/// With the status and the headers.
#[derive(Debug)]
pub struct Whole<K>(PhantomData<K>);

impl<T: DeserializeOwned> Decode<Json> for T {
    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        let opened = match endpoint.envelope {
            Some(envelope) => envelope::open(envelope, &received.body),
            None => envelope::bare(&received.body).map_or_else(Opened::Broken, Opened::Value),
        };
        match opened {
            Opened::Value(value) => Decoded::Value(value),
            Opened::Refused(code) => Decoded::Refused(Some(code)),
            Opened::NoCode => Decoded::Refused(None),
            Opened::Broken(broken) => Decoded::Broken(not_declared(endpoint, received, broken)),
        }
    }
}

impl Decode<Unit> for () {
    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        judge_raw(endpoint, received).map_or(Decoded::Value(()), Decoded::Refused)
    }
}

impl<T: DeserializeOwned> Decode<Maybe> for Option<T> {
    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        if received.status == StatusCode::NO_CONTENT {
            return Decoded::Value(None);
        }
        <Self as Decode<Json>>::decode(endpoint, received)
    }

    fn without(status: StatusCode, _: &HeaderMap) -> Option<Self> {
        (status == StatusCode::NOT_FOUND).then_some(None)
    }
}

impl Decode<Raw> for Bytes {
    const READS: Reads = Reads::Bytes;

    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        match judge_raw(endpoint, received) {
            Some(code) => Decoded::Refused(code),
            None => Decoded::Value(received.body.clone()),
        }
    }
}

impl Decode<Raw> for String {
    const READS: Reads = Reads::Bytes;

    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        if let Some(code) = judge_raw(endpoint, received) {
            return Decoded::Refused(code);
        }
        match Self::from_utf8(received.body.to_vec()) {
            Ok(text) => Decoded::Value(text),
            Err(error) => Decoded::Broken(
                Error::new(ErrorKind::Decode)
                    .with_message("the body is not UTF-8")
                    .with_source(error.utf8_error()),
            ),
        }
    }
}

impl<T: FromResponse> Decode<Custom> for T {
    const READS: Reads = Reads::Bytes;

    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        if let Some(code) = judge_raw(endpoint, received) {
            return Decoded::Refused(code);
        }
        let headers = received.headers.clone();
        let response = Response::new(received.status, headers, received.body.clone());
        match T::from_response(response) {
            Ok(value) => Decoded::Value(value),
            Err(error) => Decoded::Broken(Error::new(ErrorKind::Decode).with_source(error)),
        }
    }
}

impl<K, T: Decode<K>> Decode<Whole<K>> for Response<T> {
    const READS: Reads = T::READS;
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = match T::KEEP {
        Some(_) => Some(keep_within::<K, T>),
        None => None,
    };

    fn decode<'a>(endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a, Self> {
        let (status, headers) = (received.status, received.headers.clone());
        T::decode(endpoint, received).map(|value| Self::new(status, headers, value))
    }

    fn without(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        T::without(status, headers).map(|value| Self::new(status, headers.clone(), value))
    }
}

fn keep_within<K, T: Decode<K>>(response: &mut Response<T>, parts: Box<Parts>) {
    if let Some(keep) = T::KEEP {
        keep(response.value_mut(), parts);
    }
}

/// A type of the user's own that is made of a whole answer.
///
/// ```
/// use perennial::{Bytes, FromResponse, Response};
///
/// struct Lines(Vec<String>);
///
/// impl FromResponse for Lines {
///     type Error = std::str::Utf8Error;
///
///     fn from_response(response: Response<Bytes>) -> Result<Self, Self::Error> {
///         let text = std::str::from_utf8(response.value())?;
///         Ok(Self(text.lines().map(str::to_owned).collect()))
///     }
/// }
/// ```
pub trait FromResponse: Sized {
    /// Why an answer cannot become this type.
    type Error: Into<Box<dyn std::error::Error + Send + Sync>>;

    /// Makes the value. The code of the envelope was good, if the API has one.
    ///
    /// # Errors
    ///
    /// It becomes the source of an error of the kind [`ErrorKind::Decode`].
    fn from_response(response: Response<Bytes>) -> Result<Self, Self::Error>;
}

/// Nothing that can be decoded. It is a kind all the same, so that the one error about it is that of
/// [`FromAnswer`](super::ending::FromAnswer).
#[derive(Debug)]
pub struct Undecoded;

impl<T> Decode<Undecoded> for T {
    fn decode<'a>(_: &'static Endpoint, _: &'a mut Received) -> Decoded<'a, Self> {
        Decoded::Broken(Error::new(ErrorKind::Decode))
    }
}

/// Makes tokens of the answer to a login or a refresh.
pub(crate) fn decode_tokens<T: Decode<K> + IntoTokens, K>(
    endpoint: &'static Endpoint,
    received: &mut Received,
) -> TokensOutcome {
    match T::decode(endpoint, received) {
        Decoded::Value(value) => TokensOutcome::Tokens(value.into_tokens()),
        Decoded::Refused(_) => TokensOutcome::Refused,
        Decoded::Broken(error) => TokensOutcome::Broken(error),
    }
}

/// The code of a raw body, if the API has an envelope, the body is one, and its code is not a good
/// one.
pub(crate) fn judge_raw<'a>(
    endpoint: &'static Endpoint,
    received: &'a Received,
) -> Option<Option<Code<'a>>> {
    let envelope = endpoint.envelope?;
    if !crate::decisions::rules::is_json(&received.headers, &received.body) {
        return None;
    }
    let code = envelope::scan(envelope.code, &received.body)?;
    let good = envelope.ok.iter().any(|good| code.matches(good));
    (!good).then_some(Some(code))
}

pub(crate) fn not_declared(
    endpoint: &'static Endpoint,
    received: &Received,
    broken: envelope::Broken,
) -> Error {
    // The answers to these hold tokens, so nothing of them is shown.
    let secret = endpoint.role != crate::words::endpoint::Role::None;
    let message = if secret {
        format!("it holds no usable token: {}", broken.discreet())
    } else {
        broken.to_string()
    };
    let media_type = received.headers.get(http::header::CONTENT_TYPE);
    let message = match media_type.and_then(|value| value.to_str().ok()) {
        Some(media_type) if !crate::decisions::rules::may_be_json(&received.headers) => {
            format!("{message} (the answer is {media_type})")
        }
        _ => message,
    };
    Error::new(ErrorKind::Decode).with_message(message)
}

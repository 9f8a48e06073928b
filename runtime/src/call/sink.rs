//! Decodes the response of a call.

use std::any::Any;

use http::{HeaderMap, StatusCode};

use super::decode::Decode;
use super::parts::Parts;
use crate::ports::response::Received;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind};
use crate::types::tokens::Tokens;

/// A value with its type erased, so that one executor serves all. The future of the call knows the type.
pub(crate) type Value = Box<dyn Any + Send>;

/// How the response of a call is decoded. It is not generic, so that all code that makes calls is compiled once.
#[derive(Clone, Copy)]
pub(crate) struct Sink {
    /// Behind one pointer, since very many calls may wait.
    vtable: &'static ValueVtable,
    /// How much of a response is read before it is decoded.
    pub(crate) reads: ReadMode,
}

/// The operations of the value's type.
#[derive(Clone, Copy)]
pub struct ValueVtable {
    reads: ReadMode,
    decode: DecodeValue,
    without: Option<fn(StatusCode, &HeaderMap) -> Option<Value>>,
    keep: Option<fn(&mut Value, Box<Parts>)>,
    tokens: Option<TokensDecoder>,
}

type DecodeValue =
    for<'a> fn(&'static Endpoint, &'a mut Received, &mut Option<Value>) -> Decoded<'a>;

/// A value that exists before the response, and collects parts of it.
pub(crate) trait Gather: Send + 'static {
    /// Accepts a response with a success status.
    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a>;
}

/// How much of a response is read before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMode {
    /// All of it, up to `body_limit`.
    Whole,
    /// All of it, whatever its size: a response of the type `Bytes` has no limit.
    Bytes,
    /// Only a body that may be an envelope or reports a failure; other bodies are streamed.
    Stream,
    /// Like `Stream`, but for lines, each of which may be a document of its own in the declared format.
    Line,
}

/// The result of a response.
pub enum Decoded<'a> {
    /// The value was stored.
    Taken,
    /// The envelope has a code that does not mean success; `None` if the code is missing.
    Rejected(Option<Code<'a>>),
    /// The response does not match the declared type.
    Broken(Error),
}

/// The decoded response to a login or a refresh.
#[derive(Debug)]
pub(crate) enum TokensOutcome {
    /// These tokens.
    Tokens(Tokens),
    /// The envelope has a code that does not mean success.
    Rejected,
    /// The response does not match the declared type.
    Broken(Error),
}

/// Decodes the tokens in a response.
#[derive(Debug, Clone, Copy)]
pub struct TokensDecoder(pub(super) fn(&'static Endpoint, &mut Received) -> TokensOutcome);

impl ValueVtable {
    pub(super) const fn of<T: Decode<K> + Send + 'static, K>() -> Self {
        Self {
            reads: T::READS,
            decode: decode::<T, K>,
            // A type has code only for what it can do.
            without: match T::WITHOUT {
                Some(_) => Some(without::<T, K>),
                None => None,
            },
            // A type that stores nothing needs no code for it.
            keep: match T::KEEP {
                Some(_) => Some(keep::<T, K>),
                None => None,
            },
            tokens: None,
        }
    }

    /// These operations for a response that also contains tokens.
    pub(super) const fn with_tokens(self, tokens: TokensDecoder) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    const fn gathering<G: Gather>() -> Self {
        Self {
            reads: ReadMode::Whole,
            decode: gather::<G>,
            without: None,
            keep: None,
            tokens: None,
        }
    }
}

fn decode<'a, T: Decode<K> + Send + 'static, K>(
    endpoint: &'static Endpoint,
    received: &'a mut Received,
    kept: &mut Option<Value>,
) -> Decoded<'a> {
    T::decode(endpoint, received, &mut |value: T| *kept = Some(Box::new(value)))
}

fn without<T: Decode<K> + Send + 'static, K>(
    status: StatusCode,
    headers: &HeaderMap,
) -> Option<Value> {
    let value = T::WITHOUT?(status, headers)?;
    Some(Box::new(value))
}

fn gather<'a, G: Gather>(
    endpoint: &'static Endpoint,
    received: &'a mut Received,
    kept: &mut Option<Value>,
) -> Decoded<'a> {
    match kept.as_mut().and_then(|value| value.downcast_mut::<G>()) {
        Some(gather) => gather.land(endpoint, received),
        None => Decoded::Broken(Error::of_kind(ErrorKind::Decode)),
    }
}

fn keep<T: Decode<K> + 'static, K>(value: &mut Value, parts: Box<Parts>) {
    if let (Some(keep), Some(value)) = (T::KEEP, value.downcast_mut()) {
        keep(value, parts);
    }
}

/// For a call whose value is not needed.
impl Default for Sink {
    fn default() -> Self {
        Self::new(const { &ValueVtable::of::<(), super::decode::Unit>() })
    }
}

impl Sink {
    pub(super) const fn new(vtable: &'static ValueVtable) -> Self {
        Self { vtable, reads: vtable.reads }
    }

    /// For a value that collects parts of the response.
    pub(super) fn gathering<G: Gather>(reads: ReadMode) -> Self {
        Self { vtable: const { &ValueVtable::gathering::<G>() }, reads }
    }

    /// Decodes a response with a success status into the place of the value. Also returns the tokens in the
    /// response to a login.
    pub(super) fn land<'a>(
        self,
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        value: &mut Option<Value>,
    ) -> (Decoded<'a>, Option<Box<Tokens>>) {
        let tokens = match self.vtable.tokens.map(|decode| decode.0(endpoint, received)) {
            Some(TokensOutcome::Tokens(tokens)) => Some(Box::new(tokens)),
            Some(TokensOutcome::Broken(error)) => return (Decoded::Broken(error), None),
            Some(TokensOutcome::Rejected) | None => None,
        };
        ((self.vtable.decode)(endpoint, received, value), tokens)
    }

    /// The value of a response with another status, if the type has one.
    pub(super) fn without(self, status: StatusCode, headers: &HeaderMap) -> Option<Value> {
        self.vtable.without?(status, headers)
    }

    /// Lets the value keep the parts of its call that it needs.
    pub(super) fn keep(self, value: &mut Value, parts: Box<Parts>) {
        if let Some(keep) = self.vtable.keep {
            keep(value, parts);
        }
    }
}

//! How a call ends: what is made of its response, and what of its failure.
//!
//! Each bound that a declared type must meet is asked for in one place only, so that a type that does
//! not meet it is one error, at the type.

use super::decode::{
    Custom, Decode, DeserializeOwned, Json, Maybe, Piecemeal, Raw, Unit, Whole, decode_tokens,
};
use super::{CallError, End, Response, Returned, ValueVtable};
use crate::call::judge::TokensOutcome;
use crate::call::parts::Parts;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::Error;
use crate::types::tokens::IntoTokens;

/// What an endpoint can return inside of its `Result`, decoded in the way that `K` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from a response",
    label = "what an endpoint returns is decoded",
    note = "derive `serde::Deserialize` for it, or return `()`, `String`, `Bytes` or a type that implements `perennial::FromResponse`",
    note = "a stream such as `Pages` is returned by itself, without `Result` and `async`"
)]
pub trait Decodable<K> {}

#[diagnostic::do_not_recommend]
impl<T: Decode<Unit>> Decodable<Unit> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decode<Raw>> Decodable<Raw> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decode<Piecemeal>> Decodable<Piecemeal> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decode<Maybe>> Decodable<Maybe> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decode<Custom>> Decodable<Custom> for T {}
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Decodable<Json> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decodable<K>, K> Decodable<Whole<K>> for Response<T> {}

/// What a call ends with goes from the task that sends it to the one that awaits it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to another thread",
    label = "the future of a call that brings this is not `Send`",
    note = "return a type that is `Send`, with `Arc` for `Rc` and `Mutex` for `RefCell`"
)]
pub trait SendValue: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> SendValue for T {}

/// A call whose response is decoded, and nothing else.
pub fn plain<T, E, K>(_: K) -> End<T, E>
where
    T: Decodable<K> + Decode<K> + SendValue,
    E: CallError,
{
    End::new(ValueVtable::of::<T, K>, E::from_call)
}

/// A call whose failures become variants of the user's own error.
pub fn mapped<T, E, K>(_: K, error: fn(Error) -> E) -> End<T, E>
where
    T: Decodable<K> + Decode<K> + SendValue,
{
    End::new(ValueVtable::of::<T, K>, error)
}

/// A call whose response becomes the tokens of the session as well.
pub fn login<T, E, K>(_: K) -> End<T, E>
where
    T: Decodable<K> + Decode<K> + SendValue + IntoTokens,
    E: CallError,
{
    End::new(signing_in::<T, K>, E::from_call)
}

/// The same, whose failures become variants of the user's own error.
pub fn mapped_login<T, E, K>(_: K, error: fn(Error) -> E) -> End<T, E>
where
    T: Decodable<K> + Decode<K> + SendValue + IntoTokens,
{
    End::new(signing_in::<T, K>, error)
}

fn signing_in<T: Decode<K> + SendValue + IntoTokens, K>() -> ValueVtable {
    ValueVtable { tokens: Some(decode_tokens::<T, K>), ..ValueVtable::of::<T, K>() }
}

/// How the response to a refresh becomes tokens.
pub fn tokens<T, K>(_: K) -> TokensDecoder
where
    T: Decode<K> + IntoTokens,
{
    TokensDecoder(decode_tokens::<T, K>)
}

/// Makes tokens of a response.
#[derive(Debug, Clone, Copy)]
pub struct TokensDecoder(pub(crate) fn(&'static Endpoint, &mut Received) -> TokensOutcome);

/// An endpoint whose response is awaited.
#[derive(Debug)]
pub enum Awaited {}

/// An endpoint whose response is a stream.
#[derive(Debug)]
pub enum Flowing {}

/// The way in which `R` is returned is that of a stream.
#[diagnostic::on_unimplemented(
    message = "an endpoint that returns `{R}` is `async`",
    label = "only a stream is returned without `async`",
    note = "write `async fn`"
)]
pub trait Streamed<R: Returned, K> {
    /// Makes the stream of a call. `error` makes its error of a failure.
    fn streamed(parts: Box<Parts>, error: fn(Error) -> R::Error) -> R::Call;
}

impl<R: Returned, K> Streamed<R, K> for Flowing
where
    R::Value: StreamItem<R, K>,
{
    fn streamed(parts: Box<Parts>, error: fn(Error) -> R::Error) -> R::Call {
        R::Value::streamed(parts, error)
    }
}

/// What the stream `R` can bring, decoded in the way that `K` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from a piece of a response",
    label = "what a stream brings is decoded",
    note = "derive `serde::Deserialize` for it"
)]
pub trait StreamItem<R: Returned, K> {
    /// Makes the stream of a call.
    fn streamed(parts: Box<Parts>, error: fn(Error) -> R::Error) -> R::Call;
}

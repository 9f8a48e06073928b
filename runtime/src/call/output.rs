//! The end of a call: the type of its value and of its error.
//!
//! Generated code checks each bound of a declared type once, by calling a method of a trait on the type. So a
//! missing bound is one error, at the type. Every other function here accepts types without the bound, so that it
//! adds no second error.

use super::decode::{
    Asked, Coded, CodedMaybe, Custom, Decode, DeserializeOwned, Json, Maybe, OfTokens, Piecemeal,
    Raw, Text, Undecoded, Unit, Whole, decode_declared, decode_tokens,
};
use super::draft::Draft;
use super::sink::{TokensDecoder, ValueVtable};
use super::{End, Response, Returned};
use crate::call::parts::Parts;
use crate::types::error::Error;
use crate::types::tokens::IntoTokens;

/// Types that an endpoint can return inside its `Result`. `K` is the kind of decoding.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the response of an endpoint",
    label = "expected a type that can be decoded from a response",
    note = "if the type is yours, derive `serde::Deserialize` for it and for the types in it, or implement \
            `perennial::FromResponse`",
    note = "if it has a field that borrows, such as `&'static str`, make the field own its value, as in `String`",
    note = "for the status or the headers, return `perennial::Response<T>` or `Response<Option<T>>`",
    note = "for no value, return `()`",
    note = "for a stream such as `Pages`, remove `Result` and `async`"
)]
pub trait Decodable<K> {
    /// Returns the kind unchanged.
    fn decodable(kind: K) -> K {
        kind
    }
}

macro_rules! decodable {
    ($($kind:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Decode<$kind>> Decodable<$kind> for T {}
    )*};
}

decodable!(Unit, Raw, Text, Piecemeal, Maybe, Custom, OfTokens, Asked);

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Decodable<Json> for T {}
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned, C> Decodable<Coded<C>> for T {}
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned, C> Decodable<CodedMaybe<C>> for T {}
// A type that can be decoded but not sent to another thread has a different error.
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Decodable<Undecoded> for T {}
#[diagnostic::do_not_recommend]
impl<T: Decodable<K>, K> Decodable<Whole<K>> for Response<T> {}

/// Types whose values can be sent to another thread: a call may be sent on one and awaited on another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to another thread",
    label = "the response of an endpoint must be `Send + 'static`",
    note = "use `Arc` instead of `Rc`, and `Mutex` instead of `RefCell`",
    note = "a type parameter needs the bounds `Send + 'static`"
)]
pub trait SendValue {
    /// The value that proves it.
    const SENDABLE: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> SendValue for T {}

/// A value with which a call can end. Every type also implements it with the kind [`Undecoded`], which never runs.
pub trait CallValue<K>: Sized {
    /// How the executor reaches the type.
    const VTABLE: &'static ValueVtable;
}

macro_rules! call_values {
    ($($kind:ty),*) => {$(
        impl<T: Decode<$kind> + Send + 'static> CallValue<$kind> for T {
            const VTABLE: &'static ValueVtable = &ValueVtable::of::<T, $kind>();
        }
    )*};
}

call_values!(Unit, Raw, Text, Piecemeal, Maybe, Custom, OfTokens, Asked, Json);

impl<T: Decode<Whole<K>> + Send + 'static, K> CallValue<Whole<K>> for T {
    const VTABLE: &'static ValueVtable = &ValueVtable::of::<T, Whole<K>>();
}

impl<T: Decode<Coded<C>> + Send + 'static, C: 'static> CallValue<Coded<C>> for T {
    const VTABLE: &'static ValueVtable = &ValueVtable::of::<T, Coded<C>>();
}

impl<T: Decode<CodedMaybe<C>> + Send + 'static, C: 'static> CallValue<CodedMaybe<C>> for T {
    const VTABLE: &'static ValueVtable = &ValueVtable::of::<T, CodedMaybe<C>>();
}

impl<T> CallValue<Undecoded> for T {
    const VTABLE: &'static ValueVtable = &ValueVtable::of::<(), Unit>();
}

/// The end of a call. The second argument is [`SendValue::SENDABLE`]; `error` creates the declared error from a
/// failure.
pub fn end<T: CallValue<K>, E, K>(_: K, (): (), error: fn(Error) -> E) -> End<T, E> {
    End::new(T::VTABLE, error)
}

/// The values that a `login` or a `refresh` returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become the tokens of a session",
    label = "a `login` or `refresh` method returns tokens",
    note = "for the tokens alone, return `Result<Tokens>` or `Result<String>`",
    note = "for your own type, implement `perennial::IntoTokens`",
    note = "for any other type, declare where the response has the tokens: write `tokens(access = \"access_token\", \
            refresh = \"refresh_token\")` after `login` or `refresh`"
)]
pub trait TokensValue<K>: Sized {
    /// The end of a call whose value becomes the tokens of the session as well.
    fn end_of_login<E>(kind: K, sendable: (), error: fn(Error) -> E) -> End<Self, E>;

    /// How the response to a refresh becomes tokens.
    fn decoder(kind: K) -> TokensDecoder;
}

#[diagnostic::do_not_recommend]
impl<T: CallValue<K> + Decode<K> + IntoTokens, K> TokensValue<K> for T {
    fn end_of_login<E>(_: K, (): (), error: fn(Error) -> E) -> End<T, E> {
        End::new(const { &T::VTABLE.with_tokens(TokensDecoder(decode_tokens::<T, K>)) }, error)
    }

    fn decoder(_: K) -> TokensDecoder {
        TokensDecoder(decode_tokens::<T, K>)
    }
}

/// The same, for a method that declares the places of the tokens, whatever it returns.
pub trait PlacedTokens<K>: Sized {
    /// As [`TokensValue::end_of_login`].
    fn end_of_login<E>(kind: K, sendable: (), error: fn(Error) -> E) -> End<Self, E>;

    /// As [`TokensValue::decoder`].
    fn decoder(kind: K) -> TokensDecoder;
}

#[diagnostic::do_not_recommend]
impl<T: CallValue<K> + Decode<K>, K> PlacedTokens<K> for T {
    fn end_of_login<E>(_: K, (): (), error: fn(Error) -> E) -> End<T, E> {
        End::new(const { &T::VTABLE.with_tokens(TokensDecoder(decode_declared::<T, K>)) }, error)
    }

    fn decoder(_: K) -> TokensDecoder {
        TokensDecoder(decode_declared::<T, K>)
    }
}

/// The types that an endpoint returns without `async`.
#[diagnostic::on_unimplemented(
    message = "an endpoint that returns `{Self}` must be `async`",
    label = "only a stream is returned without `async`",
    note = "write `async fn`"
)]
pub trait StreamReturn: Returned {
    /// The type of its items.
    type Item;
}

/// Types that the stream `R` can yield. `K` is the kind of decoding.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an item of a stream",
    label = "expected a type that can be decoded",
    note = "if the type is yours, derive `serde::Deserialize` for it and for the types in it",
    note = "each item is already in a `Result`: write `Events<T>`, not `Events<Result<T>>`"
)]
pub trait StreamItem<R: Returned, K> {
    /// Creates the stream of a call. `error` creates the declared error from a failure.
    fn streamed(parts: Box<Parts>, error: fn(Error) -> R::Error) -> R::Call;

    /// The same, for a draft whose kind selects the implementation.
    fn stream(draft: Draft, _: K, error: fn(Error) -> R::Error) -> R::Call {
        Self::streamed(draft.complete(), error)
    }
}

//! Which way of decoding a type takes.
//!
//! It is found by traits, so that type aliases work. Since `()`, `String` and `Option` can be decoded as
//! JSON as well, one blanket implementation will not do: a [`Probe`] of the type is asked for its
//! [kind](kinds::Specific::__perennial_kind) through as many references as there are traits, and the compiler takes
//! the first that fits. The methods have names that no user writes: a blanket trait with a method `kind` or `open`
//! in the user's scope would be asked otherwise.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{
    Asked, Custom, FromResponse, Json, Maybe, OfTokens, Piecemeal, Raw, Text, Undecoded, Unit,
    Whole,
};
use crate::call::output::SendValue;
use crate::call::response::Response;
use crate::call::stream::Download;
use crate::types::login::Login;
use crate::types::tokens::Tokens;

/// Asks a type for the kind of its decoding, starting with its wrapper.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

/// The same, when it is known whether the head of the response is wanted: `W` is [`Bare`] or [`Head`].
#[derive(Debug)]
pub struct Inner<T, W>(PhantomData<(fn() -> T, W)>);

/// Only the value is wanted.
#[derive(Debug)]
pub struct Bare;
/// The status and the headers are wanted as well.
#[derive(Debug)]
pub struct Head;

/// Puts the head around the kind of the value, where it is wanted.
pub trait Around {
    /// The kind with its wrapper.
    type Kind<K>;

    /// Names it.
    fn kind<K>(kind: K) -> Self::Kind<K>;
}

impl Around for Bare {
    type Kind<K> = K;

    fn kind<K>(kind: K) -> K {
        kind
    }
}

impl Around for Head {
    type Kind<K> = Whole<K>;

    fn kind<K>(_: K) -> Whole<K> {
        Whole(PhantomData)
    }
}

impl<T> Probe<T> {
    /// A probe of `T`.
    pub const NEW: Self = Self(PhantomData);
}

/// The traits through which a probe is asked, the most specific first. They are imported without their
/// names where they are used.
pub(crate) mod kinds {
    use super::{
        Around, Asked, Bare, Bytes, Custom, DeserializeOwned, Download, FromResponse, Head, Inner,
        Json, Login, Maybe, OfTokens, PhantomData, Piecemeal, Probe, Raw, Response, SendValue,
        Text, Tokens, Undecoded, Unit,
    };

    /// `Response<T>`.
    pub trait OpenResponse {
        /// The value in it.
        type Inner;
        /// Takes off what is around the value.
        fn __perennial_open(&self) -> Self::Inner;
    }

    /// Any other type.
    pub trait OpenPlain {
        /// The value in it.
        type Inner;
        /// Takes off what is around the value.
        fn __perennial_open(&self) -> Self::Inner;
    }

    impl<T> OpenResponse for &Probe<Response<T>> {
        type Inner = Inner<T, Head>;

        fn __perennial_open(&self) -> Self::Inner {
            Inner(PhantomData)
        }
    }

    impl<T> OpenPlain for Probe<T> {
        type Inner = Inner<T, Bare>;

        fn __perennial_open(&self) -> Self::Inner {
            Inner(PhantomData)
        }
    }

    /// Types with a meaning of their own.
    pub trait Specific {
        /// How they are decoded.
        type Kind;
        /// Names it.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    macro_rules! specific {
        ($([$($bound:tt)*] $type:ty => $kind:ident),* $(,)?) => {$(
            impl<W: Around, $($bound)*> Specific for &&&Inner<$type, W> {
                type Kind = W::Kind<$kind>;

                fn __perennial_kind(&self) -> Self::Kind {
                    W::kind($kind)
                }
            }
        )*};
    }

    specific! {
        [] () => Unit,
        [] Bytes => Raw,
        [] String => Text,
        [] Download => Piecemeal,
        [] Tokens => OfTokens,
        [Q: DeserializeOwned + SendValue] Login<Q> => Asked,
        [T: DeserializeOwned + SendValue] Option<T> => Maybe,
    }

    /// The user's own types.
    pub trait ViaResponse {
        /// How they are decoded.
        type Kind;
        /// Names it.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T: FromResponse + SendValue, W: Around> ViaResponse for &&Inner<T, W> {
        type Kind = W::Kind<Custom>;

        fn __perennial_kind(&self) -> Self::Kind {
            W::kind(Custom)
        }
    }

    /// Whatever serde can decode.
    pub trait ViaJson {
        /// How it is decoded.
        type Kind;
        /// Names it.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T: DeserializeOwned + SendValue, W: Around> ViaJson for &Inner<T, W> {
        type Kind = W::Kind<Json>;

        fn __perennial_kind(&self) -> Self::Kind {
            W::kind(Json)
        }
    }

    /// Nothing that can be decoded.
    pub trait Undecodable {
        /// How it would be decoded.
        type Kind;
        /// Names it.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T, W: Around> Undecodable for Inner<T, W> {
        type Kind = Undecoded;

        fn __perennial_kind(&self) -> Undecoded {
            Undecoded
        }
    }
}

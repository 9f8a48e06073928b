//! Selects how a type is decoded.
//!
//! Traits make the selection, so that type aliases work. Since `()`, `String` and `Option` can be decoded as JSON as
//! well, a single blanket implementation does not suffice. Instead, the [kind](kinds::Specific::__perennial_kind) of a
//! type is a method on a [`Probe`] of the type, called through as many references as there are traits; the compiler
//! picks the first impl that fits. The methods have names that no user writes: with a plain name such as `kind` or
//! `open`, a blanket trait in the user's scope could be called instead.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::Deserialize;

use super::{
    Asked, Custom, FromResponse, Json, Maybe, OfTokens, Piecemeal, Raw, Text, Undecoded, Unit,
    Whole,
};
use crate::call::output::SendValue;
use crate::call::response::Response;
use crate::call::stream::Download;
use crate::types::login::Login;
use crate::types::tokens::Tokens;

/// A probe that asks a type for its kind of decoding, starting with its wrapper.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

/// A probe of the inner type, once it is known whether the head of the response is wanted: `W` is [`Bare`] or
/// [`Head`].
#[derive(Debug)]
pub struct Inner<T, W>(PhantomData<(fn() -> T, W)>);

/// Only the value is wanted.
#[derive(Debug)]
pub struct Bare;
/// The status and the headers are wanted as well.
#[derive(Debug)]
pub struct Head;

/// Adds the head to the kind of the value, if it is wanted.
pub trait Around {
    /// The kind with its wrapper.
    type Kind<K>;

    /// Wraps the kind.
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

/// The traits of a probe, the most specific first. They are imported anonymously where they are used.
pub(crate) mod kinds {
    use super::{
        Around, Asked, Bare, Bytes, Custom, Deserialize, Download, FromResponse, Head, Inner, Json,
        Login, Maybe, OfTokens, PhantomData, Piecemeal, Probe, Raw, Response, SendValue, Text,
        Tokens, Undecoded, Unit,
    };

    /// `Response<T>`.
    pub trait OpenResponse {
        /// The type inside.
        type Inner;
        /// Removes the wrapper.
        fn __perennial_open(&self) -> Self::Inner;
    }

    /// Any other type.
    pub trait OpenPlain {
        /// The type inside.
        type Inner;
        /// Removes the wrapper.
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
        /// Returns the kind.
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
        [Q: Deserialize<'static> + SendValue] Login<Q> => Asked,
        [T: Deserialize<'static> + SendValue] Option<T> => Maybe,
    }

    /// The user's own types.
    pub trait ViaResponse {
        /// How they are decoded.
        type Kind;
        /// Returns the kind.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T: FromResponse + SendValue, W: Around> ViaResponse for &&Inner<T, W> {
        type Kind = W::Kind<Custom>;

        fn __perennial_kind(&self) -> Self::Kind {
            W::kind(Custom)
        }
    }

    /// Anything that serde can decode. Whether it borrows is checked once, where the call ends.
    pub trait ViaJson {
        /// How it is decoded.
        type Kind;
        /// Returns the kind.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T: Deserialize<'static> + SendValue, W: Around> ViaJson for &Inner<T, W> {
        type Kind = W::Kind<Json>;

        fn __perennial_kind(&self) -> Self::Kind {
            W::kind(Json)
        }
    }

    /// A type that cannot be decoded.
    pub trait Undecodable {
        /// The kind that reports the error.
        type Kind;
        /// Returns the kind.
        fn __perennial_kind(&self) -> Self::Kind;
    }

    impl<T, W: Around> Undecodable for Inner<T, W> {
        type Kind = Undecoded;

        fn __perennial_kind(&self) -> Undecoded {
            Undecoded
        }
    }
}

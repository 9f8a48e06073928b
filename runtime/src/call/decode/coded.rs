//! Values in a declared format other than JSON.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::{
    Asked, Custom, Decode, Json, Keep, Maybe, OfTokens, Piecemeal, Raw, Text, Undecoded, Unit,
    Whole, decode_json, envelope_of,
};
use crate::call::sink::Decoded;
use crate::logic::{envelope, rules};
use crate::ports::response::Received;
use crate::types::codec::Codec;
use crate::types::endpoint::{Endpoint, Role};
use crate::types::error::{Error, ErrorKind};

/// The value of the envelope, or the whole body, in the format `C`.
#[derive(Debug)]
pub struct Coded<C>(PhantomData<C>);
/// The value of the envelope, or the whole body, in the format `C`, if there is one.
#[derive(Debug)]
pub struct CodedMaybe<C>(PhantomData<C>);

/// How a type is decoded if a format is declared.
pub trait WithCodec<C> {
    /// The kind.
    type Kind;
    /// Names it.
    fn with_codec() -> Self::Kind;
}

/// The kind of a type if a format is declared.
pub fn coded<C, K: WithCodec<C>>(_: K) -> K::Kind {
    K::with_codec()
}

impl<C> WithCodec<C> for Json {
    type Kind = Coded<C>;

    fn with_codec() -> Coded<C> {
        Coded(PhantomData)
    }
}

impl<C> WithCodec<C> for Maybe {
    type Kind = CodedMaybe<C>;

    fn with_codec() -> CodedMaybe<C> {
        CodedMaybe(PhantomData)
    }
}

impl<C, K: WithCodec<C>> WithCodec<C> for Whole<K> {
    type Kind = Whole<K::Kind>;

    fn with_codec() -> Self::Kind {
        Whole(PhantomData)
    }
}

macro_rules! the_same {
    ($($kind:ident),*) => {$(
        impl<C> WithCodec<C> for $kind {
            type Kind = Self;

            fn with_codec() -> Self {
                $kind
            }
        }
    )*};
}

// Tokens are read from the JSON view; the other kinds do not depend on the format.
the_same!(Unit, Text, Raw, Piecemeal, OfTokens, Asked, Custom, Undecoded);

impl<T: DeserializeOwned, C: Codec> Decode<Coded<C>> for T {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        let Some(body) = received.native.clone() else {
            // Neither this format nor JSON; the error is that of the format.
            let is_blank = received.body.trim_ascii().is_empty();
            if !is_blank && !rules::is_json(&received.headers, &received.body) {
                let mistake = C::decode::<IgnoredAny>(&received.body, &[]).err();
                return Decoded::Broken(broken::<C>(endpoint, mistake));
            }
            return <T as Decode<Json>>::decode(endpoint, received, keep);
        };
        let data = envelope_of(endpoint, received).and_then(|it| it.data).unwrap_or_default();
        match decode_json(endpoint, received, &mut envelope::decoding(|IgnoredAny| ())) {
            Decoded::Taken => {}
            other => return other,
        }
        match C::decode(&body, data) {
            Ok(value) => {
                keep.keep(value);
                Decoded::Taken
            }
            Err(mistake) => Decoded::Broken(broken::<C>(endpoint, Some(mistake))),
        }
    }
}

impl<T: DeserializeOwned, C: Codec> Decode<CodedMaybe<C>> for Option<T> {
    const WITHOUT: Option<fn(http::StatusCode, &http::HeaderMap) -> Option<Self>> =
        <Self as Decode<Maybe>>::WITHOUT;

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        if received.status == http::StatusCode::NO_CONTENT || size_of::<T>() == 0 {
            return <Self as Decode<Maybe>>::decode(endpoint, received, keep);
        }
        <Self as Decode<Coded<C>>>::decode(endpoint, received, keep)
    }
}

fn broken<C: Codec>(endpoint: &Endpoint, mistake: Option<C::Error>) -> Error {
    let error = Error::of_kind(ErrorKind::Decode);
    match mistake {
        // The content of a response to a login or a refresh is not shown.
        Some(mistake) if endpoint.role == Role::None => error.with_quoting_source(mistake),
        _ => error.with_message(format!("it does not match the type in {}", C::MEDIA_TYPE)),
    }
}

//! Formats of bodies other than JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::BoxError;

/// A format of bodies, for `codec = ..` on a trait or a method and for `#[encoded]` parameters.
///
/// The formats in [`codec`](crate::codec) implement it, each behind a feature. To judge a response in another
/// format, it is converted to JSON, so that envelopes and rules work on it; its value is decoded from the original
/// body. A response that is JSON, as the errors of many servers are, is read as JSON.
///
/// ```
/// use perennial::codec::Codec;
/// use perennial::{Result, api_client};
/// use serde::Serialize;
/// use serde::de::DeserializeOwned;
/// use serde_json::Value;
///
/// /// JSON behind a mark, as some servers send it.
/// pub struct Marked;
///
/// const MARK: &[u8] = b")]}'\n";
///
/// impl Codec for Marked {
///     const MEDIA_TYPE: &'static str = "application/x-marked";
///     type Error = serde_json::Error;
///
///     fn encode<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
///         Ok([MARK, &serde_json::to_vec(value)?].concat())
///     }
///
///     fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> serde_json::Result<T> {
///         let mut value = Self::view(body)?;
///         let found = at.iter().fold(&mut value, |value, name| &mut value[*name]);
///         serde_json::from_value(found.take())
///     }
///
///     fn view(body: &[u8]) -> serde_json::Result<Value> {
///         serde_json::from_slice(body.strip_prefix(MARK).unwrap_or(body))
///     }
/// }
///
/// #[api_client(codec = Marked)]
/// trait Shop {
///     #[get("/orders")]
///     async fn orders(&self) -> Result<Vec<u64>>;
///     #[post("/orders")]
///     async fn order(&self, #[encoded] item: &str) -> Result<u64>;
/// }
/// ```
pub trait Codec: 'static {
    /// The media type of bodies, and of the `Accept` header of calls that declare none.
    const MEDIA_TYPE: &'static str;

    /// The error if a value cannot be encoded or decoded.
    type Error: Into<BoxError>;

    /// Encodes a value.
    ///
    /// # Errors
    ///
    /// The error of a call whose argument cannot be encoded.
    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Self::Error>;

    /// Decodes the value in a place of a body. The place is given as names from the outside in; without names, it
    /// is the whole body.
    ///
    /// # Errors
    ///
    /// The source of the error of a call whose response does not match its type.
    fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> Result<T, Self::Error>;

    /// The whole body as JSON, in which codes, messages, tokens and pages are looked up.
    ///
    /// # Errors
    ///
    /// If the body is not in this format.
    fn view(body: &[u8]) -> Result<Value, Self::Error>;

    /// Whether a body that begins like this may be an envelope in this format. If it cannot be one, a stream of
    /// another media type, or of none, is not held back to be judged. By default, any body may be one.
    fn may_begin(begun: &[u8]) -> bool {
        let _ = begun;
        true
    }
}

/// A format that has lists, so that the items of a page can be found after its conversion to JSON.
///
/// ```
/// # #[cfg(feature = "cbor")] {
/// use perennial::codec::{Cbor, Lists};
///
/// fn has_lists<C: Lists>() {}
/// has_lists::<Cbor>();
/// # }
/// ```
pub trait Lists: Codec {}

/// A format as data.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a format for bodies",
    label = "expected a `perennial::codec::Codec`",
    note = "use `perennial::codec::Xml`, `Cbor` or `MessagePack`, with the feature of the format, or implement the \
            trait"
)]
pub trait AnyCoding {
    /// The data.
    const CODING: Coding;
}

#[diagnostic::do_not_recommend]
impl<C: Codec> AnyCoding for C {
    const CODING: Coding = Coding::of::<C>();
}

/// The format of pages, as data.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lists, so a method cannot return `Pages`",
    label = "expected a format that implements `perennial::codec::Lists`",
    note = "for XML, which has only repeated elements, declare a method that returns one page as a struct"
)]
pub trait PagedCoding {
    /// The data.
    const CODING: Coding;
}

#[diagnostic::do_not_recommend]
impl<C: Lists> PagedCoding for C {
    const CODING: Coding = Coding::of::<C>();
}

/// The format of an endpoint, as data.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Coding {
    /// Its media type.
    pub media_type: &'static str,
    view: fn(&[u8]) -> Option<Vec<u8>>,
    may_begin: fn(&[u8]) -> bool,
}

impl Coding {
    const fn of<C: Codec>() -> Self {
        Self { media_type: C::MEDIA_TYPE, view: view::<C>, may_begin: C::may_begin }
    }

    /// Whether a body that begins like this may be an envelope.
    pub(crate) fn may_begin(&self, begun: &[u8]) -> bool {
        (self.may_begin)(begun)
    }

    /// The body as JSON; `None` if it is not in this format.
    pub(crate) fn view(&self, body: &[u8]) -> Option<Vec<u8>> {
        (self.view)(body)
    }
}

fn view<C: Codec>(body: &[u8]) -> Option<Vec<u8>> {
    let view = C::view(body).ok()?;
    serde_json::to_vec(&view).ok()
}

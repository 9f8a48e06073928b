//! Parses a multipart body into the arguments of a method.

use std::convert::Infallible;
use std::fmt::Display;
use std::str::FromStr;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;

use super::extract::{Encoded, Rejection, Request, only};
use crate::call::body::{FileBody, Part, StreamBody};
use crate::logic::values::{Many, Maybe, One};

/// One part, as it arrived.
#[derive(Debug)]
pub struct Arrived {
    file: Option<String>,
    media_type: Option<String>,
    bytes: Bytes,
}

/// The parts of one name.
#[derive(Debug)]
pub struct Parts {
    name: &'static str,
    arrived: Vec<Arrived>,
}

/// A value that is parsed as text.
#[derive(Debug)]
pub enum Text {}
/// A value that is the bytes of a part.
#[derive(Debug)]
pub enum Binary {}

/// The value of one part. `M` distinguishes text from bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be created from a part of a request",
    label = "`serve` reads a `#[part]` as text or bytes",
    note = "take `String`, `Bytes`, `Vec<u8>`, `FileBody`, `Part` or a type that implements `FromStr`"
)]
pub trait FromPart<M>: Sized {
    /// Takes the part.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_part(part: &Arrived) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display>> FromPart<Text> for T {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        let text = std::str::from_utf8(&part.bytes).map_err(|error| error.to_string())?;
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

impl FromPart<Binary> for Bytes {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        Ok(part.bytes.clone())
    }
}

impl FromPart<Binary> for Vec<u8> {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        Ok(part.bytes.to_vec())
    }
}

impl FromPart<Binary> for StreamBody {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        let bytes = part.bytes.clone();
        Ok(Self::new(stream::once(async move { Ok::<_, Infallible>(bytes) })))
    }
}

impl FromPart<Binary> for FileBody {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        let (name, media_type) = (part.file.as_deref(), part.media_type.as_deref());
        Ok(Self::arrived(part.bytes.clone(), name, media_type))
    }
}

impl FromPart<Binary> for Part {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        let mut made = Self::bytes(part.bytes.clone());
        if let Some(name) = &part.file {
            made = made.file_name(name);
        }
        if let Some(media_type) = &part.media_type {
            made = made.media_type(media_type);
        }
        Ok(made)
    }
}

/// One part, an `Option` of one, or a list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be created from a part of a request",
    label = "`serve` reads a `#[part]` as text or bytes",
    note = "take `String`, `Bytes`, `Vec<u8>`, `FileBody`, `Part` or a type that implements `FromStr`"
)]
pub trait FromParts<M>: Sized {
    /// Takes all parts of one name.
    ///
    /// # Errors
    ///
    /// Why they are not such a value.
    fn from_list(parts: &[Arrived]) -> Result<Self, String>;

    /// Takes all parts of one name from a request.
    ///
    /// # Errors
    ///
    /// Why they are not such a value.
    fn from_parts(parts: &Parts) -> Result<Self, Rejection> {
        Self::from_list(&parts.arrived).map_err(|why| Rejection::new("part", parts.name, why))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M>> FromParts<(One, M)> for T {
    fn from_list(parts: &[Arrived]) -> Result<Self, String> {
        only(parts, "part").and_then(T::from_part)
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M>> FromParts<Maybe<M>> for Option<T> {
    fn from_list(parts: &[Arrived]) -> Result<Self, String> {
        parts.first().map(T::from_part).transpose()
    }
}

/// The values that a client can send as a list of parts of one name.
pub trait Listed {}

impl Listed for String {}
impl Listed for Bytes {}
impl Listed for FileBody {}
impl Listed for Part {}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M> + Listed> FromParts<Many<M>> for Vec<T> {
    fn from_list(parts: &[Arrived]) -> Result<Self, String> {
        parts.iter().map(T::from_part).collect()
    }
}

impl Request {
    /// The parts of a name.
    ///
    /// # Errors
    ///
    /// If the body is not multipart.
    pub async fn parts(&self, name: &'static str) -> Result<Parts, Rejection> {
        let arrived = self.arrived(name).await?;
        Ok(Parts { name, arrived })
    }

    /// The JSON in the part with this name.
    ///
    /// # Errors
    ///
    /// If it is missing.
    pub async fn json_part(&self, name: &'static str) -> Result<Encoded<'static>, Rejection> {
        let parts = self.arrived(name).await?;
        let part = parts.first().ok_or_else(|| Rejection::new("part", name, "it is missing"))?;
        Ok(Self::encoded_part(name, part.bytes.clone()))
    }

    async fn arrived(&self, wanted: &str) -> Result<Vec<Arrived>, Rejection> {
        let reject = |error: multer::Error| Rejection::new("part", wanted, error);
        let media_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        // A call whose lists are empty and whose options are `None` has no parts, and sends no body.
        if media_type.is_none() && self.body.is_empty() {
            return Ok(Vec::new());
        }
        let boundary = multer::parse_boundary(media_type.unwrap_or_default()).map_err(reject)?;
        let body = self.body.clone();
        let body = stream::once(async move { Ok::<_, Infallible>(body) });
        let mut fields = multer::Multipart::new(body, boundary);
        let mut parts = Vec::new();
        while let Some(field) = fields.next_field().await.map_err(reject)? {
            if field.name() != Some(wanted) {
                continue;
            }
            let file = field.file_name().map(ToOwned::to_owned);
            let media_type = field.content_type().map(ToString::to_string);
            let bytes = field.bytes().await.map_err(reject)?;
            parts.push(Arrived { file, media_type, bytes });
        }
        Ok(parts)
    }
}

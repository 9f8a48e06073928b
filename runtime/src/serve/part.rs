//! From a multipart body back to the arguments of a method.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;

use super::extract::{FromJson, FromText, Many, Maybe, One, Rejection, Request};
use crate::call::body::Part;

/// One part, as it arrived.
#[derive(Debug)]
pub struct Arrived {
    file: Option<String>,
    media_type: Option<String>,
    bytes: Bytes,
}

/// A value that is parsed as text.
#[derive(Debug)]
pub enum Text {}
/// A value that is the bytes of a part.
#[derive(Debug)]
pub enum Binary {}

/// The value of one part. `M` tells text from bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made of a part of a request",
    label = "with `serve`, a `#[part]` is made of text or bytes",
    note = "take `String`, `Bytes`, `Vec<u8>`, `Part` or a type that implements `FromStr`"
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
impl<T: FromText> FromPart<Text> for T {
    fn from_part(part: &Arrived) -> Result<Self, String> {
        let text = std::str::from_utf8(&part.bytes).map_err(|error| error.to_string())?;
        T::from_text(text)
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
    message = "`{Self}` cannot be made of a part of a request",
    label = "with `serve`, a `#[part]` is made of text or bytes",
    note = "take `String`, `Bytes`, `Vec<u8>`, `Part` or a type that implements `FromStr`"
)]
pub trait FromParts<M>: Sized {
    /// Takes all parts of one name.
    ///
    /// # Errors
    ///
    /// Why they are not such a value.
    fn from_parts(parts: &[Arrived]) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M>> FromParts<(One, M)> for T {
    fn from_parts(parts: &[Arrived]) -> Result<Self, String> {
        match parts {
            [one] => T::from_part(one),
            [] => Err("it is missing".to_owned()),
            _ => Err(format!("expected one part, found {}", parts.len())),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M>> FromParts<Maybe<M>> for Option<T> {
    fn from_parts(parts: &[Arrived]) -> Result<Self, String> {
        parts.first().map(T::from_part).transpose()
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromPart<M>> FromParts<(Many, M)> for Vec<T> {
    fn from_parts(parts: &[Arrived]) -> Result<Self, String> {
        parts.iter().map(T::from_part).collect()
    }
}

impl Request {
    /// The value of the parts with this name.
    ///
    /// # Errors
    ///
    /// If they are missing, or not such a value.
    pub async fn part<M, T: FromParts<M>>(&self, name: &str) -> Result<T, Rejection> {
        let parts = self.parts(name).await?;
        T::from_parts(&parts).map_err(|why| Rejection::new("part", name, why))
    }

    /// The JSON in the part with this name.
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub async fn json_part<T: FromJson>(&self, name: &str) -> Result<T, Rejection> {
        let parts = self.parts(name).await?;
        let part = parts.first().ok_or_else(|| Rejection::new("part", name, "it is missing"))?;
        T::from_json(&part.bytes).map_err(|why| Rejection::new("part", name, why))
    }

    async fn parts(&self, wanted: &str) -> Result<Vec<Arrived>, Rejection> {
        let reject = |error: multer::Error| Rejection::new("part", wanted, error);
        let media_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
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

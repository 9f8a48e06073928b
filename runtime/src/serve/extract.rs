//! The parts of a request from which the arguments of a method are parsed.

use std::borrow::Cow;
use std::fmt::Display;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::encode::Reply;
use super::texts;
use crate::call::body::{BodyFactory, FileBody, StreamBody};
use crate::types::endpoint::Endpoint;

/// A request that matched an endpoint.
#[derive(Debug)]
pub struct Request {
    pub(super) endpoint: &'static Endpoint,
    captured: Vec<(&'static str, String)>,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// An argument that could not be parsed: the response has status 400 and the reason.
#[derive(Debug)]
pub struct Rejection(String);

impl Rejection {
    pub(super) fn new(kind: &str, name: &str, why: impl Display) -> Self {
        Self(format!("{kind} `{name}`: {why}"))
    }

    /// The response to such a request.
    #[must_use]
    pub fn reply(self) -> Reply {
        Reply::text(StatusCode::BAD_REQUEST, self.0)
    }
}

/// The only item; `what` is the name of one, for the error.
///
/// # Errors
///
/// If there is none, or more than one.
pub(super) fn only<'a, T>(all: &'a [T], what: &str) -> Result<&'a T, String> {
    match all {
        [one] => Ok(one),
        [] => Err("it is missing".to_owned()),
        _ => Err(format!("expected one {what}, found {}", all.len())),
    }
}

/// All values of one name.
#[derive(Debug)]
pub struct Values<T = String> {
    kind: &'static str,
    name: &'static str,
    pub(super) texts: Vec<T>,
}

impl<T> Values<T> {
    pub(super) fn reject(&self, why: impl Display) -> Rejection {
        Rejection::new(self.kind, self.name, why)
    }
}

/// The encoded bytes of one argument.
#[derive(Debug)]
pub struct Encoded<'a> {
    kind: &'static str,
    name: &'static str,
    bytes: Cow<'a, [u8]>,
}

impl Encoded<'_> {
    fn reject(&self, why: impl Display) -> Rejection {
        Rejection::new(self.kind, self.name, why)
    }
}

/// An argument that is parsed with serde.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from the body of a request",
    label = "`serve` parses this argument with serde",
    note = "derive `serde::Deserialize` for `{Self}`"
)]
pub trait FromEncoded<'de>: Sized {
    /// Parses JSON.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_json(json: &'de Encoded<'_>) -> Result<Self, Rejection>;

    /// Parses a form or a query.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_form(form: &'de Encoded<'_>) -> Result<Self, Rejection>;

    /// Parses a form or a query with nested fields in brackets.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_brackets(form: &'de Encoded<'_>) -> Result<Self, Rejection>;
}

#[diagnostic::do_not_recommend]
impl<'de, T: Deserialize<'de>> FromEncoded<'de> for T {
    fn from_json(json: &'de Encoded<'_>) -> Result<Self, Rejection> {
        serde_json::from_slice(&json.bytes).map_err(|error| json.reject(error))
    }

    fn from_form(form: &'de Encoded<'_>) -> Result<Self, Rejection> {
        texts::fields(&form.bytes).map_err(|error| form.reject(error))
    }

    fn from_brackets(form: &'de Encoded<'_>) -> Result<Self, Rejection> {
        let config = serde_qs::Config::new().use_form_encoding(true);
        config.deserialize_bytes(&form.bytes).map_err(|error| form.reject(error))
    }
}

/// A raw body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be created from the body of a request",
    label = "`serve` reads a `#[body]` as bytes",
    note = "take `Bytes`, `Vec<u8>`, `String`, `FileBody`, `BodyFactory` or `StreamBody`"
)]
pub trait FromBody: Sized {
    /// Takes the bytes.
    ///
    /// # Errors
    ///
    /// Why they are not such a body.
    fn from_body(body: Bytes) -> Result<Self, Rejection>;
}

impl FromBody for Bytes {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        Ok(body)
    }
}

impl FromBody for Vec<u8> {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        Ok(body.into())
    }
}

impl FromBody for String {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        Self::from_utf8(body.into()).map_err(|error| Rejection::new("body", "text", error))
    }
}

impl FromBody for FileBody {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        Ok(Self::arrived(body, None, None))
    }
}

impl FromBody for BodyFactory {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        Ok(Self::new(move || body.clone()))
    }
}

impl FromBody for StreamBody {
    fn from_body(body: Bytes) -> Result<Self, Rejection> {
        let body = async move { Ok::<_, std::convert::Infallible>(body) };
        Ok(Self::new(futures_util::stream::once(body)))
    }
}

impl Request {
    pub(super) fn new(
        endpoint: &'static Endpoint,
        captured: Vec<(&'static str, String)>,
        parts: &http::request::Parts,
        body: Bytes,
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Self { endpoint, captured, query, headers: parts.headers.clone(), body }
    }

    /// The value of a placeholder.
    #[must_use]
    pub fn path(&self, name: &'static str) -> Values {
        let values = self.captured.iter().filter(|(own, _)| *own == name);
        let texts = values.map(|(_, value)| value.clone()).collect();
        Values { kind: "path", name, texts }
    }

    /// The query values of a name. `separator` splits a list that was sent as one value.
    #[must_use]
    pub fn query(&self, name: &'static str, separator: Option<&str>) -> Values {
        Values { kind: "query", name, texts: pairs(&self.query, name, separator) }
    }

    /// The fields of a name in a form.
    #[must_use]
    pub fn field(&self, name: &'static str, separator: Option<&str>) -> Values {
        let form = String::from_utf8_lossy(&self.body);
        Values { kind: "field", name, texts: pairs(&form, name, separator) }
    }

    /// The headers of a name.
    #[must_use]
    pub fn header(&self, name: &'static str) -> Values<HeaderValue> {
        let texts = self.headers.get_all(name).into_iter().cloned().collect();
        Values { kind: "header", name, texts }
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, in JSON or as a form.
    #[must_use]
    pub fn encoded(&self) -> Encoded<'_> {
        Encoded { kind: "body", name: "..", bytes: Cow::Borrowed(&self.body) }
    }

    /// The body, in JSON or as a form, if a client leaves it out when it is null.
    #[must_use]
    pub fn encoded_or_null(&self) -> Encoded<'_> {
        let bytes: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        Encoded { kind: "body", name: "..", bytes: Cow::Borrowed(bytes) }
    }

    /// All query values.
    #[must_use]
    pub fn query_struct(&self) -> Encoded<'_> {
        Encoded { kind: "query", name: "..", bytes: Cow::Borrowed(self.query.as_bytes()) }
    }

    /// The query values of the nested fields, in brackets, below this name.
    #[must_use]
    pub fn query_object(&self, name: &'static str) -> Encoded<'_> {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        for (own, value) in form_urlencoded::parse(self.query.as_bytes()) {
            if let Some(rest) = own.strip_prefix(name).and_then(|rest| rest.strip_prefix('['))
                && let Some((field, nested)) = rest.split_once(']')
            {
                fields.append_pair(&format!("{field}{nested}"), &value);
            }
        }
        Encoded { kind: "query", name, bytes: Cow::Owned(fields.finish().into_bytes()) }
    }

    /// A query value in JSON.
    #[must_use]
    pub fn query_json(&self, name: &'static str) -> Encoded<'_> {
        let value = pairs(&self.query, name, None).into_iter().next();
        // A client leaves out null.
        let bytes = value.map_or_else(|| b"null".to_vec(), String::into_bytes);
        Encoded { kind: "query", name, bytes: Cow::Owned(bytes) }
    }

    /// A field of a form in JSON.
    #[must_use]
    pub fn field_json(&self, name: &'static str) -> Encoded<'_> {
        let form = String::from_utf8_lossy(&self.body);
        let value = pairs(&form, name, None).into_iter().next();
        let bytes = value.map_or_else(|| b"null".to_vec(), String::into_bytes);
        Encoded { kind: "field", name, bytes: Cow::Owned(bytes) }
    }

    /// The JSON in a part.
    pub(super) fn encoded_part(name: &'static str, bytes: Bytes) -> Encoded<'static> {
        Encoded { kind: "part", name, bytes: Cow::Owned(bytes.into()) }
    }

    /// The body as it is.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.body.clone()
    }
}

/// The values of a name. Values are split at a separator before they are decoded, where it differs from one within
/// a value.
fn pairs(form: &str, name: &str, separator: Option<&str>) -> Vec<String> {
    let mut values = Vec::new();
    for pair in form.split('&') {
        let (own, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(own) == name {
            match separator {
                None => values.push(decoded(value)),
                Some(separator) => values.extend(value.split(separator).map(decoded)),
            }
        }
    }
    values
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_within_a_value_is_not_one_between_values() {
        let form = "id=a%2Cb,c&tag=x+y&id=d&i%64=e";
        assert_eq!(pairs(form, "id", Some(",")), ["a,b", "c", "d", "e"]);
        assert_eq!(pairs(form, "tag", None), ["x y"]);
        assert_eq!(pairs("id=1%7C2", "id", Some("%7C")), ["1", "2"]);
        assert_eq!(pairs("", "id", None), [""; 0]);
    }
}

//! From a request back to the arguments of a method.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::encode::Reply;
use crate::call::body::{BodyFactory, StreamBody};
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

/// An argument that could not be parsed: the response has status 400 and says why.
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

/// A value that is parsed back from its text: the reverse of `Display`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from the text of a request",
    label = "with `serve`, such a value is parsed with `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}` as the reverse of its `Display`"
)]
pub trait FromText: Sized {
    /// Parses it.
    ///
    /// # Errors
    ///
    /// Why the text is not such a value.
    fn from_text(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display>> FromText for T {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

/// One value.
#[derive(Debug)]
pub enum One {}
/// A value that may be missing.
#[derive(Debug)]
pub struct Maybe<M>(PhantomData<M>);
/// A list of values.
#[derive(Debug)]
pub enum Many {}

/// One value, an `Option` of one, or a list: the reverse of a query value. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from the text of a request",
    label = "with `serve`, such a value is parsed with `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}` as the reverse of its `Display`"
)]
pub trait FromValues<M>: Sized {
    /// Takes all values of one name.
    ///
    /// # Errors
    ///
    /// Why they are not such a value.
    fn from_values(values: &[String]) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromText> FromValues<One> for T {
    fn from_values(values: &[String]) -> Result<Self, String> {
        match values {
            [one] => T::from_text(one),
            [] => Err("it is missing".to_owned()),
            _ => Err(format!("expected one value, found {}", values.len())),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromValues<M>> FromValues<Maybe<M>> for Option<T> {
    fn from_values(values: &[String]) -> Result<Self, String> {
        if values.is_empty() { Ok(None) } else { T::from_values(values).map(Some) }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromText> FromValues<Many> for Vec<T> {
    fn from_values(values: &[String]) -> Result<Self, String> {
        values.iter().map(|value| T::from_text(value)).collect()
    }
}

/// A body that is parsed back with serde.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from a request",
    label = "with `serve`, such an argument is parsed with serde",
    note = "derive `serde::Deserialize` for `{Self}`"
)]
pub trait FromJson: Sized {
    /// Parses JSON.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_json(json: &[u8]) -> Result<Self, String>;

    /// Parses a form or a query.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_form(form: &[u8]) -> Result<Self, String>;

    /// The same with nested fields in brackets.
    ///
    /// # Errors
    ///
    /// Why it is not such a value.
    fn from_brackets(form: &[u8]) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromJson for T {
    fn from_json(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| error.to_string())
    }

    fn from_form(form: &[u8]) -> Result<Self, String> {
        serde_html_form::from_bytes(form).map_err(|error| error.to_string())
    }

    fn from_brackets(form: &[u8]) -> Result<Self, String> {
        let config = serde_qs::Config::new().use_form_encoding(true);
        config.deserialize_bytes(form).map_err(|error| error.to_string())
    }
}

/// A body that is taken as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made of the body of a request",
    label = "with `serve`, a `#[body]` is made of bytes",
    note = "take `Bytes`, `Vec<u8>`, `String`, `BodyFactory` or `StreamBody`"
)]
pub trait FromBody: Sized {
    /// Takes the bytes.
    ///
    /// # Errors
    ///
    /// Why they are not such a body.
    fn from_body(body: Bytes) -> Result<Self, String>;
}

impl FromBody for Bytes {
    fn from_body(body: Bytes) -> Result<Self, String> {
        Ok(body)
    }
}

impl FromBody for Vec<u8> {
    fn from_body(body: Bytes) -> Result<Self, String> {
        Ok(body.into())
    }
}

impl FromBody for String {
    fn from_body(body: Bytes) -> Result<Self, String> {
        Self::from_utf8(body.into()).map_err(|error| error.to_string())
    }
}

impl FromBody for BodyFactory {
    fn from_body(body: Bytes) -> Result<Self, String> {
        Ok(Self::new(move || body.clone()))
    }
}

impl FromBody for StreamBody {
    fn from_body(body: Bytes) -> Result<Self, String> {
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
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub fn path<M, T: FromValues<M>>(&self, name: &str) -> Result<T, Rejection> {
        let values = self.captured.iter().filter(|(own, _)| *own == name);
        let values: Vec<_> = values.map(|(_, value)| value.clone()).collect();
        T::from_values(&values).map_err(|why| Rejection::new("path", name, why))
    }

    /// A query value. `separator` splits a list that is one value on the wire.
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub fn query<M, T>(&self, name: &str, separator: Option<char>) -> Result<T, Rejection>
    where
        T: FromValues<M>,
    {
        let values = pairs(self.query.as_bytes(), name, separator);
        T::from_values(&values).map_err(|why| Rejection::new("query", name, why))
    }

    /// A field of a form.
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub fn field<M, T>(&self, name: &str, separator: Option<char>) -> Result<T, Rejection>
    where
        T: FromValues<M>,
    {
        let values = pairs(&self.body, name, separator);
        T::from_values(&values).map_err(|why| Rejection::new("field", name, why))
    }

    /// A header.
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub fn header<M, T: FromValues<M>>(&self, name: &str) -> Result<T, Rejection> {
        let values = self.headers.get_all(name).into_iter();
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let values: Vec<_> = values.map(text).collect();
        T::from_values(&values).map_err(|why| Rejection::new("header", name, why))
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// If it is not such a value.
    pub fn json<T: FromJson>(&self) -> Result<T, Rejection> {
        T::from_json(&self.body).map_err(|why| Rejection::new("body", "json", why))
    }

    /// The form in the body, with or without nested fields in brackets.
    ///
    /// # Errors
    ///
    /// If it is not such a value.
    pub fn form<T: FromJson>(&self, brackets: bool) -> Result<T, Rejection> {
        let form = if brackets { T::from_brackets(&self.body) } else { T::from_form(&self.body) };
        form.map_err(|why| Rejection::new("body", "form", why))
    }

    /// All query values as one struct, with or without nested fields in brackets.
    ///
    /// # Errors
    ///
    /// If they are not such a value.
    pub fn query_struct<T: FromJson>(&self, brackets: bool) -> Result<T, Rejection> {
        let query = self.query.as_bytes();
        let value = if brackets { T::from_brackets(query) } else { T::from_form(query) };
        value.map_err(|why| Rejection::new("query", "..", why))
    }

    /// The query values whose names are fields in brackets after this name.
    ///
    /// # Errors
    ///
    /// If they are not such a value.
    pub fn query_object<T: FromJson>(&self, name: &str) -> Result<T, Rejection> {
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for (own, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if let Some(rest) = own.strip_prefix(name).and_then(|rest| rest.strip_prefix('['))
                && let Some((field, nested)) = rest.split_once(']')
            {
                fields.append_pair(&format!("{field}{nested}"), &value);
            }
        }
        let fields = fields.finish();
        T::from_brackets(fields.as_bytes()).map_err(|why| Rejection::new("query", name, why))
    }

    /// A query value in JSON.
    ///
    /// # Errors
    ///
    /// If it is missing, or not such a value.
    pub fn query_json<T: FromJson>(&self, name: &str) -> Result<T, Rejection> {
        let values = pairs(self.query.as_bytes(), name, None);
        // An omitted value is `None`.
        let json = values.first().map_or("null", String::as_str);
        T::from_json(json.as_bytes()).map_err(|why| Rejection::new("query", name, why))
    }

    /// The body as it is.
    ///
    /// # Errors
    ///
    /// If it is not such a body.
    pub fn body<T: FromBody>(&self) -> Result<T, Rejection> {
        T::from_body(self.body.clone()).map_err(|why| Rejection::new("body", "bytes", why))
    }
}

fn pairs(form: &[u8], name: &str, separator: Option<char>) -> Vec<String> {
    let own = url::form_urlencoded::parse(form).filter(|(own, _)| own == name);
    match separator {
        None => own.map(|(_, value)| value.into_owned()).collect(),
        Some(separator) => own
            .flat_map(|(_, value)| value.split(separator).map(str::to_owned).collect::<Vec<_>>())
            .collect(),
    }
}

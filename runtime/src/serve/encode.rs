//! Encodes the result of a method as a response.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::extract::Request;
use crate::call::decode::{
    Json, Maybe, OfTokens, Piecemeal, Raw, Text, Unit, Whole, tokens_at_places,
};
use crate::call::response::Response;
use crate::call::stream::Download;
use crate::ports::BoxFuture;
use crate::types::JsonPath;
use crate::types::endpoint::{Endpoint, TokenFields};
use crate::types::envelope::{Envelope, Scalar};
use crate::types::tokens::{Expiry, IntoTokens, Tokens, Written};

const BINARY: &str = "application/octet-stream";

/// A response that is being built.
#[derive(Debug)]
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    tokens: Option<Tokens>,
    disconnect: bool,
}

/// The tokens that a login or a refresh grants, in the extensions of its response.
#[derive(Debug, Clone)]
pub struct Granted(pub Tokens);

/// Marks a response whose implementation failed like a broken connection, in the extensions of the response, so
/// that a test server can close the connection instead.
#[derive(Debug, Clone, Copy)]
pub struct Disconnect;

/// A value that serde encodes.
#[derive(Debug)]
pub enum Serialized {}
/// The tokens of a session.
#[derive(Debug)]
pub enum TokenPair {}

/// A value that a method returns, encoded so that the client can decode it, in the way that `K` names. `M`
/// distinguishes tokens from other values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be encoded as a response",
    label = "`serve` encodes the value of a method with serde",
    note = "if the type is yours, derive `serde::Serialize` for it and for the types in it"
)]
pub trait Encode<K, M> {
    /// Encodes it.
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply>;

    /// Encodes the value in the way that `K` names.
    fn encode_as<'a>(&'a mut self, _: K, request: &Request) -> BoxFuture<'a, Reply> {
        self.encode(request)
    }
}

fn at_once(reply: Reply) -> BoxFuture<'static, Reply> {
    Box::pin(std::future::ready(reply))
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Encode<Json, Serialized> for T {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        at_once(match serde_json::to_value(self) {
            Ok(value) => Reply::value(request.endpoint, value),
            Err(error) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        })
    }
}

#[diagnostic::do_not_recommend]
impl Encode<OfTokens, TokenPair> for Tokens {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        let endpoint = request.endpoint;
        let declared = endpoint.tokens.copied().unwrap_or(TokenFields::USUAL);
        let mut fields = Map::new();
        if declared.access.is_none() {
            fields.insert("access_token".to_owned(), self.access().into());
        }
        if let (None, Some(refresh)) = (declared.refresh, self.refresh()) {
            fields.insert("refresh_token".to_owned(), refresh.into());
        }
        if let (None, Some(Expiry::In(lifetime))) = (declared.expires_in, self.expiry()) {
            fields.insert("expires_in".to_owned(), declared.lifetime(lifetime).into());
        }
        let mut body = wrapped(endpoint.envelope, Value::Object(fields));
        let mut headers = HeaderMap::new();
        declared.write(self, &mut headers, &mut put_in(&mut body));
        let mut reply = Reply::json(StatusCode::OK, &body);
        reply.headers.extend(headers);
        at_once(reply)
    }
}

#[diagnostic::do_not_recommend]
impl Encode<Unit, Serialized> for () {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        at_once(Reply::value(request.endpoint, Value::Null))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Encode<Maybe, Serialized> for Option<T> {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        match self {
            Some(value) => Encode::<Json, Serialized>::encode(value, request),
            None => at_once(Reply::text(StatusCode::NOT_FOUND, String::new())),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Encode<Raw, Serialized> for Bytes {
    fn encode<'a>(&'a mut self, _: &Request) -> BoxFuture<'a, Reply> {
        at_once(Reply::new(StatusCode::OK, BINARY, self.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl Encode<Text, Serialized> for String {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        // In an envelope that declares `data`, the text becomes that value.
        at_once(match request.endpoint.envelope {
            Some(Envelope { data: Some(_), .. }) => {
                Reply::value(request.endpoint, self.as_str().into())
            }
            _ => Reply::text(StatusCode::OK, self.clone()),
        })
    }
}

/// The whole download. A download that breaks off is sent like a broken connection.
#[diagnostic::do_not_recommend]
impl Encode<Piecemeal, Serialized> for Download {
    fn encode<'a>(&'a mut self, _: &Request) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let mut whole = BytesMut::new();
            loop {
                match self.chunk().await {
                    Ok(Some(chunk)) => whole.extend_from_slice(&chunk),
                    Ok(None) => return Reply::new(StatusCode::OK, BINARY, whole.freeze()),
                    Err(_) => return Reply::broken(),
                }
            }
        })
    }
}

#[diagnostic::do_not_recommend]
impl<K, M, T: Encode<K, M> + Send> Encode<Whole<K>, M> for Response<T> {
    fn encode<'a>(&'a mut self, request: &Request) -> BoxFuture<'a, Reply> {
        let (status, headers) = (self.status(), self.headers().clone());
        let encoded = self.value_mut().encode(request);
        Box::pin(async move {
            let mut reply = encoded.await;
            reply.status = status;
            reply.headers.extend(headers);
            reply
        })
    }
}

impl Request {
    /// The response with a value that grants tokens, and these tokens.
    pub fn granted<T: IntoTokens>(&self, reply: Reply, value: T) -> Reply {
        Reply { tokens: Some(value.into_tokens()), ..reply }
    }

    /// Like [`granted`](Self::granted), but for a value of any type, with the tokens in their declared places. If they
    /// are missing there, a test server may add its own.
    #[must_use]
    pub fn granted_at_places(&self, reply: Reply) -> Reply {
        let fields = self.endpoint.tokens.unwrap_or(&TokenFields::USUAL);
        let found = tokens_at_places(self.endpoint, fields, &reply.headers, &reply.body);
        let tokens = found.ok().flatten();
        Reply { tokens: Some(tokens.unwrap_or_else(|| Tokens::new(""))), ..reply }
    }
}

impl Reply {
    pub(super) fn new(status: StatusCode, media_type: &'static str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self { status, headers, body, tokens: None, disconnect: false }
    }

    pub(super) fn broken() -> Self {
        Self { disconnect: true, ..Self::text(StatusCode::INTERNAL_SERVER_ERROR, "") }
    }

    pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into().into())
    }

    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string().into())
    }

    pub(super) fn value(endpoint: &'static Endpoint, value: Value) -> Self {
        Self::json(StatusCode::OK, &wrapped(endpoint.envelope, value))
    }

    pub(super) fn into_response(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if let Some(tokens) = self.tokens {
            response.extensions_mut().insert(Granted(tokens));
        }
        if self.disconnect {
            response.extensions_mut().insert(Disconnect);
        }
        response
    }
}

/// The body of a success.
#[must_use]
pub fn wrapped(envelope: Option<&Envelope>, value: Value) -> Value {
    let Some(envelope) = envelope else { return value };
    let mut body = match envelope.data {
        Some(_) => json!({}),
        // Only an object can have more members.
        None if !value.is_object() && !value.is_null() => return value,
        None => value.clone(),
    };
    // If the absence of a code or of errors means success, code and message belong to errors only.
    if envelope.ok_without.is_none()
        && let Some(code) = envelope.ok.first()
    {
        insert(&mut body, envelope.code, scalar(code));
        if let Some(message) = envelope.message {
            insert(&mut body, message, json!("ok"));
        }
    }
    if let Some(data) = envelope.data {
        insert(&mut body, data, value);
    }
    body
}

/// Writes tokens to the places that the endpoint declares for them, if it does.
pub fn write_tokens(
    endpoint: &Endpoint,
    tokens: &Tokens,
    body: &mut Value,
    headers: &mut HeaderMap,
) {
    if let Some(fields) = endpoint.tokens {
        fields.write(tokens, headers, &mut put_in(body));
    }
}

fn put_in(body: &mut Value) -> impl FnMut(JsonPath, Written<'_>) {
    |path, value| {
        let value = match value {
            Written::Text(text) => text.into(),
            Written::Number(number) => number.into(),
        };
        insert(body, path, value);
    }
}

/// The body of a response with a code that does not mean success.
#[must_use]
pub fn rejected(envelope: Option<&Envelope>, code: Value, message: Option<&str>) -> Value {
    let mut body = json!({});
    reject(&mut body, envelope, code, message);
    body
}

/// Adds a code that does not mean success to a body.
pub(super) fn reject(
    body: &mut Value,
    envelope: Option<&Envelope>,
    code: Value,
    message: Option<&str>,
) {
    let place_of_code = envelope.map_or(&["code"] as &[&str], |envelope| envelope.code);
    if let Some(errors) = envelope.and_then(|envelope| envelope.ok_without)
        && !place_of_code.starts_with(errors)
    {
        insert(body, errors, true.into());
    }
    insert(body, place_of_code, code);
    let place = envelope.map_or(Some(&["message"][..]), |envelope| envelope.message);
    if let (Some(place), Some(message)) = (place, message) {
        insert(body, place, message.into());
    }
}

/// A declared value as JSON.
#[must_use]
pub fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Bool(value) => (*value).into(),
        Scalar::Int(value) => (*value).into(),
        Scalar::Text(value) => (*value).into(),
    }
}

/// Puts a value at a path, and creates the objects on the way.
pub fn insert(body: &mut Value, path: &[&str], value: Value) {
    let mut place = body;
    for name in path {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[*name];
    }
    *place = value;
}

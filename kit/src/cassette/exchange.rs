//! A request and its response, in the form of the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode, header};
use perennial::declared::{Endpoint, Rule};
use perennial::layer::{HttpBody, HttpResponse};
use perennial::serve::Secrets;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::granted::{is_declared, masked};
use super::headers::Kept;
use super::members::Names;
use super::originals::Originals;
use super::{BoxError, addresses, members};

/// Shorter secrets are not searched for in bytes.
const SHORTEST: usize = 6;

/// A request and its response, in the form of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exchange {
    pub(super) request: String,
    /// The server. A client with another base gets its own in the addresses of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
    /// Those that are not in UTF-8; each character is a byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    latin1_headers: Vec<(String, String)>,
    /// JSON. `null` if the body has one of the other forms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
    /// Any other text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Bytes that are not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Exchange {
    pub(super) fn new(
        request: String,
        origin: Option<String>,
        status: StatusCode,
        headers: Kept,
        body_bytes: &[u8],
    ) -> Self {
        let (status, body, text, base64) = (status.as_u16(), None, None, None);
        let Kept { text: headers, latin1: latin1_headers } = headers;
        let mut exchange =
            Self { request, origin, status, headers, latin1_headers, body, text, base64 };
        exchange.set(body_bytes);
        exchange
    }

    /// Stores the body in the form from which exactly the same bytes can be played back.
    fn set(&mut self, bytes: &[u8]) {
        (self.body, self.text, self.base64) = (None, None, None);
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.base64 = Some(STANDARD.encode(bytes));
            return;
        };
        // JSON would lose blanks around the value, `null` would be read as a missing body, and a string may be
        // intended as text.
        let is_kept = |json: &RawValue| {
            let is_string = json.get().starts_with('"');
            json.get() == text && text != "null" && (!is_string || self.is_json())
        };
        match serde_json::from_str::<Box<RawValue>>(text) {
            Ok(json) if is_kept(&json) => self.body = Some(json),
            _ => self.text = Some(text.to_owned()),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>, BoxError> {
        if let Some(text) = &self.base64 {
            return Ok(STANDARD.decode(text)?);
        }
        let json = self.body.as_ref().map_or("null", |json| json.get());
        Ok(match &self.text {
            Some(text) => text.clone(),
            // A cassette of an older version has every text here.
            None if !self.is_json() && json.starts_with('"') => serde_json::from_str(json)?,
            None => json.to_owned(),
        }
        .into())
    }

    fn is_json(&self) -> bool {
        self.media_type().contains("json")
    }

    fn media_type(&self) -> &str {
        let found = self.headers.iter().find(|(name, _)| is_content_type(name));
        found.map_or("", |(_, value)| value)
    }

    /// Stand-ins for the secrets of a response to a login or a refresh, in which every text may be a token.
    pub(super) fn mask(&mut self, endpoint: &Endpoint, rules: &[&Rule]) {
        let bytes = self.bytes().unwrap_or_default();
        if let Ok(value) = serde_json::from_slice(&bytes) {
            self.set(masked(endpoint, rules, value).to_string().as_bytes());
            return;
        }
        // Another format is recorded as JSON, which is read in its place.
        let view = endpoint.codec.and_then(|codec| perennial::serve::view_of(codec, &bytes));
        match view.and_then(|view| serde_json::from_slice(&view).ok()) {
            Some(value) => {
                self.headers.retain(|(name, _)| !is_content_type(name));
                let json = (CONTENT_TYPE.to_string(), "application/json".to_owned());
                self.headers.push(json);
                self.set(masked(endpoint, rules, value).to_string().as_bytes());
            }
            None if bytes.is_empty() => {}
            None => self.set(b"masked"),
        }
    }

    /// Masks the secrets of the addresses in the body, and the values whose names denote a secret, which it returns.
    pub(super) fn hide_named(&mut self, endpoint: Option<&Endpoint>, rules: &[&Rule]) -> Originals {
        let bytes = self.bytes().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(&bytes) else { return Originals::default() };
        let is_read = |name: &str| members::is_read(endpoint, rules, name);
        let names = Names::new(&is_read);
        let media_type = self.media_type().to_lowercase();
        let hidden = addresses::without_secrets(text);
        let hidden = members::without_secrets(&hidden, &media_type, &names);
        self.set(hidden.as_bytes());
        let mut originals = names.into_originals();
        originals.retain(|text| !is_declared(endpoint, rules, text));
        originals
    }

    /// Masks these secrets wherever they occur, and puts stand-ins in the place of these values.
    pub(super) fn hide(&mut self, secrets: &Secrets, originals: &Originals) {
        self.request = secrets.hidden_in(&originals.replaced_in(&self.request));
        for (name, value) in self.headers.iter_mut().chain(&mut self.latin1_headers) {
            *value = originals.replaced_in(value);
            let is_address =
                [header::LOCATION, header::CONTENT_LOCATION].iter().any(|it| it.as_str() == name);
            *value = match is_address {
                true => secrets.hidden_in_address(value),
                false => secrets.hidden_in(value),
            };
        }
        let bytes = self.bytes().unwrap_or_default();
        let hidden = match std::str::from_utf8(&bytes) {
            Ok(text) => secrets.hidden_in(&originals.replaced_in(text)).into_bytes(),
            Err(_) => hidden_in_bytes(bytes.clone(), secrets),
        };
        if hidden == bytes {
            return;
        }
        let is_json = |bytes: &[u8]| serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        match serde_json::from_slice(&bytes) {
            // A secret that is JSON itself.
            Ok(value) if !is_json(&hidden) => self.set(blank(value).to_string().as_bytes()),
            _ => self.set(&hidden),
        }
    }

    /// The response, for a client that asked this server.
    pub(super) fn response(&self, origin: Option<&str>) -> Result<HttpResponse, BoxError> {
        let moved = |text: &str| match (&self.origin, origin) {
            (Some(from), Some(to)) if from != to => addresses::moved(text, from, to),
            _ => text.to_owned(),
        };
        let mut bytes = self.bytes()?;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            bytes = moved(text).into_bytes();
        }
        let mut response = http::Response::new(HttpBody::from(bytes));
        *response.status_mut() = StatusCode::from_u16(self.status)?;
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(moved(value).as_bytes())?;
            response.headers_mut().append(HeaderName::try_from(name)?, value);
        }
        for (name, value) in &self.latin1_headers {
            let bytes: Result<Vec<_>, _> = moved(value).chars().map(u8::try_from).collect();
            let value = HeaderValue::from_bytes(&bytes?)?;
            response.headers_mut().append(HeaderName::try_from(name)?, value);
        }
        Ok(response)
    }

    /// The texts and the numbers of the body, in any format.
    pub(super) fn texts(&self) -> Vec<String> {
        let bytes = self.bytes().unwrap_or_default();
        let mut found = Vec::new();
        texts(&serde_json::from_slice(&bytes).unwrap_or_default(), &mut found);
        let is_apart = |it: char| !(it.is_ascii_alphanumeric() || "-._".contains(it));
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        found.extend(text.split(is_apart).map(str::to_owned));
        found
    }
}

/// Overwrites secrets without changing their length, which a binary format may have stated before them.
fn hidden_in_bytes(mut bytes: Vec<u8>, secrets: &Secrets) -> Vec<u8> {
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
        for at in 0..bytes.len() {
            if bytes[at..].starts_with(secret) {
                bytes[at..at + secret.len()].fill(b'*');
            }
        }
    }
    bytes
}

fn is_content_type(name: &str) -> bool {
    name.eq_ignore_ascii_case(CONTENT_TYPE.as_str())
}

/// A value in which no text and no number is left.
fn blank(value: Value) -> Value {
    match value {
        Value::String(_) => addresses::HIDDEN.into(),
        Value::Number(_) => 1.into(),
        Value::Array(items) => items.into_iter().map(blank).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, blank(field))).collect())
        }
        other => other,
    }
}

fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, into)),
        _ => {}
    }
}

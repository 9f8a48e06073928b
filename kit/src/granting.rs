//! The tokens of the server in the response to a login or a refresh.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use perennial::Tokens;
use perennial::declared::Endpoint;
use perennial::serve::write_tokens;
use serde_json::{Map, Value};

use crate::Reply;
use crate::credentials::names_a_refresh_token;
use crate::issued::Issued;
use crate::protocol::{Carrier, Grant, Lifetime, Protocol};

/// The usual names, under which a client looks for what is in no declared place.
const ACCESS: &str = "access_token";
const REFRESH: &str = "refresh_token";
const LIFETIME: &str = "expires_in";

/// The response of a server without an implementation.
pub(crate) fn granted(
    protocol: &Protocol,
    grant: &Grant,
    issued: &Issued,
    places: Option<&'static Endpoint>,
) -> Response {
    let mut response = match grant.render(issued, &protocol.envelope) {
        Ok(mut json) => {
            let mut headers = HeaderMap::new();
            if let Some(endpoint) = places {
                if grant.lifetime == Lifetime::Seconds(LIFETIME)
                    && let Some(unit) = Usual::of(endpoint).unit
                    && let Some(data) = data(endpoint, &mut json)
                    && let Some(lifetime) = data.get_mut(LIFETIME)
                {
                    *lifetime = in_unit(issued, unit);
                }
                write_tokens(endpoint, &tokens_of(issued), &mut json, &mut headers);
            }
            (headers, Json(json)).into_response()
        }
        Err(text) => Reply::text("text/plain", text).into_response(),
    };
    if let (Carrier::Cookie(name), Some(refresh)) = (protocol.renewal, &issued.refresh) {
        let cookie = HeaderValue::try_from(format!("{name}={refresh}; Path=/; HttpOnly"));
        response.headers_mut().extend(cookie.ok().map(|cookie| (header::SET_COOKIE, cookie)));
    }
    response
}

/// The response of an implementation, with the server's tokens in place of its own.
pub(crate) fn substituted(
    response: http::Response<Bytes>,
    fake: &Tokens,
    issued: &Issued,
    places: Option<&'static Endpoint>,
    adds_refresh_token: bool,
) -> http::Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let usual = places.map_or(Usual::ALL, Usual::of);
    let body = match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) => {
            let added = issued.refresh.as_deref().filter(|_| adds_refresh_token && usual.refresh);
            let added = added.filter(|_| fake.refresh().is_none());
            Substitution { fake, issued, usual, added }.apply(&mut json, places);
            if let Some(endpoint) = places {
                write_tokens(endpoint, &tokens_of(issued), &mut json, &mut parts.headers);
            }
            Bytes::from(json.to_string())
        }
        // Another text is the token itself, unless that is in a header or a cookie.
        Err(_) if usual.access => Bytes::from(issued.access.clone()),
        Err(_) => {
            if let Some(endpoint) = places {
                let mut nowhere = Value::Null;
                write_tokens(endpoint, &tokens_of(issued), &mut nowhere, &mut parts.headers);
            }
            body
        }
    };
    http::Response::from_parts(parts, body)
}

fn tokens_of(issued: &Issued) -> Tokens {
    let mut tokens = Tokens::new(issued.access.clone());
    if let Some(refresh) = &issued.refresh {
        tokens = tokens.with_refresh(refresh.clone());
    }
    match issued.is_lifetime_stated {
        true => tokens.expires_in(issued.lifetime),
        false => tokens,
    }
}

/// The values under their usual names, since no other place is declared for them.
#[derive(Clone, Copy)]
struct Usual {
    access: bool,
    refresh: bool,
    /// The unit of the lifetime, if it is one of them.
    unit: Option<Duration>,
}

impl Usual {
    const ALL: Self = Self { access: true, refresh: true, unit: Some(Duration::from_secs(1)) };

    fn of(endpoint: &'static Endpoint) -> Self {
        let Some(fields) = endpoint.tokens else { return Self::ALL };
        let has_expiry = fields.expires_in.is_some() || fields.expires_at.is_some();
        Self {
            access: fields.access.is_none(),
            refresh: fields.refresh.is_none(),
            unit: fields.unit.or(Self::ALL.unit).filter(|_| !has_expiry),
        }
    }
}

/// The lifetime of the tokens in this unit.
fn in_unit(issued: &Issued, unit: Duration) -> Value {
    let lifetime = issued.lifetime.as_millis() / unit.as_millis().max(1);
    u64::try_from(lifetime).unwrap_or(u64::MAX).into()
}

/// The part of a body in which the usual names are.
fn data<'a>(endpoint: &Endpoint, json: &'a mut Value) -> Option<&'a mut Value> {
    let path = endpoint.envelope.and_then(|envelope| envelope.data).unwrap_or_default();
    path.iter().try_fold(json, |value, name| value.get_mut(*name))
}

struct Substitution<'a> {
    fake: &'a Tokens,
    issued: &'a Issued,
    usual: Usual,
    /// The refresh token, if the client expects one and the fake grants none.
    added: Option<&'a str>,
}

impl Substitution<'_> {
    /// Puts the server's tokens in place of those of the fake. What the fake leaves out is added.
    fn apply(&self, json: &mut Value, places: Option<&'static Endpoint>) {
        self.value(json, "");
        let Some(endpoint) = places else { return };
        let is_missing = self.usual.access && self.fake.access().is_empty();
        let is_elsewhere = !self.usual.access;
        let states = self.issued.is_lifetime_stated && self.usual.unit.is_some();
        if !is_missing && !(is_elsewhere && (states || self.added.is_some())) {
            return;
        }
        let Some(data) = data(endpoint, json) else { return };
        if data.is_null() {
            *data = Value::Object(Map::new());
        }
        if let Value::Object(fields) = data {
            if is_missing {
                fields.insert(ACCESS.to_owned(), self.issued.access.as_str().into());
            }
            self.complete(fields);
        }
    }

    fn value(&self, json: &mut Value, name: &str) {
        let Self { fake, issued, usual, .. } = *self;
        // If a fake uses one text for both tokens, the name distinguishes them.
        let is_one = fake.refresh() == Some(fake.access());
        let is_access = |text: &str| usual.access && !text.is_empty() && text == fake.access();
        match json {
            Value::String(text) if is_access(text) && !(is_one && names_a_refresh_token(name)) => {
                text.clone_from(&issued.access);
            }
            Value::String(text) if usual.refresh && Some(text.as_str()) == fake.refresh() => {
                *text = issued.refresh.clone().unwrap_or_default();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, name)),
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(name, field)| self.value(field, name));
                let is_grant = |token: &Value| *token == issued.access;
                if usual.access && fields.get(ACCESS).is_some_and(is_grant) {
                    self.complete(fields);
                }
            }
            _ => {}
        }
    }

    /// Adds to a grant what a fake does not state.
    fn complete(&self, fields: &mut Map<String, Value>) {
        if let Some(unit) = self.usual.unit.filter(|_| self.issued.is_lifetime_stated) {
            fields.insert(LIFETIME.to_owned(), in_unit(self.issued, unit));
        }
        if let Some(refresh) = self.added {
            fields.insert(REFRESH.to_owned(), refresh.into());
        }
    }
}

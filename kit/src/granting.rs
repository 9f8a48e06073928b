//! The tokens of the server in the response to a login or a refresh.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use perennial::Tokens;
use perennial::declared::Endpoint;
use perennial::serve::write_tokens;
use serde_json::Value;

use crate::Reply;
use crate::credentials::names_a_refresh_token;
use crate::issued::Issued;
use crate::protocol::{Carrier, Grant, Protocol};

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
    let body = match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) => {
            match places {
                Some(endpoint) => {
                    write_tokens(endpoint, &tokens_of(issued), &mut json, &mut parts.headers);
                }
                None => {
                    let added = issued.refresh.as_deref().filter(|_| adds_refresh_token);
                    let added = added.filter(|_| fake.refresh().is_none());
                    substitute(&mut json, "", fake, issued, added);
                }
            }
            Bytes::from(json.to_string())
        }
        Err(_) => Bytes::from(issued.access.clone()),
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

/// Puts the server's tokens in place of those of the fake, in the value of this name. If the fake grants no refresh
/// token, one is `added` in the place where the client expects it.
fn substitute(json: &mut Value, name: &str, fake: &Tokens, issued: &Issued, added: Option<&str>) {
    // If a fake uses one text for both tokens, the name distinguishes them.
    let is_one = fake.refresh() == Some(fake.access());
    match json {
        Value::String(text)
            if text == fake.access() && !(is_one && names_a_refresh_token(name)) =>
        {
            text.clone_from(&issued.access);
        }
        Value::String(text) if Some(text.as_str()) == fake.refresh() => {
            *text = issued.refresh.clone().unwrap_or_default();
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| substitute(item, name, fake, issued, added));
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                substitute(field, name, fake, issued, added);
            }
            let is_grant = fields.get("access_token").is_some_and(|it| *it == issued.access);
            if is_grant && issued.is_lifetime_stated {
                fields.insert("expires_in".to_owned(), issued.lifetime.as_secs().into());
            }
            if let Some(refresh) = added.filter(|_| is_grant) {
                fields.insert("refresh_token".to_owned(), refresh.into());
            }
        }
        _ => {}
    }
}

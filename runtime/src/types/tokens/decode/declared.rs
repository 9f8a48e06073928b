//! Tokens at the places that `tokens(..)` declares.

use std::time::Duration;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Field, Found, Loose, Unit};
use crate::types::endpoint::{TokenFields, TokenPlace};
use crate::types::set_cookie::cookie;
use crate::types::tokens::{Expiry, Tokens};

/// The response to a login or a refresh.
pub(crate) struct TokenResponse<'a> {
    /// The whole body; null if it is not JSON.
    pub(crate) body: &'a Value,
    /// Where the value within the body is.
    pub(crate) data: &'a [&'a str],
    pub(crate) headers: &'a HeaderMap,
}

impl TokenResponse<'_> {
    /// The tokens; `None` if the place of the access token is empty.
    ///
    /// # Errors
    ///
    /// Says why the access token is invalid. No value is shown.
    pub(crate) fn tokens(&self, fields: &TokenFields) -> Result<Option<Tokens>, String> {
        let mut found = self.usual(fields);
        if let Some(place) = fields.access {
            found.access = Some((0, self.at(place)));
        }
        let access = match found.access.take().map(|(_, access)| access) {
            Some(Loose::Text(access)) if access.is_empty() => {
                return Err(format!("the access token at {} is empty", name(fields.access)));
            }
            Some(Loose::Text(access)) => access,
            None | Some(Loose::Null) => return Ok(None),
            Some(Loose::Number(_) | Loose::Other) => {
                return Err(format!("the access token at {} is not a string", name(fields.access)));
            }
        };
        if let Some(place) = fields.refresh {
            found.refresh = None;
            found.take(Field::Refresh, self.at(place));
        }
        let lifetime = fields.unit.map_or(Unit::Seconds, Unit::of);
        for (place, unit) in [(fields.expires_in, lifetime), (fields.expires_at, Unit::Point)] {
            if let Some(place) = place {
                found.take(Field::Expiry(unit), self.at(place));
            }
        }
        let mut tokens = Tokens::new(access);
        if let Some(refresh) = found.refresh.take() {
            tokens = tokens.with_refresh(refresh);
        }
        if let Some(Loose::Text(base)) = fields.base.map(|place| self.at(place))
            && !base.is_empty()
        {
            tokens = tokens.with_base(base);
        }
        for (name, place) in fields.extra {
            if let Some(text) = self.text_at(*place) {
                tokens = tokens.with_extra(name, text);
            }
        }
        tokens.end = found.end();
        Ok(Some(tokens))
    }

    /// The tokens under the usual names. A declared expiry is the only one.
    fn usual(&self, fields: &TokenFields) -> Found {
        let mut found = Found::default();
        let has_expiry = fields.expires_in.is_some() || fields.expires_at.is_some();
        match find(self.body, self.data) {
            Some(Value::String(access)) => found.access = Some((0, Loose::Text(access.clone()))),
            Some(Value::Object(members)) => {
                for (name, value) in members {
                    match Field::of(name) {
                        Some(Field::Expiry(_)) if has_expiry => {}
                        Some(Field::Expiry(Unit::Seconds | Unit::Millis))
                            if fields.unit.is_some() =>
                        {
                            let unit = fields.unit.map_or(Unit::Seconds, Unit::of);
                            found.take(Field::Expiry(unit), loose(value));
                        }
                        Some(field) => found.take(field, loose(value)),
                        None => {}
                    }
                }
            }
            _ => {}
        }
        found
    }

    /// The value at a place, as text: a string as it is, any other value as JSON.
    fn text_at(&self, place: TokenPlace) -> Option<String> {
        match place {
            TokenPlace::Body(path) => find(self.body, path).and_then(text_of),
            TokenPlace::Header(name) => Some(self.headers.get(name)?.to_str().ok()?.to_owned()),
            TokenPlace::Cookie(name) => cookie(self.headers, name).map(str::to_owned),
        }
    }

    fn at(&self, place: TokenPlace) -> Loose {
        match place {
            TokenPlace::Body(path) => find(self.body, path).map_or(Loose::Null, loose),
            TokenPlace::Header(name) => {
                let value = self.headers.get(name).and_then(|value| value.to_str().ok());
                value.map_or(Loose::Null, |value| Loose::Text(without_scheme(value).to_owned()))
            }
            TokenPlace::Cookie(name) => cookie(self.headers, name)
                .map_or(Loose::Null, |value| Loose::Text(value.to_owned())),
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

/// The word before a token in a header is not part of it.
fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => value,
    }
}

/// The value at a path.
fn find<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        value => value.get(*name),
    })
}

fn loose(value: &Value) -> Loose {
    Loose::deserialize(value).unwrap_or(Loose::Other)
}

fn name(place: Option<TokenPlace>) -> String {
    match place {
        Some(TokenPlace::Body(path)) => format!("`{}`", path.join(".")),
        Some(TokenPlace::Header(name)) => format!("the header `{name}`"),
        Some(TokenPlace::Cookie(name)) => format!("the cookie `{name}`"),
        None => "one of the usual names".to_owned(),
    }
}

impl TokenFields {
    /// Where the access token is, for a message.
    pub(crate) fn access_name(&self) -> String {
        name(self.access)
    }

    /// A lifetime in the declared unit.
    pub(crate) fn lifetime(&self, lifetime: Duration) -> Value {
        let unit = self.unit.unwrap_or(Duration::from_secs(1)).as_millis().max(1);
        u64::try_from(lifetime.as_millis() / unit).map_or(Value::Null, Value::from)
    }

    /// Writes tokens to their places, as a server does; those without a declared place are left out.
    pub(crate) fn write(&self, tokens: &Tokens, body: &mut Value, headers: &mut HeaderMap) {
        let lifetime = match tokens.expiry() {
            Some(Expiry::In(lifetime)) => Some(lifetime),
            _ => None,
        };
        for (place, value) in [
            (self.access, Some(tokens.access().into())),
            (self.refresh, tokens.refresh().map(Value::from)),
            (self.base, tokens.base().map(Value::from)),
            (self.expires_in, lifetime.map(|lifetime| self.lifetime(lifetime))),
        ] {
            if let (Some(place), Some(value)) = (place, value) {
                write(place, value, body, headers);
            }
        }
        for (name, place) in self.extra {
            if let Some(value) = tokens.extra(name) {
                write(*place, value.into(), body, headers);
            }
        }
    }
}

/// Writes a value to its place.
fn write(place: TokenPlace, value: Value, body: &mut Value, headers: &mut HeaderMap) {
    let text = text_of(&value).unwrap_or_default();
    match place {
        TokenPlace::Body(path) => set(body, path, value),
        TokenPlace::Header(name) => {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
        TokenPlace::Cookie(name) => {
            if let Ok(cookie) = HeaderValue::try_from(format!("{name}={text}; Path=/; HttpOnly")) {
                headers.append(SET_COOKIE, cookie);
            }
        }
    }
}

/// Sets the value at a path. Whatever is in the way becomes an object.
fn set(body: &mut Value, path: &[&str], value: Value) {
    let mut here = body;
    for name in path {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        here = &mut here[*name];
    }
    *here = value;
}

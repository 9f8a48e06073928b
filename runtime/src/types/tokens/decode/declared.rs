//! Tokens in the places that `tokens(..)` declares.

use std::fmt;
use std::time::Duration;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::{Field, Found, Loose, NoText, Unit};
use crate::types::JsonPath;
use crate::types::endpoint::{PutToken, TokenFields, TokenPlace};
use crate::types::set_cookie::cookie;
use crate::types::tokens::{Expiry, Tokens};

/// The response to a login or a refresh.
pub(crate) struct TokenResponse<'a> {
    /// The whole body; null if it is not JSON.
    pub(crate) body: &'a Loose,
    /// Where the value within the body is.
    pub(crate) data: &'a [&'a str],
    /// The value at a path of the body, as text: a string unchanged, any other value except null as JSON.
    pub(crate) text: &'a dyn Fn(JsonPath) -> Option<String>,
    pub(crate) headers: &'a HeaderMap,
}

impl TokenResponse<'_> {
    /// The tokens; `None` if there is nothing in the place of the access token.
    ///
    /// # Errors
    ///
    /// The reason why a token is invalid. It quotes no value.
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
            Some(_) => {
                return Err(format!("the access token at {} is not a string", name(fields.access)));
            }
        };
        if let Some(place) = fields.refresh {
            (found.refresh, found.refresh_is_unreadable) = (None, false);
            found.take(Field::Refresh, self.at(place));
        }
        let lifetime = fields.unit.map_or(Unit::Seconds, Unit::of);
        for (place, unit) in [(fields.expires_in, lifetime), (fields.expires_at, Unit::Point)] {
            if let Some(place) = place {
                found.take(Field::Expiry(unit), self.at(place));
            }
        }
        let mut tokens = Tokens::new(access);
        match found.refresh() {
            Ok(Some(refresh)) => tokens = tokens.with_refresh(refresh),
            Ok(None) => {}
            Err(NoText) => {
                return Err(format!(
                    "the refresh token at {} is not a string",
                    name(fields.refresh)
                ));
            }
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
        tokens.end = found.end().pack();
        Ok(Some(tokens))
    }

    /// The tokens under the usual names. If an expiry is declared, no other is read.
    fn usual(&self, fields: &TokenFields) -> Found {
        let mut found = Found::default();
        let has_expiry = fields.expires_in.is_some() || fields.expires_at.is_some();
        match self.body.find(self.data) {
            Some(Loose::Text(access)) => found.access = Some((0, Loose::Text(access.clone()))),
            Some(Loose::Object(members)) => {
                for (name, value) in members {
                    match Field::of(name) {
                        Some(Field::Expiry(_)) if has_expiry => {}
                        Some(Field::Expiry(Unit::Seconds | Unit::Millis))
                            if fields.unit.is_some() =>
                        {
                            let unit = fields.unit.map_or(Unit::Seconds, Unit::of);
                            found.take(Field::Expiry(unit), value.alone());
                        }
                        Some(field) => found.take(field, value.alone()),
                        None => {}
                    }
                }
            }
            _ => {}
        }
        found
    }

    /// The value in a place, as text.
    fn text_at(&self, place: TokenPlace) -> Option<String> {
        match place {
            TokenPlace::Body(path) => (self.text)(path),
            TokenPlace::Header(name) => Some(self.headers.get(name)?.to_str().ok()?.to_owned()),
            TokenPlace::Cookie(name) => cookie(self.headers, name).map(str::to_owned),
        }
    }

    fn at(&self, place: TokenPlace) -> Loose {
        match place {
            TokenPlace::Body(path) => self.body.find(path).map_or(Loose::Null, Loose::alone),
            TokenPlace::Header(name) => {
                let value = self.headers.get(name).and_then(|value| value.to_str().ok());
                value.map_or(Loose::Null, |value| Loose::Text(without_scheme(value).to_owned()))
            }
            TokenPlace::Cookie(name) => cookie(self.headers, name)
                .map_or(Loose::Null, |value| Loose::Text(value.to_owned())),
        }
    }
}

/// The word before a token in a header is not part of it.
fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => value,
    }
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
    /// The place of the access token, for a message.
    pub(crate) fn access_name(&self) -> String {
        name(self.access)
    }

    /// A lifetime in the declared unit.
    pub(crate) fn lifetime(&self, lifetime: Duration) -> Option<u64> {
        let unit = self.unit.unwrap_or(Duration::from_secs(1)).as_millis().max(1);
        u64::try_from(lifetime.as_millis() / unit).ok()
    }

    /// Writes tokens to their places, as a server does; those without a declared place are left out. `put` receives
    /// the values for the body.
    pub(crate) fn write(&self, tokens: &Tokens, headers: &mut HeaderMap, put: PutToken<'_>) {
        (self.code.write)(self, tokens, headers, put);
    }

    pub(crate) fn write_all(&self, tokens: &Tokens, headers: &mut HeaderMap, put: PutToken<'_>) {
        let lifetime = match tokens.expiry() {
            Some(Expiry::In(lifetime)) => self.lifetime(lifetime),
            _ => None,
        };
        for (place, value) in [
            (self.access, Some(Written::Text(tokens.access()))),
            (self.refresh, tokens.refresh().map(Written::Text)),
            (self.base, tokens.base().map(Written::Text)),
            (self.expires_in, lifetime.map(Written::Number)),
        ] {
            if let (Some(place), Some(value)) = (place, value) {
                write(place, value, headers, put);
            }
        }
        for (name, place) in self.extra {
            if let Some(value) = tokens.extra(name) {
                write(*place, Written::Text(value), headers, put);
            }
        }
    }
}

/// Writes a value to its place.
fn write(place: TokenPlace, value: Written<'_>, headers: &mut HeaderMap, put: PutToken<'_>) {
    match place {
        TokenPlace::Body(path) => put(path, value),
        TokenPlace::Header(name) => {
            if let Ok(value) = HeaderValue::try_from(value.to_string()) {
                headers.insert(name, value);
            }
        }
        TokenPlace::Cookie(name) => {
            if let Ok(cookie) = HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly")) {
                headers.append(SET_COOKIE, cookie);
            }
        }
    }
}

/// A value that a server writes to one place.
pub(crate) enum Written<'a> {
    Text(&'a str),
    Number(u64),
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

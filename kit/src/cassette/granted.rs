//! The body of a response to a login or a refresh, in which every text may be a token.

use perennial::declared::{Endpoint, Rule, Scalar, TokenPlace};
use perennial::serve::{GrantedKind, is_secret_name};
use serde_json::{Number, Value};

use super::{addresses, names, stand_in};

/// A response with stand-ins for its texts and secret numbers, from which the session can be signed in again. A stand-in
/// is of the same kind; codes and lifetimes stay.
pub(super) fn masked(endpoint: &Endpoint, rules: &[&Rule], body: Value) -> Value {
    Mask { endpoint, rules }.value(&mut Vec::new(), body)
}

struct Mask<'a> {
    endpoint: &'a Endpoint,
    rules: &'a [&'a Rule],
}

/// The meaning of a place in the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Token,
    Lifetime,
    End,
    /// The address of the API.
    Base,
    /// A code, or a word that the declaration compares with it.
    Code,
    Unknown,
}

impl Mask<'_> {
    fn value(&self, path: &mut Vec<String>, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(path, &text).into(),
            Value::Number(number) => self.number(path, number),
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                items.map(|(at, item)| self.member(path, at.to_string(), item)).collect()
            }
            Value::Object(fields) => {
                let fields = fields.into_iter();
                let fields = fields.map(|(name, field)| {
                    let field = self.member(path, name.clone(), field);
                    (name, field)
                });
                Value::Object(fields.collect())
            }
            other => other,
        }
    }

    fn member(&self, path: &mut Vec<String>, name: String, value: Value) -> Value {
        path.push(name);
        let masked = self.value(path, value);
        path.pop();
        masked
    }

    fn text(&self, path: &[String], text: &str) -> String {
        match self.kind(path) {
            Kind::Base => addresses::without_secrets(text),
            Kind::Lifetime if stand_in::text(text) != "masked" => text.to_owned(),
            Kind::End => stand_in::end(text),
            Kind::Code => text.to_owned(),
            Kind::Unknown
                if is_declared(Some(self.endpoint), self.rules, text) || is_word(path, text) =>
            {
                text.to_owned()
            }
            _ => self.nested(path, text).unwrap_or_else(|| stand_in::text(text)),
        }
    }

    /// A text that is an object or a list in JSON.
    fn nested(&self, path: &[String], text: &str) -> Option<String> {
        let value = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok())??;
        Some(self.value(&mut path.to_vec(), value).to_string())
    }

    fn number(&self, path: &[String], number: Number) -> Value {
        let text = number.to_string();
        let masked = match self.kind(path) {
            Kind::Token => stand_in::ones(&text),
            Kind::End => stand_in::end(&text),
            Kind::Unknown if names_secret(path) => stand_in::ones(&text),
            _ => return number.into(),
        };
        serde_json::from_str(&masked).unwrap_or(number.into())
    }

    fn kind(&self, path: &[String]) -> Kind {
        let is_at = |place: Option<TokenPlace>| match place {
            Some(TokenPlace::Body(place)) => path.iter().eq(place.iter().copied()),
            _ => false,
        };
        if let Some(fields) = self.endpoint.tokens {
            let mut extra = fields.extra.iter().map(|(_, place)| Some(*place));
            if is_at(fields.base) {
                return Kind::Base;
            } else if is_at(fields.expires_in) {
                return Kind::Lifetime;
            } else if is_at(fields.expires_at) {
                return Kind::End;
            } else if is_at(fields.access) || is_at(fields.refresh) || extra.any(is_at) {
                return Kind::Token;
            }
        }
        if self.endpoint.envelope.is_some_and(|it| path.iter().eq(it.code.iter().copied())) {
            return Kind::Code;
        }
        match path.last().and_then(|name| GrantedKind::of(name)) {
            Some(GrantedKind::Token) => Kind::Token,
            Some(GrantedKind::Lifetime) => Kind::Lifetime,
            Some(GrantedKind::End) => Kind::End,
            None => Kind::Unknown,
        }
    }
}

/// Whether the declaration compares responses with this text, so that it is not secret.
pub(super) fn is_declared(endpoint: Option<&Endpoint>, rules: &[&Rule], text: &str) -> bool {
    let is_it = |scalar: &Scalar| matches!(scalar, Scalar::Text(it) if *it == text);
    let envelope = endpoint.and_then(|it| it.envelope);
    let ok = envelope.into_iter().flat_map(|it| it.ok);
    let compared = rules
        .iter()
        .flat_map(|rule| rule.codes.iter().chain(rule.body.iter().map(|(_, scalar)| scalar)));
    ok.chain(compared).any(is_it)
}

/// A word in the place of an error or a type, such as `invalid_grant` (RFC 6749).
fn is_word(path: &[String], text: &str) -> bool {
    let is_named = path.last().is_some_and(|name| {
        ["error", "error_code", "status", "type", "token_type"].contains(&&**name)
    });
    is_named && text.len() < 40 && text.bytes().all(|it| it.is_ascii_alphabetic() || it == b'_')
}

/// Whether the name of a number denotes a secret, and not how long one lives.
fn names_secret(path: &[String]) -> bool {
    path.last().is_some_and(|name| is_secret_name(name) && !names::is_time(name))
}

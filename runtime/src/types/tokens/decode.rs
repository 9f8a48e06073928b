//! Decodes tokens from the responses of servers.

mod declared;
mod loose;
mod unit;

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Tokens;
use super::end::End;
use crate::types::date;
pub(crate) use declared::{TokenResponse, Written};
pub(crate) use loose::Loose;
use unit::Unit;

/// Names of the access token; earlier ones take precedence.
const ACCESS: [&str; 4] = ["access_token", "accessToken", "token", "jwt"];
const REFRESH: [&str; 2] = ["refresh_token", "refreshToken"];

/// Lifetimes in seconds. One server really writes `tokenExprieIn`.
const SECONDS: [&str; 6] =
    ["expires_in", "expiresIn", "expire", "expireIn", "tokenExpireIn", "tokenExprieIn"];
/// Lifetimes in milliseconds. `expires` comes from Directus.
const MILLIS: [&str; 3] = ["expires_in_ms", "expiresInMs", "expires"];
const POINTS: [&str; 7] =
    ["expires_at", "expiresAt", "expires_on", "expiresOn", "expiresTime", "expires_time", "exp"];

impl<'de> Deserialize<'de> for Tokens {
    /// # Errors
    ///
    /// If there is no access token, or one that is empty or not a string, or a refresh token that is neither a string
    /// nor an integer, whose digits it is then. The error shows no value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TokensVisitor)
    }
}

struct TokensVisitor;

/// A response without any token. Its content is not shown.
fn no_token<E: Error>() -> E {
    E::custom(
        "no access token: it is a string, alone or as `access_token`, `accessToken`, `token` or `jwt`",
    )
}

/// Other values are not tokens. The error of serde would quote them.
macro_rules! no_tokens {
    ($($visit:ident($value:ty))*) => {$(
        fn $visit<E: Error>(self, _: $value) -> Result<Tokens, E> {
            Err(no_token())
        }
    )*};
}

impl<'de> Visitor<'de> for TokensVisitor {
    type Value = Tokens;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an access token, alone or in an object")
    }

    fn visit_str<E: Error>(self, access: &str) -> Result<Tokens, E> {
        if access.is_empty() {
            return Err(E::custom("the access token is empty"));
        }
        Ok(Tokens::new(access))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tokens, A::Error> {
        let mut found = Found::default();
        while let Some(Name(name)) = map.next_key()? {
            match name {
                Some(name) => found.take(name, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.into_tokens()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Tokens, A::Error> {
        Err(no_token())
    }

    fn visit_unit<E: Error>(self) -> Result<Tokens, E> {
        Err(no_token())
    }

    fn visit_none<E: Error>(self) -> Result<Tokens, E> {
        Err(no_token())
    }

    no_tokens! { visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) }
}

/// The fields of an object found so far.
#[derive(Default)]
struct Found {
    /// The rank of its name, and the value.
    access: Option<(usize, Loose)>,
    refresh: Option<String>,
    /// There was a refresh token of another kind. To go on with the old one would be to use it twice.
    refresh_is_unreadable: bool,
    lifetime: Option<End>,
    point: Option<End>,
    unreadable: bool,
}

impl Found {
    fn take(&mut self, name: Field, value: Loose) {
        if matches!(value, Loose::Null) {
            return;
        }
        match name {
            Field::Access(rank) => {
                if self.access.as_ref().is_none_or(|(present, _)| rank < *present) {
                    self.access = Some((rank, value));
                }
            }
            Field::Refresh => match value.alone() {
                Loose::Text(refresh) => self.refresh = Some(refresh),
                Loose::Integer(refresh) => self.refresh = Some(refresh.to_string()),
                Loose::Nothing => {}
                _ => self.refresh_is_unreadable = true,
            },
            Field::Expiry(unit) => match end_of(&value, unit) {
                Some(end @ End::At { .. }) => self.point = Some(end),
                Some(end) => self.lifetime = Some(end),
                None => self.unreadable = true,
            },
        }
    }

    fn into_tokens<E: Error>(mut self) -> Result<Tokens, E> {
        let access = match self.access.take() {
            Some((_, Loose::Text(access))) => access,
            Some((rank, _)) => {
                return Err(E::custom(format_args!("`{}` is not a string", ACCESS[rank])));
            }
            None => return Err(no_token()),
        };
        let mut tokens = TokensVisitor.visit_str::<E>(&access)?;
        match self.refresh() {
            Ok(Some(refresh)) => tokens = tokens.with_refresh(refresh),
            Ok(None) => {}
            Err(NoText) => return Err(E::custom("the refresh token is not a string")),
        }
        tokens.end = self.end().pack();
        Ok(tokens)
    }

    fn refresh(&mut self) -> Result<Option<String>, NoText> {
        match self.refresh.take() {
            None if self.refresh_is_unreadable => Err(NoText),
            refresh => Ok(refresh),
        }
    }

    fn end(&self) -> End {
        // A lifetime takes precedence: for a point in time, two clocks must agree.
        let unreadable = self.unreadable.then_some(End::Unreadable);
        self.lifetime.or(self.point).or(unreadable).unwrap_or(End::Unknown)
    }
}

/// A refresh token that is an object, or another value that is none.
struct NoText;

/// When a token expires: a number with its unit, or a date, which needs none.
fn end_of(value: &Loose, unit: Unit) -> Option<End> {
    match (value.number(), value) {
        (Some(number), _) => unit.end(number),
        (None, Loose::Text(text)) => date::point(text).map(End::at),
        (None, _) => None,
    }
}

/// A name with a meaning.
#[derive(Clone, Copy)]
enum Field {
    Access(usize),
    Refresh,
    Expiry(Unit),
}

/// Whether this is a usual name of a token.
pub(crate) fn names_token(name: &str) -> bool {
    matches!(Field::of(name), Some(Field::Access(_) | Field::Refresh))
}

/// The kind of a value under one of the usual names, for test kits that record a grant without its secrets.
#[cfg(feature = "serve")]
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantedKind {
    /// A token.
    Token,
    /// How long the token lives.
    Lifetime,
    /// When it expires.
    End,
}

#[cfg(feature = "serve")]
impl GrantedKind {
    /// The kind of the value under this name, if it is a usual one.
    pub fn of(name: &str) -> Option<Self> {
        Some(match Field::of(name)? {
            Field::Access(_) | Field::Refresh => Self::Token,
            Field::Expiry(Unit::Point) => Self::End,
            Field::Expiry(_) => Self::Lifetime,
        })
    }
}

struct Name(Option<Field>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(Field::of(name)))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        if let Some(rank) = ACCESS.iter().position(|known| *known == name) {
            Some(Self::Access(rank))
        } else if REFRESH.contains(&name) {
            Some(Self::Refresh)
        } else if SECONDS.contains(&name) {
            Some(Self::Expiry(Unit::Seconds))
        } else if MILLIS.contains(&name) {
            Some(Self::Expiry(Unit::Millis))
        } else if POINTS.contains(&name) {
            Some(Self::Expiry(Unit::Point))
        } else {
            None
        }
    }
}

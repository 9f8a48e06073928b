//! How the answers of servers become tokens.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{End, Tokens};
use crate::words::EXACT_NUMBER;

/// Names of the access token; an earlier one wins.
const ACCESS: [&str; 4] = ["access_token", "accessToken", "token", "jwt"];
const REFRESH: [&str; 2] = ["refresh_token", "refreshToken"];

/// Lifetimes in seconds. `tokenExprieIn` is what one server really says.
const SECONDS: [&str; 6] =
    ["expires_in", "expiresIn", "expire", "expireIn", "tokenExpireIn", "tokenExprieIn"];
const MILLIS: [&str; 2] = ["expires_in_ms", "expiresInMs"];
const POINTS: [&str; 5] = ["expires_at", "expiresAt", "expiresTime", "expires_time", "exp"];
/// A lifetime in milliseconds, or a point in time.
const EITHER: &str = "expires";

/// A lifetime of more seconds, 31 years, is a point in time.
const LONGEST_SECONDS: f64 = 1e9;
/// A point in time of more seconds, in the year 5138, is one in milliseconds.
const LATEST_SECONDS: f64 = 1e11;
/// A point in time of more milliseconds cannot be meant.
const LATEST_MILLIS: f64 = 1e14;
/// An `expires` of less is taken for seconds: it would be less than five minutes otherwise, and a
/// token that is thought to live too long is renewed all the same when the server says so.
const FEWEST_MILLIS: f64 = 300_000.0;

impl<'de> Deserialize<'de> for Tokens {
    /// # Errors
    ///
    /// If there is no access token, or one that is empty or no string. The error shows no value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TokensVisitor)
    }
}

struct TokensVisitor;

/// An answer that holds no token at all. What it holds instead is not shown.
fn no_token<E: Error>() -> E {
    E::custom(
        "no access token: it is a string, alone or as `access_token`, `accessToken`, `token` or `jwt`",
    )
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

    fn visit_bool<E: Error>(self, _: bool) -> Result<Tokens, E> {
        Err(no_token())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Tokens, E> {
        Err(no_token())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Tokens, E> {
        Err(no_token())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Tokens, E> {
        Err(no_token())
    }
}

/// What has been found in an object so far.
#[derive(Default)]
struct Found {
    /// The rank of its name, and the value.
    access: Option<(usize, Loose)>,
    refresh: Option<String>,
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
            Field::Refresh => {
                if let Loose::Text(refresh) = value {
                    self.refresh = Some(refresh);
                }
            }
            Field::Expiry(unit) => match value.number().and_then(|number| unit.end(number)) {
                Some(end @ End::At { .. }) => self.point = Some(end),
                Some(end) => self.lifetime = Some(end),
                None => self.unreadable = true,
            },
        }
    }

    fn into_tokens<E: Error>(self) -> Result<Tokens, E> {
        let access = match self.access {
            Some((_, Loose::Text(access))) => access,
            Some((rank, _)) => {
                return Err(E::custom(format_args!("`{}` is not a string", ACCESS[rank])));
            }
            None => return Err(no_token()),
        };
        let mut tokens = TokensVisitor.visit_str::<E>(&access)?;
        if let Some(refresh) = self.refresh {
            tokens = tokens.with_refresh(refresh);
        }
        // A lifetime goes first: for a point in time two clocks must agree.
        let unreadable = self.unreadable.then_some(End::Unreadable);
        tokens.end = self.lifetime.or(self.point).or(unreadable).unwrap_or(End::Unknown);
        Ok(tokens)
    }
}

/// A name that means something.
#[derive(Clone, Copy)]
enum Field {
    Access(usize),
    Refresh,
    Expiry(Unit),
}

/// What the number of a lifetime counts.
#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Millis,
    Point,
    Either,
}

impl Unit {
    /// `None` for what cannot be meant: zero, less, or beyond all times.
    fn end(self, number: f64) -> Option<End> {
        // Written so that what is not a number fails as well.
        if !(number > 0.0 && number < LATEST_MILLIS) {
            return None;
        }
        let (lifetime, divisor) = match self {
            Self::Seconds => (number < LONGEST_SECONDS, 1.0),
            Self::Millis => (number < LONGEST_SECONDS * 1000.0, 1000.0),
            Self::Point => (false, 1.0),
            Self::Either if number < FEWEST_MILLIS => (true, 1.0),
            Self::Either => (number < LONGEST_SECONDS, 1000.0),
        };
        if lifetime {
            let lifetime = Duration::try_from_secs_f64(number / divisor).ok()?;
            return Some(End::In { seconds: lifetime.as_secs(), nanos: lifetime.subsec_nanos() });
        }
        let seconds = if number < LATEST_SECONDS { number } else { number / 1000.0 };
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(since).map(End::at)
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
        } else if name == EITHER {
            Some(Self::Expiry(Unit::Either))
        } else {
            None
        }
    }
}

/// A value of any type; never an error.
enum Loose {
    Null,
    Text(String),
    Number(f64),
    Other,
}

impl Loose {
    /// A number, or a string that spells one.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Loose, E> {
        Ok(Loose::Text(text))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose::Number(number as f64))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Loose, D::Error> {
        Loose::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut value = Loose::Other;
        while let Some(name) = map.next_key::<String>()? {
            if name == EXACT_NUMBER {
                let digits: String = map.next_value()?;
                value = digits.parse().map_or(Loose::Other, Loose::Number);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    #[test]
    fn a_number_of_arbitrary_precision_is_a_number() {
        let number = MapDeserializer::<_, Error>::new([(EXACT_NUMBER, "7200")].into_iter());
        assert_eq!(Loose::deserialize(number).unwrap().number(), Some(7200.0));
    }
}

//! A value of any type, of which only texts and numbers matter. It needs far less code than serde_json's own.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::types::{EXACT_NUMBER, parse};

/// A value of any type; decoding it never fails.
#[derive(Default)]
pub(crate) enum Loose {
    #[default]
    Null,
    Text(String),
    Number(f64),
    /// A number that may be a text as well, such as a token.
    Integer(u64),
    List(Vec<Self>),
    /// The members, in order.
    Object(Vec<(String, Self)>),
    /// False, or an empty list or object that is left [`alone`](Self::alone): some languages write these for none.
    Nothing,
    Other,
}

impl Loose {
    /// A number, or a string that spells one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Integer(number) => Some(*number as f64),
            Self::Text(text) => parse::number(text),
            Self::Null | Self::List(_) | Self::Object(_) | Self::Nothing | Self::Other => None,
        }
    }

    /// The same, without its members.
    pub(super) fn alone(&self) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Text(text) => Self::Text(text.clone()),
            Self::Number(number) => Self::Number(*number),
            Self::Integer(number) => Self::Integer(*number),
            Self::Nothing => Self::Nothing,
            Self::List(items) if items.is_empty() => Self::Nothing,
            Self::Object(members) if members.is_empty() => Self::Nothing,
            Self::List(_) | Self::Object(_) | Self::Other => Self::Other,
        }
    }

    /// The value at a path.
    pub(crate) fn find(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| match value {
            Self::List(items) => items.get(name.parse::<usize>().ok()?),
            // If a name occurs twice, the last one is used, as everywhere.
            Self::Object(members) => {
                members.iter().rfind(|(own, _)| own == name).map(|(_, value)| value)
            }
            _ => None,
        })
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
        Ok(Loose::Integer(number))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Loose, E> {
        Ok(if value { Loose::Other } else { Loose::Nothing })
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
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Loose::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == EXACT_NUMBER {
                let digits: String = map.next_value()?;
                let integer = digits.parse().ok().map(Loose::Integer);
                let number = || parse::number(&digits).map_or(Loose::Other, Loose::Number);
                return Ok(integer.unwrap_or_else(number));
            }
            members.push((name, map.next_value()?));
        }
        Ok(Loose::Object(members))
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

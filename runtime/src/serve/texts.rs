//! A deserializer for the texts of one name. It reverses how a client writes a value: numbers, enums and dates have
//! their serde form, a list is several texts, and `None` has none.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::extract::only;

/// Why texts are not such a value.
#[derive(Debug)]
pub(super) enum Unparsed {
    /// A missing field. A client leaves out an empty list.
    Missing(&'static str),
    Invalid(String),
}

impl Display for Unparsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(field) => write!(f, "`{field}` is missing"),
            Self::Invalid(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Unparsed {}

impl de::Error for Unparsed {
    fn custom<T: Display>(message: T) -> Self {
        Self::Invalid(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// The texts of one name.
#[derive(Clone, Copy)]
struct Texts<'a> {
    texts: &'a [String],
    takes_lists: bool,
    /// A type that accepts anything receives a number or a `bool` if the text looks like one.
    guesses: bool,
}

/// A value from the texts of one name.
pub(super) fn value<T: de::DeserializeOwned>(
    texts: &[String],
    takes_lists: bool,
) -> Result<T, Unparsed> {
    // Only one of the two shows what an untagged enum can be.
    let [first, second] = [true, false].map(|guesses| Texts { texts, takes_lists, guesses });
    T::deserialize(first).or_else(|error| T::deserialize(second).map_err(|_| error))
}

/// A struct from the pairs of a form or a query.
pub(super) fn fields<'de, T: Deserialize<'de>>(form: &[u8]) -> Result<T, Unparsed> {
    let groups = grouped(form_urlencoded::parse(form));
    // `#[serde(flatten)]` does not say which types its fields expect.
    struct_of(groups.clone(), true).or_else(|error| struct_of(groups, false).map_err(|_| error))
}

/// The values of each name, in the order in which the names came. A form may have very many.
fn grouped<'a>(
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut places = HashMap::new();
    for (name, value) in pairs {
        match places.get(&name) {
            Some(place) => {
                let (_, values): &mut (_, Vec<_>) = &mut groups[*place];
                values.push(value.into_owned());
            }
            None => {
                places.insert(name.clone(), groups.len());
                groups.push((name.into_owned(), vec![value.into_owned()]));
            }
        }
    }
    groups
}

/// A missing field is an empty list, if its type can be one.
fn struct_of<'de, T: Deserialize<'de>>(
    mut groups: Vec<(String, Vec<String>)>,
    guesses: bool,
) -> Result<T, Unparsed> {
    let is_empty = groups.is_empty();
    loop {
        let texts = |texts| Texts { texts, takes_lists: true, guesses };
        let pairs = groups.iter().map(|(name, values)| (name.as_str(), texts(values.as_slice())));
        match T::deserialize(Fields { pairs: MapDeserializer::new(pairs), is_empty }) {
            Err(Unparsed::Missing(field)) if groups.iter().all(|(name, _)| name != field) => {
                groups.push((field.to_owned(), Vec::new()));
            }
            parsed => return parsed,
        }
    }
}

/// All fields. An optional body or query without any of them was left out.
struct Fields<D> {
    pairs: D,
    is_empty: bool,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Fields<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.pairs.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        if self.is_empty { visitor.visit_none() } else { visitor.visit_some(self.pairs) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.pairs.deserialize_seq(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'a> Texts<'a> {
    fn one(self) -> Result<&'a str, Unparsed> {
        only(self.texts, "value").map(String::as_str).map_err(Unparsed::Invalid)
    }

    fn parsed<T: FromStr<Err: Display>>(self) -> Result<T, Unparsed> {
        self.one()?.parse().map_err(de::Error::custom)
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        if !self.takes_lists {
            return Err(Unparsed::Invalid("expected one value".to_owned()));
        }
        let items = self.texts.iter();
        let items = items.map(|text| Self {
            texts: std::slice::from_ref(text),
            takes_lists: false,
            ..self
        });
        visitor.visit_seq(SeqDeserializer::new(items))
    }
}

/// Whether the value is displayed as this text, so that `007` stays a text.
fn canonical<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

impl<'de> IntoDeserializer<'de, Unparsed> for Texts<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($deserialize:ident: $visit:ident),* $(,)?) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
            visitor.$visit(self.parsed()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Texts<'_> {
    type Error = Unparsed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        let Ok(text) = self.one() else { return self.list(visitor) };
        if self.guesses {
            if let Some(value) = canonical(text) {
                return visitor.visit_bool(value);
            }
            if let Some(value) = canonical(text) {
                return visitor.visit_u64(value);
            }
            if let Some(value) = canonical(text) {
                return visitor.visit_i64(value);
            }
            if let Some(value) = canonical(text).filter(|value: &f64| value.is_finite()) {
                return visitor.visit_f64(value);
            }
        }
        visitor.visit_str(text)
    }

    parsed! {
        deserialize_bool: visit_bool,
        deserialize_i8: visit_i8,
        deserialize_i16: visit_i16,
        deserialize_i32: visit_i32,
        deserialize_i64: visit_i64,
        deserialize_i128: visit_i128,
        deserialize_u8: visit_u8,
        deserialize_u16: visit_u16,
        deserialize_u32: visit_u32,
        deserialize_u64: visit_u64,
        deserialize_u128: visit_u128,
        deserialize_f32: visit_f32,
        deserialize_f64: visit_f64,
        deserialize_char: visit_char,
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        match self.texts {
            [] => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        match self.texts {
            [] => visitor.visit_unit(),
            _ => Err(Unparsed::Invalid("expected no value".to_owned())),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unparsed> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unparsed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unparsed> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unparsed> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unparsed> {
        self.list(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unparsed> {
        visitor.visit_enum(self.one()?.into_deserializer())
    }

    forward_to_deserialize_any! { bytes byte_buf map struct identifier ignored_any }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_very_many_names_are_grouped_in_their_order() {
        const MANY: usize = 200_000;
        // With a search through all names it would take an hour.
        let pairs =
            (0..3 * MANY).map(|at| (format!("k{}", at % MANY).into(), at.to_string().into()));
        let groups = grouped(pairs);
        assert_eq!(groups.len(), MANY);
        for (at, (name, values)) in groups.iter().enumerate() {
            assert_eq!(*name, format!("k{at}"));
            assert_eq!(*values, [at, at + MANY, at + 2 * MANY].map(|it| it.to_string()));
        }
    }
}

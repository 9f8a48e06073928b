//! The code of an envelope, as it was received.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::types::EXACT_NUMBER;
use crate::types::envelope::Scalar;

/// The code of an envelope, as it was received. It borrows from the body if possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code<'a> {
    /// An integer, or a float with an integer value.
    Int(i64),
    /// A string, or an integer that is too large for the other variant.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// Any other value that is not empty, which equals no declared code: a fraction, a number beyond 64 bits, a
    /// list, an object.
    Other(&'static str),
}

impl Code<'_> {
    /// Whether it equals the declared code. An integer and its canonical decimal string are the same code.
    pub(crate) fn matches(&self, declared: &Scalar) -> bool {
        match (self, declared) {
            (Self::Int(received), Scalar::Int(declared)) => received == declared,
            (Self::Int(received), Scalar::Text(declared)) => is_decimal(declared, *received),
            (Self::Text(received), Scalar::Int(declared)) => is_decimal(received, *declared),
            (Self::Text(received), Scalar::Text(declared)) => received == declared,
            (Self::Bool(received), Scalar::Bool(declared)) => received == declared,
            _ => false,
        }
    }

    /// This code, without borrowing from the body.
    pub(crate) fn into_owned(self) -> Code<'static> {
        match self {
            Self::Int(code) => Code::Int(code),
            Self::Text(code) => Code::Text(Cow::Owned(code.into_owned())),
            Self::Bool(code) => Code::Bool(code),
            Self::Other(shape) => Code::Other(shape),
        }
    }
}

/// Whether `text` is the canonical form of `number`: without leading zeros, a plus sign or spaces.
fn is_decimal(text: &str, number: i64) -> bool {
    // `-0` can be read as a number, but is never the canonical form.
    let canonical = matches!(text.as_bytes(), [b'0'] | [b'-', b'1'..=b'9', ..] | [b'1'..=b'9', ..]);
    canonical && text.parse() == Ok(number)
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(code) => code.fmt(f),
            Self::Text(code) => f.write_str(code),
            Self::Bool(code) => code.fmt(f),
            Self::Other(shape) => f.write_str(shape),
        }
    }
}

/// Reads any value in the place of the code. Only null and empty values count as missing: any other value has a
/// meaning, and a value that cannot be a success code must not be taken for a missing one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeSeed;

impl<'de> DeserializeSeed<'de> for CodeSeed {
    type Value = Option<Code<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CodeSeed {
    type Value = Option<Code<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code")
    }

    fn visit_i64<E: Error>(self, code: i64) -> Result<Self::Value, E> {
        Ok(Some(Code::Int(code)))
    }

    fn visit_u64<E: Error>(self, code: u64) -> Result<Self::Value, E> {
        Ok(Some(
            i64::try_from(code)
                .map_or_else(|_| Code::Text(Cow::Owned(code.to_string())), Code::Int),
        ))
    }

    fn visit_f64<E: Error>(self, code: f64) -> Result<Self::Value, E> {
        // Up to here every integer has its own float, so no two can be confused.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer within the range")]
        Ok(Some(match code.abs() <= EXACT {
            true if code.trunc() == code => Code::Int(code as i64),
            true => Code::Other("a fraction"),
            false => Code::Other("a large number"),
        }))
    }

    fn visit_bool<E: Error>(self, code: bool) -> Result<Self::Value, E> {
        Ok(Some(Code::Bool(code)))
    }

    fn visit_borrowed_str<E: Error>(self, code: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Code::Text(Cow::Borrowed(code))))
    }

    fn visit_str<E: Error>(self, code: &str) -> Result<Self::Value, E> {
        self.visit_string(code.to_owned())
    }

    fn visit_string<E: Error>(self, code: String) -> Result<Self::Value, E> {
        Ok(Some(Code::Text(Cow::Owned(code))))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut code = None;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            code = Some(Code::Other("[..]"));
        }
        Ok(code)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut code = None;
        let mut text = None;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Exact => code = from_digits(map.next_value()?),
                Key::Text => text = map.next_value_seed(Self)?,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    code = Some(Code::Other("{..}"));
                }
            }
        }
        Ok(text.or(code))
    }
}

/// The code for a number of arbitrary precision.
fn from_digits(digits: String) -> Option<Code<'static>> {
    if let Ok(code) = digits.parse() {
        return Some(Code::Int(code));
    }
    if digits.parse::<u64>().is_ok() {
        return Some(Code::Text(Cow::Owned(digits)));
    }
    let number = super::parse::number(&digits).unwrap_or(f64::INFINITY);
    CodeSeed.visit_f64::<serde::de::value::Error>(number).ok()?.map(Code::into_owned)
}

/// The member names that have a meaning in the place of a code; names are not stored.
enum Key {
    /// A number of arbitrary precision.
    Exact,
    /// The text of an XML element with attributes.
    Text,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExactVisitor;
        impl Visitor<'_> for ExactVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    EXACT_NUMBER => Key::Exact,
                    "$text" => Key::Text,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_identifier(ExactVisitor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    fn read(json: &str) -> Option<Code<'_>> {
        CodeSeed.deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn an_integer_and_its_canonical_decimal_string_are_one_code() {
        let cases: &[(&str, Scalar, bool)] = &[
            ("1234", Scalar::Int(1234), true),
            ("1234", Scalar::Text("1234"), true),
            ("1234.0", Scalar::Int(1234), true),
            ("1.234e3", Scalar::Text("1234"), true),
            ("\"1234\"", Scalar::Int(1234), true),
            ("\"1234\"", Scalar::Text("1234"), true),
            ("-7", Scalar::Text("-7"), true),
            ("\"-7\"", Scalar::Int(-7), true),
            ("0", Scalar::Text("0"), true),
            ("\"0\"", Scalar::Int(0), true),
            ("-0.0", Scalar::Int(0), true),
            ("\"0000\"", Scalar::Text("0000"), true),
            ("true", Scalar::Bool(true), true),
            ("9223372036854775807", Scalar::Int(i64::MAX), true),
            ("\"-9223372036854775808\"", Scalar::Int(i64::MIN), true),
            ("18446744073709551615", Scalar::Text("18446744073709551615"), true),
            ("\"TOKEN_EXPIRED\"", Scalar::Text("TOKEN_EXPIRED"), true),
            ("\"TOKEN\\u005fEXPIRED\"", Scalar::Text("TOKEN_EXPIRED"), true),
            ("\"0000\"", Scalar::Int(0), false),
            ("0", Scalar::Text("0000"), false),
            ("\"-0\"", Scalar::Int(0), false),
            ("0", Scalar::Text("-0"), false),
            ("\"+7\"", Scalar::Int(7), false),
            ("\" 7\"", Scalar::Int(7), false),
            ("\"7.0\"", Scalar::Int(7), false),
            ("7", Scalar::Text("7.0"), false),
            ("7", Scalar::Int(8), false),
            ("\"\"", Scalar::Int(0), false),
            ("\"-\"", Scalar::Int(0), false),
            ("\"token_expired\"", Scalar::Text("TOKEN_EXPIRED"), false),
            ("1", Scalar::Bool(true), false),
            ("\"true\"", Scalar::Bool(true), false),
            ("true", Scalar::Int(1), false),
            ("18446744073709551615", Scalar::Int(-1), false),
        ];
        for (received, declared, expected) in cases {
            let code = read(received).unwrap();
            assert_eq!(code.matches(declared), *expected, "{received} and {declared:?}");
        }
    }

    #[test]
    fn only_null_and_empty_values_count_as_a_missing_code() {
        for json in ["null", "{}", "[]"] {
            assert_eq!(read(json), None, "{json}");
        }
        for (json, shown) in [
            ("[1234]", "[..]"),
            ("[null]", "[..]"),
            ("{\"code\":{\"code\":[1]}}", "{..}"),
            ("12.5", "a fraction"),
            ("100000000000000000000", "a large number"),
            ("18446744073709551616", "a large number"),
            ("-9223372036854775809", "a large number"),
            ("1e300", "a large number"),
        ] {
            let code = read(json).unwrap();
            assert_eq!(code.to_string(), shown, "{json}");
            let declared = [Scalar::Int(12), Scalar::Int(1234), Scalar::Int(0), Scalar::Bool(true)];
            assert!(declared.iter().all(|declared| !code.matches(declared)), "{json}");
        }
    }

    #[test]
    fn the_text_of_an_element_with_attributes_is_its_code() {
        assert_eq!(read("{\"@type\":\"int\",\"$text\":\"7\"}").unwrap().to_string(), "7");
        assert_eq!(read("{\"$text\":null}"), None);
    }

    #[test]
    fn a_string_without_escapes_is_borrowed() {
        assert!(matches!(read("\"A1\""), Some(Code::Text(Cow::Borrowed("A1")))));
        assert!(matches!(read("\"A\\u0031\""), Some(Code::Text(Cow::Owned(text))) if text == "A1"));
    }

    #[test]
    fn a_code_is_shown_as_it_was_received() {
        for (json, shown) in [("1234", "1234"), ("\"0000\"", "0000"), ("true", "true")] {
            let code = read(json).unwrap().into_owned();
            assert_eq!(code.to_string(), shown);
        }
    }

    #[test]
    fn a_number_of_arbitrary_precision_is_a_number() {
        for (digits, code) in [
            ("1234", Some(Code::Int(1234))),
            ("1234.0", Some(Code::Int(1234))),
            ("18446744073709551615", Some(Code::Text("18446744073709551615".into()))),
            ("0.5", Some(Code::Other("a fraction"))),
            ("1e400", Some(Code::Other("a large number"))),
        ] {
            let number = MapDeserializer::<_, Error>::new([(EXACT_NUMBER, digits)].into_iter());
            assert_eq!(CodeSeed.deserialize(number).unwrap(), code, "{digits}");
        }
    }
}

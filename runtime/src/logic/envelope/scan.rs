//! Searches a body for one value, whatever else is wrong with the body.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{mended, plain};
use crate::types::code::{Code, CodeSeed};
use crate::types::parse;

/// The string, number or boolean at `path`; `None` if there is none.
///
/// It stops at the first one that it finds, so the rest need not even be JSON.
pub(crate) fn scan<'de>(path: &[&str], body: &'de [u8]) -> Option<Code<'de>> {
    scan_code(path, body).filter(|found| !matches!(found, Code::Other(_)))
}

/// The same for a code. Any other value counts as a code as well: as one that does not mean success, not as a
/// missing code.
pub(super) fn scan_code<'de>(path: &[&str], body: &'de [u8]) -> Option<Code<'de>> {
    let code = match std::str::from_utf8(plain(body)) {
        Ok(text) => scan_text(path, text),
        Err(_) => scan_text(path, &mended(plain(body))).map(Code::into_owned),
    };
    code.filter(|code| path.is_empty() || !is_cut(code, body))
}

fn scan_text<'de>(path: &[&str], text: &'de str) -> Option<Code<'de>> {
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match (Find { path, found: &mut found }).deserialize(&mut deserializer) {
        // A body that ends within its code has none.
        Err(error) if found == Some(UNREADABLE) && error.is_eof() => None,
        // Whether the rest can be read does not matter.
        _ => found,
    }
}

/// Whether the body ends within the code: of `1234` in a response that was cut off, `12` may be left.
fn is_cut(code: &Code<'_>, body: &[u8]) -> bool {
    let Code::Int(code) = code else { return false };
    let digits = body.iter().rev().take_while(|byte| {
        byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')
    });
    let last = &body[body.len() - digits.count()..];
    let last = std::str::from_utf8(last).ok().and_then(parse::number);
    last.is_some_and(|last| (last - *code as f64).abs() < 0.5)
}

/// A number that is too large for any type, half a character, or what is not even JSON.
const UNREADABLE: Code<'_> = Code::Other("a value that cannot be read");

struct Find<'p, 'f, 'de> {
    /// The path to it from here.
    path: &'p [&'p str],
    found: &'f mut Option<Code<'de>>,
}

impl<'de> DeserializeSeed<'de> for Find<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = Some(UNREADABLE);
            *self.found = CodeSeed.deserialize(deserializer)?;
            return Ok(());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Find<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let [name, rest @ ..] = self.path else { return Ok(()) };
        while self.found.is_none()
            && let Some(here) = map.next_key_seed(Name(name))?
        {
            if here {
                map.next_value_seed(Find { path: rest, found: self.found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let [index, rest @ ..] = self.path else { return Ok(()) };
        let Ok(index) = index.parse::<usize>() else { return Err(A::Error::custom("no index")) };
        for _ in 0..index {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        seq.next_element_seed(Find { path: rest, found: self.found })?;
        Ok(())
    }
}

/// The next name of the path. It is compared in place and never stored.
struct Name<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

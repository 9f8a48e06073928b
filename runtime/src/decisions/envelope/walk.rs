//! The one pass over a body that finds the code and decodes the value.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess,
    SeqAccess, Visitor,
};

use super::is_good;
use crate::decisions::code::{Code, CodeSeed};
use crate::words::envelope::Envelope;

/// What has been found so far. It outlives a failure on the way.
pub(super) struct Walk<'e, 'de, T> {
    envelope: &'e Envelope,
    pub(super) code: Judged<'de>,
    pub(super) value: Option<T>,
    /// Whether the one lies within the other, so that one pass cannot read both.
    pub(super) is_tangled: bool,
}

/// What is known of the code.
pub(super) enum Judged<'de> {
    Unseen,
    Good,
    Bad(Code<'de>),
}

impl<'e, T> Walk<'e, '_, T> {
    pub(super) fn new(envelope: &'e Envelope) -> Self {
        Self { envelope, code: Judged::Unseen, value: None, is_tangled: false }
    }
}

impl<'de, T> Walk<'_, 'de, T> {
    fn wants_code(&self) -> bool {
        matches!(self.code, Judged::Unseen)
    }

    fn wants_value(&self) -> bool {
        !matches!(self.code, Judged::Bad(_))
    }

    fn judge(&mut self, code: Code<'de>) {
        let good = is_good(self.envelope, &code);
        self.code = if good { Judged::Good } else { Judged::Bad(code) };
    }
}

/// A value in the body, and where code and value lie below it. `None` is elsewhere, empty is here.
pub(super) struct Level<'w, 'e, 'de, 'p, T> {
    walk: &'w mut Walk<'e, 'de, T>,
    code: Option<&'p [&'static str]>,
    value: Option<&'p [&'static str]>,
}

impl<'w, 'e, 'de, 'p, T> Level<'w, 'e, 'de, 'p, T> {
    pub(super) fn new(
        walk: &'w mut Walk<'e, 'de, T>,
        code: &'p [&'static str],
        value: &'p [&'static str],
    ) -> Self {
        Self { walk, code: Some(code), value: Some(value) }
    }

    pub(super) fn without_code(walk: &'w mut Walk<'e, 'de, T>, value: &'p [&'static str]) -> Self {
        Self { walk, code: None, value: Some(value) }
    }

    /// What lies below.
    fn below(&mut self, step: Step) -> Level<'_, 'e, 'de, 'p, T> {
        let rest = |path: Option<&'p [&'static str]>| path.and_then(|path| path.get(1..));
        Level {
            walk: self.walk,
            code: if step.to_code { rest(self.code) } else { None },
            value: if step.to_value { rest(self.value) } else { None },
        }
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Level<'_, '_, 'de, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match (self.code, self.value) {
            (None, Some([])) if self.walk.wants_value() => {
                self.walk.value = Some(T::deserialize(deserializer)?);
            }
            (Some([]), None) if self.walk.wants_code() => {
                if let Some(code) = CodeSeed.deserialize(deserializer)? {
                    self.walk.judge(code);
                }
            }
            (Some([]), Some(_)) | (Some(_), Some([])) => {
                self.walk.is_tangled = true;
                IgnoredAny::deserialize(deserializer)?;
            }
            (None, None | Some([])) | (Some([]), None) => {
                IgnoredAny::deserialize(deserializer)?;
            }
            _ => deserializer.deserialize_any(self)?,
        }
        Ok(())
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Level<'_, '_, 'de, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let names = Names { code: first(self.code), value: first(self.value) };
        let is_leaf = |path: Option<&[&str]>| path.is_some_and(|path| path.len() == 1);
        let (code_here, value_here) = (is_leaf(self.code), is_leaf(self.value));
        while let Some(step) = map.next_key_seed(names)? {
            // Most envelopes are flat, and what is right here is not worth another level.
            match step {
                Step { to_code: false, to_value: false } => {
                    map.next_value::<IgnoredAny>()?;
                }
                Step { to_code: true, to_value: false } if code_here && self.walk.wants_code() => {
                    if let Some(code) = map.next_value_seed(CodeSeed)? {
                        self.walk.judge(code);
                    }
                }
                Step { to_code: false, to_value: true }
                    if value_here && self.walk.wants_value() =>
                {
                    self.walk.value = Some(map.next_value()?);
                }
                deep => map.next_value_seed(self.below(deep))?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let index = |path| first(path).and_then(|name| name.parse::<usize>().ok());
        let (code, value) = (index(self.code), index(self.value));
        for item in 0.. {
            let step = Step { to_code: code == Some(item), to_value: value == Some(item) };
            if seq.next_element_seed(self.below(step))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    // What has no inside holds neither code nor value.

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

fn first(path: Option<&[&'static str]>) -> Option<&'static str> {
    path.and_then(|path| path.first().copied())
}

/// Whether a value lies on the way to the code, to the value, or to both.
#[derive(Clone, Copy)]
struct Step {
    to_code: bool,
    to_value: bool,
}

/// The names that lead on. They are compared where they stand, and none is kept.
#[derive(Clone, Copy)]
struct Names {
    code: Option<&'static str>,
    value: Option<&'static str>,
}

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Step;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Step, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Names {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    #[inline]
    fn visit_str<E: Error>(self, name: &str) -> Result<Step, E> {
        let leads = |path: Option<&str>| path.is_some_and(|first| is_same(first, name));
        Ok(Step { to_code: leads(self.code), to_value: leads(self.value) })
    }
}

/// Most names differ in length or in their first letter; then nothing is called to compare them.
#[inline]
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().first() == other.as_bytes().first() && one == other
}

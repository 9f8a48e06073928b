//! The single pass over a body that finds the code and decodes the value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use super::is_good;
use super::text::{Place, ReadError, Text};
use crate::types::JsonPath;
use crate::types::code::{Code, CodeSeed};
use crate::types::envelope::Envelope;

/// The findings so far. They remain if the walk fails later.
pub(super) struct Walk<'w, 'de> {
    envelope: &'w Envelope,
    place: &'w mut Place<'w>,
    text: Text<'de>,
    pub(super) code: Judged<'de>,
    pub(super) has_value: bool,
    /// Whether one lies inside the other, so that one pass cannot read both.
    pub(super) is_tangled: bool,
}

/// The state of the code.
pub(super) enum Judged<'de> {
    Unseen,
    Good,
    /// `is_cut` says that the body ends with the code: of `1234` in a response that broke off, `12` may be left.
    Bad {
        code: Code<'de>,
        is_cut: bool,
    },
}

/// The paths from here to code and value. `None` means elsewhere, empty means here.
#[derive(Clone, Copy)]
struct Ahead {
    code: Option<JsonPath>,
    value: Option<JsonPath>,
}

/// Whether there is anything left to look for.
#[derive(PartialEq, Eq)]
enum Course {
    On,
    Done,
}

impl<'w, 'de> Walk<'w, 'de> {
    pub(super) fn new(envelope: &'w Envelope, body: &'de str, place: &'w mut Place<'w>) -> Self {
        let (code, text) = (Judged::Unseen, Text::new(body));
        Self { envelope, place, text, code, has_value: false, is_tangled: false }
    }

    /// Walks until the end of the body, or until nothing else matters.
    pub(super) fn go(&mut self, code: Option<JsonPath>, value: JsonPath) -> Result<(), ReadError> {
        match self.value(Ahead { code, value: Some(value) })? {
            Course::On => self.text.end(),
            Course::Done => Ok(()),
        }
    }

    fn value(&mut self, ahead: Ahead) -> Result<Course, ReadError> {
        match (ahead.code, ahead.value) {
            (None, Some([])) => {
                self.text.decode(self.place)?;
                self.has_value = true;
            }
            // Of several codes, any that does not mean success counts.
            (Some([]), None) => return self.judge(),
            (Some([]), Some(_)) | (Some(_), Some([])) => {
                self.is_tangled = true;
                return Ok(Course::Done);
            }
            (None, None) => self.text.skip()?,
            _ => match self.text.peek() {
                Some(b'{') => return self.object(ahead),
                Some(b'[') => return self.list(ahead),
                _ => self.text.skip()?,
            },
        }
        Ok(Course::On)
    }

    fn judge(&mut self) -> Result<Course, ReadError> {
        let short = self.text.short_integer().map(Code::Int);
        let Some(code) = short.map_or_else(|| self.text.read(CodeSeed), |it| Ok(Some(it)))? else {
            return Ok(Course::On);
        };
        if is_good(self.envelope, &code) {
            self.code = Judged::Good;
            return Ok(Course::On);
        }
        let is_cut = matches!(code, Code::Int(_)) && self.text.at == self.text.body.len();
        self.code = Judged::Bad { code, is_cut };
        Ok(Course::Done)
    }

    fn object(&mut self, ahead: Ahead) -> Result<Course, ReadError> {
        self.text.expect(b'{')?;
        if self.text.takes(b'}') {
            return Ok(Course::On);
        }
        loop {
            let below = self.name(ahead)?;
            self.text.expect(b':')?;
            if self.value(below)? == Course::Done {
                return Ok(Course::Done);
            }
            if !self.text.goes_on(b'}')? {
                return Ok(Course::On);
            }
        }
    }

    /// Steps over a name, and returns what lies below it.
    fn name(&mut self, ahead: Ahead) -> Result<Ahead, ReadError> {
        match self.text.peek() {
            Some(b'"') => {}
            _ => return Err(self.text.error_here()),
        }
        match self.text.plain_text() {
            Some(name) => Ok(ahead.below(|next| is_same(next.as_bytes(), name))),
            None => self.text.read(Name(ahead)),
        }
    }

    fn list(&mut self, ahead: Ahead) -> Result<Course, ReadError> {
        self.text.expect(b'[')?;
        if self.text.takes(b']') {
            return Ok(Course::On);
        }
        for item in 0_usize.. {
            let below = ahead.below(|next| next.parse() == Ok(item));
            if self.value(below)? == Course::Done {
                return Ok(Course::Done);
            }
            if !self.text.goes_on(b']')? {
                break;
            }
        }
        Ok(Course::On)
    }
}

impl Ahead {
    /// The content of the item that `is_next` selects.
    fn below(self, is_next: impl Fn(&'static str) -> bool) -> Self {
        let rest = |path: Option<JsonPath>| match path {
            Some([first, rest @ ..]) if is_next(first) => Some(rest),
            _ => None,
        };
        Self { code: rest(self.code), value: rest(self.value) }
    }
}

/// Most names differ in length or in their first letter, so no function is called to compare those.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.first() == other.first() && one == other
}

/// A name that has to be decoded before it is compared.
struct Name(Ahead);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Ahead;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Ahead, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Ahead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Ahead, E> {
        Ok(self.0.below(|next| next == name))
    }
}

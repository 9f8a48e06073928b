//! A JSON text that is parsed by hand, down to the level of the envelope.
//!
//! Values are left to serde_json. This module only steps over the punctuation between values, which serde would do
//! with code that it compiles again for each type.

use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::de::StrRead;
use serde_json::{Deserializer, Error};

/// The source of a value.
pub(crate) type Json<'a> = Deserializer<StrRead<'a>>;

/// Decodes the next value and stores it.
pub(crate) type Place<'p> = dyn ReadValue + 'p;

/// See [`Place`]. A closure does it, too; but as a trait object of its own trait, it brings no code that consumes it, which
/// would be compiled for each type.
pub(crate) trait ReadValue {
    fn read_value(&mut self, json: &mut Json<'_>) -> Result<(), Error>;
}

impl<F: FnMut(&mut Json<'_>) -> Result<(), Error>> ReadValue for F {
    fn read_value(&mut self, json: &mut Json<'_>) -> Result<(), Error> {
        self(json)
    }
}

/// The bytes at which a plain text ends: a quote, a backslash, and control characters. In UTF-8 none of them is
/// part of another character.
static ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        ends[control] = true;
        control += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};

/// Why a text could not be read, and the offset at which the position in the error starts.
#[derive(Debug)]
pub(super) struct ReadError {
    pub(super) error: Error,
    pub(super) base: usize,
}

/// A text, and the position up to which it was read.
pub(super) struct Text<'de> {
    pub(super) body: &'de str,
    pub(super) at: usize,
}

impl<'de> Text<'de> {
    pub(super) const fn new(body: &'de str) -> Self {
        Self { body, at: 0 }
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let body = self.body.as_bytes();
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = body.get(self.at) {
            self.at += 1;
        }
        body.get(self.at).copied()
    }

    /// Steps over a punctuation mark if it comes next.
    pub(super) fn takes(&mut self, mark: u8) -> bool {
        let is_next = self.peek() == Some(mark);
        self.at += usize::from(is_next);
        is_next
    }

    /// Steps over a punctuation mark that must come next.
    pub(super) fn expect(&mut self, mark: u8) -> Result<(), ReadError> {
        if self.takes(mark) { Ok(()) } else { Err(self.error_here()) }
    }

    /// Steps over the comma between two items, or over the bracket after the last; returns which one it was.
    pub(super) fn goes_on(&mut self, end: u8) -> Result<bool, ReadError> {
        if self.takes(b',') {
            return Ok(true);
        }
        self.expect(end).map(|()| false)
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.error_here()) }
    }

    /// Reads the next value.
    pub(super) fn read<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let mut json = self.json();
        let read = seed.deserialize(&mut json);
        self.went(json, read)
    }

    /// Lets the next value be decoded.
    pub(super) fn decode(&mut self, place: &mut Place<'_>) -> Result<(), ReadError> {
        let mut json = self.json();
        let decoded = place.read_value(&mut json);
        self.went(json, decoded)
    }

    /// Skips the next value. Many are a short text, such as a message that says `ok`.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        self.peek();
        if self.plain_text().is_some() {
            return Ok(());
        }
        self.read(std::marker::PhantomData::<IgnoredAny>).map(drop)
    }

    /// The next text, if it has no escapes; any other text is left to serde_json.
    pub(super) fn plain_text(&mut self) -> Option<&'de [u8]> {
        let text = self.body.as_bytes().get(self.at..)?.strip_prefix(b"\"")?;
        let length = text.iter().position(|byte| ENDS[usize::from(*byte)])?;
        if text[length] != b'"' {
            return None;
        }
        self.at += length + 2;
        Some(&text[..length])
    }

    /// The integer that comes next, if it is short and the text goes on; any other is left to serde_json. Most codes are
    /// such integers.
    pub(super) fn short_integer(&mut self) -> Option<i64> {
        const LONGEST: usize = 18;
        self.peek();
        let text = self.body.as_bytes().get(self.at..)?;
        let length = text.iter().take(LONGEST + 1).position(|byte| !byte.is_ascii_digit())?;
        match (&text[..length], text[length]) {
            ([b'0', _, ..] | [], _) => return None,
            (_, b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r') => {}
            _ => return None,
        }
        self.at += length;
        Some(text[..length].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    fn json(&self) -> Json<'de> {
        Deserializer::from_str(&self.body[self.at..])
    }

    /// Continues after what was read.
    fn went<T>(&mut self, json: Json<'de>, read: Result<T, Error>) -> Result<T, ReadError> {
        let base = self.at;
        self.at += json.into_iter::<IgnoredAny>().byte_offset();
        read.map_err(|error| ReadError { error, base })
    }

    /// Why a punctuation mark is missing, in serde_json's words.
    #[cold]
    pub(super) fn error_here(&self) -> ReadError {
        let error = match serde_json::from_str::<IgnoredAny>(self.body) {
            Err(error) => error,
            Ok(_) => serde::de::Error::custom("the JSON was misread"),
        };
        ReadError { error, base: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_integer_is_the_one_that_serde_json_reads() {
        for (body, integer) in [
            ("0,", Some(0)),
            (" 1234}", Some(1234)),
            ("40101 ]", Some(40101)),
            ("999999999999999999]", Some(999_999_999_999_999_999)),
            ("1000000000000000000]", None),
            ("0", None),
            ("12", None),
            ("00,", None),
            ("01,", None),
            ("-1,", None),
            ("1.5,", None),
            ("1e3,", None),
            ("1x,", None),
            ("\"1\",", None),
            (",", None),
            ("", None),
        ] {
            let mut text = Text::new(body);
            assert_eq!(text.short_integer(), integer, "{body}");
            if let Some(integer) = integer {
                let read = serde_json::from_str::<i64>(&body[..text.at]).ok();
                assert_eq!(read, Some(integer), "{body}");
            }
        }
    }

    #[test]
    fn a_text_without_escapes_is_taken_verbatim() {
        for (body, plain) in [
            (r#""name":1"#, Some("name")),
            (r#""","#, Some("")),
            (r#""all is well, ü"}"#, Some("all is well, ü")),
            (r#""a\nb""#, None),
            (r#""a\"b""#, None),
            ("\"a\nb\"", None),
            ("\"a\u{0}\"", None),
            (r#""cut"#, None),
            ("7", None),
            ("", None),
        ] {
            let mut text = Text::new(body);
            assert_eq!(text.plain_text(), plain.map(str::as_bytes), "{body}");
            // What was taken is skipped together with its quotes.
            assert_eq!(text.at, plain.map_or(0, |plain| plain.len() + 2), "{body}");
        }
    }
}

//! Bodies that are not UTF-8, which JSON must be (RFC 8259, section 8.1).
//!
//! Text that is known to be UTF-8 is read faster, so the body is checked as a whole. A body that is not UTF-8 may
//! still be usable, since the invalid bytes may be in a text that is not read.

use super::broken::Broken;

/// The replacement for bytes that are not UTF-8: the second half of a surrogate pair, without a first half. Like
/// the invalid bytes, serde_json rejects it in a text that is read and ignores it in a text that is skipped. It is
/// written twice, since the first may form a pair with an escape before it.
const HALVES: &str = "\\udc00\\udc00";

/// The body as UTF-8, with this replacement for invalid bytes.
pub(super) fn mended(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len() + HALVES.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        let goes_on = chunk.valid().is_empty() && text.ends_with(HALVES);
        if chunk.invalid().is_empty() || goes_on {
            continue;
        }
        // After a backslash these would not be escapes; there, the invalid bytes fail in the same way as any
        // letter.
        let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        text.push_str(if backslashes % 2 == 1 { "\u{fffd}" } else { HALVES });
    }
    text
}

impl Broken {
    /// The error of reading a repaired body, with the positions of the original body.
    pub(super) fn of_mended(self) -> Self {
        self.reworded("lone leading surrogate in hex escape", "invalid unicode code point", HALVES)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Read {
        name: String,
    }

    #[test]
    fn what_is_wrong_with_a_text_matters_where_the_text_is_read() {
        let texts: &[&[u8]] = &[
            b"Jos\xe9",
            b"\xff\xfe\x80",
            b"\xe2\x82",
            b"\xff",
            b"a\xffb\xff",
            b"\\\xff",
            b"\\\\\xff",
            b"\\\\\\\xff",
            b"\\ud83d\xff",
            b"\xff\\udc00",
            b"\\ud83d\xff\\udc00",
            b"\\ud83\xff",
            b"\\u\xff",
            b"\xed\xa0\x80",
            b"\\udc00\\udc00\xff",
        ];
        for text in texts {
            let body = |name: &[u8], other: &[u8]| {
                [b"{\"other\":\"", other, b"\",\"name\":\"", name, b"\"}"].concat()
            };
            for body in [body(b"x", text), body(text, b"x"), body(text, text)] {
                let mended = mended(&body);
                let shown = String::from_utf8_lossy(&body).into_owned();
                let before = serde_json::from_slice::<Read>(&body).ok();
                assert_eq!(serde_json::from_str::<Read>(&mended).ok(), before, "{shown}");
                let before = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
                let after = serde_json::from_str::<IgnoredAny>(&mended).is_ok();
                assert_eq!(after, before, "{shown}");
            }
        }
    }

    #[test]
    fn invalid_bytes_outside_of_texts_are_not_json() {
        for body in
            [&b"\xff"[..], b"{\"name\":\xff}", b"{\"name\":\"x\"}\xff", b"[\xff]", b"{\xff}"]
        {
            assert!(serde_json::from_str::<IgnoredAny>(&mended(body)).is_err());
        }
    }

    #[test]
    fn the_excerpt_shows_invalid_bytes_in_the_usual_way() {
        for body in [&b"\xff\xd8PNG"[..], b"a\xff\xd8PNG", b"{\"name\":\"\xff\"}"] {
            let said = crate::logic::envelope::piece::<Read>(body).unwrap_err().to_string();
            assert!(said.contains("\u{fffd}") && !said.contains("dc00"), "{said}");
        }
    }

    #[test]
    fn a_mended_body_is_not_much_longer() {
        assert_eq!(mended(&[0xff; 1000]), HALVES);
        assert_eq!(mended("ü".as_bytes()), "ü");
    }
}

//! The first value of a body that arrives in pieces.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{mended, plain};

/// Whether a body that begins like this has its first value, or cannot contain one that is an envelope.
pub(crate) fn has_first(begun: &[u8]) -> bool {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let first = plain(begun).trim_ascii_start();
    match first {
        [b'{' | b'[', ..] => {
            let first = std::str::from_utf8(first).map_or_else(|_| mended(first).into(), Cow::from);
            let mut values = serde_json::Deserializer::from_str(&first).into_iter::<IgnoredAny>();
            values.next().is_some_and(|value| value.map_or_else(|error| !error.is_eof(), |_| true))
        }
        // Of a mark, or of nothing at all, it cannot be told yet.
        _ => !MARK.starts_with(first),
    }
}

/// When to look at the beginning of a body again, as it arrives: if a look after each piece reads all of it, a server
/// that sends small pieces makes the time grow with the square of the body.
///
/// It is time whenever the body has doubled, and at once when the first value or the first line may be complete.
#[derive(Default)]
pub(crate) struct Looks {
    next: usize,
    length: usize,
    depth: usize,
    in_text: bool,
    is_escaped: bool,
    is_closed: bool,
    has_line: bool,
}

impl Looks {
    /// Whether to look, now that this piece has arrived.
    pub(crate) fn are_due(&mut self, piece: &[u8]) -> bool {
        self.length += piece.len();
        let ends_line = !self.has_line && piece.contains(&b'\n');
        self.has_line |= ends_line;
        let is_due = self.closes(piece) || ends_line || self.length >= self.next;
        if is_due {
            self.next = self.length * 2;
        }
        is_due
    }

    /// Whether the first list or object ends in this piece, as far as its brackets tell.
    fn closes(&mut self, piece: &[u8]) -> bool {
        for byte in piece {
            if self.is_closed {
                return false;
            }
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = self.in_text,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_closed = self.depth == 0;
                }
                _ => {}
            }
        }
        self.is_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_value_is_there_when_it_is_complete_or_none_can_come() {
        let whole = "\u{feff}\n {\n \"a\": [1, \"}\\\"]}\"],\n \"code\": 1234\n}";
        let mut looks = Looks::default();
        for end in 0..whole.len() {
            assert!(!has_first(&whole.as_bytes()[..end]), "{end}");
            let is_due = looks.are_due(&whole.as_bytes()[end..=end]);
            assert!(is_due || end + 1 < whole.len());
        }
        for more in ["", "\n", "\n{\"n\"", " x"] {
            assert!(has_first(format!("{whole}{more}").as_bytes()), "{more:?}");
        }
        for text in ["started", "7", "\"x", "[INFO] started", "{ no json", "\n<a>", "{\"a\" 1}"] {
            assert!(has_first(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_body_is_looked_at_when_it_has_doubled_and_when_its_first_line_or_value_ends() {
        let due = |pieces: &[&str]| {
            let mut looks = Looks::default();
            pieces.iter().map(|it| looks.are_due(it.as_bytes())).collect::<Vec<_>>()
        };
        let doubled = due(&["12345678", "9", "0123456", "7", "0123456789abcdef"]);
        assert_eq!(doubled, [true, false, true, false, true]);
        assert_eq!(due(&["12345678", "9", "\n", "0\n", "1"]), [true, false, true, false, false]);
        assert_eq!(due(&["{\"a\":[1]", ",", "\"b\":2", "}", "{}"])[1..4], [false, false, true]);
    }

    #[test]
    fn a_body_in_many_pieces_is_looked_at_a_few_times() {
        for piece in ["{\n", "[[ ", "  ", "\n", "{}", "]]", "a\n", "<a>\n", "\"\\\"", "1234"] {
            let mut looks = Looks::default();
            let due = (0..1_000_000).filter(|_| looks.are_due(piece.as_bytes())).count();
            assert!(due < 25, "{piece:?}: {due}");
        }
    }
}

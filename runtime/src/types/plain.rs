//! Text from elsewhere, without what a terminal would obey.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Whether a terminal obeys this character, or shows the characters around it in another order.
fn is_obeyed(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with such characters escaped, but for line breaks and tabs.
pub(crate) fn plain(text: Cow<'static, str>) -> Cow<'static, str> {
    if !text.contains(is_obeyed) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    Plain::lines(&mut shown).write_str(&text).expect("a string takes everything");
    shown.into()
}

/// Escapes such characters in all that is written to it.
pub(crate) struct Plain<'a> {
    to: &'a mut dyn Write,
    is_one_line: bool,
}

impl<'a> Plain<'a> {
    /// Keeps line breaks and tabs.
    pub(crate) fn lines(to: &'a mut dyn Write) -> Self {
        Self { to, is_one_line: false }
    }

    /// Writes a blank for a line break and a tab.
    pub(crate) fn line(to: &'a mut dyn Write) -> Self {
        Self { to, is_one_line: true }
    }
}

impl Write for Plain<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_obeyed) {
            self.to.write_str(&rest[..at])?;
            let mut from = rest[at..].chars();
            let obeyed = from.next().unwrap_or_default();
            rest = from.as_str();
            match obeyed {
                '\n' | '\t' if self.is_one_line => self.to.write_char(' ')?,
                '\n' | '\t' => self.to.write_char(obeyed)?,
                '\r' if rest.starts_with('\n') => {}
                _ => write!(self.to, "\\u{{{:x}}}", u32::from(obeyed))?,
            }
        }
        self.to.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{1b}[2J\ta\u{7}\r\nb\u{9b}\u{202e}c";

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_lines_are_kept() {
        let escaped = "\\u{1b}[2J\ta\\u{7}\nb\\u{9b}\\u{202e}c";
        assert_eq!(plain(TEXT.into()), escaped);
        assert_eq!(plain(escaped.into()), escaped);
    }

    #[test]
    fn one_line_has_blanks_between_the_lines() {
        let mut shown = String::new();
        Plain::line(&mut shown).write_str(&format!("{TEXT}\r")).expect("a string takes everything");
        assert_eq!(shown, "\\u{1b}[2J a\\u{7} b\\u{9b}\\u{202e}c\\u{d}");
    }

    #[test]
    fn letters_of_every_script_stay_as_they_are() {
        for text in ["Größe", "e\u{301}", "नमस्ते", "می\u{200c}خواهم", "👩\u{200d}💻", "\"\\'"]
        {
            assert_eq!(plain(text.into()), text);
        }
    }
}

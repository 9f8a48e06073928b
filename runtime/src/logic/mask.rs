//! What looks like a secret.

use std::fmt::Write as _;

use crate::types::secret::Hidden;

/// A run of so many letters and digits without a blank is taken for a token.
const SHORTEST_TOKEN: usize = 20;

/// `text` with everything masked that looks like a token: a long run of the letters, digits and signs
/// that tokens are made of.
///
/// It is for the excerpts in errors: a few long words are lost with the tokens.
pub(crate) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.bytes().take_while(|byte| is_word(*byte)).count();
        let (run, after) = rest.split_at(word.max(first.len_utf8()));
        if word >= SHORTEST_TOKEN && !is_name(run) {
            write!(shown, "{Hidden}").expect("a string takes everything");
        } else {
            shown.push_str(run);
        }
        rest = after;
    }
    shown
}

/// What tokens are made of: base64 in both alphabets, hexadecimal, JWT, UUID.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
}

/// A long name of lower-case words, such as `recurring_payment_schedule`, is none.
fn is_name(run: &str) -> bool {
    run.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_masked_and_words_are_not() {
        for (text, expected) in [
            ("", ""),
            (
                "invalid type: string \"x\", expected f64",
                "invalid type: string \"x\", expected f64",
            ),
            (
                "missing field `recurring_payment_schedule`",
                "missing field `recurring_payment_schedule`",
            ),
            ("\"eyJhbGciOiJIUzI1NiJ9.e30.x-_y\"", "\"***\""),
            ("Bearer 0123456789abcdef0123", "Bearer ***"),
            ("über-0123456789abcdef0123-ü", "ü***ü"),
            ("id 123456789012345", "id 123456789012345"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }
}

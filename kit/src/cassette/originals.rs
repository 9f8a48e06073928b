//! The values that have stand-ins because of their names, to be found again wherever else the file has them.

use std::cmp::Reverse;

use perennial::serve::Secrets;

use super::stand_in;

/// Shorter values, which others may equal by chance, are not searched for.
const SHORTEST: usize = 6;

/// Longer texts of small and capital letters are a token rather than a name.
const LONGEST_NAME: usize = 20;

#[derive(Clone, Default)]
pub(super) struct Originals {
    /// Values and their stand-ins, the longest value first.
    pairs: Vec<(String, String)>,
}

// No secret is shown.
impl std::fmt::Debug for Originals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Originals").finish_non_exhaustive()
    }
}

impl Originals {
    /// Adds a value, unless it may be a word, a date, or another text that is not secret elsewhere.
    pub(super) fn add(&mut self, value: &str, stand_in: &str) {
        let value = value.trim();
        let is_known = self.pairs.iter().any(|(own, _)| own == value);
        if is_token(value) && value != stand_in && !is_known {
            self.pairs.push((value.to_owned(), stand_in.to_owned()));
            self.pairs.sort_by_key(|(own, _)| Reverse(own.len()));
        }
    }

    pub(super) fn extend(&mut self, others: Self) {
        others.pairs.iter().for_each(|(value, stand_in)| self.add(value, stand_in));
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.pairs.retain(|(value, _)| is_kept(value));
    }

    /// These values together with other secrets, in whose place no stand-in is put.
    pub(super) fn with(&self, secrets: &Secrets) -> Secrets {
        let mut all = secrets.clone();
        let texts = self.pairs.iter().filter(|(value, _)| !is_number(value));
        texts.for_each(|(value, _)| all.add(value.as_bytes()));
        all
    }

    /// The text with the stand-ins, so that the values that were equal still are, and can be decoded.
    pub(super) fn replaced_in(&self, text: &str) -> String {
        let plain = self.pairs.iter().filter(|(value, _)| is_plain(value));
        plain.fold(text.to_owned(), |text, (value, stand_in)| replaced(&text, value, stand_in))
    }
}

fn replaced(text: &str, value: &str, stand_in: &str) -> String {
    let is_number = is_number(value);
    let continues = |it: char| if is_number { it.is_ascii_digit() } else { it.is_alphanumeric() };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(at) = rest.find(value) {
        let end = at + value.len();
        let before_it = rest[..at].chars().next_back().or(before);
        let is_part = before_it.is_some_and(continues) || rest[end..].starts_with(continues);
        shown.push_str(&rest[..at]);
        shown.push_str(if is_part { value } else { stand_in });
        before = rest[..end].chars().next_back();
        rest = &rest[end..];
    }
    shown + rest
}

fn is_token(value: &str) -> bool {
    let has = |is_it: fn(&u8) -> bool| value.as_bytes().iter().any(is_it);
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let is_address =
        value.contains("://") || value.split_once('@').is_some_and(|(_, host)| host.contains('.'));
    let is_date = !is_number(value) && stand_in::ones(value) == stand_in::text(value);
    value.len() >= SHORTEST
        && (has(u8::is_ascii_digit) || is_mixed && value.len() > LONGEST_NAME)
        && !(value.contains(char::is_whitespace) || is_address || is_date)
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|it| it.is_ascii_digit())
}

/// Whether a value is written in the same way in every format.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._~".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_elsewhere_if_it_looks_like_a_token() {
        let mut originals = Originals::default();
        for (value, stand_in) in [
            ("S3CRET-1", "masked"),
            ("918273", "111111"),
            ("S-1", "masked"),
            ("read:users", "masked"),
            ("ann7@shop.test", "masked"),
            ("2026-02-28", "1111-11-11"),
            ("room 17 b", "masked"),
        ] {
            originals.add(value, stand_in);
        }
        let text = "/S3CRET-1?n=918273 9182730 xS3CRET-1 S-1 read:users ann7@shop.test 2026-02-28 room 17 b";
        let expected =
            "/masked?n=111111 9182730 xS3CRET-1 S-1 read:users ann7@shop.test 2026-02-28 room 17 b";
        assert_eq!(originals.replaced_in(text), expected);
        assert_eq!(originals.with(&Secrets::default()).hidden_in("xS3CRET-1"), "x***");
        assert!(!format!("{originals:?}").contains("CRET"));
    }
}

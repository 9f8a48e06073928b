//! Why a response could not be decoded, and where.

use std::fmt::{self, Write as _};

use super::text::Fault;
use crate::logic::mask::{is_word, masked};

/// How deep a place is followed; what lies deeper is named by its surroundings.
const DEEPEST: usize = 16;
/// How much of a name is shown, in bytes.
const LONGEST_NAME: usize = 48;
/// How much of the body is shown before the place, and after it, in bytes.
const BEFORE: usize = 40;
const AFTER: usize = 24;
/// How much of a reason is shown, in bytes.
const LONGEST_REASON: usize = 300;

/// Why a response could not be decoded, and where: `data.items[3].price: invalid type: ..`.
///
/// Anything that looks like a token is masked. The place is found by reading the body again up to where the
/// decoder stopped, so that decoding itself does not pay for it, in neither time nor code.
#[derive(Debug)]
pub(crate) struct Broken {
    shown: Box<Shown>,
}

#[derive(Debug)]
struct Shown {
    /// Empty for the body as a whole.
    place: String,
    reason: String,
    /// Line and column, both from 1, and the text there.
    near: Option<(usize, usize, String)>,
}

impl Broken {
    #[cold]
    pub(super) fn new(Fault { error, base }: &Fault, body: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let reason = said.strip_suffix(&format!(" at line {line} column {column}"));
        let mut shown = Shown {
            place: String::new(),
            reason: masked(shortened(reason.unwrap_or(&said), LONGEST_REASON)),
            near: None,
        };
        // An error that names no line was made up without a body.
        if let Some(offset) = offset(&body[*base..], line, column) {
            let offset = base + offset;
            let (line, column) = position(body, offset);
            shown.place = place(body, offset);
            shown.near = Some((line, column, excerpt(body, offset)));
        }
        Self { shown: Box::new(shown) }
    }

    /// There is nothing at `path`.
    #[cold]
    pub(in crate::logic) fn absent(path: &[&str], body: &[u8]) -> Self {
        let mut place = String::new();
        for name in path {
            push_name(&mut place, name.as_bytes());
        }
        let shown = Shown {
            place,
            reason: "nothing is there".to_owned(),
            near: (!body.is_empty()).then(|| (1, 1, excerpt(body, 0))),
        };
        Self { shown: Box::new(shown) }
    }

    /// The same with other words for this reason, and the usual mark in the place of unreadable bytes.
    #[cold]
    pub(super) fn reworded(mut self, reason: &str, words: &str, unreadable: &str) -> Self {
        if self.shown.reason.starts_with(reason) {
            words.clone_into(&mut self.shown.reason);
        }
        if let Some((_, _, excerpt)) = &mut self.shown.near {
            *excerpt = excerpt.replace(unreadable, "\u{fffd}");
        }
        self
    }

    /// The same for a response that holds tokens: it shows nothing of the body, and of the reason
    /// only what cannot quote it.
    pub(crate) fn discreet(mut self) -> Self {
        self.shown.near = self.shown.near.map(|(line, column, _)| (line, column, String::new()));
        let reason = &mut self.shown.reason;
        if let Some(expected) = ["invalid type: ", "invalid value: ", "unknown variant "]
            .iter()
            .any(|quoting| reason.starts_with(quoting))
            .then(|| reason.rfind(", expected ").unwrap_or(reason.len()))
        {
            *reason = format!("another value{}", &reason[expected..]);
        } else if !QUOTES_NOTHING.iter().any(|known| reason.contains(known)) {
            "another value was expected".clone_into(reason);
        }
        self
    }
}

/// Reasons that name what is missing or where the JSON ends, and never a value.
const QUOTES_NOTHING: [&str; 9] = [
    "missing field `",
    "access token",
    "is not a string",
    "nothing is there",
    "EOF while parsing",
    "expected value",
    "expected ident",
    "trailing c",
    "recursion limit exceeded",
];

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown { place, reason, near } = &*self.shown;
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(reason)?;
        if let Some((line, column, excerpt)) = near {
            write!(f, " at line {line} column {column}")?;
            if !excerpt.is_empty() {
                write!(f, ", near `{excerpt}`")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

/// Where a line and a column are, in bytes. `None` if the error named none.
fn offset(body: &[u8], line: usize, column: usize) -> Option<usize> {
    let before = line.checked_sub(1)?;
    let mut start = 0;
    for _ in 0..before {
        start += body[start..].iter().position(|byte| *byte == b'\n')? + 1;
    }
    Some((start + column).min(body.len()))
}

/// Line and column of an offset, as serde_json counts them.
fn position(body: &[u8], offset: usize) -> (usize, usize) {
    let before = &body[..offset];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (1 + before[..start].iter().filter(|byte| **byte == b'\n').count(), offset - start)
}

/// The text around `offset`, on one line.
fn excerpt(body: &[u8], offset: usize) -> String {
    let start = offset.saturating_sub(BEFORE);
    let end = body.len().min(offset + AFTER);
    // Words are masked before they are cut, or the rest of a token would look harmless.
    let word = |byte: &&u8| is_word(**byte);
    let from = start - body[..start].iter().rev().take(LONGEST_NAME).take_while(word).count();
    let to = end + body[end..].iter().take(LONGEST_NAME).take_while(word).count();
    let text = String::from_utf8_lossy(&body[from..to]);
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = masked(&text);
    let start = if from > 0 { "…" } else { "" };
    let end = if to < body.len() { "…" } else { "" };
    format!("{start}{}{end}", shortened(text.trim(), 3 * (BEFORE + AFTER)))
}

fn shortened(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// The place in a JSON text that ends at `offset`: `data.items[3].price`.
fn place(body: &[u8], offset: usize) -> String {
    let mut steps: Vec<Step> = Vec::new();
    // Levels below the deepest that is followed.
    let mut deeper = 0_usize;
    let mut at = 0;
    while let Some(byte) = body[..offset].get(at).copied() {
        match byte {
            b'"' => {
                let string = &body[at + 1..offset];
                let length = string_length(string);
                if deeper == 0
                    && let Some(Step::Name { name, open: true }) = steps.last_mut()
                {
                    *name = (at + 1, at + 1 + length);
                }
                at += length + 1;
            }
            b'{' | b'[' if steps.len() == DEEPEST => deeper += 1,
            b'{' => steps.push(Step::Name { name: (0, 0), open: true }),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' if deeper > 0 => deeper -= 1,
            b'}' | b']' => {
                steps.pop();
            }
            b':' if deeper == 0 => {
                if let Some(Step::Name { open, .. }) = steps.last_mut() {
                    *open = false;
                }
            }
            b',' if deeper == 0 => match steps.last_mut() {
                Some(Step::Name { name, open }) => {
                    *name = (0, 0);
                    *open = true;
                }
                Some(Step::Item(item)) => *item += 1,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let mut place = String::new();
    for step in &steps {
        match step {
            Step::Name { name: (start, end), .. } if start < end => {
                push_name(&mut place, &body[*start..*end]);
            }
            // The decoder stopped before a name, so it was the whole object that it disliked.
            Step::Name { .. } => {}
            Step::Item(item) => {
                write!(place, "[{item}]").expect("a string takes everything");
            }
        }
    }
    place
}

enum Step {
    Name {
        /// Its position; empty if it has not been reached yet.
        name: (usize, usize),
        /// The colon has not come yet.
        open: bool,
    },
    Item(usize),
}

/// How long a string is up to its closing quote, or to the end of what there is.
fn string_length(string: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = string.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    string.len()
}

fn push_name(place: &mut String, name: &[u8]) {
    if !place.is_empty() {
        place.push('.');
    }
    let name = String::from_utf8_lossy(name);
    place.push_str(&masked(shortened(&name, LONGEST_NAME)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_that_of_the_value_that_ends_there() {
        // The bar marks the expected position.
        let cases = [
            (r#"|{"a":1}"#, ""),
            (r#"{"a":1|}"#, "a"),
            (r#"{"a":1}|"#, ""),
            (r#"{"a"|:1}"#, "a"),
            (r#"{"a":{"b":[1,{"c":2}|]}}"#, "a.b[1]"),
            (r#"{"a":{"b":[1,{"c":2|}]}}"#, "a.b[1].c"),
            (r#"[[1],[2,3|]]"#, "[1][1]"),
            (r#"{"a":"x,y]}\"{:","b":tru|e}"#, "b"),
            (r#"{"a":[],"b":{},"c":nul|l}"#, "c"),
            (r#"{"a":{"b":1},|"c":2}"#, ""),
            (r#"{"a":"unend|ed"#, "a"),
            (r#"{"a":"un\\|ed"#, "a"),
            (r#"]]}}|"#, ""),
            (r#"<html>|"#, ""),
        ];
        for (text, expected) in cases {
            let offset = text.find('|').expect("every case has a bar");
            let body = text.replacen('|', "", 1);
            assert_eq!(place(body.as_bytes(), offset), expected, "{text}");
        }
    }

    #[test]
    fn a_deep_body_is_followed_only_so_far() {
        let body = [b"{\"a\":".repeat(20), b"[".repeat(100_000), b"1".to_vec()].concat();
        assert_eq!(place(&body, body.len()), vec!["a"; DEEPEST].join("."));
        let body = [b"[".repeat(100_000), b"]".repeat(100_000), b",{\"b\":1".to_vec()].concat();
        assert_eq!(place(&body, body.len()), "b");
    }

    #[test]
    fn an_excerpt_shows_no_token_not_even_a_part_of_one() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
        let body = format!(r#"{{"note":"x","token":"{token}","n":"y"}}"#);
        for offset in 0..body.len() {
            let shown = excerpt(body.as_bytes(), offset);
            for part in token.as_bytes().windows(6) {
                let part = std::str::from_utf8(part).expect("the token is ASCII");
                assert!(!shown.contains(part), "{offset}: {shown}");
            }
        }
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        for body in ["a b\n".repeat(1000), "x".repeat(100_000), "ü ".repeat(1000)] {
            let shown = excerpt(body.as_bytes(), body.len() / 2);
            assert!(shown.len() < 220 && !shown.contains('\n'), "{shown}");
        }
    }
}

//! Why a response could not be decoded, and where.

use std::fmt::{self, Write as _};

use super::place::{Step, place};
use super::text::ReadError;
use crate::logic::mask::{self, is_word};
use crate::types::secret::Hidden;

/// The maximum number of bytes of a name that are shown.
const LONGEST_NAME: usize = 48;
/// The number of bytes of the body that are shown before and after the place.
const BEFORE: usize = 40;
const AFTER: usize = 24;
/// The maximum number of bytes of a reason that are shown.
const LONGEST_REASON: usize = 300;
/// The number of bytes of the body that are kept on each side of the place: a secret that reaches into the shown
/// part is found only if all of it is kept.
const KEPT: usize = 64 * 1024;

/// Why a response could not be decoded, and where: `data.items[3].price: invalid type: ..`.
///
/// It is formatted where the secrets of the call are known: they are masked before anything is cut, and so is text
/// that looks like a token. The place is found by reading the body again up to where the decoder stopped, so that
/// decoding itself pays for it neither in time nor in code.
#[derive(Debug)]
pub(crate) struct Broken {
    shown: Box<Shown>,
}

struct Shown {
    /// Empty for the body as a whole.
    place: Vec<Step>,
    reason: String,
    near: Option<Near>,
    /// Whether the response holds tokens.
    is_discreet: bool,
    /// Remarks about the response as a whole.
    notes: String,
}

/// It quotes the body.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Where a decoder stopped.
struct Near {
    /// Both from 1.
    line: usize,
    column: usize,
    /// The bytes before it and after it.
    before: Vec<u8>,
    after: Vec<u8>,
    /// Whether the body has more than these.
    is_cut: bool,
}

impl Broken {
    #[cold]
    pub(super) fn new(ReadError { error, base }: &ReadError, body: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let reason = said.strip_suffix(&format!(" at line {line} column {column}"));
        let mut broken = Self::of(reason.unwrap_or(&said));
        // An error without a line was created without a body.
        if let Some(offset) = offset(&body[*base..], line, column) {
            let offset = base + offset;
            let (line, column) = position(body, offset);
            broken.shown.place = place(body, offset);
            broken.shown.near = Some(Near::new(line, column, body, offset));
        }
        broken
    }

    /// There is nothing at `path`.
    #[cold]
    pub(in crate::logic) fn absent(path: &[&str], body: &[u8]) -> Self {
        let mut broken = Self::of("there is no value");
        broken.shown.place = path.iter().map(|name| Step::Name(name.as_bytes().to_vec())).collect();
        broken.shown.near = (!body.is_empty()).then(|| Near::new(1, 1, body, 0));
        broken
    }

    fn of(reason: &str) -> Self {
        let (reason, notes) = (reason.to_owned(), String::new());
        let shown = Shown { place: Vec::new(), reason, near: None, is_discreet: false, notes };
        Self { shown: Box::new(shown) }
    }

    /// The same, with another text for this reason, and the usual replacement character for unreadable bytes.
    #[cold]
    pub(super) fn reworded(mut self, reason: &str, words: &str, unreadable: &str) -> Self {
        if self.shown.reason.starts_with(reason) {
            words.clone_into(&mut self.shown.reason);
        }
        if let Some(near) = &mut self.shown.near {
            near.replace(unreadable);
        }
        self
    }

    /// The same, with only this text.
    pub(crate) fn in_words(self, words: &str) -> Self {
        Self { shown: Box::new(Shown { notes: self.shown.notes, ..*Self::of(words).shown }) }
    }

    /// Adds a remark about the response as a whole.
    pub(crate) fn note(&mut self, note: &str) {
        self.shown.notes.push_str(&format!(" ({note})"));
    }

    /// The same for a response that holds tokens: it shows nothing of the body, and only those parts of the reason
    /// that cannot quote it.
    pub(crate) fn discreet(mut self) -> Self {
        self.shown.is_discreet = true;
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

    /// The complete text, without these secrets and without text that looks like one.
    pub(crate) fn say(&self, secrets: &[impl AsRef<[u8]>]) -> String {
        let Shown { place, reason, near, is_discreet, notes } = &*self.shown;
        let mut said = String::new();
        for step in place {
            match step {
                Step::Name(name) => {
                    let name =
                        mask::guarded(&String::from_utf8_lossy(name), secrets, LONGEST_REASON);
                    let dot = if said.is_empty() { "" } else { "." };
                    push(&mut said, format_args!("{dot}{}", shortened(&name, LONGEST_NAME)));
                }
                Step::Item(item) => push(&mut said, format_args!("[{item}]")),
            }
        }
        if !said.is_empty() {
            said.push_str(": ");
        }
        if *is_discreet {
            said.insert_str(0, "it has no usable token: ");
        }
        said.push_str(&mask::guarded(reason, secrets, LONGEST_REASON));
        if let Some(near) = near {
            push(&mut said, format_args!(" at line {} column {}", near.line, near.column));
            let excerpt = if *is_discreet { String::new() } else { near.excerpt(secrets) };
            if !excerpt.is_empty() {
                push(&mut said, format_args!(", near `{excerpt}`"));
            }
        }
        said + &mask::guarded(notes, secrets, LONGEST_REASON)
    }
}

fn push(text: &mut String, more: fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes everything");
}

impl Near {
    fn new(line: usize, column: usize, body: &[u8], offset: usize) -> Self {
        // A character must not be cut in the middle.
        let is_within = |at: &usize| matches!(body.get(*at), Some(0x80..=0xbf));
        let offset = (0..=offset).rev().find(|at| !is_within(at)).unwrap_or_default();
        let (from, to) = (offset.saturating_sub(KEPT), body.len().min(offset + KEPT));
        Self {
            line,
            column,
            before: body[from..offset].to_vec(),
            after: body[offset..to].to_vec(),
            is_cut: from > 0 || to < body.len(),
        }
    }

    /// Puts the usual replacement character for this text.
    fn replace(&mut self, unreadable: &str) {
        // The place may be within it.
        let split = (1..unreadable.len()).rev().find(|split| {
            let (start, end) = unreadable.as_bytes().split_at(*split);
            self.before.ends_with(start) && self.after.starts_with(end)
        });
        if let Some(split) = split {
            let start = self.before.split_off(self.before.len() - split);
            self.after.splice(..0, start);
        }
        for side in [&mut self.before, &mut self.after] {
            *side = String::from_utf8_lossy(side).replace(unreadable, "\u{fffd}").into_bytes();
        }
    }

    /// The text around the place, on one line.
    fn excerpt(&self, secrets: &[impl AsRef<[u8]>]) -> String {
        let reach = mask::longest_spelling(secrets) + BEFORE.max(AFTER) + LONGEST_NAME;
        if reach > KEPT && self.is_cut {
            // A secret may reach beyond the part that was kept.
            return String::new();
        }
        let (from, to) = (self.before.len().saturating_sub(reach), self.after.len().min(reach));
        let before = String::from_utf8_lossy(&self.before[from..]);
        let text = format!("{before}{}", String::from_utf8_lossy(&self.after[..to]));
        // Words are not cut unless they are too long.
        let word = |byte: &u8| is_word(*byte);
        let bytes = text.as_bytes();
        let start = before.len().saturating_sub(BEFORE);
        let end = text.len().min(before.len() + AFTER);
        let start = start
            - bytes[..start].iter().rev().take(LONGEST_NAME).take_while(|it| word(it)).count();
        let end = end + bytes[end..].iter().take(LONGEST_NAME).take_while(|it| word(it)).count();
        let start = (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let end = (end..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        // A hidden word is hidden as a whole.
        let mut shown = String::new();
        let mut at = start;
        for hidden in mask::hidden(&text, secrets) {
            if hidden.end <= at || hidden.start >= end {
                continue;
            }
            shown.push_str(text.get(at..hidden.start).unwrap_or_default());
            push(&mut shown, format_args!("{Hidden}"));
            at = hidden.end;
        }
        shown.push_str(text.get(at..end).unwrap_or_default());
        let shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let more = |is_more: bool| if is_more { "…" } else { "" };
        let is_begun = start > 0 || from > 0;
        let goes_on = at.max(end) < text.len() || to < self.after.len();
        format!("{}{}{}", more(is_begun), shown.trim(), more(goes_on))
    }
}

/// Reasons that say what is missing or where the JSON ends, and never quote a value.
const QUOTES_NOTHING: [&str; 9] = [
    "missing field `",
    "access token",
    "is not a string",
    "there is no value",
    "EOF while parsing",
    "expected value",
    "expected ident",
    "trailing c",
    "recursion limit exceeded",
];

/// Used when the secrets are not known.
impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&[""; 0]))
    }
}

impl std::error::Error for Broken {}

/// The offset of a line and a column, in bytes. `None` if the error named none.
fn offset(body: &[u8], line: usize, column: usize) -> Option<usize> {
    let before = line.checked_sub(1)?;
    let mut start = 0;
    for _ in 0..before {
        start += body[start..].iter().position(|byte| *byte == b'\n')? + 1;
    }
    Some((start + column).min(body.len()))
}

/// Line and column of an offset, counted as serde_json does.
fn position(body: &[u8], offset: usize) -> (usize, usize) {
    let before = &body[..offset];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (1 + before[..start].iter().filter(|byte| **byte == b'\n').count(), offset - start)
}

fn shortened(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests;

//! Values in a body whose names denote a secret, with stand-ins in their place. Everything else stays as it is written.

mod xml;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;

use perennial::declared::{Endpoint, PageCursor, PagePlace, PageStep, Rule, WaitPlace};
use perennial::serve::is_secret_name;

use super::names::{
    counts_or_identifies, is_address, is_amount, is_kind, is_state, is_strong, is_time,
};
use super::originals::Originals;
use super::stand_in;
use xml::xml;

/// Numbers with fewer digits are counts and limits rather than secrets.
const SHORTEST_NUMBER: usize = 6;

/// Longer words may be a token.
const LONGEST_WORD: usize = 20;

/// The members in which an object has the value after which it is named.
const VALUES: [&str; 7] = ["id", "key", "raw", "secret", "text", "v", "value"];

/// The names that the declaration reads, and the values found below the others.
pub(super) struct Names<'a> {
    /// Whether the declaration reads the value of this name.
    is_read: &'a dyn Fn(&str) -> bool,
    /// The values that were replaced.
    originals: RefCell<Originals>,
}

impl<'a> Names<'a> {
    pub(super) fn new(is_read: &'a dyn Fn(&str) -> bool) -> Self {
        Self { is_read, originals: RefCell::default() }
    }

    pub(super) fn into_originals(self) -> Originals {
        self.originals.into_inner()
    }

    fn add(&self, value: &str, stand_in: &str) {
        self.originals.borrow_mut().add(value, stand_in);
    }
}

/// Whether the declaration reads a value of this name in the body of a response.
pub(super) fn is_read(endpoint: Option<&Endpoint>, rules: &[&Rule], name: &str) -> bool {
    let Some(endpoint) = endpoint else { return false };
    let retry = endpoint.retry;
    let retried = retry.into_iter().flat_map(|it| it.rules);
    let rules = rules.iter().copied().chain(retried).flat_map(|rule| rule.body);
    let wait = retry.and_then(|it| it.after).and_then(|after| match after.place {
        WaitPlace::Body(path) => Some(path),
        _ => None,
    });
    let page = endpoint.page.into_iter().flat_map(|page| {
        let step = match page.step {
            PageStep::Cursor {
                next: PageCursor::Body(path) | PageCursor::LastItem(path), ..
            }
            | PageStep::Number { last_page: Some(PagePlace::Body(path)), .. }
            | PageStep::Link { next: Some(path), .. } => Some(path),
            _ => None,
        };
        step.into_iter().chain([page.items])
    });
    let envelope = endpoint
        .envelope
        .into_iter()
        .flat_map(|it| [Some(it.code), it.message, it.data].into_iter().flatten());
    let paths = rules.map(|(path, _)| *path).chain(wait).chain(page).chain(envelope);
    paths.into_iter().any(|path| path.last() == Some(&name))
}

/// The text with stand-ins. Its media type tells a form and XML; JSON is found within any text.
pub(super) fn without_secrets(text: &str, media_type: &str, names: &Names<'_>) -> String {
    let is_xml = media_type.contains("xml") && !media_type.contains("html");
    if media_type.starts_with("application/x-www-form-urlencoded") {
        form(text, names)
    } else if is_xml || text.trim_start().starts_with("<?xml") {
        xml(text, names)
    } else {
        Json { text, names, open: Vec::new(), next: None }.shown()
    }
}

/// How much of a value is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing.
    Kept,
    /// Below a name such as `session` or `auth`, which is often that of a thing: its own text, unless that is a word.
    Named,
    /// The text after which such a thing is named.
    Id,
    /// Each text that is not a word or a number, below the name of an amount.
    Amount,
    /// Each value that is not a word, such as `active`.
    NoWord,
    /// Each value.
    Whole,
}

impl Mode {
    /// The mode of the value of this name, in an object of another mode.
    fn of(name: &str, object: Self, names: &Names<'_>) -> Self {
        if (names.is_read)(name) || is_time(name) {
            return Self::Kept;
        }
        if is_secret_name(name) {
            return match (is_strong(name), is_amount(name)) {
                (true, true) => Self::Amount,
                (true, false) => Self::Whole,
                (false, true) => Self::Kept,
                (false, false) if object == Self::NoWord => Self::NoWord,
                (false, false) => Self::Named,
            };
        }
        let is_value = VALUES.iter().any(|value| name.eq_ignore_ascii_case(value));
        match object {
            Self::Kept => Self::Kept,
            Self::Amount => Self::Amount,
            Self::Named | Self::Id if is_value => Self::Id,
            Self::Named | Self::Id => Self::Kept,
            Self::NoWord | Self::Whole if is_value => Self::Whole,
            Self::NoWord | Self::Whole if is_amount(name) => Self::Amount,
            Self::NoWord | Self::Whole => Self::NoWord,
        }
    }

    /// The mode of an object that is a value of this mode.
    fn of_object(self, is_in_list: bool) -> Self {
        match self {
            Self::Id | Self::Whole => Self::NoWord,
            // A list of things with this name.
            Self::Named if is_in_list => Self::Kept,
            other => other,
        }
    }

    /// The stand-in for a text; `None` if it stays.
    fn text(self, name: &str, text: &str) -> Option<String> {
        let is_kept = match self {
            Self::Kept => true,
            Self::Amount => is_word(text) || text.bytes().all(|it| it.is_ascii_digit()),
            Self::Named | Self::NoWord => is_word(text),
            Self::Id | Self::Whole => (is_kind(name) || is_state(name)) && is_word(text),
        };
        let is_kept = is_kept || is_kind(name) && is_label(text);
        // The secrets of an address are masked in it.
        let has_scheme = text.starts_with("https://") || text.starts_with("http://");
        let is_kept = is_kept || stand_in::is_none(text) || has_scheme && is_address(name);
        (!is_kept).then(|| stand_in::text(text))
    }

    /// The stand-in for a number; `None` if it stays.
    fn number(self, name: &str, number: &str) -> Option<String> {
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let is_secret = matches!(self, Self::NoWord | Self::Whole) && !counts_or_identifies(name);
        (is_secret && digits >= SHORTEST_NUMBER).then(|| stand_in::ones(number))
    }
}

/// A word in one case, such as `active`, `Bearer` or `read_only`.
fn is_word(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let is_of = |text: &str, is_letter: fn(&u8) -> bool| {
        text.bytes().all(|it| is_letter(&it) || it == b'_' || it == b'-')
    };
    text.len() <= LONGEST_WORD
        && text.starts_with(|it: char| it.is_ascii_alphabetic())
        && (is_of(rest, u8::is_ascii_lowercase) || is_of(text, u8::is_ascii_uppercase))
}

/// A value such as `RS256`.
fn is_label(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
}

/// JSON, or any other text with JSON in it: several values, events, a page, or a value that is cut off.
struct Json<'a> {
    text: &'a str,
    names: &'a Names<'a>,
    /// The objects and lists around the current position, and whether each is a list.
    open: Vec<(Mode, bool)>,
    /// The name before the current position, and the mode of its value.
    next: Option<(Cow<'a, str>, Mode)>,
}

impl<'a> Json<'a> {
    fn shown(mut self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        let mut at = 0;
        while let Some(first) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            let length = match first {
                '"' => self.string(rest, &mut shown),
                '{' | '[' => {
                    let mode = self.mode();
                    let is_in_list = self.next.is_none();
                    self.next = None;
                    let mode = if first == '{' { mode.of_object(is_in_list) } else { mode };
                    self.open.push((mode, first == '['));
                    shown.push(first);
                    1
                }
                '}' | ']' => {
                    self.open.pop();
                    self.next = None;
                    shown.push(first);
                    1
                }
                ',' => {
                    self.next = None;
                    shown.push(first);
                    1
                }
                _ if first == '-' || first.is_ascii_alphanumeric() => {
                    let is_of_it = |it: char| it.is_ascii_alphanumeric() || "+-._".contains(it);
                    let length = rest.find(|it| !is_of_it(it)).unwrap_or(rest.len());
                    self.word(&rest[..length], &mut shown);
                    length
                }
                _ => {
                    shown.push(first);
                    first.len_utf8()
                }
            };
            at += length;
        }
        shown
    }

    /// The mode of a value at the current position.
    fn mode(&self) -> Mode {
        match (&self.next, self.open.last()) {
            (Some((_, mode)), _) => *mode,
            (None, Some((mode, true))) => *mode,
            _ => Mode::Kept,
        }
    }

    /// A string at the beginning of a text: a name or a value. Returns its length.
    fn string(&mut self, rest: &'a str, shown: &mut String) -> usize {
        let mut is_escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, it)| {
            let is_end = *it == '"' && !is_escaped;
            is_escaped = *it == '\\' && !is_escaped;
            is_end
        });
        let length = end.map_or(rest.len(), |(at, _)| at + 1);
        let raw = &rest[..length];
        let text = serde_json::from_str::<Cow<'_, str>>(raw).unwrap_or(Cow::Borrowed(raw));
        // After a name, events may have more of the same text.
        if self.next.is_none() && end.is_some() && rest[length..].trim_start().starts_with(':') {
            let object = self.open.last().map_or(Mode::Kept, |(mode, _)| *mode);
            self.next = Some((text.clone(), Mode::of(&text, object, self.names)));
            shown.push_str(raw);
            return length;
        }
        let name = self.next.as_ref().map(|(name, _)| &**name).unwrap_or_default();
        let nested = || {
            let is_json = text.starts_with(['{', '[']) && end.is_some();
            let inner = Json { text: &text, names: self.names, open: Vec::new(), next: None };
            is_json.then(|| inner.shown()).filter(|inner| **inner != *text)
        };
        let own = self.mode().text(name, &text).map(|other| (other, true));
        match own.or_else(|| Some((nested()?, false))) {
            Some((other, is_own)) => {
                // One that is cut off is not found elsewhere.
                if is_own && end.is_some() {
                    self.names.add(&text, &other);
                }
                let other = serde_json::Value::String(other);
                write!(shown, "{other}").expect("a string takes everything");
            }
            None => shown.push_str(raw),
        }
        self.next = None;
        length
    }

    /// A number, a literal, or a word of another format.
    fn word(&mut self, word: &str, shown: &mut String) {
        let is_number = word.starts_with(|it: char| it == '-' || it.is_ascii_digit());
        let name = self.next.as_ref().map(|(name, _)| &**name).unwrap_or_default();
        let other = is_number.then(|| self.mode().number(name, word)).flatten();
        if let Some(other) = &other {
            self.names.add(word, other);
        }
        shown.push_str(other.as_deref().unwrap_or(word));
        if is_number || ["true", "false", "null"].contains(&word) {
            self.next = None;
        }
    }
}

/// A form.
fn form(text: &str, names: &Names<'_>) -> String {
    let pairs = text.split('&').map(|pair| {
        let Some((encoded, _)) = pair.split_once('=') else { return pair.to_owned() };
        let (name, value) = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
        match other(&name, &value, names) {
            Some(other) => {
                let other: String =
                    url::form_urlencoded::byte_serialize(other.as_bytes()).collect();
                format!("{encoded}={other}")
            }
            None => pair.to_owned(),
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The stand-in for a text with this name, if it needs one.
fn other(name: &str, text: &str, names: &Names<'_>) -> Option<String> {
    let mode = Mode::of(name, Mode::Kept, names);
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let other = if is_number { mode.number(name, text) } else { mode.text(name, text) };
    if let Some(other) = &other {
        names.add(text, other);
    }
    other
}

#[cfg(test)]
mod tests;

//! Masks secrets: known ones, in every spelling in which a server may quote them, and text that looks like a
//! secret.

mod search;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::envelope::Broken;
use super::{json, query};
use crate::types::error::Error;
use crate::types::secret::Hidden;
pub(crate) use crate::types::secret::is_secret_name;
use search::{LONGEST_ENTITY, MOST_NESTED, Searched};

/// Shorter secrets are not searched for: masking each `it` would mangle the text and hide nothing.
pub(crate) const SHORTEST_SECRET: usize = 6;
/// The maximum length of a message, in bytes. The rest is cut off after secrets were masked.
pub(crate) const LONGEST_MESSAGE: usize = 512;

/// This many letters and digits without a blank are taken for a token.
const SHORTEST_TOKEN: usize = 20;

/// `text` with everything masked that looks like a token: a long run of the letters, digits and signs that tokens
/// consist of.
///
/// It is for the excerpts in errors, where masking a few long words as well does no harm.
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

/// The characters of tokens: base64 in both alphabets, hexadecimal, JWT, UUID.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
}

/// A long name of lower-case words, such as `recurring_payment_schedule`, is not a token.
fn is_name(run: &str) -> bool {
    run.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') || is_dotted_name(run)
}

/// A name such as `Files.FileStation.List`. The parts of a token have digits, or capitals side by side.
fn is_dotted_name(run: &str) -> bool {
    run.contains('.') && run.split('.').all(is_camel)
}

fn is_camel(word: &str) -> bool {
    let letters = word.as_bytes();
    let is_upper = letters.iter().all(u8::is_ascii_uppercase);
    let has_two_capitals = letters.windows(2).any(|pair| pair.iter().all(u8::is_ascii_uppercase));
    letters.iter().all(u8::is_ascii_alphabetic)
        && (2..=24).contains(&letters.len())
        && (!has_two_capitals || (is_upper && letters.len() <= 6))
}

/// `text` with the secrets masked in every spelling (raw, percent- or form-encoded, escaped as in JSON or HTML, in JSON
/// within a text in JSON, or any mixture of these), and only then cut to the length of a message.
pub(crate) fn message(text: &str, secrets: &[impl AsRef<[u8]>]) -> String {
    concealed(text, secrets, LONGEST_MESSAGE)
}

/// The same, with another maximum length.
pub(crate) fn concealed(text: &str, secrets: &[impl AsRef<[u8]>], longest: usize) -> String {
    let secrets = Searched::new(secrets);
    let mut shown = String::with_capacity(text.len().min(longest));
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match secrets.spelled(rest.as_bytes()) {
            Some(length) => {
                write!(shown, "{Hidden}").expect("a string takes everything");
                let end = (length..).find(|end| rest.is_char_boundary(*end));
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            None => {
                shown.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if shown.len() > longest {
            let end = (0..=longest).rev().find(|end| shown.is_char_boundary(*end));
            shown.truncate(end.unwrap_or_default());
            shown.push('…');
            break;
        }
    }
    shown
}

/// The same, and everything that looks like a token is masked as well. The word at a cut may be the rest of a
/// token.
pub(crate) fn guarded(text: &str, secrets: &[impl AsRef<[u8]>], longest: usize) -> String {
    let hidden = concealed(text, secrets, longest);
    let is_cut = hidden.ends_with('…') && !text.ends_with('…');
    let whole = match hidden.strip_suffix('…').filter(|_| is_cut) {
        Some(cut) => cut.trim_end_matches(|it: char| u8::try_from(it).is_ok_and(is_word)),
        None => &hidden,
    };
    masked(whole) + if is_cut { "…" } else { "" }
}

/// The parts of a text that are not shown, in order: known secrets in any spelling, and text that looks like a
/// token.
pub(crate) fn hidden(text: &str, secrets: &[impl AsRef<[u8]>]) -> Vec<Range<usize>> {
    let secrets = Searched::new(secrets);
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut hide = |from: usize, length: usize| {
        let end = (from + length..).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        match hidden.last_mut() {
            Some(last) if from < last.end => last.end = last.end.max(end),
            _ => hidden.push(from..end),
        }
    };
    let mut word_end = 0;
    for (at, _) in text.char_indices() {
        let rest = &text[at..];
        if at >= word_end {
            let word = rest.bytes().take_while(|byte| is_word(*byte)).count();
            word_end = at + word;
            if word >= SHORTEST_TOKEN && !is_name(&rest[..word]) {
                hide(at, word);
            }
        }
        if let Some(length) = secrets.spelled(rest.as_bytes()) {
            hide(at, length);
        }
    }
    hidden
}

/// The number of bytes of a text that may spell one of these secrets.
pub(crate) fn longest_spelling(secrets: &[impl AsRef<[u8]>]) -> usize {
    secrets.iter().map(|it| it.as_ref().len()).max().unwrap_or_default()
        * (MOST_NESTED + LONGEST_ENTITY)
}

/// An error whose texts come from a server, which may quote a secret in any of them.
pub(crate) fn hide(error: Error, secrets: &[impl AsRef<[u8]>]) -> Error {
    let error = error.say_source(|broken: &Broken| broken.say(secrets));
    error.map_texts(|text| message(text, secrets))
}

/// The same for an error that may contain a secret in its source as well, such as an error of the program's own
/// code.
pub(crate) fn hide_deep(error: Error, secrets: &[impl AsRef<[u8]>]) -> Error {
    hide(error, secrets).map_source(|text| concealed(text, secrets, usize::MAX))
}

/// An address that can be shown: without user, password and fragment. Values whose names denote a secret are
/// masked, and so are those that look like tokens.
pub(crate) fn address(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (front, query) = url.split_once('?').map_or((url, None), |(front, it)| (front, Some(it)));
    let (scheme, rest) = front.split_once("://").map_or(("", front), |(it, rest)| (it, rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut shown = String::with_capacity(url.len());
    if !scheme.is_empty() {
        shown.push_str(scheme);
        shown.push_str("://");
    }
    shown.push_str(authority.rsplit('@').next().unwrap_or_default());
    let segments = path
        .split('/')
        .map(|segment| if is_uuid(segment) { segment.to_owned() } else { masked(segment) });
    shown.push_str(&segments.collect::<Vec<_>>().join("/"));
    shown
        + &query::changed(query, &mut |pair| {
            Some(match shown_pair(pair).split_once('=') {
                Some((name, value)) => format!("{name}={}", masked(value)).into(),
                None => masked(pair).into(),
            })
        })
}

/// A pair of a query or a form, without a value that has the name of a secret, and without such values in a value that is
/// JSON.
pub(crate) fn shown_pair(pair: &str) -> Cow<'_, str> {
    let Some((name, value)) = pair.split_once('=') else { return pair.into() };
    if is_secret_name(name) {
        return format!("{name}={Hidden}").into();
    }
    let json = json_in(value).and_then(|json| without_secret_members(&json));
    json.map_or(pair.into(), |json| {
        let encoded: String = form_urlencoded::byte_serialize(json.as_bytes()).collect();
        format!("{name}={encoded}").into()
    })
}

/// The text of an encoded value that begins like an object or a list in JSON.
pub(crate) fn json_in(value: &str) -> Option<String> {
    let is_begun = value.starts_with(['{', '['])
        || value.get(..3).is_some_and(|begun| {
            ["%7b", "%5b"].iter().any(|bracket| begun.eq_ignore_ascii_case(bracket))
        });
    let spaced = value.replace('+', " ");
    is_begun.then(|| percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// JSON without the values of members that have the name of a secret; `None` if it has none.
pub(crate) fn without_secret_members(text: &str) -> Option<String> {
    json::without_members(text, is_secret_name, &format!("\"{Hidden}\""))
}

/// `8-4-4-4-12` digits: an id, and rarely a secret.
fn is_uuid(segment: &str) -> bool {
    segment.len() == 36
        && segment.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;

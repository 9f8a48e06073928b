//! JSON as text: the value at a path, and a document with a value in another place. Everything else stays as it was
//! written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::types::envelope;

/// A string or a number, or a list or an object in its place, as text and in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    text: String,
    json: String,
}

impl Scalar {
    pub(crate) fn text(text: &str) -> Self {
        Self { text: text.to_owned(), json: quoted(text) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&envelope::Scalar> for Scalar {
    fn from(value: &envelope::Scalar) -> Self {
        match value {
            envelope::Scalar::Text(text) => Self::text(text),
            envelope::Scalar::Int(number) => {
                Self { text: number.to_string(), json: number.to_string() }
            }
            envelope::Scalar::Bool(truth) => {
                Self { text: truth.to_string(), json: truth.to_string() }
            }
        }
    }
}

impl From<u64> for Scalar {
    fn from(number: u64) -> Self {
        Self { text: number.to_string(), json: number.to_string() }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The members of an object, in order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Name<'a>, &'a RawValue)>);

/// A name that borrows from the object if possible.
#[derive(Deserialize)]
pub(super) struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl Name<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Members<'a> {
    /// The last member of this name, as in JavaScript.
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rfind(|(Name(own), _)| own == name).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

pub(super) fn members(text: &str) -> Option<Members<'_>> {
    serde_json::from_str(text).ok()
}

/// The value at `path`, if there is one. If a value on the way has no parts, that is an error, unless it is null.
pub(super) fn find<'a>(path: &[&str], body: &'a [u8]) -> Result<Option<&'a RawValue>, String> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut value: &RawValue =
        serde_json::from_str(text).map_err(|_| "the response is not JSON".to_owned())?;
    for (depth, name) in path.iter().enumerate() {
        let text = value.get();
        let below = match text.as_bytes().first() {
            Some(b'{') => {
                let members = members(text).unwrap_or_default();
                let whole = path[depth..].join(".");
                if depth + 1 < path.len()
                    && members.get(name).is_none()
                    && members.get(&whole).is_some()
                {
                    return Err(format!(
                        "`{whole}` is one name with dots in it: declare it as `[\"{whole}\"]`"
                    ));
                }
                members.get(name)
            }
            Some(b'[') => match name.parse::<usize>() {
                Ok(index) => items(text).unwrap_or_default().get(index).copied(),
                Err(_) => return Err(wrong_parent(path, depth, "a list")),
            },
            Some(b'n') => None,
            _ => return Err(wrong_parent(path, depth, "a single value")),
        };
        match below {
            Some(below) => value = below,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// A string as JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string takes every text")
}

pub(super) fn items(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn wrong_parent(path: &[&str], depth: usize, what: &str) -> String {
    let name = path[depth];
    match depth {
        0 => format!("expected an object with `{name}`, but the response is {what}"),
        _ => format!(
            "expected an object with `{name}` at `{}`, found {what}",
            path[..depth].join(".")
        ),
    }
}

/// Whether there is anything at `path` other than null, false, or something empty.
pub(crate) fn is_given(path: &[&str], body: &[u8]) -> bool {
    let found = find(path, body).ok().flatten().map(RawValue::get);
    found.is_some_and(|json| {
        let json = json.trim_matches(|it: char| "[]{}\"".contains(it) || it.is_ascii_whitespace());
        !matches!(json, "" | "null" | "false")
    })
}

/// A list or an object, on one line.
pub(super) fn compound(value: &RawValue) -> Option<Scalar> {
    let json = value.get();
    let is_compound = matches!(json.as_bytes().first(), Some(b'{' | b'['));
    is_compound.then(|| Scalar { text: without_blanks(json), json: json.to_owned() })
}

/// The JSON at `path`, or the whole body if there is none.
pub(crate) fn json_at<'a>(path: &[&str], body: &'a [u8]) -> &'a [u8] {
    find(path, body).ok().flatten().map_or(body, |value| value.get().as_bytes())
}

/// The value at `path` as text: a string unchanged, any other value except null as JSON without blanks.
pub(crate) fn text_at(path: &[&str], body: &[u8]) -> Option<String> {
    let json = find(path, body).ok()??.get();
    match json.as_bytes().first()? {
        b'n' => None,
        b'"' => serde_json::from_str(json).ok(),
        _ => Some(without_blanks(json)),
    }
}

/// The same JSON on one line.
fn without_blanks(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let keep = |letter: &char| {
        let is_end = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        in_string ^= is_end;
        in_string || !letter.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

/// The text of the string or the number at `path`, if there is one.
pub(crate) fn scalar_at(path: &[&str], body: &[u8]) -> Option<String> {
    scalar(find(path, body).ok()??).map(|it| it.text)
}

/// A string or a number; `None` for anything else.
pub(super) fn scalar(value: &RawValue) -> Option<Scalar> {
    let json = value.get();
    let text = match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok()?,
        b'-' | b'0'..=b'9' => json.to_owned(),
        _ => return None,
    };
    Some(Scalar { text, json: json.to_owned() })
}

/// The document with this value at this path.
pub(crate) fn with_value(body: &str, path: &[&str], value: &Scalar) -> Result<String, String> {
    set(body, path, &value.json)
}

/// The object with this string as a member.
pub(crate) fn with_text(body: &str, name: &str, text: &str) -> Result<String, String> {
    set(body, &[name], &quoted(text))
}

/// A JSON document with `value` at `path`. Everything else stays unchanged, byte for byte.
pub(super) fn set(text: &str, path: &[&str], value: &str) -> Result<String, String> {
    let [name, rest @ ..] = path else { return Ok(value.to_owned()) };
    let text = if matches!(text.trim(), "" | "null") { "{}" } else { text };
    let members = members(text)
        .ok_or_else(|| format!("expected an object that can take `{name}` in the body"))?;
    if let Some(old) = members.get(name) {
        let new = set(old.get(), rest, value)?;
        // The raw value is a slice of the text.
        let start = old.get().as_ptr() as usize - text.as_ptr() as usize;
        let end = start + old.get().len();
        return Ok(format!("{}{new}{}", &text[..start], &text[end..]));
    }
    let new = set("{}", rest, value)?;
    let name = quoted(name);
    let end = text.rfind('}').unwrap_or(text.len());
    let comma = if members.0.is_empty() { "" } else { "," };
    Ok(format!("{}{comma}{name}:{new}{}", &text[..end].trim_end(), &text[end..]))
}

/// The depth of lists and objects to which members are looked for; what is deeper is replaced as a whole.
const DEEPEST: usize = 64;

/// A JSON document with `put` in place of the value of each member whose name is one of `is_meant`; `None` if it has
/// none. Everything else stays unchanged, byte for byte.
pub(crate) fn without_members(text: &str, is_meant: fn(&str) -> bool, put: &str) -> Option<String> {
    let mut found = Vec::new();
    find_members(text, is_meant, DEEPEST, &mut found);
    let (mut shown, mut rest) = (String::new(), text);
    for value in &found {
        // The raw value is a slice of the text.
        let start = value.as_ptr() as usize - rest.as_ptr() as usize;
        shown = shown + &rest[..start] + put;
        rest = &rest[start + value.len()..];
    }
    (!found.is_empty()).then(|| shown + rest)
}

fn find_members<'a>(
    text: &'a str,
    is_meant: fn(&str) -> bool,
    depth: usize,
    found: &mut Vec<&'a str>,
) {
    let text = text.trim_start();
    let parts = match text.as_bytes().first() {
        Some(b'{') => members(text).unwrap_or_default().0,
        Some(b'[') => {
            let items = items(text).unwrap_or_default();
            items.into_iter().map(|item| (Name("".into()), item)).collect()
        }
        _ => return,
    };
    for (Name(name), value) in parts {
        if depth == 0 || is_meant(&name) {
            found.push(value.get());
        } else {
            find_members(value.get(), is_meant, depth - 1, found);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

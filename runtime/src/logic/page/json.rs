//! Values in a JSON body that lead from page to page.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::types::envelope;

/// A string or a number, as text and in JSON.
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

    pub(super) fn as_json(&self) -> &str {
        &self.json
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

fn items(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn wrong_parent(path: &[&str], depth: usize, what: &str) -> String {
    let name = path[depth];
    match depth {
        0 => format!("expected an object with `{name}`, the response is {what}"),
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

/// A list or an object, where a value of a JSON body is wanted: the key of a row, or the values of its sort fields.
fn compound(value: &RawValue, is_of_body: bool) -> Option<Scalar> {
    let json = value.get();
    let is_compound = is_of_body && matches!(json.as_bytes().first(), Some(b'{' | b'['));
    is_compound.then(|| Scalar { text: without_blanks(json), json: json.to_owned() })
}

/// Whether it is an empty list or object.
fn is_hollow(cursor: &Scalar) -> bool {
    matches!(&*cursor.text, "[]" | "{}")
}

fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The cursor at `path`; `None` if it is missing, null or empty. A cursor that is sent in a body may be any value.
pub(super) fn cursor(
    path: &[&str],
    body: &[u8],
    is_of_body: bool,
) -> Result<Option<Scalar>, String> {
    let Some(value) = find(path, body)?.filter(|it| it.get() != "null") else { return Ok(None) };
    let name = path.join(".");
    if let Some(cursor) = compound(value, is_of_body) {
        return Ok((!is_hollow(&cursor)).then_some(cursor));
    }
    let Some(cursor) = scalar(value) else {
        let help = match kind(value) {
            "a boolean" => format!(
                "; help: declare `more = \"{name}\"` for the flag, and the cursor by `next` or by \
                 `last`, its place in the last item"
            ),
            _ => String::new(),
        };
        return Err(format!("`next` is a string or a number, `{name}` is {}{help}", kind(value)));
    };
    if cursor.text.starts_with("http://") || cursor.text.starts_with("https://") {
        return Err(format!(
            "`{name}` is the address of the next page and not a cursor; help: declare `link = \"{name}\"`"
        ));
    }
    Ok((!cursor.text.is_empty()).then_some(cursor))
}

/// The address at `path`; `None` if it is missing, null or empty.
pub(super) fn address(path: &[&str], body: &[u8]) -> Result<Option<String>, String> {
    let Some(value) = find(path, body)?.filter(|it| it.get() != "null") else { return Ok(None) };
    match serde_json::from_str::<String>(value.get()) {
        Ok(address) => Ok((!address.is_empty()).then_some(address)),
        Err(_) => Err(format!("`link` is an address, `{}` is {}", path.join("."), kind(value))),
    }
}

/// The boolean at `path`; some servers write it as 0 or 1.
pub(super) fn flag(option: &str, path: &[&str], body: &[u8]) -> Result<bool, String> {
    let value = find(path, body)?;
    match value.map(RawValue::get) {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        _ => Err(expected(option, "a boolean", path, value)),
    }
}

/// The integer at `path`; some servers write it as a string.
pub(super) fn number(option: &str, path: &[&str], body: &[u8]) -> Result<u64, String> {
    let value = find(path, body)?;
    let number = value.and_then(scalar).and_then(|it| it.text.parse().ok());
    number.ok_or_else(|| expected(option, "a whole number", path, value))
}

/// The value at `path` in the last item of the list at `list`.
pub(super) fn last_item(
    list: &[&str],
    path: &[&str],
    body: &[u8],
    is_of_body: bool,
) -> Result<Scalar, String> {
    let items = find(list, body)?.and_then(|it| items(it.get())).unwrap_or_default();
    let value = match items.last() {
        Some(item) => find(path, item.get().as_bytes())?,
        None => None,
    };
    let cursor = value.and_then(|it| scalar(it).or_else(|| compound(it, is_of_body)));
    let cursor = cursor.filter(|it| !it.text.is_empty() && !is_hollow(it));
    cursor.ok_or_else(|| {
        let what = expected("last", "a string or a number", path, value);
        format!("{what} (in the last item)")
    })
}

fn expected(option: &str, what: &str, path: &[&str], value: Option<&RawValue>) -> String {
    let found = value.map_or("missing", kind);
    format!("`{option}` is {what}, `{}` is {found}", path.join("."))
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
mod tests {
    use super::*;

    #[test]
    fn members_are_replaced_at_any_depth_and_all_else_stays() {
        let hidden = |text| without_members(text, |name| name == "pin", "0");
        for (text, expected) in [
            (r#"{"pin":471199,"a":1.50}"#, Some(r#"{"pin":0,"a":1.50}"#)),
            (
                r#" [ {"b" : 1, "\u0070in": {"pin": 2}} , "pin"] "#,
                Some(r#" [ {"b" : 1, "\u0070in": 0} , "pin"] "#),
            ),
            (
                r#"{"pin":1,"a":[[{"pin":"1"}]],"pin":null}"#,
                Some(r#"{"pin":0,"a":[[{"pin":0}]],"pin":0}"#),
            ),
            (r#"{"a":{"pins":1}}"#, None),
            (r#"["pin",7]"#, None),
            (r#"{"pin":1"#, None),
            (r#"{"pin":1} {}"#, None),
            ("pin", None),
            ("", None),
        ] {
            assert_eq!(hidden(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_to_be_searched_is_replaced_as_a_whole() {
        let nested = |inner: &str, depth| "[".repeat(depth) + inner + &"]".repeat(depth);
        let hidden = |text: &str| without_members(text, |name| name == "pin", "0");
        let pin = r#"{"pin":1}"#;
        assert_eq!(hidden(&nested(pin, DEEPEST)), Some(nested(r#"{"pin":0}"#, DEEPEST)));
        assert_eq!(hidden(&nested(pin, DEEPEST + 1)), Some(nested("0", DEEPEST + 1)));
        assert_eq!(hidden(&nested("", DEEPEST)), None);
    }
}

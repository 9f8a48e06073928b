//! Paths, queries and forms by RFC 3986.
//!
//! A value is encoded so that it can only ever be one segment or one query value: everything except the unreserved
//! characters is percent-encoded. Values that encoding cannot make harmless are rejected: `.`, `..` and the empty
//! segment, which URL parsers and servers fold into another address.

use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::values::Unfit;

/// Everything but the characters that never need encoding (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a value cannot be sent. It names the parameter but never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// A path segment must not be empty.
    Empty(&'static str),
    /// `.` and `..` would lead to another endpoint.
    Dots(&'static str),
    /// Its `Display` failed.
    Display(&'static str),
    /// A value of a list has the character that separates the values, which cannot be told apart from it.
    Separator(&'static str),
    /// Its `Serialize` does not produce text.
    Unfit(&'static str, Unfit),
    /// A struct is not flat, or its `Serialize` failed.
    Fields(serde_html_form::ser::Error),
    /// The `Serialize` of a nested struct failed.
    Brackets(String),
}

/// Appends one segment, or a part of one.
pub(crate) fn segment(
    url: &mut String,
    name: &'static str,
    value: &dyn Display,
) -> Result<(), EncodeError> {
    let start = url.len();
    write!(Encoding(url), "{value}").map_err(|_| EncodeError::Display(name))?;
    check(&url[start..], name)
}

/// Appends segments and keeps the slashes between them. The last character may be a slash.
pub(crate) fn tail(
    url: &mut String,
    name: &'static str,
    value: &dyn Display,
) -> Result<(), EncodeError> {
    let mut whole = String::new();
    write!(whole, "{value}").map_err(|_| EncodeError::Display(name))?;
    let (parts, slash) = match whole.strip_suffix('/') {
        Some(parts) => (parts, "/"),
        None => (&*whole, ""),
    };
    for (index, part) in parts.split('/').enumerate() {
        check(part, name)?;
        if index > 0 {
            url.push('/');
        }
        url.extend(utf8_percent_encode(part, RESERVED));
    }
    url.push_str(slash);
    Ok(())
}

/// The bytes of a dot, and the one that ends the path. Few paths have a dot, so most are only searched for one.
static DOTS: [bool; 256] = {
    let mut dots = [false; 256];
    dots[b'.' as usize] = true;
    dots[b'%' as usize] = true;
    dots[b'?' as usize] = true;
    dots
};

/// Whether a URL parser would fold the assembled path, followed by a query or nothing. Dots can also meet across two
/// parts of a segment, and an encoded dot counts as a dot.
pub(crate) fn folds(path: &str) -> bool {
    let bytes = path.as_bytes();
    match bytes.iter().position(|byte| DOTS[usize::from(*byte)]) {
        None => return false,
        Some(at) if bytes[at] == b'?' => return false,
        Some(_) => {}
    }
    let path = bytes.split(|byte| *byte == b'?').next().unwrap_or_default();
    let mut parts = path.split(|byte| matches!(byte, b'/' | b'\\'));
    parts.any(|part| {
        let after = without_dot(part);
        after.is_some_and(|rest| rest.is_empty() || without_dot(rest) == Some(b""))
    })
}

/// The text after a dot. Every path is checked in this way, so the check decodes nothing.
fn without_dot(part: &[u8]) -> Option<&[u8]> {
    match part {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Appends one query value or form field.
pub(crate) fn query(
    url: &mut String,
    has_query: &mut bool,
    name: &str,
    value: &dyn Display,
) -> fmt::Result {
    query_name(url, has_query, name);
    write!(Encoding(url), "{value}")
}

/// Appends the name of a query value and the equals sign.
pub(crate) fn query_name(url: &mut String, has_query: &mut bool, name: &str) {
    url.push(if std::mem::replace(has_query, true) { '&' } else { '?' });
    url.extend(utf8_percent_encode(name, RESERVED));
    url.push('=');
}

/// The fields of a struct as a form (`application/x-www-form-urlencoded`). A list is repeated, `None`
/// is left out.
pub(crate) fn form<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    serde_html_form::to_string(value).map_err(EncodeError::Fields)
}

/// The fields of a struct as query values, joined by `&`. They are written like [`form`], except for blanks: `+` is
/// a blank only in forms.
pub(crate) fn query_fields<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    // A plus in a value is encoded, so every remaining plus is a blank.
    form(value).map(|fields| fields.replace('+', "%20"))
}

/// The fields of a struct, with nested ones as `items[0][price]`. `None` is left out, and an empty list is one
/// empty value. A blank is `%20`, which means the same in queries and forms.
pub(crate) fn brackets<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    let config = serde_qs::Config::new().use_form_encoding(true);
    let fields =
        config.serialize_string(&value).map_err(|it| EncodeError::Brackets(it.to_string()))?;
    // An empty map has no fields, and cannot be distinguished from an empty text.
    if fields == "=" && serde_json::to_value(value).is_ok_and(|it| it.is_object()) {
        return Ok(String::new());
    }
    if fields.starts_with('=') {
        return Err(EncodeError::Brackets("expected a struct or a map".to_owned()));
    }
    // A field that is `None` has no equals sign after its name.
    let fields: Vec<_> = fields.split('&').filter(|field| field.contains('=')).collect();
    Ok(fields.join("&"))
}

fn check(part: &str, name: &'static str) -> Result<(), EncodeError> {
    match part {
        "" => Err(EncodeError::Empty(name)),
        "." | ".." => Err(EncodeError::Dots(name)),
        _ => Ok(()),
    }
}

/// Encodes whatever is written into it.
pub(crate) struct Encoding<'a>(pub(crate) &'a mut String);

impl Write for Encoding<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Numbers and most names need no encoding.
        match text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => self.0.push_str(text),
            false => self.0.extend(utf8_percent_encode(text, RESERVED)),
        }
        Ok(())
    }
}

impl Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "`{name}` has an empty path segment"),
            Self::Dots(name) => {
                write!(
                    f,
                    "`{name}` has a path segment `.` or `..`, which leads to another endpoint"
                )
            }
            Self::Unfit(name, unfit) => write!(f, "`{name}` cannot be sent as text: {unfit}"),
            Self::Brackets(error) => write!(f, "cannot encode the fields in brackets: {error}"),
            Self::Display(name) => write!(f, "the `Display` of `{name}` failed"),
            Self::Separator(name) => {
                write!(
                    f,
                    "a value of `{name}` has a `|`, which `style = pipe` sends between values"
                )
            }
            Self::Fields(error) => {
                let error = error.to_string();
                let help = match error.contains("top-level") {
                    true => {
                        "for a form that is encoded already, write `#[body(\"application/x-www-form-urlencoded\")]`"
                    }
                    false => "for nested fields declare `style = brackets`",
                };
                write!(
                    f,
                    "a query or a form takes a struct of single values and lists: {error} ({help})"
                )
            }
        }
    }
}

impl std::error::Error for EncodeError {}

#[cfg(test)]
mod tests;

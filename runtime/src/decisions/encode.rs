//! Paths and queries by RFC 3986.
//!
//! A value is encoded so that it can only ever be one segment or one query value: everything but the
//! unreserved characters is percent-encoded. What encoding cannot make harmless (`.`, `..` and the
//! empty segment, which a URL parser folds into another address) is refused.

use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986, section 2.3: the characters that never need encoding.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a value cannot be sent. It names the parameter and never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// A path segment must not be empty.
    Empty(&'static str),
    /// `.` and `..` would lead to another endpoint.
    Dots(&'static str),
    /// Its `Display` failed.
    Display(&'static str),
}

/// Appends one segment, or a part of one.
pub(crate) fn segment(
    url: &mut String,
    name: &'static str,
    value: &dyn Display,
) -> Result<(), EncodeError> {
    let start = url.len();
    append(url, value, name)?;
    check(&url[start..], name)
}

/// Appends segments that keep their slashes.
pub(crate) fn tail(
    url: &mut String,
    name: &'static str,
    value: &dyn Display,
) -> Result<(), EncodeError> {
    let mut whole = String::new();
    write!(whole, "{value}").map_err(|_| EncodeError::Display(name))?;
    for (index, part) in whole.split('/').enumerate() {
        check(part, name)?;
        if index > 0 {
            url.push('/');
        }
        url.extend(utf8_percent_encode(part, RESERVED));
    }
    Ok(())
}

/// Refuses an assembled path that a URL parser would fold: dots can also meet across two parts.
pub(crate) fn folds(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "." | ".."))
}

/// Appends one query value.
pub(crate) fn query(
    url: &mut String,
    has_query: &mut bool,
    name: &str,
    value: &dyn Display,
) -> fmt::Result {
    query_name(url, has_query, name);
    write!(Encoding(url), "{value}")
}

/// Appends the name of a query value and the sign after it.
pub(crate) fn query_name(url: &mut String, has_query: &mut bool, name: &str) {
    url.push(if std::mem::replace(has_query, true) { '&' } else { '?' });
    url.extend(utf8_percent_encode(name, RESERVED));
    url.push('=');
}

fn append(url: &mut String, value: &dyn Display, name: &'static str) -> Result<(), EncodeError> {
    write!(Encoding(url), "{value}").map_err(|_| EncodeError::Display(name))
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
        self.0.extend(utf8_percent_encode(text, RESERVED));
        Ok(())
    }
}

impl Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "`{name}` is empty, and a path segment must not be"),
            Self::Dots(name) => {
                write!(f, "`{name}` is `.` or `..`, which would lead to another endpoint")
            }
            Self::Display(name) => write!(f, "the `Display` of `{name}` failed"),
        }
    }
}

impl std::error::Error for EncodeError {}

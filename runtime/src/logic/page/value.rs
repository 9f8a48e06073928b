//! Values in a JSON body that lead from page to page.

use serde_json::value::RawValue;

use crate::logic::json::{Scalar, compound, find, items, scalar};

/// The cursor at `path`; `None` if it is missing, null or empty. A cursor that is sent in a body may be any value.
pub(super) fn cursor(
    path: &[&str],
    body: &[u8],
    is_of_body: bool,
) -> Result<Option<Scalar>, String> {
    let Some(value) = find(path, body)?.filter(|it| it.get() != "null") else { return Ok(None) };
    let name = path.join(".");
    if let Some(cursor) = compound(value).filter(|_| is_of_body) {
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
        return Err(format!(
            "`next` is a string or a number, but `{name}` is {}{help}",
            kind(value)
        ));
    };
    if cursor.as_str().starts_with("http://") || cursor.as_str().starts_with("https://") {
        return Err(format!(
            "`{name}` is the URL of the next page, not a cursor; help: declare `link = \"{name}\"`"
        ));
    }
    Ok((!cursor.as_str().is_empty()).then_some(cursor))
}

/// The address at `path`; `None` if it is missing, null or empty.
pub(super) fn address(path: &[&str], body: &[u8]) -> Result<Option<String>, String> {
    let Some(value) = find(path, body)?.filter(|it| it.get() != "null") else { return Ok(None) };
    match serde_json::from_str::<String>(value.get()) {
        Ok(address) => Ok((!address.is_empty()).then_some(address)),
        Err(_) => Err(format!("`link` is a URL, but `{}` is {}", path.join("."), kind(value))),
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
    let number = value.and_then(scalar).and_then(|it| it.as_str().parse().ok());
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
    let cursor = value.and_then(|it| scalar(it).or_else(|| compound(it).filter(|_| is_of_body)));
    let cursor = cursor.filter(|it| !it.as_str().is_empty() && !is_hollow(it));
    cursor.ok_or_else(|| {
        let what = expected("last", "a string or a number", path, value);
        format!("{what} (in the last item)")
    })
}

fn expected(option: &str, what: &str, path: &[&str], value: Option<&RawValue>) -> String {
    let found = value.map_or("missing", kind);
    format!("`{option}` is {what}, `{}` is {found}", path.join("."))
}

/// Whether it is an empty list or object.
fn is_hollow(cursor: &Scalar) -> bool {
    matches!(cursor.as_str(), "[]" | "{}")
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

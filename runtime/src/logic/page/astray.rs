//! Values that a response has at another place than the declared one.
//!
//! Places start at the top of the body. They are easily declared as if they started at the data of the envelope, or
//! beside the list.

use serde_json::value::RawValue;

use crate::logic::json::{find, members, scalar};
use crate::types::JsonPath;

/// The place of a value that is missing at `path`: below one of the places that enclose the list, or one of this name where
/// the part of the body that should hold it is missing too.
pub(super) fn value_near(list: JsonPath, path: &[&str], body: &[u8]) -> Option<String> {
    if !matches!(find(path, body), Ok(None)) {
        return None;
    }
    let above = (1..list.len()).map(|depth| &list[..depth]);
    let mut below = above.map(|place| [place, path].concat());
    let below = below.find_map(|whole| {
        find(&whole, body).ok().flatten().filter(|it| is_value(it))?;
        Some(whole.join("."))
    });
    below.or_else(|| beside(path, body))
}

/// The place of a value with the last name of `path`, at the top of the body or in a part that is about pages, if the first
/// name of `path` is missing. Of other names, such as `id`, or in other parts, such as an echo of the request, the last page
/// may have one too.
fn beside(path: &[&str], body: &[u8]) -> Option<String> {
    const PARTS: [&str; 7] =
        ["meta", "paging", "pagination", "links", "_links", "page_info", "pageInfo"];
    let [first, .., last] = path else { return None };
    let top = members(std::str::from_utf8(body).ok()?)?.0;
    if !["next", "Next", "cursor", "Cursor"].iter().any(|word| last.contains(word))
        || top.iter().any(|(name, _)| name.as_str() == *first)
    {
        return None;
    }
    let leads_on = |value: &RawValue| !matches!(value.get(), "true" | "false") && is_value(value);
    top.iter().find_map(|(name, value)| {
        let name = name.as_str();
        if name == *last && leads_on(value) {
            return Some(name.to_owned());
        }
        let inner = find(&[last], value.get().as_bytes()).ok().flatten();
        inner.filter(|it| PARTS.contains(&name) && leads_on(it)).map(|_| format!("{name}.{last}"))
    })
}

fn is_value(value: &RawValue) -> bool {
    matches!(value.get(), "true" | "false")
        || scalar(value).is_some_and(|it| !it.as_str().is_empty())
}

/// The place of a list that is missing at `path`, if it is below the data of the envelope.
pub(super) fn list_in_data(data: JsonPath, path: &[&str], body: &[u8]) -> Option<String> {
    if data.is_empty() || path.starts_with(data) {
        return None;
    }
    let whole = [data, path].concat();
    find(&whole, body).ok().flatten().filter(|it| is_list(it))?;
    Some(whole.join("."))
}

/// The place of the first list in the object at `path`.
pub(super) fn list_below(path: &[&str], body: &[u8]) -> Option<String> {
    let object = find(path, body).ok().flatten()?;
    let inner = members(object.get()).filter(|_| object.get().starts_with('{'))?.0;
    let (name, _) = inner.iter().find(|(_, value)| is_list(value))?;
    Some(path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>().join("."))
}

/// The place of a list that is missing at `path`: in a part of the body a list of the same name, or else any list.
pub(super) fn list_anywhere(path: &[&str], body: &[u8]) -> Option<(String, Named)> {
    let text = std::str::from_utf8(body).ok()?;
    let top = members(text)?.0;
    let parts = || top.iter().filter(|(_, part)| part.get().starts_with('{'));
    let of_this_name = parts().find_map(|(name, part)| {
        find(path, part.get().as_bytes()).ok().flatten().filter(|it| is_list(it))?;
        Some((format!("{}.{}", name.as_str(), path.join(".")), Named::Alike))
    });
    let of_another_name = || {
        let of_the_top = top.iter().find(|(_, value)| is_list(value));
        let of_a_part = || {
            parts().find_map(|(name, part)| {
                let inner = members(part.get())?.0;
                let (below, _) = inner.iter().find(|(_, value)| is_list(value))?;
                Some(format!("{}.{}", name.as_str(), below.as_str()))
            })
        };
        let place = of_the_top.map(|(name, _)| name.as_str().to_owned()).or_else(of_a_part)?;
        Some((place, Named::Otherwise))
    };
    if path.is_empty() { None } else { of_this_name.or_else(of_another_name) }
}

/// The name of a list that was found in place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// It has the name of the one that is missing.
    Alike,
    /// It has another name.
    Otherwise,
}

fn is_list(value: &RawValue) -> bool {
    value.get().starts_with('[')
}

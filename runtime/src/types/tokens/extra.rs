//! The refresh token and other values that came with the tokens, in one text.
//!
//! Very many idle sessions keep it, and nearly all of them only the refresh token. So it is one text: nothing, the
//! refresh token alone, or a mark and a list of texts, each preceded by its length.

use std::fmt::Write as _;

/// The first character of a list; a refresh token that begins with it is stored as a list.
const LIST: char = '\0';

/// The text of a refresh token that is not empty, and of names with their values. It is empty if there is neither.
pub(super) fn write<'a>(
    refresh: Option<&'a str>,
    others: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    // Sorted, so that equal tokens are equal whatever the order in which they were created. There are only a
    // few.
    let mut sorted: Vec<(&str, &str)> = Vec::new();
    for other in others {
        sorted.insert(sorted.partition_point(|it| *it <= other), other);
    }
    let others = sorted;
    match refresh {
        Some(refresh) if others.is_empty() && !refresh.starts_with(LIST) => return refresh.into(),
        None if others.is_empty() => return String::new(),
        _ => {}
    }
    let mut list = String::from(LIST);
    // An empty refresh token is none.
    push(&mut list, refresh.unwrap_or_default());
    for (name, value) in others {
        push(&mut list, name);
        push(&mut list, value);
    }
    list
}

pub(super) fn refresh(written: &[u8]) -> Option<&str> {
    let refresh = match list(written) {
        None => super::text(written),
        Some(list) => take(list)?.0,
    };
    Some(refresh).filter(|refresh| !refresh.is_empty())
}

/// Names and values, sorted by name.
pub(super) fn others(written: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let mut list = list(written).and_then(take).map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        if list.is_empty() {
            return None;
        }
        let (name, rest) = take(list)?;
        let (value, rest) = take(rest)?;
        list = rest;
        Some((name, value))
    })
}

/// The list, if it is one. Each call asks for that, so that a refresh token alone is not checked for UTF-8.
fn list(written: &[u8]) -> Option<&str> {
    match written.split_first() {
        Some((0, list)) => Some(super::text(list)),
        _ => None,
    }
}

fn push(list: &mut String, text: &str) {
    write!(list, "{}:{text}", text.len()).expect("a string takes everything");
}

/// The first text of a list, and the rest of the list.
fn take(list: &str) -> Option<(&str, &str)> {
    let (length, rest) = list.split_once(':')?;
    rest.split_at_checked(length.parse().ok()?)
}

//! The refresh token and other values that came with the tokens, in one buffer.
//!
//! Very many idle sessions keep it, and nearly all of them only the refresh token. So it is one string: the refresh
//! token alone, or a mark and a list of texts, each preceded by its length.

use std::fmt::Write as _;

/// The first character of a list; a refresh token that begins with it is stored as a list.
const LIST: char = '\0';

/// See the [module](self).
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Extra(Box<str>);

impl Extra {
    /// `None` if there is neither a refresh token nor another value.
    pub(super) fn new<'a>(
        refresh: Option<&'a str>,
        others: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<Self> {
        // Sorted, so that equal tokens are equal whatever the order in which they were created. There are only a
        // few.
        let mut sorted: Vec<(&str, &str)> = Vec::new();
        for other in others {
            sorted.insert(sorted.partition_point(|it| *it <= other), other);
        }
        let others = sorted;
        match refresh {
            Some(refresh) if others.is_empty() && !refresh.starts_with(LIST) => {
                return Some(Self(refresh.into()));
            }
            None if others.is_empty() => return None,
            _ => {}
        }
        let mut list = String::from(LIST);
        // An empty refresh token counts as a missing one.
        push(&mut list, refresh.unwrap_or_default());
        for (name, value) in others {
            push(&mut list, name);
            push(&mut list, value);
        }
        Some(Self(list.into()))
    }

    pub(super) fn refresh(&self) -> Option<&str> {
        match self.0.strip_prefix(LIST) {
            None => Some(&self.0),
            Some(list) => take(list).map(|(refresh, _)| refresh).filter(|it| !it.is_empty()),
        }
    }

    /// Names and values, sorted by name.
    pub(super) fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut list = self.0.strip_prefix(LIST).and_then(take).map_or("", |(_, rest)| rest);
        std::iter::from_fn(move || {
            let (name, rest) = take(list)?;
            let (value, rest) = take(rest)?;
            list = rest;
            Some((name, value))
        })
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

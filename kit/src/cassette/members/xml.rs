//! Values in XML: the text of elements, and attributes.

use super::{Names, other};

/// The document with stand-ins.
pub(super) fn xml(text: &str, names: &Names<'_>) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        shown.push_str(before);
        let Some(end) = end_of_tag(tag) else {
            rest = tag;
            break;
        };
        let (tag, after) = tag.split_at(end);
        attributes(tag, names, &mut shown);
        rest = after;
        let is_element = tag[1..].starts_with(|it: char| it.is_alphabetic() || it == '_');
        if is_element && !tag.ends_with("/>") {
            let name = tag[1..].split(|it: char| it.is_whitespace() || "/>".contains(it)).next();
            rest = content(local(name.unwrap_or_default()), rest, names, &mut shown);
        }
    }
    shown + rest
}

/// The text of an element, up to the next tag; returns what follows.
fn content<'a>(name: &str, text: &'a str, names: &Names<'_>, shown: &mut String) -> &'a str {
    const CDATA: [&str; 2] = ["<![CDATA[", "]]>"];
    let (inner, before, length) = match text.strip_prefix(CDATA[0]) {
        Some(inner) => {
            let end = inner.find(CDATA[1]).unwrap_or(inner.len());
            (&inner[..end], CDATA[0], CDATA[0].len() + end)
        }
        None => {
            let end = text.find('<').unwrap_or(text.len());
            (&text[..end], "", end)
        }
    };
    if !inner.trim().is_empty()
        && let Some(other) = other(name, inner.trim(), names)
    {
        shown.push_str(before);
        shown.push_str(&other);
    } else {
        shown.push_str(&text[..length]);
    }
    &text[length..]
}

/// The end of a tag, or of a comment or another part that is not read.
fn end_of_tag(tag: &str) -> Option<usize> {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if tag.starts_with(start) {
            return tag.find(end).map(|at| at + end.len());
        }
    }
    let mut quote = None;
    tag.char_indices().find_map(|(at, it)| {
        match (quote, it) {
            (Some(open), it) if open == it => quote = None,
            (None, '"' | '\'') => quote = Some(it),
            (None, '>') => return Some(at + 1),
            _ => {}
        }
        None
    })
}

/// A tag with stand-ins for the values of its attributes.
fn attributes(tag: &str, names: &Names<'_>, shown: &mut String) {
    let mut rest = tag;
    while let Some((at, quote)) = rest.char_indices().find(|(_, it)| "\"'".contains(*it)) {
        let (before, quoted) = rest.split_at(at + 1);
        shown.push_str(before);
        let end = quoted.find(quote).unwrap_or(quoted.len());
        let name = before[..at].trim_end_matches(|it: char| it == '=' || it.is_whitespace());
        let name = name.rsplit(|it: char| it.is_whitespace()).next().unwrap_or_default();
        match other(local(name), &quoted[..end], names) {
            Some(other) => shown.push_str(&other),
            None => shown.push_str(&quoted[..end]),
        }
        let closing = quoted.len().min(end + 1);
        shown.push_str(&quoted[end..closing]);
        rest = &quoted[closing..];
    }
    shown.push_str(rest);
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

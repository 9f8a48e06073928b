//! Matches paths against the templates of endpoints.

use percent_encoding::percent_decode_str;

use crate::types::endpoint::{Endpoint, Host};

/// A path template below a base, as segments.
pub(super) struct Route {
    segments: Vec<Segment>,
}

enum Segment {
    /// Text around values: `v{major}.{minor}` becomes `["v", ".", ""]` and two names.
    Plain { texts: Vec<&'static str>, names: Vec<&'static str> },
    /// `{name?}`: the last segment, or nothing.
    Optional(&'static str),
    /// `{*name}`: the rest of the path.
    Tail(&'static str),
}

/// The path of a base, which may have a host.
#[must_use]
pub fn path_of(base: &'static str) -> &'static str {
    below_host(base).trim_end_matches('/')
}

/// A path that may be an absolute URL, without the host.
#[must_use]
pub fn below_host(path: &'static str) -> &'static str {
    match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => path,
    }
}

impl Route {
    pub(super) fn new(base: &'static str, endpoint: &'static Endpoint) -> Self {
        let path = endpoint.path;
        // A `?` that does not belong to an optional segment starts fixed query values.
        let query = path.match_indices('?').find(|(at, _)| !path[at + 1..].starts_with('}'));
        let path = query.map_or(path, |(at, _)| &path[..at]);
        // Only paths at the client's own host are below the base.
        let base = if endpoint.host == Host::Own { base } else { "" };
        let segments = split(base).chain(split(below_host(path))).map(Segment::new).collect();
        Self { segments }
    }

    /// The decoded values of the placeholders; `None` if the path does not match. Neither does one that no client
    /// sends, such as `..`: an implementation may join a value to the path of a folder.
    pub(super) fn captures(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut rest = path.strip_prefix('/')?;
        let mut captured = Vec::new();
        let mut has_more = true;
        for segment in &self.segments {
            if let Segment::Tail(name) = segment {
                let tail = has_more.then(|| decoded(rest)).flatten()?;
                // A client keeps one slash at the end.
                let parts = tail.strip_suffix('/').unwrap_or(&tail);
                if !parts.split('/').all(is_sendable) {
                    return None;
                }
                captured.push((*name, tail));
                return Some(captured);
            }
            if !has_more {
                return matches!(segment, Segment::Optional(_)).then_some(captured);
            }
            let (first, remainder) =
                rest.split_once('/').map_or((rest, None), |(a, b)| (a, Some(b)));
            segment.capture(first, &mut captured)?;
            has_more = remainder.is_some();
            rest = remainder.unwrap_or_default();
        }
        let is_root = self.segments.is_empty() && rest.is_empty();
        (!has_more || is_root).then_some(captured)
    }
}

fn split(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').skip(usize::from(path.starts_with('/'))).filter(move |_| !path.is_empty())
}

impl Segment {
    fn new(text: &'static str) -> Self {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        if let Some(name) = inner.and_then(|inner| inner.strip_prefix('*')) {
            return Self::Tail(name);
        }
        if let Some(name) = inner.and_then(|inner| inner.strip_suffix('?')) {
            return Self::Optional(name);
        }
        let (mut texts, mut names, mut rest) = (Vec::new(), Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            texts.push(before);
            names.push(name);
            rest = after;
        }
        texts.push(rest);
        Self::Plain { texts, names }
    }

    fn capture(&self, segment: &str, captured: &mut Vec<(&'static str, String)>) -> Option<()> {
        match self {
            Self::Optional(name) => captured.push((name, value(segment)?)),
            Self::Tail(_) => {}
            Self::Plain { texts, names } => {
                let mut rest = segment.strip_prefix(*texts.first()?)?;
                for (at, (name, after)) in names.iter().zip(&texts[1..]).enumerate() {
                    // A value is not empty, and the last one may contain the text after it.
                    let end = match at + 1 == names.len() {
                        true => rest.strip_suffix(after)?.len(),
                        false if after.is_empty() => rest.len(),
                        false => rest.match_indices(after).map(|it| it.0).find(|end| *end > 0)?,
                    };
                    captured.push((name, value(&rest[..end])?));
                    rest = &rest[end + after.len()..];
                }
                return rest.is_empty().then_some(());
            }
        }
        Some(())
    }
}

/// The value of a placeholder, unless no client sends it.
fn value(text: &str) -> Option<String> {
    decoded(text).filter(|value| is_sendable(value))
}

/// Whether a client sends this value, or this part of one: not if it would lead to another endpoint.
fn is_sendable(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &Endpoint = &Endpoint::new("Shop", "order", "GET", "/orders/{id}");
    const KIND: &Endpoint = &Endpoint::new("Shop", "kind", "GET", "/v{major}.{minor}/{kind?}");
    const PAIR: &Endpoint = &Endpoint::new("Shop", "pair", "GET", "/{a}-{b}.json");
    const TWICE: &Endpoint = &Endpoint::new("Shop", "twice", "GET", "/{a}-{a}");
    const FILE: &Endpoint = &Endpoint::new("Shop", "file", "GET", "/files/{*path}?raw=1");

    fn captured(base: &'static str, endpoint: &'static Endpoint, path: &str) -> Option<String> {
        let values = Route::new(base, endpoint).captures(path)?;
        Some(values.iter().map(|(name, value)| format!("{name}={value};")).collect())
    }

    #[test]
    fn a_path_yields_the_values_that_it_was_built_from() {
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(captured("/api", ORDER, "/api/orders/a%2Fb"), is("id=a/b;"));
        assert_eq!(captured("/api", ORDER, "/api/orders"), None);
        assert_eq!(captured("/api", ORDER, "/api/orders/1/lines"), None);
        assert_eq!(captured("", KIND, "/v1.2/red"), is("major=1;minor=2;kind=red;"));
        assert_eq!(captured("", KIND, "/v1.2"), is("major=1;minor=2;"));
        assert_eq!(captured("", FILE, "/files/a/b%20c"), is("path=a/b c;"));
        assert_eq!(captured("", FILE, "/files/a/b/"), is("path=a/b/;"));
        assert_eq!(captured("", PAIR, "/a.json-b.json.json"), is("a=a.json;b=b.json;"));
        assert_eq!(captured("", PAIR, "/--b.json"), is("a=-;b=b;"));
        assert_eq!(captured("", PAIR, "/a-.json"), None);
        assert_eq!(captured("", TWICE, "/a-a"), is("a=a;a=a;"));
        assert_eq!(captured("", ORDER, "/orders/...;"), is("id=...;;"));
        assert_eq!(path_of("https://host.example/api/"), "/api");
        assert_eq!(path_of("https://host.example"), "");
    }

    #[test]
    fn a_path_that_no_client_sends_matches_nothing() {
        for value in ["", ".", "..", "%2e%2e", "%2E.", "."] {
            assert_eq!(captured("", ORDER, &format!("/orders/{value}")), None, "{value}");
            assert_eq!(captured("", KIND, &format!("/v1.2/{value}")), None, "{value}");
            assert_eq!(captured("", KIND, &format!("/v{value}.2")), None, "{value}");
            for path in [
                value.to_owned(),
                format!("a/{value}/b"),
                format!("{value}/a"),
                format!("a/{value}//"),
            ] {
                assert_eq!(captured("", FILE, &format!("/files/{path}")), None, "{path}");
            }
        }
        for path in ["/etc/passwd", "%2Fetc", "a%2f..%2fb", "a//b", "a//", "/"] {
            assert_eq!(captured("", FILE, &format!("/files/{path}")), None, "{path}");
        }
    }
}

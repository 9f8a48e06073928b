//! Addresses within texts: their secrets, and the server that they name.

use std::ops::Range;

use http::Uri;
use perennial::serve::is_secret_name;

/// The placeholder of a secret.
pub(super) const HIDDEN: &str = "***";

/// The beginnings of a pair in an address, as they are written, in JSON and within another address.
const STARTS: [(&str, Style); 12] = [
    ("?", Style::Plain),
    ("&amp;", Style::Plain),
    ("&#38;", Style::Plain),
    ("&#x26;", Style::Plain),
    ("&", Style::Plain),
    ("#", Style::Plain),
    (";", Style::Segment),
    ("\\u0026", Style::Plain),
    ("\\u003f", Style::Plain),
    ("%3F", Style::Percent),
    ("%26", Style::Percent),
    ("%23", Style::Percent),
];

/// How a pair is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    /// In a segment of the path: `;jsessionid=..`.
    Segment,
    /// Encoded, as a value of another address.
    Percent,
}

/// Whether a name in an address denotes a secret. `sig` is the signature of Azure.
fn is_secret(name: &str) -> bool {
    is_secret_name(name) || name.eq_ignore_ascii_case("sig")
}

/// `text` with the secrets of the addresses in it masked: values whose names denote a secret, and users with their
/// passwords.
pub(super) fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let found = secret_value(&text[at..]).or_else(|| user(&text[at..]));
        let Some(Range { start, end }) = found else {
            shown.push(first);
            at += first.len_utf8();
            continue;
        };
        shown.push_str(&text[at..at + start]);
        shown.push_str(HIDDEN);
        at += end;
    }
    shown
}

/// The secret value of a pair at the beginning of a text.
fn secret_value(text: &str) -> Option<Range<usize>> {
    let begins =
        |start: &str| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    let (start, style) = STARTS.into_iter().find(|(start, _)| begins(start))?;
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || "-_.[]".contains(it);
    let rest = &text[start.len()..];
    let name = &rest[..rest.find(|it| !is_of_name(it)).unwrap_or(rest.len())];
    let after = &rest[name.len()..];
    let signs = ["=", "%3D", "%3d", "\\u003d", "\\u003D"];
    let sign = signs.into_iter().find(|sign| after.starts_with(sign))?;
    if !is_secret(name) {
        return None;
    }
    let value = &after[sign.len()..];
    let ends = |(at, it): (usize, char)| {
        let is_encoded =
            |end: &str| value[at..].get(..3).is_some_and(|it| it.eq_ignore_ascii_case(end));
        it.is_whitespace()
            || "&#;\"'<>)\\".contains(it)
            || style == Style::Segment && "?/".contains(it)
            || style == Style::Percent && (is_encoded("%26") || is_encoded("%23"))
    };
    let length = value.char_indices().find(|it| ends(*it)).map_or(value.len(), |(at, _)| at);
    let from = text.len() - value.len();
    (length > 0).then_some(from..from + length)
}

/// The user and the password of an address whose authority is at the beginning of a text.
fn user(text: &str) -> Option<Range<usize>> {
    let start = ["://", ":\\/\\/"].into_iter().find(|start| text.starts_with(start))?.len();
    let authority = &text[start..];
    let end = authority.find(|it: char| it.is_whitespace() || "/?#\"'<>\\".contains(it));
    let length = authority[..end.unwrap_or(authority.len())].rfind('@')?;
    (length > 0).then_some(start..start + length)
}

/// `http://host:port` of an address.
pub(super) fn origin(uri: &Uri) -> Option<String> {
    // Without a user.
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", uri.scheme()?, uri.host()?))
}

/// `text` with another server in the place of the one that was recorded, however its addresses are written.
pub(super) fn moved(text: &str, from: &str, to: &str) -> String {
    let spellings: [fn(&str) -> String; 4] = [
        str::to_owned,
        |origin| origin.replace('/', "\\/"),
        |origin| origin.replace(':', "%3A").replace('/', "%2F"),
        |origin| origin.replace(':', "%3a").replace('/', "%2f"),
    ];
    spellings.iter().fold(text.to_owned(), |text, spelling| {
        let (from, to) = (spelling(from), spelling(to));
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&from) {
            let (before, found) = rest.split_at(at);
            let after = &found[from.len()..];
            shown.push_str(before);
            shown.push_str(if goes_on(after) { &from } else { &to });
            rest = after;
        }
        shown + rest
    })
}

/// Whether a host or a port goes on here, so that it is another one.
fn goes_on(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some(it) if it.is_ascii_alphanumeric() || it == '-' => true,
        Some('.' | ':') => next.next().is_some_and(|it| it.is_ascii_alphanumeric()),
        Some('%') => after.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("%3A")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_text_shows_no_value_with_the_name_of_a_secret() {
        for (text, expected) in [
            ("</n?access_token=S1&p=2>; rel=next", "</n?access_token=***&p=2>; rel=next"),
            (r#"{"u":"https://h/?p=1&sig=S%2F+1="}"#, r#"{"u":"https://h/?p=1&sig=***"}"#),
            (
                r#"{"u":"https:\/\/u:S@h\/?a=1\u0026token=S"}"#,
                r#"{"u":"https:\/\/***@h\/?a=1\u0026token=***"}"#,
            ),
            ("<a href='/x?a&amp;api_key=S&amp;b=1'>", "<a href='/x?a&amp;api_key=***&amp;b=1'>"),
            ("/x;jsessionid=S?p=1#access_token=S", "/x;jsessionid=***?p=1#access_token=***"),
            (
                "?next=https%3A%2F%2Fh%3Ftoken%3DS%26p%3D1&q=2",
                "?next=https%3A%2F%2Fh%3Ftoken%3D***%26p%3D1&q=2",
            ),
            (
                "https://h/?page_token=abc&author=ann&token=",
                "https://h/?page_token=abc&author=ann&token=",
            ),
            ("http://h/a@b ann@h:1 ?x", "http://h/a@b ann@h:1 ?x"),
            ("token=abc; caf\u{e9}?token=\u{e9}", "token=abc; caf\u{e9}?token=***"),
        ] {
            assert_eq!(without_secrets(text), expected);
            assert_eq!(without_secrets(expected), expected);
        }
    }

    #[test]
    fn only_the_recorded_server_is_replaced() {
        let moved = |text: &str| moved(text, "http://h.test:80", "https://other.test");
        for (text, expected) in [
            ("http://h.test:80/x http://h.test:80", "https://other.test/x https://other.test"),
            ("http://h.test:8080/ http://h.test:80a", "http://h.test:8080/ http://h.test:80a"),
            (r"http:\/\/h.test:80\/x", r"https:\/\/other.test\/x"),
            ("?u=http%3A%2F%2Fh.test%3A80%2Fx", "?u=https%3A%2F%2Fother.test%2Fx"),
            ("see http://h.test:80.", "see https://other.test."),
        ] {
            assert_eq!(moved(text), expected);
        }
    }
}

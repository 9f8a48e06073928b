//! The next page in a `Link` header (RFC 8288).

use http::HeaderMap;
use http::header::LINK;

/// The address with `rel="next"`, if there is one.
pub(super) fn next(headers: &HeaderMap) -> Result<Option<String>, String> {
    let mut found = Vec::new();
    for value in headers.get_all(LINK) {
        let value = value.to_str().ok();
        value
            .and_then(|value| next_in(value, &mut found))
            .ok_or("cannot parse the `Link` header")?;
    }
    let next = found.pop();
    if found.iter().any(|other| Some(other) != next.as_ref()) {
        return Err("the `Link` header has several addresses with `rel=\"next\"`".to_owned());
    }
    Ok(next)
}

/// Adds the addresses with `rel="next"`; `None` if the value cannot be parsed.
fn next_in(value: &str, found: &mut Vec<String>) -> Option<()> {
    let mut rest = value.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (address, after) = rest.strip_prefix('<')?.split_once('>')?;
        let end = end_of_parameters(after)?;
        if is_next(&after[..end]) {
            found.push(address.trim_matches([' ', '\t']).to_owned());
        }
        rest = after[end..].trim_start_matches([' ', '\t', ',']);
    }
    Some(())
}

/// The end of a link's parameters: a comma outside of quotes.
fn end_of_parameters(text: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    (!is_quoted).then_some(text.len())
}

fn is_next(parameters: &str) -> bool {
    pieces(parameters).filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let relations = value.trim_matches([' ', '\t']).trim_matches('"');
        name.trim_matches([' ', '\t']).eq_ignore_ascii_case("rel")
            && relations.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case("next"))
    })
}

/// The parameters, split at semicolons outside of quotes.
fn pieces(parameters: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    parameters.split(move |character| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        character == ';' && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// The first address of a value.
    fn first_in(value: &str) -> Option<Option<String>> {
        let mut found = Vec::new();
        next_in(value, &mut found).map(|()| found.into_iter().next())
    }

    proptest! {
        #[test]
        fn a_next_link_is_found_among_any_others(
            url in "[^<> \\x00-\\x1f\\x7f]{1,30}",
            before in proptest::collection::vec("</[a-z,;\"]{0,5}>(; (rel|title)=\"[a-mo-z ,;<>]{0,8}\"){0,2}", 0..3),
            parameters in "(; title=\"([^\"\\\\\\x00-\\x1f\\x7f]|\\\\\"){0,8}\"){0,2}",
        ) {
            let mut links = before;
            links.push(format!("<{url}>{parameters}; rel=\"next\""));
            let value = links.join(", ");
            prop_assert_eq!(first_in(&value), Some(Some(url)), "{}", value);
        }

        #[test]
        fn any_header_is_read_or_refused(value in ".{0,60}") {
            if let Some(Some(url)) = first_in(&value) {
                let link = format!("<{url}>");
                prop_assert!(value.contains(&link), "{}", url);
            }
        }
    }

    /// An address is part of the header, and a link that is appended is found after everything that can be parsed.
    fn link(value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        match first_in(&value) {
            Some(Some(url)) => {
                let places = value.match_indices('<').map(|(at, _)| &value[at + 1..]);
                let mut addresses = places.filter_map(|rest| rest.split('>').next());
                assert!(
                    addresses.any(|it| it.trim_matches([' ', '\t']) == url),
                    "{url} of {value}"
                );
                assert!(value.to_ascii_lowercase().contains("next"), "{url} of {value}");
            }
            Some(None) => {
                let longer = format!("{value}, </further>; rel=next");
                assert_eq!(first_in(&longer), Some(Some("/further".to_owned())), "{value}");
            }
            None => {}
        }
    }

    #[test]
    fn the_corpus_holds() {
        crate::fuzz::corpus("link").iter().for_each(|value| link(value));
    }

    proptest! {
        #![proptest_config(crate::fuzz::config())]

        #[test]
        fn an_edited_link_leads_to_an_address_of_its_own(
            value in crate::fuzz::inputs("link", &[
                "<", ">", ";", ",", "\"", "\\", "rel=", "rel=next", "next", " ", "\t", "title=\"", "</b>; rel=\"next\"",
            ])
        ) {
            link(&value);
        }
    }

    #[test]
    fn the_next_link_is_found_however_it_is_written() {
        for (value, expected) in [
            ("</b>; rel=\"next\"", Some(Some("/b"))),
            ("</a>; rel=\"prev\", </b>; rel=\"next\"", Some(Some("/b"))),
            ("</a>; rel=prev,</b>;rel=next", Some(Some("/b"))),
            (
                "<https://h/?a=1,2>; title=\"x, <y>; rel=next\"; rel=NEXT",
                Some(Some("https://h/?a=1,2")),
            ),
            ("</a>; title=\"; rel=next\"; rel=prev", Some(None)),
            ("</a>; title=\"\\\"; rel=next; \\\"\"", Some(None)),
            ("</b>;rel=\"last next\"", Some(Some("/b"))),
            ("</a>; rel=\"nextmost\"", Some(None)),
            ("</a>; title=\"next\"", Some(None)),
            ("", Some(None)),
            ("</a", None),
            ("/b; rel=next", None),
            ("</b>; rel=\"next", None),
        ] {
            assert_eq!(first_in(value).as_ref().map(Option::as_deref), expected, "{value}");
        }
    }

    #[test]
    fn several_next_links_are_an_error_unless_they_are_one() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LINK, http::HeaderValue::from_static(value));
            }
            next(&headers)
        };
        let (b, c) = ("</b>; rel=next", "</c>; rel=next");
        assert_eq!(of(&[b, "</a>; rel=prev", b]), Ok(Some("/b".to_owned())));
        of(&[b, c]).unwrap_err();
        of(&["</b>; rel=next, </c>; rel=next"]).unwrap_err();
    }
}

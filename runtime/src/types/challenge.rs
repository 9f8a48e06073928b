//! The challenges of a server in `WWW-Authenticate` (RFC 9110, section 11.6.1).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// The value of the first parameter of this name, in any of the challenges.
pub(crate) fn parameter(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter();
    values.filter_map(|value| value.to_str().ok()).find_map(|text| parameter_in(text, name))
}

fn parameter_in(mut text: &str, name: &str) -> Option<String> {
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        let length = text.find([' ', '\t', ',', '=', '"']).unwrap_or(text.len());
        let (word, rest) = text.split_at(length);
        if rest.is_empty() {
            return None;
        }
        // A word without a value is a scheme, or its credentials.
        let Some(value) = rest.trim_start_matches([' ', '\t']).strip_prefix('=') else {
            text = rest.strip_prefix('"').unwrap_or(rest);
            continue;
        };
        let (value, rest) = value_of(value.trim_start_matches([' ', '\t']));
        if word.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        text = rest;
    }
}

/// A token or a quoted string, and the rest after it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn scope(challenges: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        parameter(&headers, "scope")
    }

    #[test]
    fn a_parameter_is_found_in_any_challenge_and_in_any_form() {
        for challenges in [
            &[r#"Bearer error="insufficient_scope", scope="a b""#][..],
            &[r#"Bearer realm="x",scope="a b",error="insufficient_scope""#],
            &[r#"Basic realm="scope=\"no\"", Bearer Scope = "a b""#],
            &["Basic realm=\"x\"", "DPoP algs=\"ES256\", scope=\"a b\""],
            &[r#"Negotiate abc==, Bearer scope="a \b""#],
        ] {
            assert_eq!(scope(challenges).as_deref(), Some("a b"), "{challenges:?}");
        }
        assert_eq!(scope(&["Bearer scope=read, error=x"]).as_deref(), Some("read"));
    }

    #[test]
    fn only_parameters_are_recognized_in_a_challenge() {
        for challenge in [
            "",
            "Bearer",
            "scope",
            "Bearer scope",
            r#"Bearer error="scope=a""#,
            "Bearer \"scope",
            "=",
        ] {
            assert_eq!(scope(&[challenge]), None, "{challenge}");
        }
        assert_eq!(scope(&[r#"Bearer scope="never ends"#]).as_deref(), Some("never ends"));
    }
}

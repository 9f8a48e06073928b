//! The text of a response that reports an error, for the error message.

use super::envelope;
use super::mask;

/// The maximum number of characters of a body that an error quotes.
const LONGEST: usize = 200;
/// The number of bytes of a page that are read: its text comes after much markup.
const LONGEST_PAGE: usize = 64 * 1024;

/// The description in a JSON body (as in RFC 6749, section 5.2), or the text of a page without its markup.
///
/// A response whose status means success may hold new tokens, so only a description or a page is quoted. `hide`
/// masks known secrets, and only then cuts to a length in bytes; other text that looks like a token is masked as
/// well.
pub(crate) fn excerpt(
    body: &[u8],
    is_success: bool,
    hide: impl Fn(&str, usize) -> String,
) -> Option<String> {
    let raw = String::from_utf8_lossy(body);
    let is_page = raw.trim_start().starts_with('<');
    let text = match from_json(body) {
        Some(text) => text,
        // A secret may contain angle brackets, as tags do.
        None if is_page => without_markup(&hide(&raw, LONGEST_PAGE)),
        None if is_success => return None,
        // A secret may be one that the client has never seen.
        None => mask::without_secret_members(&raw).unwrap_or_else(|| raw.into_owned()),
    };
    let text = mask::masked(&hide(&text, 4 * mask::LONGEST_MESSAGE));
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let line = words.fold(first.to_owned(), |line, word| line + " " + word);
    Some(match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    })
}

/// The same for any call: of JSON only a description is quoted, since the rest may be anything.
pub(crate) fn words(body: &[u8], hide: impl Fn(&str, usize) -> String) -> Option<String> {
    let is_json =
        body.trim_ascii_start().starts_with(b"{") || body.trim_ascii_start().starts_with(b"[");
    excerpt(body, is_json, hide)
}

/// The `error` of a JSON body.
pub(crate) fn error_of(body: &[u8]) -> Option<String> {
    text_at(&["error"], body)
}

fn from_json(body: &[u8]) -> Option<String> {
    // The last two belong to a problem document (RFC 9457, section 3.1).
    let places: [&[&str]; 7] = [
        &["error_description"],
        &["message"],
        &["error", "message"],
        &["msg"],
        &["errors", "0", "message"],
        &["detail"],
        &["title"],
    ];
    let description = places.into_iter().find_map(|path| text_at(path, body));
    match (error_of(body), description) {
        (Some(error), Some(description)) => Some(format!("{error}: {description}")),
        (error, description) => error.or(description),
    }
}

fn text_at(path: &[&str], body: &[u8]) -> Option<String> {
    envelope::scan(path, body).map(|text| text.to_string()).filter(|text| !text.is_empty())
}

/// The text of a page: tags become spaces.
fn without_markup(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut in_tag = false;
    for character in text.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                shown.push(' ');
            }
            _ if !in_tag => shown.push(character),
            _ => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_text_of_the_body() {
        for (body, expected) in [
            ("", None),
            (" \r\n", None),
            ("<H1>403 ERROR</H1>", Some("403 ERROR")),
            ("<!doctype html>\n<title>Please\n wait</title><p>soon", Some("Please wait soon")),
            ("upstream connect error", Some("upstream connect error")),
            (r#"{"error":"invalid_client"}"#, Some("invalid_client")),
            (
                r#"{"error":"Access Denied","error_description":"too many requests"}"#,
                Some("Access Denied: too many requests"),
            ),
            (r#"{"code":5003,"message":"system busy"}"#, Some("system busy")),
            (r#"{"error":{"code":7,"message":"no"}}"#, Some("no")),
            (r#"{"title":"Invalid","detail":"the quantity is 0"}"#, Some("the quantity is 0")),
            (r#"{"errors":[{"message":"no such order"}]}"#, Some("no such order")),
            (r#"{"weird":1}"#, Some(r#"{"weird":1}"#)),
        ] {
            assert_eq!(
                excerpt(body.as_bytes(), false, |text, _| text.to_owned()).as_deref(),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_value_whose_name_denotes_a_secret_is_not_quoted() {
        for (body, expected) in [
            (r#"{"access_token":"t-1","n":1}"#, r#"{"access_token":"***","n":1}"#),
            (r#"{"data":{"refresh_token":"t-1"}}"#, r#"{"data":{"refresh_token":"***"}}"#),
            (r#"[{"password":"hunter2"}]"#, r#"[{"password":"***"}]"#),
            ("the token is used up", "the token is used up"),
        ] {
            let excerpt = excerpt(body.as_bytes(), false, |text, _| text.to_owned());
            assert_eq!(excerpt.as_deref(), Some(expected));
        }
    }

    #[test]
    fn of_json_only_a_description_is_quoted_for_any_call() {
        for (body, expected) in [
            (r#"{"name":"ann"}"#, None),
            (r#" [{"name":"ann"}]"#, None),
            (r#"{"name":"ann","message":"no"}"#, Some("no")),
            ("id must be positive", Some("id must be positive")),
        ] {
            assert_eq!(
                words(body.as_bytes(), |text, _| text.to_owned()).as_deref(),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_secret_is_masked_before_the_text_is_cut() {
        let secret = "s3cr3t".repeat(3);
        let body = format!("{} {secret}", "x".repeat(LONGEST - 6));
        let excerpt = excerpt(body.as_bytes(), false, |text, _| text.replace(&secret, "***"));
        assert!(!excerpt.expect("there are words").contains("s3"));
    }

    #[test]
    fn of_a_success_only_a_description_or_a_page_is_quoted() {
        for (body, expected) in [
            ("t0ken", None),
            (r#"{"jeton":"t0ken"}"#, None),
            (r#"{"jeton":"t0ken","error":"late"}"#, Some("late")),
            ("<p>Please wait", Some("Please wait")),
        ] {
            assert_eq!(
                excerpt(body.as_bytes(), true, |text, _| text.to_owned()).as_deref(),
                expected,
                "{body}"
            );
        }
    }

    fn concealed(text: &str, longest: usize) -> String {
        mask::concealed(text, &[""; 0], longest)
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        for body in ["ü ".repeat(1000), "🔑".repeat(1000)] {
            let excerpt = excerpt(body.as_bytes(), false, concealed).expect("there are words");
            assert_eq!(excerpt.chars().count(), LONGEST + 1);
            assert!(excerpt.ends_with('…'));
        }
    }

    #[test]
    fn the_text_of_a_page_is_found_behind_much_markup() {
        let page = format!("{}Please wait", "<div class=\"x\">".repeat(2_000));
        assert_eq!(excerpt(page.as_bytes(), false, concealed).as_deref(), Some("Please wait"));
    }
}

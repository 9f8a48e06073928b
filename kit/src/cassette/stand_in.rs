//! Placeholders for secrets, which still decode like the secrets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use perennial::serve::is_secret_name;
use serde_json::{Map, Value};

/// A text of the same kind: a date, a number, an id or an address for another one.
pub(super) fn text(secret: &str) -> String {
    let has_digit = secret.contains(|it: char| it.is_ascii_digit());
    let is_of_number = |it: char| it.is_ascii_digit() || "-+:., /()TZ".contains(it);
    if secret.is_empty() {
        String::new()
    } else if let Some(jwt) = jwt(secret) {
        jwt
    } else if is_uuid(secret) {
        secret.replace(|it: char| it != '-', "0")
    } else if has_digit && secret.chars().all(is_of_number) {
        ones(secret)
    } else if secret.starts_with("https://") || secret.starts_with("http://") {
        "https://masked.test/".to_owned()
    } else {
        "masked".to_owned()
    }
}

/// A token with claims (RFC 7519) that do not expire, for a program that reads them.
fn jwt(secret: &str) -> Option<String> {
    let mut parts = secret.split('.');
    let mut part = || -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()
    };
    let (head, claims) = (part()?, part()?);
    parts.next()?;
    let claims = claims.into_iter().map(|(name, value)| {
        let value = if name == "exp" { 9_999_999_999_u64.into() } else { claim(&name, value) };
        (name, value)
    });
    let encoded = |object| URL_SAFE_NO_PAD.encode(Value::Object(object).to_string());
    let signature = URL_SAFE_NO_PAD.encode("masked");
    Some(format!("{}.{}.{signature}", encoded(head), encoded(claims.collect())))
}

fn claim(name: &str, value: Value) -> Value {
    const TIMES: [&str; 3] = ["iat", "nbf", "auth_time"];
    match value {
        Value::String(secret) => text(&secret).into(),
        Value::Number(number) if is_secret_name(name) && !TIMES.contains(&name) => {
            serde_json::from_str(&ones(&number.to_string())).unwrap_or(number.into())
        }
        Value::Array(items) => items.into_iter().map(|item| claim(name, item)).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, field)| {
                let field = claim(&name, field);
                (name, field)
            });
            Value::Object(fields.collect())
        }
        other => other,
    }
}

/// The text with each digit replaced by 1: a number that fits wherever the secret does, and a date for a date.
pub(super) fn ones(secret: &str) -> String {
    secret.replace(|it: char| it.is_ascii_digit(), "1")
}

/// A placeholder for the value of a header, with the scheme before a token.
pub(super) fn header(secret: &str) -> String {
    match secret.split_once(' ') {
        Some((scheme, token)) if scheme.chars().all(|it| it.is_ascii_alphabetic()) => {
            format!("{scheme} {}", text(token.trim()))
        }
        _ => text(secret),
    }
}

/// A point in time that does not pass, in the form of this one.
pub(super) fn end(point: &str) -> String {
    let whole = point.split('.').next().unwrap_or_default();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if is_digits(whole) {
        return point.replace(|it: char| it.is_ascii_digit(), "9");
    }
    match point.split_at_checked(4) {
        Some((year, rest)) if is_digits(year) && rest.starts_with('-') => format!("9999{rest}"),
        _ => text(point),
    }
}

/// Whether this is a text that servers send for a missing token.
pub(super) fn is_none(text: &str) -> bool {
    const NONE: [&str; 9] =
        ["null", "undefined", "none", "nil", "nan", "false", "deleted", "\"\"", "''"];
    text.is_empty() || NONE.iter().any(|none| text.eq_ignore_ascii_case(none))
}

fn is_uuid(text: &str) -> bool {
    let is_at = |(at, it): (usize, char)| match at {
        8 | 13 | 18 | 23 => it == '-',
        _ => it.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.char_indices().all(is_at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_with_claims_is_replaced_by_one() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let claims =
            r#"{"sub":"u-17","exp":1767225600,"iat":1767225500,"roles":["a"],"sid":471199}"#;
        let secret = format!("{}.{}.c2ln", encoded(r#"{"alg":"RS256"}"#), encoded(claims));
        let masked = text(&secret);
        let shown = URL_SAFE_NO_PAD.decode(masked.split('.').nth(1).unwrap()).unwrap();
        let shown: Value = serde_json::from_slice(&shown).unwrap();
        let expected = json!({
            "sub": "masked", "exp": 9_999_999_999_u64, "iat": 1_767_225_500, "roles": ["masked"], "sid": 111_111
        });
        assert_eq!(shown, expected);
        assert!(!masked.contains("c2ln") && header(&format!("Bearer {secret}")).ends_with(&masked));
    }

    #[test]
    fn a_stand_in_keeps_the_kind() {
        for (secret, expected) in [
            ("", ""),
            ("abcDEF-123_x.y.z", "masked"),
            ("471199", "111111"),
            ("-1.5", "-1.1"),
            ("2026-02-28T23:59:59.123+09:30", "1111-11-11T11:11:11.111+11:11"),
            ("550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000"),
            ("https://user:pass@h/token", "https://masked.test/"),
        ] {
            assert_eq!(text(secret), expected);
            assert_eq!(text(expected), expected);
        }
        assert_eq!(header("Bearer abc"), "Bearer masked");
        assert_eq!(header("abc"), "masked");
        assert_eq!(end("1767225600"), "9999999999");
        assert_eq!(end("1767225600123.5"), "9999999999999.9");
        assert_eq!(end("2026-02-28T23:59:59Z"), "9999-02-28T23:59:59Z");
        assert_eq!(end("tomorrow"), "masked");
    }
}

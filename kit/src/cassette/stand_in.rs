//! Stand-ins for secrets that still decode as what they stand for.

/// A text of the same kind: a date, a number, an id or an address for another one.
pub(super) fn text(secret: &str) -> String {
    let has_digit = secret.contains(|it: char| it.is_ascii_digit());
    let is_of_number = |it: char| it.is_ascii_digit() || "-+:., /()TZ".contains(it);
    if secret.is_empty() {
        String::new()
    } else if has_digit && secret.chars().all(is_of_number) {
        ones(secret)
    } else if is_uuid(secret) {
        secret.replace(|it: char| it != '-', "0")
    } else if secret.starts_with("https://") || secret.starts_with("http://") {
        "https://masked.test/".to_owned()
    } else {
        "masked".to_owned()
    }
}

/// The same number of ones: a number that fits wherever the other does, and a date for a date.
pub(super) fn ones(secret: &str) -> String {
    secret.replace(|it: char| it.is_ascii_digit(), "1")
}

/// The same for a value of a header, with the scheme before a token.
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
    use super::*;

    #[test]
    fn a_stand_in_keeps_the_kind() {
        for (secret, expected) in [
            ("", ""),
            ("eyJhbGciOiJIUzI1NiJ9.e30.x", "masked"),
            ("471199", "111111"),
            ("-1.5", "-1.1"),
            ("2026-02-28T23:59:59.123+09:30", "1111-11-11T11:11:11.111+11:11"),
            ("550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000"),
            ("https://user:pass@h/token", "https://masked.test/"),
        ] {
            assert_eq!(text(secret), expected);
        }
        assert_eq!(header("Bearer abc"), "Bearer masked");
        assert_eq!(header("abc"), "masked");
        assert_eq!(end("1767225600"), "9999999999");
        assert_eq!(end("1767225600123.5"), "9999999999999.9");
        assert_eq!(end("2026-02-28T23:59:59Z"), "9999-02-28T23:59:59Z");
        assert_eq!(end("tomorrow"), "masked");
    }
}

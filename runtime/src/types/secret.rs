//! The placeholder that is shown instead of a secret.

use std::fmt;

/// The placeholder of a secret in `Debug` and `Display`. It does not hold the secret, so it cannot show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Whether a name denotes a secret. An idempotency key is not one, nor are the position in a list and an author.
///
/// Each value in a path is asked for its name, so nothing is allocated.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.as_bytes();
    // Most values in a path are an `id`.
    if name.len() < SHORTEST {
        return false;
    }
    let is_letter = |byte: &&u8| !matches!(byte, b'-' | b'_');
    let letters = |from: usize| name[from..].iter().filter(is_letter).map(u8::to_ascii_lowercase);
    let begins = |from, word: &str| letters(from).take(word.len()).eq(word.bytes());
    let follows = |to: usize, word: &str| {
        let before = name[..to].iter().rev().filter(is_letter).map(u8::to_ascii_lowercase);
        before.take(word.len()).eq(word.bytes().rev())
    };
    let is_position = |at| follows(at, "page") || follows(at, "continuation");
    let is_author = |at| {
        let verbs = ["authoriz", "authoris", "authorit"];
        begins(at, "author") && !verbs.iter().any(|verb| begins(at, verb))
    };
    (0..=name.len() - SHORTEST).any(|at| {
        WORDS.iter().any(|word| begins(at, word))
            || begins(at, "token") && !is_position(at)
            || begins(at, "auth") && !is_author(at)
    }) || parts(name).any(|part| {
        let letters = || part.iter().filter(is_letter).map(u8::to_ascii_lowercase);
        WHOLE.iter().any(|word| letters().eq(word.bytes()))
    })
}

/// The names in `filter[a][b]`, also if the brackets are percent-encoded.
fn parts(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|byte| b"[]%".contains(byte)).map(|part| match part {
        [b'5', b'B' | b'b' | b'D' | b'd', rest @ ..] => rest,
        part => part,
    })
}

/// Names that contain one of these denote a secret.
const WORDS: [&str; 14] = [
    "secret",
    "password",
    "passwd",
    "apikey",
    // Azure's gateway and functions.
    "subscriptionkey",
    "functionskey",
    "accesskey",
    "jwt",
    "dpop",
    "assertion",
    "signature",
    "session",
    "credential",
    "privatekey",
];

/// Names that do so only as a whole.
const WHOLE: [&str; 2] = ["cookie", "sid"];

/// The length of the shortest of both.
const SHORTEST: usize = 3;

/// The query of a path template, without the values of constants that have the name of a secret.
pub(crate) struct ShownPath(pub(crate) &'static str);

impl fmt::Display for ShownPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{name?}` is an optional segment.
        let query = self.0.match_indices('?').find(|(at, _)| !self.0[at + 1..].starts_with('}'));
        let Some((at, _)) = query else { return f.write_str(self.0) };
        f.write_str(&self.0[..at])?;
        for (index, pair) in self.0[at + 1..].split('&').enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            match pair.split_once('=') {
                Some((name, _)) if is_secret_name(name) => write!(f, "{name}={Hidden}")?,
                _ => f.write_str(pair)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_holds_a_word_for_a_secret_is_one() {
        for name in [
            "token",
            "access_token",
            "X-Auth-Token",
            "authorization",
            "Authorisation",
            "auth",
            "authkey",
            "API-KEY",
            "apiKey",
            "sessionId",
            "jwt",
            "my_jwt",
            "sid",
            "S-I-D",
            "f[sid]",
            "filter[a][cookie]",
            "f%5Bsid%5D",
            "sid[]",
            "Cookie",
            "DPoP",
            "db_pass-word",
            "oauth",
            "x-amz-signature",
            "coauthority",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "",
            "i",
            "id",
            "to",
            "author",
            "Authors",
            "co-author_id",
            "idempotency-key",
            "sidebar",
            "f[sidebar]",
            "cookies",
            "order",
            "tok-e",
            "passage",
            "keys",
            "-",
            "__",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_path_is_shown_without_the_secrets_of_its_query() {
        for (path, shown) in [
            ("/x?token=abc&v=2&apikey=k", "/x?token=***&v=2&apikey=***"),
            ("/x/{id?}?sid=abc", "/x/{id?}?sid=***"),
            ("/x/{id?}", "/x/{id?}"),
            ("?flag&token", "?flag&token"),
            ("/x", "/x"),
        ] {
            assert_eq!(ShownPath(path).to_string(), shown);
        }
    }
}

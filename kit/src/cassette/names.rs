//! The meaning of a name beside that it denotes a secret.

use perennial::serve::is_secret_name;

/// Words of names that say when something happens.
const TIMES: [&str; 15] = [
    "age",
    "created",
    "date",
    "duration",
    "exp",
    "iat",
    "issued",
    "modified",
    "nbf",
    "since",
    "time",
    "timeout",
    "timestamp",
    "until",
    "updated",
];

/// Words of names that say how many or how much.
const AMOUNTS: [&str; 28] = [
    "amount",
    "attempts",
    "balance",
    "bytes",
    "cost",
    "count",
    "counter",
    "counts",
    "delay",
    "interval",
    "len",
    "length",
    "limit",
    "limits",
    "ms",
    "per",
    "price",
    "quota",
    "rate",
    "remaining",
    "retries",
    "seconds",
    "size",
    "total",
    "usage",
    "used",
    "version",
    "weight",
];

/// First words that make an amount of what follows, as in `max_tokens`.
const LIMITS: [&str; 4] = ["max", "min", "num", "total"];

/// Last words of names of secrets, which `expired_token` is as well.
const SECRETS: [&str; 13] = [
    "assertion",
    "auth",
    "code",
    "cookie",
    "credential",
    "jwt",
    "key",
    "passwd",
    "password",
    "secret",
    "session",
    "signature",
    "token",
];

/// Last words of names whose value is one of a few.
const KINDS: [&str; 12] = [
    "alg",
    "algorithm",
    "class",
    "format",
    "kind",
    "level",
    "method",
    "mode",
    "provider",
    "strength",
    "type",
    "version",
];

/// Whether a name says when something happens, or how long it lasts.
pub(super) fn is_time(name: &str) -> bool {
    let words = words(name);
    let says_so = |word: &String| {
        word.contains("expir")
            || ["ttl", "lifetime"].iter().any(|end| word.ends_with(end))
            || TIMES.contains(&&**word)
    };
    let is_point = words.last().is_some_and(|last| ["at", "on"].contains(&&**last));
    (is_point || words.iter().any(says_so)) && !is_of_secret(&words)
}

/// Whether a name says how many or how much, such as `max_tokens` or `token_count`.
pub(super) fn is_amount(name: &str) -> bool {
    let words = words(name);
    let is_limit = words.first().is_some_and(|first| LIMITS.contains(&&**first));
    is_limit || words.iter().any(|word| AMOUNTS.contains(&&**word)) && !is_of_secret(&words)
}

/// Whether a number with this name is that of things, such as `prompt_tokens`, or an id.
pub(super) fn counts_or_identifies(name: &str) -> bool {
    let words = words(name);
    words.last().is_some_and(|last| ["id", "sessions", "tokens"].contains(&&**last))
}

/// Whether a name denotes a secret for another reason than `session` or `auth` in it.
pub(super) fn is_strong(name: &str) -> bool {
    let lower = name.to_lowercase().replace(['-', '_'], "");
    is_secret_name(&lower.replace("session", "").replace("auth", ""))
}

/// Whether this is the name of a kind of token and not of a token.
pub(super) fn is_kind(name: &str) -> bool {
    let lower = name.to_lowercase();
    KINDS.iter().any(|end| lower.ends_with(end))
}

/// Whether this is the name of a state, the values of which have no digits.
pub(super) fn is_state(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["state", "status"].iter().any(|end| lower.ends_with(end))
}

pub(super) fn is_address(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["url", "uri", "endpoint", "href", "link"].iter().any(|end| lower.ends_with(end))
}

/// Whether the last word denotes a secret, or several.
fn is_of_secret(words: &[String]) -> bool {
    words.last().is_some_and(|last| {
        let last = last.strip_suffix('s').unwrap_or(last);
        SECRETS.iter().any(|end| last.ends_with(end))
    })
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || was_lower && letter.is_uppercase() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_name_tell_times_and_amounts_from_secrets() {
        for name in [
            "token_expires_at",
            "tokenExpiresIn",
            "token_ttl",
            "auth_time",
            "tokenexpiry",
            "createdAt",
        ] {
            assert!(is_time(name), "{name}");
        }
        for name in [
            "settlement_token",
            "throttle_secret",
            "expired_token",
            "time_tokens",
            "login_session",
            "data",
        ] {
            assert!(!is_time(name), "{name}");
        }
        for name in
            ["total_tokens", "maxTokens", "token_count", "session_duration_ms", "password_length"]
        {
            assert!(is_amount(name), "{name}");
        }
        for name in ["token", "accountToken", "used_passwords", "discount_key", "person_token"] {
            assert!(!is_amount(name), "{name}");
        }
    }
}

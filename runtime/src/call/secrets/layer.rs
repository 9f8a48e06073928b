//! The secrets of an attempt, for layers that store what is sent and received.

use std::borrow::Cow;
use std::cmp::Reverse;

use percent_encoding::percent_decode_str;

use super::{Parts, of, without_values};
use crate::logic::mask::{self, SHORTEST_SECRET, is_secret_name};
use crate::logic::query;
use crate::session::AttemptTokens;
use crate::types::auth::Rule;
use crate::types::secret::Hidden;

/// The secrets of an attempt, in the extensions of its request, for layers that store requests and responses and
/// must leave them out. They are set with the feature `serve`, which test kits use.
#[derive(Clone, Default)]
pub struct Secrets {
    texts: Vec<Vec<u8>>,
    rules: Vec<&'static Rule>,
}

impl Secrets {
    pub(crate) fn of(parts: &Parts, tokens: &AttemptTokens) -> Self {
        let api = parts.client.core().api;
        let declared = api
            .credentials
            .iter()
            .flat_map(|it| it.expired.iter().chain(it.logout).chain(it.insufficient_scope));
        let rejected = api.renewals.iter().flat_map(|renewal| renewal.rejected);
        let mut secrets = Self { texts: Vec::new(), rules: declared.chain(rejected).collect() };
        of(parts, tokens).iter().for_each(|secret| secrets.add(secret));
        secrets
    }

    /// Adds a secret.
    pub fn add(&mut self, secret: &[u8]) {
        if !secret.is_empty() && !self.texts.iter().any(|own| own == secret) {
            self.texts.push(secret.to_vec());
        }
    }

    /// The declared rules by which the responses of the API are judged. The texts that they contain are not secret.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// Adds the secrets of another attempt.
    pub fn extend(&mut self, others: &Self) {
        others.texts.iter().for_each(|secret| self.add(secret));
    }

    /// The secrets in plain text.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.texts.iter().map(Vec::as_slice)
    }

    /// The text with the secrets masked, in every spelling. Secrets of fewer than six bytes are not searched for.
    ///
    /// A secret that is a number is masked by ones, so that a number in JSON is still one.
    #[must_use]
    pub fn hidden_in(&self, text: &str) -> String {
        let mut numbers: Vec<_> = self.texts.iter().filter_map(|secret| number(secret)).collect();
        numbers.sort_by_key(|number| Reverse(number.len()));
        let text = numbers.into_iter().fold(Cow::Borrowed(text), |text, number| {
            match text.contains(number) {
                true => text.replace(number, &ones(number)).into(),
                false => text,
            }
        });
        let is_ones = |secret: &[u8]| number(secret).is_some_and(|it| ones(it) == it);
        let searched: Vec<_> = self.texts.iter().filter(|secret| !is_ones(secret)).collect();
        mask::concealed(&text, &searched, usize::MAX)
    }

    /// A URL with the secrets masked. Segments and values that are a secret are masked however short they are, and so
    /// are values whose names denote a secret.
    #[must_use]
    pub fn hidden_in_address(&self, address: &str) -> String {
        let is_secret = |text: &str| {
            let text: Vec<u8> = percent_decode_str(&text.replace('+', " ")).collect();
            self.texts.contains(&text)
        };
        let (path, query) = address.split_once('?').map_or((address, None), |(p, q)| (p, Some(q)));
        let segments = path.split('/').map(|segment| match is_secret(segment) {
            true => Hidden.to_string(),
            false => segment.to_owned(),
        });
        let query = query::changed(query, &mut |pair| {
            Some(match pair.split_once('=') {
                Some((name, value)) if is_secret_name(name) || is_secret(value) => {
                    format!("{name}={Hidden}").into()
                }
                _ => pair.into(),
            })
        });
        self.hidden_in(&(segments.collect::<Vec<_>>().join("/") + &query))
    }

    /// The URL of a login or a refresh with all values masked that may be secret: those of the template and of the
    /// query, and segments that look like a token.
    #[must_use]
    pub fn hidden_in_grant(&self, address: &str, template: &str) -> String {
        let shown = self.hidden_in_address(&without_values(address, template));
        // `https:`, nothing, and the host.
        let host = if shown.contains("://") { 3 } else { 0 };
        let segments = shown.split('/').enumerate().map(|(at, segment)| match at < host {
            true => segment.to_owned(),
            false => mask::masked(segment),
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Secrets").field(&Hidden).finish()
    }
}

/// The text of a secret that is a number, if it is long enough to be searched for.
fn number(secret: &[u8]) -> Option<&str> {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_number = secret.len() >= SHORTEST_SECRET
        && secret.iter().all(is_of_number)
        && secret.iter().any(u8::is_ascii_digit);
    std::str::from_utf8(secret).ok().filter(|_| is_number)
}

/// A number with as many digits, which fits wherever the other does.
fn ones(number: &str) -> String {
    number.replace(|it: char| it.is_ascii_digit(), "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        texts.iter().for_each(|text| secrets.add(text.as_bytes()));
        secrets
    }

    #[test]
    fn a_secret_that_is_a_number_stays_one() {
        let secrets =
            secrets(&["918273645", "9182736455", "-123456", "123456.5", "1111111", "abcdef"]);
        for (text, expected) in [
            (r#"{"n":918273645,"t":"918273645"}"#, r#"{"n":111111111,"t":"111111111"}"#),
            ("9182736455", "1111111111"),
            ("[-123456, 123456.5, 9]", "[-111111, 111111.1, 9]"),
            ("1111111 abcdef", "1111111 ***"),
        ] {
            assert_eq!(secrets.hidden_in(text), expected);
        }
    }

    #[test]
    fn the_address_of_a_login_shows_none_of_its_values() {
        let secrets = secrets(&["secret"]);
        for (address, template, expected) in [
            ("/v1/login/ann/471199?a=b", "/login/{user}/{code}", "/v1/login/***/***?a=***"),
            ("/login", "/login", "/login"),
            ("/home/secret/eyJhbGciOiJIUzI1NiJ9", "/login", "/home/***/***"),
            (
                "https://eu-west-1.api.test:8443/x?code=1",
                "",
                "https://eu-west-1.api.test:8443/x?code=***",
            ),
        ] {
            assert_eq!(secrets.hidden_in_grant(address, template), expected);
        }
    }
}

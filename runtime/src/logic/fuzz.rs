//! Targets that read what a server sends, run with edited corpus files.

use http::header::{HeaderValue, RETRY_AFTER};
use proptest::prelude::*;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::mask::message;
use super::properties::opened;
use super::retry::retry_after;
use crate::fuzz::{config, corpus, inputs};

/// The members of an object, in order, including repeated ones.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The walk agrees with serde_json about every body.
fn envelope(body: &[u8]) {
    let (name, value) = opened(body);
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if name == "taken" {
        serde_json::from_slice::<IgnoredAny>(body).expect("only JSON is taken");
    }
    let Ok(Members(members)) = serde_json::from_slice(body) else {
        return;
    };
    let all = |wanted: &str| {
        let found = members.iter().filter(|(name, _)| name == wanted);
        found.map(|(_, value)| *value).collect::<Vec<_>>()
    };
    let (codes, data) = (all("code"), all("data"));
    if codes.len() > 1 || data.len() > 1 {
        return;
    }
    let data = data.first().map_or("null", |data| data.get());
    // A number may be too large, a list too deep, or half of a surrogate pair missing.
    let data = serde_json::from_str::<Value>(data);
    match codes.first().map(|code| serde_json::from_str::<Value>(code.get())) {
        None if data.is_err() => assert!(["no code", "broken"].contains(&name), "{name}"),
        None => assert_eq!(name, "no code"),
        Some(Ok(code)) if code == 0 || code == "0" => match data {
            Ok(data) => assert_eq!((name, value), ("taken", Some(data))),
            Err(_) => assert_eq!(name, "broken"),
        },
        Some(Ok(Value::Number(code))) if code.is_f64() => {}
        Some(Ok(Value::Number(_) | Value::String(_))) => assert_eq!(name, "rejected"),
        Some(_) => assert_ne!(name, "taken"),
    }
}

/// The first line is a secret, the rest is what a server says. No decoding of the shown text must reveal the
/// secret.
fn mask(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (secret, text) = text.split_once('\n').unwrap_or((&text, ""));
    // The mask itself consists of asterisks, and the decoders below produce a U+FFFD for any byte that is not
    // UTF-8.
    if secret.len() < 6 || secret.contains(['*', '\u{fffd}']) || text.contains('*') {
        return;
    }
    let shown = message(text, &[secret]);
    let percent = percent_encoding::percent_decode_str(&shown).decode_utf8_lossy();
    let blanks = shown.replace('+', " ");
    let form = percent_encoding::percent_decode_str(&blanks).decode_utf8_lossy();
    let json = serde_json::from_str::<String>(&format!("\"{shown}\"")).unwrap_or_default();
    for shown in [shown.as_str(), &percent, &form, &json] {
        assert!(!shown.contains(secret), "{secret:?} is readable in {shown:?}");
    }
    assert!(shown.len() <= super::mask::LONGEST_MESSAGE + '…'.len_utf8());
    if message(text, &[] as &[&str]) != shown {
        assert!(shown.contains("***") || shown.ends_with('…'), "{shown:?}");
    }
}

/// Digits with at most one decimal point, or a date; everything else is ignored.
fn wait(value: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    let text = value.to_str().map(str::trim).unwrap_or_default().to_owned();
    let headers = [(RETRY_AFTER, value)].into_iter().collect();
    let wait = retry_after(&headers, || std::time::SystemTime::UNIX_EPOCH);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.is_empty() && is_digits(whole) && is_digits(fraction) {
        let seconds = whole.trim_start_matches('0').parse().unwrap_or(match whole.len() {
            _ if whole.bytes().all(|byte| byte == b'0') => 0,
            _ => u64::MAX,
        });
        assert_eq!(wait.map(|wait| wait.as_secs()), Some(seconds), "{text}");
    } else {
        let until = httpdate::parse_http_date(&text).ok();
        let until =
            until.map(|date| date.duration_since(std::time::UNIX_EPOCH).unwrap_or_default());
        assert_eq!(wait, until, "{text}");
    }
}

#[test]
fn the_corpus_holds() {
    corpus("envelope").iter().for_each(|body| envelope(body));
    corpus("mask").iter().for_each(|text| mask(text));
    corpus("retry_after").iter().for_each(|value| wait(value));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_envelope_walk_agrees_with_serde_json_about_edited_bodies(
        body in inputs("envelope", &[
            "\"code\":0", "\"data\":", "\"code\":", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800",
            "0", "-0", "1e9", ".5", "\"0\"", "null", "true", "NaN", " ", "\u{feff}", "\n", "é",
        ])
    ) {
        envelope(&body);
    }

    #[test]
    fn no_edit_of_a_text_makes_its_secret_readable(
        text in inputs("mask", &[
            "%", "+", "%2B", "%25", "\\", "\\u", "\\u00", "\\\\", "\"", "hunter2-secret", "hunter2", "é", "😀", "%F0%9F",
            "\\ud83d", "\\ude00", "abc", " ", "\n", "aaaaaaa",
        ])
    ) {
        mask(&text);
    }

    #[test]
    fn an_edited_retry_after_is_a_wait_or_ignored(
        value in inputs("retry_after", &["0", "9", ".", "-", " ", "GMT", "Sun, ", "1994", ":", "Nov"])
    ) {
        wait(&value);
    }
}

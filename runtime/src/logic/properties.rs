//! Properties of the logic that hold for every input, checked with random inputs.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::encode::{segment, tail};
use super::envelope::{Opened, decoding, open};
use super::mask::{is_word, masked};
use crate::types::envelope::{Envelope, Scalar};

const ENVELOPE: Envelope =
    Envelope::new(&["code"]).message(&["message"]).data(&["data"]).ok(&[Scalar::Int(0)], false);

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("code|data|message|.{0,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Bodies that contain a code more often than random bodies would.
fn body() -> impl Strategy<Value = Value> {
    let code = prop_oneof![
        4 => Just(Value::from(0)),
        2 => any::<i8>().prop_map(Value::from),
        1 => Just(Value::from("0")),
        1 => Just(Value::from("1234")),
        1 => any::<bool>().prop_map(Value::from),
    ];
    let object =
        (proptest::option::of(code), json(), btree_map("data|message|x|.{0,3}", json(), 0..4));
    let object = object.prop_map(|(code, data, rest)| {
        let mut map: serde_json::Map<_, _> = rest.into_iter().collect();
        map.insert("data".to_owned(), data);
        map.remove("code");
        map.extend(code.map(|code| ("code".to_owned(), code)));
        Value::Object(map)
    });
    prop_oneof![9 => object, 1 => json().prop_filter("no code", |json| json.get("code").is_none())]
}

/// The result of the walk over a body, and the value that it found.
pub(super) fn opened(body: &[u8]) -> (&'static str, Option<Value>) {
    let mut value = None;
    let opened = open(&ENVELOPE, body, &mut decoding(|found: Value| value = Some(found)));
    let name = match opened {
        Opened::Taken => "taken",
        Opened::Rejected(_) => "rejected",
        Opened::NoCode => "no code",
        Opened::Broken(_) => "broken",
    };
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_envelope_walk_finds_what_serde_json_finds(body in body(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) };
        let text = text.unwrap();
        // Converting to text and back is not exact for all floats.
        let body: Value = serde_json::from_str(&text).unwrap();
        let (name, value) = opened(text.as_bytes());
        match body.get("code") {
            None => prop_assert_eq!(name, "no code"),
            Some(code) if *code == 0 || *code == "0" => {
                prop_assert_eq!(name, "taken");
                prop_assert_eq!(value, Some(body.get("data").cloned().unwrap_or_default()));
            }
            Some(_) => prop_assert_eq!(name, "rejected"),
        }
    }

    #[test]
    fn a_damaged_body_is_never_taken(
        body in body(),
        cut in any::<prop::sample::Index>(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = serde_json::to_vec(&body).unwrap();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        if opened(&bytes).0 == "taken" {
            prop_assert!(serde_json::from_slice::<&RawValue>(&bytes).is_ok());
        }
    }

    #[test]
    fn a_value_of_a_path_is_one_segment_or_refused(value in any::<String>()) {
        let mut url = "http://shop.example/a/".to_owned();
        if segment(&mut url, "value", &value).is_ok() {
            url.push_str("/b");
            let url = Url::parse(&url).unwrap();
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(&*decoded, &*value);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
        }
    }

    #[test]
    fn a_rest_of_a_path_keeps_its_segments_or_is_refused(value in any::<String>()) {
        let mut url = "http://shop.example/a/".to_owned();
        if tail(&mut url, "value", &value).is_ok() {
            let url = Url::parse(&url).unwrap();
            let segments = url.path_segments().unwrap().skip(1);
            let decoded = segments.map(|each| percent_encoding::percent_decode_str(each).decode_utf8().unwrap());
            let decoded: Vec<_> = decoded.collect();
            prop_assert_eq!(decoded.join("/"), value);
        }
    }

    #[test]
    fn no_long_run_of_token_characters_survives_the_mask(text in "[ \"a-zA-Z0-9+/=_.~äß-]{0,120}") {
        let shown = masked(&text);
        let runs = shown.split(|char: char| !char.is_ascii() || !is_word(char as u8));
        for run in runs.filter(|run| run.len() >= 20) {
            prop_assert!(run.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", shown);
        }
        let had_run = text
            .split(|char: char| !char.is_ascii() || !is_word(char as u8))
            .any(|run| run.len() >= 20);
        prop_assert!(had_run || shown == text, "{} became {}", text, shown);
    }
}

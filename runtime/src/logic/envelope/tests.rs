#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use serde::de::{DeserializeSeed as _, IgnoredAny};

use super::*;
use crate::types::JsonPath;
use crate::types::code::CodeSeed;
use crate::types::envelope::Scalar;

const FLAT: Envelope = Envelope::new(&["code"])
    .message(&["message"])
    .data(&["data"])
    .ok(&[Scalar::Int(0), Scalar::Text("ok")], false);

const LENIENT: Envelope = FLAT.ok(&[Scalar::Int(0), Scalar::Int(200)], true);

const DIRECTUS: Envelope = Envelope::new(&["errors", "0", "extensions", "code"])
    .message(&["errors", "0", "message"])
    .data(&["data"])
    .ok(&[], true);

const SHARED: Envelope =
    Envelope::new(&["result", "code"]).data(&["result", "list", "1"]).ok(&[Scalar::Int(0)], false);

const WHOLE: Envelope = Envelope::new(&["code"]).ok(&[Scalar::Int(0)], true);

const INSIDE: Envelope =
    Envelope::new(&["data", "code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);

#[derive(Debug, PartialEq, Deserialize)]
struct Item {
    price: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Items {
    items: Vec<Item>,
}

/// Reads a response whose value is a `T`.
fn opened<'a, T: DeserializeOwned>(envelope: &Envelope, body: &'a [u8]) -> Opened<'a> {
    open(envelope, body, &mut decoding::<T>(drop))
}

/// A summary of the result.
fn say<T: DeserializeOwned + std::fmt::Debug>(envelope: &Envelope, body: &str) -> String {
    let mut value = None;
    let opened = open(envelope, body.as_bytes(), &mut decoding::<T>(|it| value = Some(it)));
    match opened {
        Opened::Taken => format!("{:?}", value.unwrap()),
        Opened::Rejected(code) => format!("rejected {code}"),
        Opened::NoCode => "no code".to_owned(),
        Opened::Broken(broken) => format!("broken {broken}"),
    }
}

#[test]
fn a_success_code_yields_the_value_in_any_order() {
    for body in [
        r#"{"code":0,"message":"ok","data":[1,2]}"#,
        r#"{"data":[1,2],"message":"ok","code":0}"#,
        r#"{"more":{"code":5},"code":"0","data":[1,2],"rest":[[]]}"#,
        r#" {"code" : 0.0 , "data" : [ 1 , 2 ] } "#,
        r#"{"code":"ok","data":[1,2]}"#,
        r#"{"code":null,"data":[1,2],"code":0}"#,
        r#"{"\u0063ode":0,"d\u0061ta":[1,2]}"#,
        r#"{"cost":7,"mode":7,"codes":7,"dada":"x","code":0,"data":[1,2]}"#,
        "\u{feff}{\"code\":0,\"data\":[1,2]}",
    ] {
        assert_eq!(say::<Vec<u8>>(&FLAT, body), "[1, 2]", "{body}");
    }
}

#[test]
fn a_bad_code_wins_over_everything_else() {
    for body in [
        r#"{"code":1234,"message":"token expired","data":{}}"#,
        r#"{"data":{},"message":{"x":[1]},"code":1234}"#,
        r#"{"data":[1,2],"code":"1234"}"#,
        r#"{"data":[1,"x"],"code":1234}"#,
        r#"{"code":1234,"data":[1,2"#,
        r#"{"code":1234} and more"#,
        r#"{"code":1234,"code":0,"data":[1,2]}"#,
        r#"{"code":"1234""#,
        r#"{"code":1234 "#,
        r#"{"code":1234,"n":12"#,
        r#"{"code":1234,<html>"#,
        r#"{"data":[1,"#,
    ] {
        let expected = if body.contains("code") { "rejected 1234" } else { "broken" };
        assert!(say::<Vec<u8>>(&FLAT, body).starts_with(expected), "{body}");
    }
    let said = opened::<Vec<u8>>(&FLAT, b"{\"message\":\"\xff\xfe\",\"code\":1234}");
    assert!(matches!(said, Opened::Rejected(Code::Int(1234))), "{said:?}");
}

#[test]
fn a_body_without_a_code_counts_as_declared() {
    for (body, lenient) in [
        (r#"{"data":[1]}"#, "[1]"),
        (r#"{"code":null,"data":[1]}"#, "[1]"),
        (r#"{"code":{},"data":[1]}"#, "[1]"),
        (r#"{"code":[],"data":[1]}"#, "[1]"),
        (r#"{"Code":7,"data":[1]}"#, "[1]"),
        (r#"{"data":["x"]}"#, "broken data[0]: invalid type"),
        (r#"{}"#, "broken data: nothing is there"),
        (r#"[]"#, "broken data: nothing is there"),
        (r#""text""#, "broken data: nothing is there"),
        ("null", "broken data: nothing is there"),
        ("-7.5", "broken data: nothing is there"),
        ("true", "broken data: nothing is there"),
        ("", "broken data: nothing is there"),
        (" \r\n", "broken data: nothing is there"),
    ] {
        assert_eq!(say::<Vec<u8>>(&FLAT, body), "no code", "{body}");
        let said = say::<Vec<u8>>(&LENIENT, body);
        assert!(said.starts_with(lenient), "{body}: {said}");
    }
}

#[test]
fn a_code_of_any_other_kind_is_not_a_missing_code() {
    for (code, shown) in [
        (r#"{"code":0}"#, "{..}"),
        ("[0]", "[..]"),
        ("[null]", "[..]"),
        ("0.5", "a fraction"),
        ("100000000000000000000", "a large number"),
    ] {
        for body in [
            format!(r#"{{"code":{code},"data":[1]}}"#),
            format!(r#"{{"data":[1],"code":{code}}}"#),
            format!(r#"{{"data":["x"],"code":{code}}}"#),
        ] {
            for envelope in [&FLAT, &LENIENT] {
                assert_eq!(say::<Vec<u8>>(envelope, &body), format!("rejected {shown}"), "{body}");
            }
        }
    }
}

#[test]
fn types_that_can_do_without_a_value_do() {
    for body in [r#"{"code":0}"#, r#"{"code":0,"data":null}"#] {
        assert_eq!(say::<()>(&FLAT, body), "()");
        assert_eq!(say::<Option<u8>>(&FLAT, body), "None");
        assert_eq!(say::<IgnoredAny>(&FLAT, body), "IgnoredAny");
    }
    assert_eq!(say::<()>(&LENIENT, ""), "()");
    assert_eq!(say::<IgnoredAny>(&FLAT, r#"{"code":0,"data":{"x":[1]}}"#), "IgnoredAny");
    let said = say::<u8>(&FLAT, r#"{"code":0,"rows":[]}"#);
    assert!(said.starts_with("broken data: nothing is there at line 1"), "{said}");
    let said = say::<u8>(&FLAT, r#"{"code":0,"data":null}"#);
    assert!(said.starts_with("broken data: invalid type: null, expected u8"), "{said}");
}

#[test]
fn code_and_value_may_lie_deep() {
    let rejected = r#"{"errors":[{"message":"over","extensions":{"code":"TOKEN_EXPIRED"}}]}"#;
    assert_eq!(say::<u8>(&DIRECTUS, rejected), "rejected TOKEN_EXPIRED");
    assert_eq!(message(&DIRECTUS, rejected.as_bytes()).unwrap(), "over");
    for body in [
        r#"{"data":7}"#,
        r#"{"data":7,"errors":[]}"#,
        r#"{"data":7,"errors":null}"#,
        r#"{"data":7,"errors":"none"}"#,
        r#"{"errors":[7,{"extensions":{"code":1}}],"data":7}"#,
        r#"{"errors":{"0":7},"data":7}"#,
        r#"{"errors":[{"extensions":[]}],"data":7}"#,
        r#"{"errors":[{"extensions":1.5}],"data":7}"#,
        r#"{"errors":true,"data":7}"#,
    ] {
        assert_eq!(say::<u8>(&DIRECTUS, body), "7", "{body}");
    }
    // A map can have a name that looks like a number.
    let named = r#"{"errors":{"0":{"extensions":{"code":"X"}}}}"#;
    assert_eq!(say::<u8>(&DIRECTUS, named), "rejected X");
    assert_eq!(say::<u8>(&SHARED, r#"{"result":{"list":[1,2,3],"code":0}}"#), "2");
    assert_eq!(say::<u8>(&SHARED, r#"{"result":{"list":["x","y"],"code":4}}"#), "rejected 4");
    let said = say::<u8>(&SHARED, r#"{"result":{"code":0,"list":[1]}}"#);
    assert!(said.starts_with("broken result.list.1: nothing is there"), "{said}");
}

#[test]
fn without_a_place_for_the_value_it_is_the_whole_body() {
    #[derive(Debug, Deserialize)]
    struct User {
        #[expect(dead_code, reason = "shown")]
        name: String,
    }
    assert_eq!(say::<User>(&WHOLE, r#"{"name":"x","code":0}"#), "User { name: \"x\" }");
    assert_eq!(say::<User>(&WHOLE, r#"{"name":"x"}"#), "User { name: \"x\" }");
    assert_eq!(say::<User>(&WHOLE, r#"{"message":"no","code":5}"#), "rejected 5");
    assert_eq!(say::<Vec<u8>>(&WHOLE, "[1]"), "[1]");
    assert!(say::<User>(&WHOLE, r#"{"code":0}"#).starts_with("broken missing field `name`"));
    let strict = WHOLE.ok(&[Scalar::Int(0)], false);
    assert_eq!(say::<User>(&strict, r#"{"name":"x"}"#), "no code");
    assert!(say::<User>(&strict, "<html>").starts_with("broken expected value at line 1"));
}

#[test]
fn a_code_within_the_value_is_judged_first() {
    assert_eq!(say::<IgnoredAny>(&INSIDE, r#"{"data":{"x":1,"code":0}}"#), "IgnoredAny");
    assert_eq!(say::<Items>(&INSIDE, r#"{"data":{"x":1,"code":3}}"#), "rejected 3");
    let said = say::<Items>(&INSIDE, r#"{"data":{"code":0}}"#);
    assert!(said.starts_with("broken data: missing field `items`"), "{said}");
}

#[test]
fn a_response_that_does_not_match_the_declared_type_says_where() {
    let cases = [
        (
            r#"{"code":0,"data":{"items":[{"price":1},{"price":2},{"price":3},{"price":"x"}]}}"#,
            "data.items[3].price: invalid type: string \"x\", expected f64 at line 1 column 75",
        ),
        (
            "{\"code\":0,\n \"data\":{\"items\":[\n  {\"prize\":1}]}}",
            "data.items[0]: missing field `price` at line 3 column 13",
        ),
        (r#"{"data":{"items":[null]},"code":0}"#, "data.items[0]: invalid type: null"),
        (r#"{"data":{"items":7},"code":0}"#, "data.items: invalid type: integer `7`"),
        (r#"{"code":0,"data":{"items":[{"price":1}"#, "data.items[0]: EOF while parsing a list"),
        (r#"{"code":0,"data":{"items":[]}"#, "data: EOF while parsing an object"),
        (r#"{"code":0,"data":{"items":[]}} x"#, "trailing characters"),
        ("<html><body>", "expected value at line 1 column 1, near `<html><body>`"),
    ];
    for (body, expected) in cases {
        let said = say::<Items>(&FLAT, body);
        let said = said.strip_prefix("broken ").unwrap_or(&said);
        assert!(said.starts_with(expected), "{body}:\n{said}\n{expected}");
    }
}

#[test]
fn a_discreet_error_quotes_nothing() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoded")]
    struct Session {
        token: String,
        lifetime: u32,
        kind: Kind,
    }
    #[derive(Debug, Deserialize)]
    enum Kind {
        Bearer,
    }
    for (body, expected) in [
        (
            r#"{"token":"hunter2","lifetime":"hunter2"}"#,
            "lifetime: another value, expected u32 at line",
        ),
        (
            r#"{"token":"hunter2","lifetime":1,"kind":"hunter2"}"#,
            "kind: another value, expected `Bearer`",
        ),
        (r#"{"token":"hunter2"}"#, "missing field `lifetime` at line 1"),
        (r#"{"token":"hunter2"#, "token: EOF while parsing a string at line 1"),
        (r#"{"token":{"hunter2":1}}"#, "token: another value, expected a string"),
        (r#""hunter2""#, "another value, expected struct Session"),
    ] {
        let said = piece::<Session>(body.as_bytes()).unwrap_err().discreet().to_string();
        let reason = said.strip_prefix("it holds no usable token: ").unwrap();
        assert!(reason.starts_with(expected), "{body}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let said = piece::<crate::types::tokens::Tokens>(b"{\"token\":7}").unwrap_err().discreet();
    let expected = "it holds no usable token: `token` is not a string at line 1 column 11";
    assert_eq!(said.to_string(), expected);
}

#[test]
fn an_empty_body_without_envelope_is_null() {
    assert!(piece::<()>(b"").is_ok());
    assert_eq!(piece::<Option<u8>>(b" \n").unwrap(), None);
    assert_eq!(piece::<Option<u8>>("\u{feff}7".as_bytes()).unwrap(), Some(7));
    assert!(piece::<u8>(b"").unwrap_err().to_string().starts_with("invalid type: null"));
    assert_eq!(
        piece::<Items>(br#"{"items":[{"price":[]}]}"#).unwrap_err().to_string(),
        "items[0].price: invalid type: sequence, expected f64 at line 1 column 19, \
         near `{\"items\":[{\"price\":[]}]}`"
    );
}

#[test]
fn a_value_is_found_wherever_it_lies() {
    let cases: &[(JsonPath, &str, Option<&str>)] = &[
        (&["code"], r#"{"code":7}"#, Some("7")),
        (&[], "7", Some("7")),
        (&["a", "b"], r#"{"a":{"c":1,"b":"x"}}"#, Some("x")),
        (&["1", "b"], r#"[0,{"b":true}]"#, Some("true")),
        (&["soft_logout"], r#"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":true}"#, Some("true")),
        (&["code"], r#"{"code":"7""#, Some("7")),
        (&["code"], r#"{"code":7,"#, Some("7")),
        (&["code"], r#"{"code":7"#, None),
        (&["code"], r#"{"code":7.0"#, None),
        (&["code"], r#"{"code":7e0"#, None),
        (&["code"], r#"{"code":-7"#, None),
        (&["code"], r#"{"code":7,"n":7.5"#, Some("7")),
        (&["code"], r#"{"code":7,"n":-7"#, Some("7")),
        (&["code"], r#"{"a":"#, None),
        (&["code"], r#"{"a":1}"#, None),
        (&["code"], r#"[{"code":7}]"#, None),
        (&["code"], "<html>", None),
        (&["code"], "", None),
        (&["a", "b"], r#"{"a":7}"#, None),
        (&["a"], r#"{"a":{"b":1}}"#, None),
        (&["9"], "[1,2]", None),
    ];
    for (path, body, expected) in cases {
        let found = scan(path, body.as_bytes()).map(|code| code.to_string());
        assert_eq!(found.as_deref(), *expected, "{path:?} {body}");
    }
}

#[test]
fn a_message_is_text() {
    let message = |body: &str| message(&FLAT, body.as_bytes());
    assert_eq!(message(r#"{"code":1,"message":"no \"way\""}"#).unwrap(), "no \"way\"");
    assert_eq!(message(r#"{"message":42}"#).unwrap(), "42");
    assert_eq!(message(r#"{"message":{"email":["required"]}}"#), None);
    assert_eq!(message(r#"{"message":null}"#), None);
}

#[test]
fn hostile_bodies_are_errors_and_nothing_worse() {
    let deep = |open: &str, count: usize| open.repeat(count);
    let nested = format!("{}{}", deep("[", 100_000), deep("]", 100_000));
    let bodies: Vec<Vec<u8>> = vec![
        deep("[", 100_000).into(),
        deep("{\"a\":", 100_000).into(),
        deep("{\"data\":", 100_000).into(),
        deep("{\"errors\":[", 100_000).into(),
        format!(r#"{{"data":{},"#, deep("[", 100_000)).into(),
        format!(r#"{{"code":{},"#, deep("[", 100_000)).into(),
        format!(r#"{{"{}":1"#, "k".repeat(1_000_000)).into(),
        format!(r#"{{"code":"{}"#, "9".repeat(1_000_000)).into(),
        b"{\"code\":0,\"data\":\"\xff\xfe\"}".to_vec(),
        b"\xff\xfe{\0\"\0c\0o\0d\0e\0".to_vec(),
        b"{\"code\":0,\"data\":\"\\ud800\"}".to_vec(),
        b"\0\0\0\0".to_vec(),
        b"<!DOCTYPE html><html></html>".to_vec(),
        b"{\"code\":0,\"data\":1e999999}".to_vec(),
    ];
    for body in &bodies {
        for envelope in [&FLAT, &LENIENT, &DIRECTUS, &SHARED, &WHOLE, &INSIDE] {
            let found = opened::<Vec<String>>(envelope, body);
            assert!(matches!(found, Opened::Broken(_) | Opened::NoCode), "{found:?}");
            if let Opened::Broken(broken) = found {
                assert!(broken.to_string().len() < 1200, "{broken}");
            }
        }
        assert!(piece::<serde_json::Value>(body).is_err());
    }
    // Deep nesting elsewhere does no harm.
    let beside = format!(r#"{{"x":{nested},"code":0,"data":7}}"#);
    assert_eq!(say::<u8>(&FLAT, &beside), "7");
    let before = format!(r#"{{"data":{nested},"code":1234}}"#);
    assert_eq!(say::<serde_json::Value>(&FLAT, &before), "rejected 1234");
}

#[test]
fn every_cut_of_an_response_is_judged_without_a_panic() {
    let body =
        r#"{"message":"ü\n\u00e9","data":{"items":[{"price":1.5e3},{"price":-0}]},"code":1234}"#;
    for end in 0..body.len() {
        let cut = &body.as_bytes()[..end];
        for envelope in [&FLAT, &LENIENT, &DIRECTUS, &WHOLE, &INSIDE] {
            let found = opened::<Items>(envelope, cut);
            let judged = match found {
                Opened::Taken => false,
                Opened::Rejected(code) => {
                    panic!("{code} was cut: {}", String::from_utf8_lossy(cut))
                }
                Opened::NoCode | Opened::Broken(_) => true,
            };
            assert!(judged, "{}", String::from_utf8_lossy(cut));
        }
    }
}

/// The result of a reference reader that parses the whole body first.
fn by_the_whole(envelope: &Envelope, body: &[u8]) -> Option<String> {
    let whole: serde_json::Value = serde_json::from_slice(plain(body)).ok()?;
    let at = |path: &[&str]| {
        path.iter().try_fold(&whole, |inner, name| match inner {
            serde_json::Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        })
    };
    let code = at(envelope.code).and_then(|code| {
        let text = code.to_string();
        CodeSeed
            .deserialize(&mut serde_json::Deserializer::from_str(&text))
            .ok()?
            .map(Code::into_owned)
    });
    Some(match code {
        Some(code) if !is_good(envelope, &code) => rejected(&code),
        None if !envelope.ok_absent => "no code".to_owned(),
        _ => match at(envelope.data?).map_or(Ok(None), Option::<Items>::deserialize) {
            Ok(items) => format!("{items:?}"),
            Err(_) => "broken".to_owned(),
        },
    })
}

/// A fraction may be rounded, and here it is read twice.
fn rejected(code: &Code<'_>) -> String {
    match code.to_string().parse::<f64>() {
        Ok(number) if number.fract() != 0.0 || number.abs() > 1e15 => {
            format!("rejected {number:.9e}")
        }
        _ => format!("rejected {code}"),
    }
}

#[test]
fn the_walk_agrees_with_a_reader_of_the_whole() {
    let seeds = [
        r#"{"code":0,"message":"ok","data":{"items":[{"price":1.5},{"price":-0}]}}"#,
        r#"{"data":{"items":[{"price":2}]},"code":1234,"message":{"why":[1,{"x":"\"}"}]}}"#,
        r#"{ "errors" : [ { "extensions" : { "code" : "X" } } ], "data" : null }"#,
        r#"{"d\u0061ta":{"items":[]},"c\u006fde":"0","":[[],{}],"ü":"\n"}"#,
        r#"{"result":{"list":[1,{"items":[]}],"code":0}}"#,
    ];
    let bits = b"{}[]\",:0127eE.-+ntrufalse \\\n\xff\x01";
    let mut state = 7_u64;
    let mut roll = |sides: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    let mut compared = 0;
    for round in 0..10_000 {
        let mut body = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..roll(4) {
            let at = roll(body.len());
            match roll(3) {
                0 => drop(body.remove(at)),
                1 => body.insert(at, bits[roll(bits.len())]),
                _ => body[at] = bits[roll(bits.len())],
            }
        }
        for envelope in [&FLAT, &LENIENT, &DIRECTUS, &SHARED] {
            let mut value = None;
            let opened = open(envelope, &body, &mut decoding::<Option<Items>>(|it| value = it));
            let Some(expected) = by_the_whole(envelope, &body) else { continue };
            let said = match opened {
                Opened::Taken => format!("{value:?}"),
                Opened::Rejected(code) => rejected(&code),
                Opened::NoCode => "no code".to_owned(),
                Opened::Broken(_) => "broken".to_owned(),
            };
            assert_eq!(said, expected, "{}", String::from_utf8_lossy(&body));
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn a_code_that_comes_twice_is_a_success_only_if_both_are() {
    let envelope = Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    for (body, is_good) in [
        (r#"{"code":0,"data":1,"code":1234}"#, false),
        (r#"{"code":0,"code":7,"data":1}"#, false),
        (r#"{"code":1234,"code":0,"data":1}"#, false),
        (r#"{"code":0,"data":1,"code":0}"#, true),
        (r#"{"code":0,"data":1,"code":null}"#, true),
    ] {
        let mut place = decoding(|_: u64| ());
        let opened = open(&envelope, body.as_bytes(), &mut place);
        assert_eq!(matches!(opened, Opened::Taken), is_good, "{body}");
        assert_eq!(matches!(opened, Opened::Rejected(_)), !is_good, "{body}");
    }
}

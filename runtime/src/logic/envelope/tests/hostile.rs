//! Damaged bodies of any kind are errors and nothing worse, and the walk agrees with a reader of the whole.

use serde::Deserialize;
use serde::de::DeserializeSeed as _;

use super::super::*;
use super::{DIRECTUS, FLAT, INSIDE, Items, LENIENT, SHARED, WHOLE, opened, say};
use crate::types::code::CodeSeed;

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
    // A code that cannot be read is none that is missing.
    for (code, said) in [
        (&*nested, "rejected [..]"),
        (&*format!("{},", deep("[", 100_000)), "rejected a value that cannot be read"),
        ("1e999", "rejected a value that cannot be read"),
        (r#""\ud800""#, "rejected a value that cannot be read"),
    ] {
        let body = format!(r#"{{"code":{code},"data":["7"]}}"#);
        for envelope in [&FLAT, &LENIENT] {
            assert_eq!(say::<Vec<String>>(envelope, &body), said);
        }
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

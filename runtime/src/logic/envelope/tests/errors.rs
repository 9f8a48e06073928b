//! Errors say where a value does not match, and those of responses with tokens quote nothing.

use serde::Deserialize;

use super::super::*;
use super::{FLAT, Items, say};

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
        let reason = said.strip_prefix("it has no usable token: ").unwrap();
        assert!(reason.starts_with(expected), "{body}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let said = piece::<crate::types::tokens::Tokens>(b"{\"token\":7}").unwrap_err().discreet();
    let expected = "it has no usable token: `token` is not a string at line 1 column 11";
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

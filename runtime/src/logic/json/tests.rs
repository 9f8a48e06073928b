//! Values in bodies: where they are found, and how they are replaced.

use super::*;
use crate::types::JsonPath;

#[test]
fn a_value_in_a_body_is_replaced_and_the_rest_stays_to_the_byte() {
    for (body, path, expected) in [
        ("", &["a"] as JsonPath, r#"{"a":"x"}"#),
        ("{ }", &["a"], r#"{"a":"x"}"#),
        (r#"{"b": 1.10 , "a":null}"#, &["a"], r#"{"b": 1.10 , "a":"x"}"#),
        (r#"{"b":[{"a":1}], "é":"}"}"#, &["a"], r#"{"b":[{"a":1}], "é":"}","a":"x"}"#),
        (r#"{"p":{"size":2,"a":"old"},"z":1}"#, &["p", "a"], r#"{"p":{"size":2,"a":"x"},"z":1}"#),
        (r#"{"p":null}"#, &["p", "a"], r#"{"p":{"a":"x"}}"#),
        ("{}", &["p", "a"], r#"{"p":{"a":"x"}}"#),
    ] {
        assert_eq!(with_value(body, path, &Scalar::text("x")).as_deref(), Ok(expected));
    }
    assert!(with_value("[1]", &["a"], &Scalar::text("x")).is_err());
    assert_eq!(scalar_at(&["p", "a"], br#"{"p":{"a":7}}"#).as_deref(), Some("7"));
}

#[test]
fn a_text_becomes_a_member_of_an_object() {
    assert_eq!(with_text("", "token", "a\"b").as_deref(), Ok(r#"{"token":"a\"b"}"#));
    let changed = with_text(r#"{"x":1,"token":null}"#, "token", "7");
    assert_eq!(changed.as_deref(), Ok(r#"{"x":1,"token":"7"}"#));
    assert!(with_text("7", "token", "x").is_err());
}

#[test]
fn only_a_value_other_than_null_false_and_empty_counts_as_present() {
    for (body, expected) in [
        (r#"{"errors":[{"message":"no"}]}"#, true),
        (r#"{"errors":"no"}"#, true),
        (r#"{"errors":{"a":1}}"#, true),
        (r#"{"errors":0}"#, true),
        (r#"{"errors":true}"#, true),
        (r#"{"errors":false}"#, false),
        (r#"{"errors":null}"#, false),
        (r#"{"errors":[ ]}"#, false),
        (r#"{"errors":{}}"#, false),
        (r#"{"errors":""}"#, false),
        ("{}", false),
        ("[]", false),
        ("<html>", false),
    ] {
        assert_eq!(is_given(&["errors"], body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn a_string_or_a_number_is_a_scalar_and_nothing_else() {
    for (body, expected) in [
        (r#"{"a":{"b":"x\n"}}"#, Some("x\n")),
        (r#"{"a":{"b":-1.50}}"#, Some("-1.50")),
        (r#"{"a":{"b":0}}"#, Some("0")),
        (r#"{"a":{"b":true}}"#, None),
        (r#"{"a":{"b":null}}"#, None),
        (r#"{"a":{"b":[1]}}"#, None),
        (r#"{"a":null}"#, None),
        (r#"{"a":7}"#, None),
    ] {
        assert_eq!(scalar_at(&["a", "b"], body.as_bytes()).as_deref(), expected, "{body}");
    }
}

#[test]
fn any_value_but_null_is_text_in_one_line_with_each_digit() {
    let body = "\u{feff}{\"a\": {\"b\": \"x \\\" y\", \"n\": 12345678901234567890.10,\n \"t\": true, \"none\": null,\r\n\
                \"l\": [ 1,\t\"a b\", \"\\\\\" , {\"k\" : \" \\\" \"} ]}}";
    let text = |path: &[&str]| text_at(path, body.as_bytes());
    for (path, expected) in [
        (&["a", "b"] as &[&str], Some("x \" y")),
        (&["a", "n"], Some("12345678901234567890.10")),
        (&["a", "t"], Some("true")),
        (&["a", "none"], None),
        (&["a", "absent"], None),
        (&["a", "b", "c"], None),
        (&["a", "l", "1"], Some("a b")),
        (&["a", "l"], Some(r#"[1,"a b","\\",{"k":" \" "}]"#)),
    ] {
        assert_eq!(text(path).as_deref(), expected, "{path:?}");
    }
    assert_eq!(text_at(&["a"], b"no JSON"), None);
}

#[test]
fn members_are_replaced_at_any_depth_and_all_else_stays() {
    let hidden = |text| without_members(text, |name| name == "pin", "0");
    for (text, expected) in [
        (r#"{"pin":471199,"a":1.50}"#, Some(r#"{"pin":0,"a":1.50}"#)),
        (
            r#" [ {"b" : 1, "\u0070in": {"pin": 2}} , "pin"] "#,
            Some(r#" [ {"b" : 1, "\u0070in": 0} , "pin"] "#),
        ),
        (
            r#"{"pin":1,"a":[[{"pin":"1"}]],"pin":null}"#,
            Some(r#"{"pin":0,"a":[[{"pin":0}]],"pin":0}"#),
        ),
        (r#"{"a":{"pins":1}}"#, None),
        (r#"["pin",7]"#, None),
        (r#"{"pin":1"#, None),
        (r#"{"pin":1} {}"#, None),
        ("pin", None),
        ("", None),
    ] {
        assert_eq!(hidden(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn what_is_too_deep_to_be_searched_is_replaced_as_a_whole() {
    let nested = |inner: &str, depth| "[".repeat(depth) + inner + &"]".repeat(depth);
    let hidden = |text: &str| without_members(text, |name| name == "pin", "0");
    let pin = r#"{"pin":1}"#;
    assert_eq!(hidden(&nested(pin, DEEPEST)), Some(nested(r#"{"pin":0}"#, DEEPEST)));
    assert_eq!(hidden(&nested(pin, DEEPEST + 1)), Some(nested("0", DEEPEST + 1)));
    assert_eq!(hidden(&nested("", DEEPEST)), None);
}

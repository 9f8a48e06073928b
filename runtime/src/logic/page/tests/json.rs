//! Values in bodies: where they are found, and how they are replaced.

use super::super::*;
use super::{BY_CURSOR, BY_LAST};

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
        assert_eq!(with_json_value(body, path, &Scalar::text("x")).as_deref(), Ok(expected));
    }
    assert!(with_json_value("[1]", &["a"], &Scalar::text("x")).is_err());
    assert_eq!(json_value(&["p", "a"], br#"{"p":{"a":7}}"#).as_deref(), Some("7"));
}

#[test]
fn a_text_becomes_a_member_of_an_object() {
    assert_eq!(with_json_text("", "token", "a\"b").as_deref(), Ok(r#"{"token":"a\"b"}"#));
    let changed = with_json_text(r#"{"x":1,"token":null}"#, "token", "7");
    assert_eq!(changed.as_deref(), Ok(r#"{"x":1,"token":"7"}"#));
    assert!(with_json_text("7", "token", "x").is_err());
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
    let text = |path: &[&str]| json::text_at(path, body.as_bytes());
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
    assert_eq!(json::text_at(&["a"], b"no JSON"), None);
}

#[test]
fn items_are_found_with_an_envelope_and_without() {
    use crate::types::envelope::Scalar;
    const DECLARED: Envelope =
        Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    fn some(declared: Option<&Envelope>, place: JsonPath, body: &str) -> Option<Vec<u8>> {
        let mut found = None;
        match items(declared, &BY_LAST.items(place), body.as_bytes(), &mut found) {
            Opened::Taken => Some(found.unwrap_or_default()),
            _ => None,
        }
    }
    let plain = |place, body: &str| some(None, place, body);
    let enveloped = |place, body: &str| some(Some(&DECLARED), place, body);
    assert_eq!(plain(&[], "[1,2]"), Some(vec![1, 2]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"b":[1]}}"#), Some(vec![1]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"b":null}}"#), Some(vec![]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"c":[1]}}"#), None);
    assert_eq!(plain(&["0"], "[[1],[2]]"), Some(vec![1]));
    assert_eq!(enveloped(&[], r#"{"code":0,"data":[1]}"#), Some(vec![1]));
    assert_eq!(enveloped(&["data", "x"], r#"{"code":0,"data":{"x":[1]}}"#), Some(vec![1]));
    assert_eq!(enveloped(&["data", "x"], r#"{"code":9,"data":{"x":[1]}}"#), None);
}

#[test]
fn a_list_that_is_left_out_is_empty_only_where_that_is_declared() {
    let strict = BY_CURSOR.items(&["a", "b"]);
    let lenient = strict.may_be_absent(true);
    for (body, is_empty) in [
        (r#"{"a":{}}"#, true),
        ("{}", true),
        (r#"{"a":null}"#, true),
        (r#"{"a":[]}"#, false),
        (r#"{"a":7}"#, false),
        (r#"{"a.b":[1]}"#, false),
    ] {
        let open = |page: &Page| {
            let mut found: Option<Vec<u8>> = None;
            matches!(items(None, page, body.as_bytes(), &mut found), Opened::Taken)
        };
        assert_eq!((open(&strict), open(&lenient)), (false, is_empty), "{body}");
    }
}

#[test]
fn a_list_below_the_declared_place_is_never_an_empty_one() {
    use crate::types::envelope::Scalar;
    const DECLARED: Envelope =
        Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    let said = |declared: Option<&Envelope>, page: &Page, body: &str| {
        let mut found: Option<Vec<u8>> = None;
        match items(declared, page, body.as_bytes(), &mut found) {
            Opened::Taken => format!("{:?}", found.unwrap_or_default()),
            Opened::Broken(broken) => broken.to_string(),
            other => format!("{other:?}"),
        }
    };
    let rows = BY_LAST.items(&["rows"]);
    let lenient = rows.may_be_absent(true);
    let body = r#"{"code":0,"data":{"rows":[7],"total":1}}"#;
    let leads = "there is a list at `data.rows`: the places in `page(..)` start at the top of the body, \
                 write `items = \"data.rows\"`";
    for (declared, page) in [(Some(&DECLARED), &rows), (Some(&DECLARED), &lenient), (None, &rows)] {
        let said = said(declared, page, body);
        assert!(said.contains(leads), "{said}");
        assert!(!said.contains("empty = absent"), "{said}");
    }
    for (body, place) in [
        (r#"{"code":0,"data":{"total":1,"list":[7]}}"#, "data.list"),
        (r#"{"code":0,"errors":[],"data":{"total":1,"list":[7]}}"#, "errors"),
    ] {
        let said = said(Some(&DECLARED), &rows, body);
        let leads =
            format!("(there is a list at `{place}`; if that means an empty list, add `empty");
        assert!(said.contains(&leads), "{said}");
    }
    for body in [
        r#"{"code":0}"#,
        r#"{"code":0,"data":null}"#,
        r#"{"code":0,"data":{"rows":null}}"#,
        r#"{"code":0,"rows":null,"data":{"rows":[7]}}"#,
        r#"{"code":0,"meta":{"rows":[7]}}"#,
    ] {
        assert_eq!(said(Some(&DECLARED), &lenient, body), "[]", "{body}");
    }
}

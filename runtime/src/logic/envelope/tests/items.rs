//! Items of a stream, which have no envelope around them but may contain a code.

use super::super::*;
use super::FLAT;
use crate::types::envelope::Scalar;

const ERRORS: Envelope =
    Envelope::new(&["code"]).ok(&[Scalar::Text("PARTIAL")], false).ok_without(&["errors"]);

fn is_taken(envelope: Option<&Envelope>, body: &str) -> bool {
    item::<serde_json::Value>(envelope, body.as_bytes()).is_ok()
}

#[test]
fn an_item_fails_only_with_a_code_that_does_not_mean_success() {
    for (body, expected) in [
        (r#"{"code":0,"n":1}"#, true),
        (r#"{"n":1}"#, true),
        ("7", true),
        (r#"{"code":1234}"#, false),
        (r#"{"code":"EXPIRED","n":1}"#, false),
    ] {
        assert_eq!(is_taken(Some(&FLAT), body), expected, "{body}");
        assert!(is_taken(None, body), "{body}");
    }
    let error = item::<serde_json::Value>(Some(&FLAT), br#"{"code":1234}"#).unwrap_err();
    assert!(error.to_string().starts_with("the item is an error of the server"), "{error}");
}

#[test]
fn an_item_of_an_api_whose_errors_are_listed_fails_only_with_errors() {
    for (body, expected) in [
        (r#"{"n":1}"#, true),
        (r#"{"code":"EXPIRED"}"#, true),
        (r#"{"code":"EXPIRED","errors":[]}"#, true),
        (r#"{"code":"PARTIAL","errors":["late"]}"#, true),
        (r#"{"code":"EXPIRED","errors":["late"]}"#, false),
        (r#"{"errors":["late"]}"#, false),
    ] {
        assert_eq!(is_taken(Some(&ERRORS), body), expected, "{body}");
    }
}

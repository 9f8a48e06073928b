#![allow(clippy::unwrap_used)]

mod errors;
mod hostile;
mod items;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::*;
use crate::types::JsonPath;
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
        (r#"{}"#, "broken data: there is no value"),
        (r#"[]"#, "broken data: there is no value"),
        (r#""text""#, "broken data: there is no value"),
        ("null", "broken data: there is no value"),
        ("-7.5", "broken data: there is no value"),
        ("true", "broken data: there is no value"),
        ("", "broken data: there is no value"),
        (" \r\n", "broken data: there is no value"),
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
    assert!(said.starts_with("broken data: there is no value at line 1"), "{said}");
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
    assert!(said.starts_with("broken result.list.1: there is no value"), "{said}");
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

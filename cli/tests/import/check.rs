//! The changes of a newer document that break callers.

use std::fs;

use serde_json::{Value, json};

use super::{run, written};

/// A document with one call and a schema for each direction.
fn document() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.test/v1"}],
        "paths": {"/orders/{id}": {"post": {
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "sort", "in": "query", "schema": {"type": "string"}},
                {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
            ],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "properties": {"note": {"type": "string"}},
            }}}},
            "responses": {"200": {"description": "done", "content": {"application/json": {"schema": {
                "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}},
            }}}}},
        }}},
    })
}

/// The exit code and the report for a changed document.
fn checked(at: usize, change: impl Fn(&mut Value)) -> (i32, String) {
    let mut newer = document();
    change(&mut newer);
    let old = written(&format!("check-{at}"), &[("old.json", &document().to_string())]);
    let new = old.with_file_name("new.json");
    fs::write(&new, newer.to_string()).unwrap();
    let (code, found, said) = run(&["check", old.to_str().unwrap(), new.to_str().unwrap()]);
    assert!(said.is_empty() || code < 2, "{said}");
    (code, found)
}

type Change = Box<dyn Fn(&mut Value)>;

const CALL: &str = "/paths/~1orders~1{id}/post";

fn set(place: &str, value: Value) -> impl Fn(&mut Value) {
    let place = place.replace("CALL", CALL);
    move |document| {
        let (parent, name) = place.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.insert(name.to_owned(), value.clone())),
            other => other[name.parse::<usize>().unwrap()] = value.clone(),
        }
    }
}

#[test]
fn a_change_of_what_is_sent_or_received_breaks_callers() {
    let empty = json!({"description": "done"});
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let uuid = json!({"type": "string", "format": "uuid"});
    let body = "CALL/requestBody/content/application~1json/schema/properties/note";
    let changes = [
        ("CALL/responses", json!({"204": empty}), "the response has no body now"),
        ("CALL/responses/200", empty.clone(), "the response has no body now"),
        ("CALL/responses/204", empty, "the response may have no body now, with status 204"),
        (
            "CALL/responses",
            json!({"201": {"description": "done", "content": {"application/json": {
                "schema": strings,
            }}}}),
            "the response is array instead of object",
        ),
        ("CALL/parameters/0/schema", uuid, "the parameter `id` is string instead of integer"),
        (
            "CALL/parameters/1/schema/enum",
            json!(["newest", "oldest"]),
            "the parameter `sort` has to be one of `newest`, `oldest` now",
        ),
        (&format!("{body}/enum"), json!(["a"]), "the body.note has to be one of `a` now"),
        (
            "CALL/parameters/2/explode",
            json!(false),
            "the parameter `tags` is separated by commas instead of repeated",
        ),
        (
            "CALL/parameters/2/style",
            json!("pipeDelimited"),
            "the parameter `tags` is separated by `|` instead of repeated",
        ),
        (
            "/servers",
            json!([{"url": "https://shop.test/v2/"}]),
            "is below `/v2/` instead of `/v1/`",
        ),
        ("CALL/servers", json!([{"url": "/v3"}]), "is below `/v3/` instead of `/v1/`"),
    ];
    for (at, (place, value, expected)) in changes.into_iter().enumerate() {
        let (code, found) = checked(at, set(place, value));
        assert!(code == 1 && found.contains(expected), "{expected} in:\n{found}");
        assert!(found.contains("break callers of 1 operations"), "{found}");
    }
}

#[test]
fn another_spelling_of_the_same_breaks_nothing() {
    let path = |document: &mut Value| {
        let mut call = document["paths"]["/orders/{id}"].take();
        call["post"]["parameters"][0]["name"] = json!("number");
        document["paths"] = json!({"/orders/{number}": call});
    };
    let created = |document: &mut Value| {
        let responses = document.pointer_mut(&format!("{CALL}/responses")).unwrap();
        *responses = json!({"201": responses["200"]});
    };
    let kept: [Change; 6] = [
        Box::new(path),
        Box::new(created),
        Box::new(set("/servers", json!([{"url": "https://mirror.test/v1/"}]))),
        Box::new(set("CALL/parameters/2/explode", json!(true))),
        Box::new(set("CALL/parameters/2/style", json!("form"))),
        Box::new(set("CALL/parameters/1/explode", json!(false))),
    ];
    for (at, change) in kept.iter().enumerate() {
        let (code, found) = checked(100 + at, change);
        assert!(code == 0 && found.starts_with("0 changes"), "{found}");
    }
}

//! Each kind of mismatch is found in its place, and matching types have none.

mod instances;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::types::envelope::Envelope;
use crate::types::envelope::Scalar;

const ENVELOPE: &Envelope = &Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("Zoo", "animal", "GET", "/animals"),
    Endpoint::new("Zoo", "wrapped", "GET", "/wrapped").envelope(ENVELOPE),
];

/// A document of two operations: one returns an animal and takes one, and the other returns it in an envelope.
fn document() -> String {
    let animal = json!({ "$ref": "#/components/schemas/Animal" });
    let content = |schema: Value, more: Value| {
        let mut content = json!({ "schema": schema });
        if let (Some(to), Value::Object(more)) = (content.as_object_mut(), more) {
            to.extend(more);
        }
        json!({ "content": { "application/json": content } })
    };
    let wrapped = json!({
        "type": "object", "required": ["code", "data"],
        "properties": { "code": { "const": 0 }, "data": animal },
    });
    json!({
        "paths": {
            "/animals": { "get": {
                "requestBody": content(animal.clone(), json!({})),
                "responses": {
                    "404": content(json!({ "type": "string" }), json!({})),
                    "200": content(animal, json!({ "examples": { "old": { "value": { "id": 1, "age": 30 } } } })),
                },
            } },
            "/wrapped": { "get": { "responses": { "200": content(wrapped, json!({})) } } },
        },
        "components": { "schemas": { "Animal": {
            "type": "object", "required": ["id"],
            "properties": {
                "id": { "type": "integer" },
                "age": { "type": ["integer", "null"] },
                "kind": { "enum": ["cat", "dog"] },
                "owner": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
            },
        } } },
    })
    .to_string()
}

fn found(response: Option<Returns>, body: Option<Sends>) -> Vec<String> {
    let method = Method { name: "animal", path: "/animals", verb: "get", response, body };
    compare(&document(), ENDPOINTS, &[method]).mismatches.into_iter().collect()
}

#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Fits {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
}

#[test]
fn types_that_fit_have_no_mismatch() {
    let sends = (&&Body::<Fits>::NEW).__perennial_sends();
    assert_eq!(found(returns::<Fits, _>(Json), sends), [""; 0]);
    assert_eq!(found(returns::<Option<Fits>, _>(Maybe), None), [""; 0]);
    let wrapped = Method {
        name: "wrapped",
        path: "/wrapped",
        verb: "get",
        response: returns::<Fits, _>(Json),
        body: None,
    };
    assert!(compare(&document(), ENDPOINTS, &[wrapped]).mismatches.is_empty());
}

#[test]
fn a_response_that_is_not_decoded_and_a_field_that_is_not_there_are_named() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Strict {
        id: i64,
        kind: String,
        owner: Option<Named>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Named {
        name: String,
        nick: Option<String>,
    }
    let found = found(returns::<Strict, _>(Json), None).join("\n");
    for words in [
        "`animal`, the response of GET /animals: the smallest instance is not decoded",
        "the example `old` is not decoded",
        "missing field `kind`",
        "/owner: the type has `nick`, which the document does not",
    ] {
        assert!(found.contains(words), "{words} in:\n{found}");
    }
    assert!(!found.contains("the fullest instance is not"), "{found}");
}

#[test]
fn the_data_of_an_envelope_is_compared_with_its_own_schema() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct More {
        id: i64,
        size: Option<u8>,
    }
    let method = Method {
        name: "wrapped",
        path: "/wrapped",
        verb: "get",
        response: returns::<More, _>(Json),
        body: None,
    };
    let found = compare(&document(), ENDPOINTS, &[method]).mismatches;
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [
            "`wrapped`, the response of GET /wrapped: the value: the type has `size`, which the document does not"
        ]
    );
}

#[test]
fn a_body_that_lacks_a_required_field_and_one_that_needs_more_are_found() {
    #[derive(Debug, Serialize, Deserialize)]
    #[allow(dead_code)]
    struct Leaves {
        #[serde(skip_serializing)]
        id: i64,
    }
    let sends = (&&Body::<Leaves>::NEW).__perennial_sends();
    let text = found(None, sends).join("\n");
    assert!(
        text.contains("does not encode the smallest instance: the value: `id` is required"),
        "{text}"
    );

    #[derive(Debug, Serialize, Deserialize)]
    struct Needs {
        id: i64,
        breed: String,
    }
    let sends = (&&Body::<Needs>::NEW).__perennial_sends();
    let text = found(None, sends).join("\n");
    assert!(text.contains("cannot be the smallest instance: missing field `breed`"), "{text}");
    assert!(text.contains("the type has `breed`, which the document does not"), "{text}");
}

#[test]
fn a_body_type_that_is_not_decoded_is_named_as_not_compared() {
    #[derive(Debug, Serialize)]
    struct Written;
    let body = Body::<Written>::NEW.__perennial_sends();
    let method = Method { name: "animal", path: "/animals", verb: "get", response: None, body };
    let report = compare(&document(), ENDPOINTS, &[method]);
    assert!(report.mismatches.is_empty());
    assert_eq!(
        report.notes.into_iter().collect::<Vec<_>>(),
        ["the body of `animal` is not compared: its type does not implement `Deserialize`"]
    );
}

#[test]
fn an_example_that_contradicts_its_own_schema_is_reported_and_is_no_mismatch() {
    let document = document().replace(r#""age":30"#, r#""age":"old""#);
    let method = Method {
        name: "animal",
        path: "/animals",
        verb: "get",
        response: returns::<Fits, _>(Json),
        body: None,
    };
    let report = compare(&document, ENDPOINTS, &[method]);
    assert_eq!(report.mismatches.into_iter().collect::<Vec<_>>(), [""; 0]);
    assert_eq!(
        report.notes.into_iter().collect::<Vec<_>>(),
        [
            "`animal`, the response of GET /animals: the example `old` is not compared, since it contradicts its own \
          schema: /age: expected integer or null"
        ]
    );
}

#[test]
#[should_panic(expected = "1 mismatches with the document:\n  the document is not JSON")]
fn the_test_fails_with_a_list_of_all_mismatches() {
    check("{", ENDPOINTS, &[]);
}

#[test]
fn every_instance_fits_its_own_schema() {
    let root: Value = serde_json::from_str(&document()).expect("a document");
    let document = Document::new(&root);
    let operation = document.operation("/animals", "get").expect("an operation");
    let content = document.json_of(&operation["responses"]["200"]).expect("a content");
    let made = super::instances::of_content(document, content).values;
    let values: Vec<_> = made.iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(
        values,
        [
            json!({ "id": 1 }),
            json!({ "id": 1, "age": 1, "kind": "cat", "owner": { "name": "text" } }),
            json!({ "id": 1, "age": 30 }),
        ]
    );
    for (value, words) in [
        (json!({ "age": 1 }), "`id` is required"),
        (json!({ "id": "1" }), "/id: expected integer"),
        (json!({ "id": 1, "kind": "cow" }), "/kind: \"cow\" is not one of the values"),
        (json!({ "id": 1, "owner": {} }), "/owner: `name` is required"),
        (json!([]), "expected object"),
    ] {
        let problem = document.problem(&content["schema"], &value, "", 0).expect("a problem");
        assert!(problem.contains(words), "{value}: {problem}");
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Elder {
    id: i64,
    name: String,
}

#[test]
fn what_lies_beside_a_reference_is_compared_as_well() {
    let elder = json!({
        "$ref": "#/components/schemas/Animal",
        "required": ["name"], "properties": { "name": { "type": "string" } },
    });
    let content = json!({ "content": { "application/json": { "schema": elder } } });
    let document = json!({
        "paths": { "/animals": { "$ref": "#/components/pathItems/Animals" } },
        "components": {
            "pathItems": { "Animals": { "get": { "responses": { "200": content }, "requestBody": content } } },
            "schemas": { "Animal": {
                "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } },
            } },
        },
    })
    .to_string();
    let found = |response, body| -> Vec<String> {
        let method = Method { name: "animal", path: "/animals", verb: "get", response, body };
        compare(&document, ENDPOINTS, &[method]).mismatches.into_iter().collect()
    };
    let fits = returns::<Elder, _>(Json);
    assert_eq!(found(fits, (&&Body::<Elder>::NEW).__perennial_sends()), [""; 0]);
    let without = found(returns::<Id, _>(Json), (&&Body::<Id>::NEW).__perennial_sends());
    assert!(without.iter().any(|it| it.contains("`name` is required")), "{without:?}");
}

#[derive(Debug, Serialize, Deserialize)]
struct Id {
    id: i64,
}

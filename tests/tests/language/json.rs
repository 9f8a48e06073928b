//! `#[derive(Json)]` beside serde's own derive: both read and write the same.

use std::collections::BTreeMap;

use perennial::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Json)]
#[json(rename_all = "camelCase", tag = "object", value = "pet")]
struct Pet {
    pet_id: u64,
    #[json(rename = "+1")]
    plus_one: Option<i64>,
    #[json(required)]
    owner_name: Option<String>,
    #[json(null)]
    gone_at: Option<Option<String>>,
    r#type: Alias<Kind>,
    children: Vec<Pet>,
    #[json(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "object", rename = "pet")]
struct ByHand {
    pet_id: u64,
    #[serde(rename = "+1", skip_serializing_if = "Option::is_none")]
    plus_one: Option<i64>,
    owner_name: Option<String>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    gone_at: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Alias<Kind>,
    children: Vec<ByHand>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// An `Option` by another name.
type Alias<T> = Option<T>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Cat,
    Dog,
}

fn both<T: serde::de::DeserializeOwned + Serialize>(text: &str) -> Result<Value, String> {
    let value: T = serde_json::from_str(text).map_err(|it| it.to_string())?;
    // As a value and as text, which have serializers of their own.
    let text = serde_json::to_string(&value).unwrap();
    let value = serde_json::to_value(&value).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    Ok(value)
}

#[test]
fn the_derive_reads_and_writes_what_serdes_own_does() {
    for value in [
        json!({"petId": 1, "children": []}),
        json!({"object": "pet", "petId": 1, "+1": 2, "ownerName": "Ann", "goneAt": "now", "type": "cat", "children": []}),
        json!({"children": [{"petId": 2, "children": [], "a": [1, {"b": null}]}], "petId": 1, "ownerName": null, "goneAt": null, "type": null, "b": 1.5}),
    ] {
        let text = value.to_string();
        let mut expected = both::<ByHand>(&text).unwrap();
        let found = both::<Pet>(&text).unwrap();
        // serde's own keeps the constant among the others as well, and writes it twice.
        expected["object"] = json!("pet");
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn the_derive_rejects_what_serdes_own_does_and_names_the_field() {
    for text in [
        r#"{"children": []}"#,
        r#"{"petId": 1}"#,
        r#"{"petId": 1, "petId": 2, "children": []}"#,
        r#"{"petId": "1", "children": []}"#,
        r#"{"petId": 1, "children": [{"petId": 1}]}"#,
        r#"{"petId": 1, "children": [], "type": "fish"}"#,
        "7",
    ] {
        assert_eq!(
            both::<Pet>(text).unwrap_err().replace("struct Pet", "struct ByHand"),
            both::<ByHand>(text).unwrap_err(),
            "{text}"
        );
    }
}

#[test]
fn a_constant_field_beside_a_map_is_written_once() {
    let pet: Pet =
        serde_json::from_str(r#"{"object": "pet", "petId": 1, "children": []}"#).unwrap();
    assert_eq!(serde_json::to_string(&pet).unwrap().matches("\"object\"").count(), 1);
}

#[test]
fn a_struct_that_denies_unknown_fields_names_them() {
    #[derive(Debug, Json)]
    #[json(deny_unknown_fields)]
    struct Closed {
        #[allow(dead_code)]
        name: String,
    }
    let error = serde_json::from_str::<Closed>(r#"{"name": "a", "nome": 1}"#).unwrap_err();
    assert!(error.to_string().contains("unknown field `nome`"), "{error}");
}

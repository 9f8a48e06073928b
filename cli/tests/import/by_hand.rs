//! Names that were changed by hand, and imports that were added, when a document is imported again.

use std::fs;

use super::support::folder;
use super::{import, plain};

const SHOP: &str = r##"{ "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" }, "paths": {
  "/orders/{orderId}": { "get": { "operationId": "getOrder", "parameters": [{ "name": "orderId", "in": "path", "required": true, "schema": { "type": "integer" } }],
    "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } } } } },
  "/orders": { "get": { "operationId": "listOrders", "responses": { "200": { "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Order" } } } } } } } }
  },
  "components": { "schemas": {
    "Order": { "type": "object", "description": "An Order.", "properties": { "id": { "type": "integer" }, "first": { "$ref": "#/components/schemas/Item" } } },
    "Item": { "type": "object", "properties": { "sku": { "type": "string" } } }
  } } }"##;

#[test]
fn what_was_renamed_by_hand_follows_the_document_under_its_new_name() {
    let folder = folder("renamed");
    let (document, out) = (folder.join("shop.json"), folder.join("shop.rs"));
    fs::write(&document, SHOP).unwrap();
    let (_, first, said) = import(&document, &out, &[]);
    assert!(first.contains("pub trait Shop {"), "{said}");
    let by_hand = first
        .replace("pub trait Shop {", "pub trait Store {")
        .replace("fn get_order(", "fn order(")
        .replace("struct Order {", "struct Purchase {")
        .replace("struct Item {", "struct Thing {")
        .replace("<Order>", "<Purchase>")
        .replace("Option<Item>", "Option<Thing>");
    fs::write(&out, &by_hand).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!((code, &*text), (0, &*by_hand), "{said}");

    let newer = SHOP
        .replace("\"sku\"", "\"number\": { \"type\": \"string\" }, \"sku\"")
        .replace("\"id\": {", "\"note\": { \"type\": \"string\" }, \"id\": {")
        .replace("\"parameters\": [", "\"parameters\": [{ \"name\": \"full\", \"in\": \"query\", \"schema\": { \"type\": \"boolean\" } }, ")
        .replace("\"/orders\": {", "\"/last\": { \"get\": { \"operationId\": \"lastOrder\", \"responses\": { \"200\": { \"content\": { \"application/json\": { \"schema\": { \"$ref\": \"#/components/schemas/Order\" } } } } } } }, \"/orders\": {");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "pub trait Store {",
        "async fn order(&self, order_id: i64, #[query] full: Option<bool>) -> Result<Purchase>;",
        "async fn last_order(&self) -> Result<Purchase>;",
        "/// An Order.",
        "pub struct Purchase {",
        "pub note: Option<String>,",
        "pub first: Option<Thing>,",
        "pub struct Thing {",
        "pub number: Option<String>,",
    ] {
        assert!(plain(&text).contains(&plain(part)), "{part} in:\n{text}\n{said}");
    }
    for gone in ["pub trait Shop", "get_order", "struct Order", "struct Item", "<Order>"] {
        assert!(!text.contains(gone), "{gone} in:\n{text}");
    }
}

#[test]
fn manual_docs_attributes_and_types_stay_and_the_document_is_shown_beside_them() {
    let folder = folder("own");
    let (document, out) = (folder.join("shop.json"), folder.join("shop.rs"));
    fs::write(&document, SHOP).unwrap();
    let (_, first, _) = import(&document, &out, &[]);
    let by_hand = first
        .replace("use perennial::", "use std::time::Duration;\nuse perennial::")
        .replace("/// An Order.\n", "/// What a customer has bought.\n#[non_exhaustive]\n")
        .replace(
            "#[get(\"/orders\")]",
            "/// All of them.\n    #[get(\"/orders\", timeout = \"5s\")]",
        )
        .replace("pub id: Option<i64>", "pub id: Option<u32>");
    fs::write(&out, &by_hand).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!((code, &*text), (0, &*by_hand), "{said}");

    // The document changes there as well, and needs another name of the runtime.
    let newer = SHOP
        .replace("\"sku\"", "\"number\": { \"type\": \"string\" }, \"sku\"")
        .replace("\"id\": {", "\"note\": { \"type\": \"string\" }, \"id\": {")
        .replace("\"/orders\": {", "\"/photo\": { \"get\": { \"operationId\": \"photo\", \"responses\": { \"200\": { \"content\": { \"image/png\": {} } } } } }, \"/orders\": {");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("Order was changed by hand and in the document")
            && said.contains("+    pub note"),
        "{said}"
    );
    for part in [
        "use std::time::Duration;",
        "use perennial::Bytes;",
        "async fn photo(&self) -> Result<Bytes>;",
        "/// What a customer has bought.\n#[non_exhaustive]\n",
        "pub id: Option<u32>",
        "timeout = \"5s\"",
        "pub number: Option<String>,",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}\n{said}");
    }
    assert!(!text.contains("pub note"), "{text}");
}

#[test]
fn what_was_removed_by_hand_is_shown_when_it_changes_in_the_document() {
    let folder = folder("removed");
    let (document, out) = (folder.join("shop.json"), folder.join("shop.rs"));
    fs::write(&document, SHOP).unwrap();
    let (_, first, _) = import(&document, &out, &[]);
    let start = first.find("    #[get(\"/orders\")]").unwrap();
    let end = start + first[start..].find(";\n").unwrap() + 2;
    fs::write(&out, format!("{}{}", &first[..start], &first[end..])).unwrap();
    let (code, _, said) = import(&document, &out, &[]);
    assert_eq!(code, 0, "{said}");
    let newer = SHOP.replace("\"operationId\": \"listOrders\",", "\"operationId\": \"listOrders\", \"parameters\": [{ \"name\": \"limit\", \"in\": \"query\", \"schema\": { \"type\": \"integer\" } }],");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert!(
        code == 1
            && said.contains("Shop::list_orders was removed or renamed by hand")
            && said.contains("limit: Option<i64>"),
        "{said}"
    );
    assert!(!text.contains("list_orders"), "{text}");
}

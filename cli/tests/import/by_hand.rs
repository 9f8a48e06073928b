//! Names that were changed by hand, and imports that were added, when a document is imported again.

use std::fs;
use std::path::PathBuf;

use super::{document, import, plain, written};

const SHOP: &str = r##"{ "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" }, "paths": {
  "/orders/{orderId}": { "get": { "operationId": "getOrder", "parameters": [{ "name": "orderId", "in": "path", "required": true, "schema": { "type": "integer" } }],
    "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } } } } },
  "/orders": { "get": { "operationId": "listOrders", "responses": { "200": { "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Order" } } } } } } } }
  },
  "components": { "schemas": {
    "Order": { "type": "object", "description": "An Order.", "properties": { "id": { "type": "integer" }, "first": { "$ref": "#/components/schemas/Item" } } },
    "Item": { "type": "object", "properties": { "sku": { "type": "string" } } }
  } } }"##;

/// A document, and the file of its import, changed by hand. Imported again, the document changes nothing there, and
/// the flags of the first import apply.
fn changed_by_hand(
    name: &str,
    (file, text): (&str, &str),
    flags: &[&str],
    change: impl FnOnce(&str) -> String,
) -> (PathBuf, PathBuf) {
    let document = written(name, &[(file, text)]);
    let out = document.with_extension("rs");
    let (_, first, _) = import(&document, &out, flags);
    let by_hand = change(&first);
    assert_ne!(by_hand, first);
    fs::write(&out, &by_hand).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!((code, &*text), (0, &*by_hand), "{said}");
    (document, out)
}

/// A text without the part from `start` to the first `end` behind it.
fn without(text: &str, start: &str, end: &str) -> String {
    let start = text.find(start).unwrap();
    let end = start + text[start..].find(end).unwrap() + end.len();
    format!("{}{}", &text[..start], &text[end..])
}

#[test]
fn what_was_renamed_by_hand_follows_the_document_under_its_new_name() {
    let (document, out) = changed_by_hand("renamed", ("shop.json", SHOP), &[], |first| {
        assert!(first.contains("pub trait Shop {"), "{first}");
        first
            .replace("pub trait Shop {", "pub trait Store {")
            .replace("fn get_order(", "fn order(")
            .replace("struct Order {", "struct Purchase {")
            .replace("struct Item {", "struct Thing {")
            .replace("<Order>", "<Purchase>")
            .replace("Option<Item>", "Option<Thing>")
    });

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
    let (document, out) = changed_by_hand("own", ("shop.json", SHOP), &[], |first| {
        first
            .replace("use perennial::", "use std::time::Duration;\nuse perennial::")
            .replace("/// An Order.\n", "/// What a customer has bought.\n#[non_exhaustive]\n")
            .replace(
                "#[get(\"/orders\")]",
                "/// All of them.\n    #[get(\"/orders\", timeout = \"5s\")]",
            )
            .replace("pub id: Option<i64>", "pub id: Option<u32>")
    });

    // The document changes there as well, and needs another name of the runtime.
    let newer = SHOP
        .replace("\"sku\"", "\"number\": { \"type\": \"string\" }, \"sku\"")
        .replace("\"id\": {", "\"note\": { \"type\": \"string\" }, \"id\": {")
        .replace("\"/orders\": {", "\"/photo\": { \"get\": { \"operationId\": \"photo\", \"responses\": { \"200\": { \"content\": { \"image/png\": {} } } } } }, \"/orders\": {");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("Order was changed both manually and in the document")
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
    let (document, out) = changed_by_hand("removed", ("shop.json", SHOP), &[], |first| {
        without(first, "    #[get(\"/orders\")]", ";\n")
    });
    let newer = SHOP.replace("\"operationId\": \"listOrders\",", "\"operationId\": \"listOrders\", \"parameters\": [{ \"name\": \"limit\", \"in\": \"query\", \"schema\": { \"type\": \"integer\" } }],");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert!(
        code == 1
            && said.contains("Shop::list_orders was removed or renamed manually")
            && said.contains("limit: Option<i64>"),
        "{said}"
    );
    assert!(!text.contains("list_orders"), "{text}");
}

#[test]
fn a_second_import_keeps_manual_changes_and_follows_the_document_elsewhere() {
    let shelf = fs::read_to_string(document("shelf.yaml")).unwrap();
    // By hand: another type, another comment, a type of one's own, and one that was not wanted.
    let change = |first: &str| {
        let changed = first
            .replace(
                "pub struct Filter {\n",
                "pub struct Filter {\n    /// Ours.\n    pub ours: Option<bool>,\n",
            )
            .replace(
                "async fn get_reader(&self, name: &str)",
                "async fn get_reader(&self, name: impl AsRef<str> + Sync)",
            )
            + "\n/// Mine.\npub struct Mine;\n";
        without(
            &changed,
            "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(untagged)]\npub enum Unused",
            "\n}\n",
        )
    };
    let (document, out) =
        changed_by_hand("second", ("shelf.yaml", &shelf), &["--trait", "Shelf"], change);

    // In the document: a new field beside the one of ours, a new operation, and one that is gone.
    let newer = shelf
        .replace("        since: { type: integer }\n", "        since: { type: integer }\n        until: { type: integer }\n")
        .replace("        id: { type: integer }\n", "        id: { type: integer }\n        title: { type: string }\n")
        .replace("  /books/{book-id}/cover:\n", "  /news:\n    get: { operationId: news, responses: { 204: { description: None. } } }\n  /books/{book-id}/art:\n");
    fs::write(&document, newer).unwrap();
    let (code, text, said) = import(&document, &out, &[]);
    assert_eq!(code, 1, "a difference is there to be looked at: {said}");
    assert!(text.contains("pub ours: Option<bool>") && !text.contains("pub until"), "{text}");
    assert!(
        said.contains("Filter was changed both manually and in the document")
            && said.contains("+    pub until"),
        "{said}"
    );
    assert!(
        text.contains("pub title: Option<String>")
            && text.contains("async fn news(&self) -> Result<()>;"),
        "{text}"
    );
    assert!(
        text.contains("/books/{book_id}/art") && !text.contains("/books/{book_id}/cover"),
        "{text}"
    );
    assert!(
        text.contains("impl AsRef<str> + Sync")
            && text.contains("pub struct Mine;")
            && !text.contains("enum Unused"),
        "{text}"
    );
}

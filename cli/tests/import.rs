//! The output of an import, and the changes by hand that a second one keeps.

#![allow(clippy::unwrap_used)]

#[path = "import/again.rs"]
mod again;
#[path = "import/auth.rs"]
mod auth;
#[path = "import/by_hand.rs"]
mod by_hand;
#[path = "import/files.rs"]
mod files;
mod support;
#[path = "import/types.rs"]
mod types;
#[path = "import/unions.rs"]
mod unions;

use std::fs;
use std::path::{Path, PathBuf};

use support::{folder, run, workspace};

fn document(name: &str) -> PathBuf {
    workspace().join("cli/tests/documents").join(name)
}

/// Imports a document to a file, with flags, and gives the exit code, the text and what was said.
fn import(document: &Path, out: &Path, flags: &[&str]) -> (i32, String, String) {
    let mut arguments =
        vec!["perennial", "import", document.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(flags);
    let (code, _, said) = run(&arguments);
    (code, fs::read_to_string(out).unwrap_or_default(), said)
}

#[test]
fn the_example_is_what_an_import_makes_of_its_document() {
    let (example, folder) = (workspace().join("examples/src/openapi"), folder("example"));
    for name in ["shop.json", "shop.rs", "shop.lock"] {
        fs::copy(example.join(name), folder.join(name)).unwrap();
    }
    // Formatted as it is, nothing in it is of another opinion than the document.
    let (code, text, said) = import(&folder.join("shop.json"), &folder.join("shop.rs"), &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(text, fs::read_to_string(example.join("shop.rs")).unwrap());
    assert!(!said.contains("wrote"), "{said}");
}

#[test]
fn yaml_becomes_a_trait_with_everything_that_it_says() {
    let out = folder("shelf").join("shelf.rs");
    let (code, text, said) = import(&document("shelf.yaml"), &out, &[]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "base = \"https://eu.shelf.example/api\"",
        "pub trait BookShelf {",
        "#[get(\"/books\", page(link))]",
        "fn list_books(&self, #[query] q: Option<&str>, #[query(style = brackets)] filter: Option<&Filter>) -> Pages<Book>;",
        "#[put(\"/books/{book_id}/cover\")]",
        "book_id: i64,",
        "#[part] image: Part,",
        "#[part] caption: Option<&str>,",
        "#[part(json)] meta: Option<&Filter>",
        "#[deprecated]",
        "async fn get_reader(&self, name: &str) -> Result<Option<GetReaderResponse>>;",
        "pub sequel: Option<Box<Book>>,",
        "pub notes: Option<BTreeMap<String, String>>,",
        "pub enum BookType {",
        "EBook,",
        "Other(String),",
        "pub enum Unused {",
    ] {
        assert!(plain(&text).contains(&plain(part)), "{part} in:\n{text}");
    }
    assert!(
        said.contains("`{region}` of the server is `eu`")
            && said.contains("`{name}` is not declared"),
        "{said}"
    );
}

/// A text without what a formatter decides.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<String>().replace(",)", ")")
}

#[test]
fn only_named_operations_are_imported_and_the_types_shrink_with_them() {
    let out = folder("only").join("only.rs");
    let (code, text, said) =
        import(&document("shelf.yaml"), &out, &["--only", "tag:readers", "--trait", "Readers"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        text.contains("pub trait Readers")
            && text.contains("pub struct Book {")
            && !text.contains("Filter"),
        "{text}"
    );
    let (_, text, _) =
        import(&document("shelf.yaml"), &folder("types").join("types.rs"), &["--types-only"]);
    assert!(!text.contains("perennial::") && text.contains("pub enum Unused"), "{text}");
    let (code, _, said) = import(&document("shelf.yaml"), &out, &["--only", "tag:reader"]);
    assert!(code == 2 && said.contains("did you mean `readers`?"), "{said}");
}

#[test]
fn a_trait_for_each_tag_is_a_file_for_each() {
    let out = folder("per-tag").join("src/shelf");
    let (code, _, said) = import(&document("shelf.yaml"), &out, &["--per-tag"]);
    assert_eq!(code, 0, "{said}");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert!(
        read("mod.rs").contains("pub mod books;") && read("mod.rs").contains("pub struct Book {")
    );
    assert!(
        read("books.rs").contains("pub trait Books {")
            && read("readers.rs").contains("pub trait Readers {")
    );
    assert!(out.join("openapi.lock").is_file());
}

#[test]
fn a_dry_run_writes_nothing() {
    let out = folder("dry").join("dry.rs");
    let (code, text, said) = import(&document("shelf.yaml"), &out, &["--dry-run"]);
    assert_eq!((code, &*text), (0, ""));
    assert!(said.contains("would be written") && !out.with_extension("lock").exists(), "{said}");
}

#[test]
fn flags_say_what_the_document_leaves_out() {
    let out = folder("flags").join("flags.rs");
    let flags = ["--scheme", "Token", "--expired", "code=1234", "--refresh", "POST:/token/renew"];
    let (code, text, said) = import(&document("shelf.yaml"), &out, &flags);
    assert_eq!(code, 0, "{said}");
    assert!(
        text.contains("auth(scheme = \"Token\", expired(code = 1234))")
            && text.contains("envelope(code = \"code\""),
        "{text}"
    );
    assert!(
        text.contains("#[post(\"/token/renew\", refresh)]")
            && !text.contains("expiry_without_refresh"),
        "{text}"
    );
    let (code, _, said) = import(&document("shelf.yaml"), &out, &["--expired", "body=1"]);
    assert!(code == 2 && said.contains("`body` is not part of a rule"), "{said}");
}

#[test]
fn a_second_import_keeps_manual_changes_and_follows_the_document_elsewhere() {
    let folder = folder("second");
    let (newer, out) = (folder.join("shelf.yaml"), folder.join("shelf.rs"));
    fs::copy(document("shelf.yaml"), &newer).unwrap();
    let (_, first, _) = import(&newer, &out, &["--trait", "Shelf"]);

    // By hand: another type, another comment, a type of one's own, and one that was not wanted.
    let by_hand = first
        .replace(
            "pub struct Filter {\n",
            "pub struct Filter {\n    /// Ours.\n    pub ours: Option<bool>,\n",
        )
        .replace(
            "async fn get_reader(&self, name: &str)",
            "async fn get_reader(&self, name: impl AsRef<str> + Sync)",
        )
        + "\n/// Mine.\npub struct Mine;\n";
    let start = by_hand.find("#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(untagged)]\npub enum Unused").unwrap();
    let end = start + by_hand[start..].find("\n}\n").unwrap() + 3;
    let by_hand = format!("{}{}", &by_hand[..start], &by_hand[end..]);
    fs::write(&out, &by_hand).unwrap();

    // Without changes nothing happens, and the flags of the first import apply.
    let (code, text, said) = import(&newer, &out, &[]);
    assert_eq!(text, by_hand, "{said}");
    assert_eq!(code, 0, "{said}");

    // In the document: a new field beside the one of ours, a new operation, and one that is gone.
    let document = fs::read_to_string(&newer).unwrap();
    let document = document
        .replace("        since: { type: integer }\n", "        since: { type: integer }\n        until: { type: integer }\n")
        .replace("        id: { type: integer }\n", "        id: { type: integer }\n        title: { type: string }\n")
        .replace("  /books/{book-id}/cover:\n", "  /news:\n    get: { operationId: news, responses: { 204: { description: None. } } }\n  /books/{book-id}/art:\n");
    fs::write(&newer, document).unwrap();
    let (code, text, said) = import(&newer, &out, &[]);
    assert_eq!(code, 1, "a difference is there to be looked at: {said}");
    assert!(text.contains("pub ours: Option<bool>") && !text.contains("pub until"), "{text}");
    assert!(
        said.contains("Filter was changed by hand and in the document")
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

#[test]
fn a_document_that_cannot_be_read_is_an_error_that_says_where() {
    let folder = folder("bad");
    for (text, words) in [
        ("{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {\"get\": [}}}", "/paths/~1a/get"),
        ("{\"swagger\": \"2.0\"}", "this is Swagger 2.0"),
        ("{\"openapi\": \"4.0\", \"paths\": {}}", "version 4.0 is not supported"),
        ("{\"info\": {}}", "/openapi: the version is missing"),
        ("{\"openapi\": \"3.0.0\"}", "neither paths nor components"),
        ("{\"openapi\": \"3.0.0\", \"paths\": []}", "/paths: expected an object, found a list"),
        ("a: [1", "not valid YAML"),
        ("", "expected an OpenAPI document"),
    ] {
        let path = folder.join("bad.json");
        fs::write(&path, text).unwrap();
        let (code, _, said) = import(&path, &folder.join("bad.rs"), &[]);
        assert!(code == 2 && said.contains(words), "{text}: {said}");
    }
    let (code, _, said) = import(&folder.join("absent.json"), &folder.join("bad.rs"), &[]);
    assert!(code == 2 && said.contains("cannot read"), "{said}");
}

/// A document that contradicts itself in every way that was thought of.
const ODD: &str = r##"{
  "openapi": "3.0.0", "info": { "title": "Odd" }, "servers": [{ "url": "ftp://odd.example" }],
  "webhooks": { "ping": { "post": { "responses": {} } } },
  "paths": {
    "/a/{id}/{id}": { "get": {
      "operationId": "same", "parameters": [{ "name": "gone", "in": "path" }, { "in": "query" }, { "name": "x", "in": "nowhere" }, { "name": "a b", "in": "header" }],
      "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Nowhere" } } } } } } },
    "/b": { "get": { "operationId": "same", "responses": { "200": { "$ref": "#/components/responses/None" } } }, "post": 7 },
    "/c": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "other.yaml#/A" } } } } } } },
    "/c": { "put": { "responses": {} } },
    "/d": { "$ref": "#/paths/~1d" },
    "/e": { "post": { "security": [{ "missing": [] }], "responses": { "2XX": { "description": "" } } } }
  },
  "components": { "schemas": {
    "Loop": { "$ref": "#/components/schemas/Loop" },
    "Ping": { "$ref": "#/components/schemas/Pong" }, "Pong": { "$ref": "#/components/schemas/Ping" },
    "Lists": { "type": "array", "items": { "$ref": "#/components/schemas/Lists" } },
    "Self": { "allOf": [{ "$ref": "#/components/schemas/Self" }, { "type": "object", "properties": { "self": { "$ref": "#/components/schemas/Self" }, "type": 3, "": { "type": "string" }, "Type": { "type": "wrong" } } }] },
    "Both": { "allOf": [{ "type": "string" }, { "type": "object", "properties": { "a": {} } }] },
    "Values": { "type": "string", "enum": ["", "+1", "-1", "self", "Self", "other", "a b", "a-b", 3, null] },
    "A": { "type": "object", "properties": { "s": { "$ref": "#/components/schemas/S" } } },
    "S": { "type": "object", "properties": { "d": { "$ref": "#/components/schemas/D" }, "a": { "$ref": "#/components/schemas/A" } } },
    "D": { "type": "object", "properties": { "from": { "type": "string" }, "to": { "$ref": "#/components/schemas/Values" } } },
    "Union": { "oneOf": [] }, "Many": { "type": ["string", "integer", "null"] }, "None": false, "All": true, "Odd": 5,
    "option": { "type": "object", "properties": { "fn": { "type": "integer", "enum": [1, 2] } }, "required": ["absent"] }
  } }
}"##;

#[test]
fn a_document_that_contradicts_itself_is_read_as_well_as_it_can_be_and_says_so() {
    let folder = folder("odd");
    let path = folder.join("odd.json");
    fs::write(&path, ODD).unwrap();
    let out = folder.join("src/lib.rs");
    let (code, text, said) = import(&path, &out, &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for words in [
        "/paths/~1c: this key is given twice",
        "`#/components/schemas/Nowhere` leads nowhere",
        "`other.yaml#/A` is in a file that is not there",
        "`#/components/responses/None` leads nowhere",
        "/paths/~1d: this `$ref` leads to itself",
        "`missing`",
        "/paths/~1b/post: expected an operation, found a number",
        "`gone` is not in the path",
        "`wrong` is not a type",
        "/components/schemas/Odd: expected a schema, found a number",
        "`a b` cannot be the name of a header",
        "`same` names another operation as well",
        "1 webhooks are not declared",
        "the server `ftp://odd.example` is not an http(s) URL",
    ] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
    assert!(text.contains("async fn same2("), "{text}");
    // What was made is Rust that compiles, which only the compiler can say.
    support::manifest(&folder, true);
    let output = support::cargo(&folder, &["check"]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_compact_form_of_a_document_says_the_same_and_tells_when_it_no_longer_does() {
    let folder = folder("compact");
    for name in ["shelf.yaml", "desk.yaml", "mail.yaml"] {
        let (whole, lock) = (folder.join(name), folder.join(name).with_extension("lock.json"));
        fs::copy(document(name), &whole).unwrap();
        let (whole, lock) = (whole.to_str().unwrap(), lock.to_str().unwrap());
        let (code, _, said) = run(&["lock", whole]);
        assert!(code == 0 && said.contains("wrote"), "{said}");
        assert_eq!(run(&["lock", whole, "--check"]).0, 0);
        // Nothing is gone, whichever of the two is the older one.
        for pair in [[whole, lock], [lock, whole]] {
            let (code, found, said) = run(&["check", pair[0], pair[1]]);
            assert!(code == 0 && !found.contains("adds:"), "{name}: {found}{said}");
        }
        let text = fs::read_to_string(lock).unwrap();
        assert!(!text.contains("description"), "{text}");
        fs::write(lock, text.replacen("\"get\"", "\"put\"", 1)).unwrap();
        let (code, shown, said) = run(&["lock", whole, "--check"]);
        assert!(code == 1 && shown.contains("+      \"get\""), "{shown}{said}");
    }
}

#[test]
fn the_compact_form_that_a_trait_of_the_tests_names_is_that_of_its_document() {
    let zoo = workspace().join("tests/tests/language/zoo.json");
    let (code, shown, said) = run(&["lock", zoo.to_str().unwrap(), "--check"]);
    assert_eq!(code, 0, "{shown}{said}");
}

#[test]
fn a_document_of_components_alone_becomes_a_file_that_names_what_it_uses() {
    let folder = folder("components");
    let path = folder.join("types.json");
    let text = r#"{"openapi": "3.1.0", "components": {"schemas": {"Pet": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}"#;
    fs::write(&path, text).unwrap();
    let (code, made, said) = import(&path, &folder.join("types.rs"), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(made.contains("use perennial::Json;") && made.contains("PartialEq, Json)]"), "{made}");
}

#[test]
fn the_official_schema_rejects_a_broken_document() {
    for broken in [
        serde_json::json!({ "openapi": "3.1.0" }),
        serde_json::json!({
            "openapi": "3.1.0", "info": { "title": "A", "version": "1" },
            "paths": { "/a": { "get": { "parameters": [{ "name": "a", "in": "nowhere" }] } } },
        }),
    ] {
        assert!(!support::against_the_official_schema(&broken).is_empty(), "{broken}");
    }
}

#[test]
fn the_same_text_comes_of_an_import_an_export_and_an_import() {
    let folder = folder("again");
    for (document, flags) in [
        (workspace().join("examples/src/openapi/shop.json"), vec![]),
        (document("shelf.yaml"), vec!["--scheme", "Bearer"]),
    ] {
        let (first, again) = (folder.join("first.rs"), folder.join("again.json"));
        let (_, made, _) = import(&document, &first, &[&flags[..], &["--overwrite"]].concat());
        let (code, _, said) =
            run(&["export", first.to_str().unwrap(), "--out", again.to_str().unwrap()]);
        assert_eq!(code, 0, "{said}");
        let exported = serde_json::from_str(&fs::read_to_string(&again).unwrap()).unwrap();
        assert_eq!(support::against_the_official_schema(&exported), [""; 0]);
        let (_, second, _) = import(&again, &folder.join("second.rs"), &["--overwrite"]);
        assert_eq!(made, second);
    }
}

#[test]
fn a_newer_document_is_compared_with_an_older_one_or_with_a_trait() {
    let folder = folder("drift");
    let old = workspace().join("examples/src/openapi/shop.json");
    let new = folder.join("new.json");
    let text = fs::read_to_string(&old).unwrap();
    let text = text
        .replace("\"/orders/{orderId}\"", "\"/purchases/{orderId}\"")
        .replace(
            "\"name\": \"limit\", \"in\": \"query\"",
            "\"name\": \"limit\", \"in\": \"query\", \"required\": true",
        )
        .replace(
            "\"enum\": [\"open\", \"paid\", \"sent\"]",
            "\"enum\": [\"open\", \"paid\", \"sent\", \"lost\"]",
        )
        .replace("\"replaces\": {", "\"formerly\": {");
    fs::write(&new, text).unwrap();
    let (code, same, _) = run(&["check", old.to_str().unwrap(), old.to_str().unwrap()]);
    assert!(code == 0 && same.contains("0 changes break"), "{same}");
    for old in [old, workspace().join("examples/src/openapi/shop.rs")] {
        let (code, found, said) = run(&["check", old.to_str().unwrap(), new.to_str().unwrap()]);
        assert_eq!(code, 1, "{said}");
        for words in [
            "is gone",
            "the parameter `limit` is required now",
            "has a new value `lost`",
            "`Order`.replaces is gone",
            "a new operation",
        ] {
            assert!(found.contains(words), "{words} in:\n{found}");
        }
    }
}

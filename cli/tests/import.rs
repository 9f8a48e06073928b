//! The output of an import, and the changes by hand that a second one keeps.

#![allow(clippy::unwrap_used)]

#[path = "import/again.rs"]
mod again;
#[path = "import/auth.rs"]
mod auth;
#[path = "import/by_hand.rs"]
mod by_hand;
#[path = "import/check.rs"]
mod check;
#[path = "import/compact.rs"]
mod compact;
#[path = "import/files.rs"]
mod files;
#[path = "import/foreign.rs"]
mod foreign;
#[path = "import/odd.rs"]
mod odd;
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

/// Writes the files of a document to a folder of its own, and gives the path of the first of them.
fn written(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(name);
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder.join(files[0].0)
}

/// The import of a document, which an export and another import give again, and the exported document.
fn there_and_back(path: &Path, flags: &[&str]) -> (String, serde_json::Value) {
    let (first, exported) = (path.with_extension("rs"), path.with_extension("exported.json"));
    let (code, made, said) = import(path, &first, flags);
    assert_eq!(code, 0, "{said}");
    let (code, _, said) =
        run(&["export", first.to_str().unwrap(), "--out", exported.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let (code, again, said) = import(&exported, &path.with_file_name("again.rs"), &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(made, again);
    let exported = serde_json::from_str(&fs::read_to_string(exported).unwrap()).unwrap();
    assert_eq!(support::against_the_official_schema(&exported), [""; 0]);
    (made, exported)
}

/// A text without what a formatter decides.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<String>().replace(",)", ")")
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
fn a_document_of_components_alone_becomes_a_file_that_names_what_it_uses() {
    let text = r#"{"openapi": "3.1.0", "components": {"schemas": {"Pet": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}"#;
    let document = written("components", &[("types.json", text)]);
    let (code, made, said) = import(&document, &document.with_extension("rs"), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(made.contains("use perennial::Json;") && made.contains("PartialEq, Json)]"), "{made}");
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

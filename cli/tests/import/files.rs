//! Documents of several files, references by anchors, and paths and values that contradict themselves.

use std::fs;

use super::support::{self, run};
use super::{import, plain, written};

const ROOT: &str = r##"
openapi: 3.0.3
info: { title: Farm, version: "1" }
paths:
  /cows: { $ref: "paths/cows.yaml" }
  /cows/{id}:
    $ref: "paths/cow.yaml#/item"
    delete: { operationId: sellCow, responses: { 204: { description: "" } } }
  /milk:
    get:
      operationId: milk
      responses: { 200: { $ref: "shared/responses.json#/Milk" } }
components:
  schemas:
    Cow: { $ref: "schemas/Cow.yaml" }
    Animal:
      oneOf: [{ $ref: "schemas/Cow.yaml" }, { $ref: "schemas/Hen.yaml" }]
      discriminator: { propertyName: kind, mapping: { cow: "schemas/Cow.yaml", hen: "schemas/Hen.yaml" } }
"##;

const FILES: &[(&str, &str)] = &[
    ("farm.yaml", ROOT),
    (
        "paths/cows.yaml",
        "get:\n  operationId: listCows\n  parameters:\n    - $ref: ../shared/parameters.yaml#/Limit\n  responses:\n    200:\n      description: All.\n      content: { application/json: { schema: { type: array, items: { $ref: ../schemas/Cow.yaml } } } }\n",
    ),
    (
        "paths/cow.yaml",
        "item:\n  parameters: [{ name: id, in: path, required: true, schema: { $ref: '#/id' } }]\n  get:\n    operationId: getCow\n    responses: { 200: { description: One., content: { application/json: { schema: { $ref: '../farm.yaml#/components/schemas/Cow' } } } } }\nid: { type: integer }\n",
    ),
    ("shared/parameters.yaml", "Limit: { name: limit, in: query, schema: { type: integer } }\n"),
    (
        "shared/responses.json",
        r##"{ "Milk": { "description": "Milk.", "content": { "application/json": { "schema": { "$ref": "more/Milk.json#/" } } } } }"##,
    ),
    (
        "shared/more/Milk.json",
        r#"{ "type": "object", "required": ["liters"], "properties": { "liters": { "type": "number" } } }"#,
    ),
    (
        "schemas/Cow.yaml",
        "type: object\nrequired: [kind]\nproperties:\n  kind: { type: string }\n  mother: { $ref: Cow.yaml }\n  friend: { $ref: './Hen.yaml' }\n",
    ),
    (
        "schemas/Hen.yaml",
        "type: object\nrequired: [kind, eggs]\nproperties:\n  kind: { type: string }\n  eggs: { type: integer }\n  friend: { $ref: './Cow.yaml' }\n  nest: { $ref: './Nest.yaml' }\n",
    ),
];

#[test]
fn a_document_of_several_files_is_one() {
    let document = written("files", FILES);
    let out = document.with_file_name("src").join("lib.rs");
    let (code, text, said) = import(&document, &out, &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "async fn list_cows(&self, #[query] limit: Option<i64>) -> Result<Vec<Cow>>;",
        "async fn get_cow(&self, id: i64) -> Result<Cow>;",
        "async fn sell_cow(&self, id: i64) -> Result<()>;",
        "async fn milk(&self) -> Result<Milk>;",
        "pub mother: Option<Box<Cow>>,",
        "pub friend: Option<Box<Hen>>,",
        "pub liters: f64,",
        "pub enum Animal {",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    // One that is not there is the only loss.
    assert!(said.contains("`./Nest.yaml` is in a file that is not there"), "{said}");
    assert_eq!(said.matches("    lost: ").count(), 1, "{said}");
    // The compact form is one file, and the trait fits it.
    let (code, _, said) = run(&["lock", document.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let lock = document.with_file_name("farm.lock.json");
    let against = text.replacen("#[api_client]", &format!("#[api_client(openapi = {lock:?})]"), 1);
    assert_ne!(against, text);
    fs::write(&out, &against).unwrap();
    support::manifest(document.parent().unwrap(), true);
    let output =
        support::cargo(document.parent().unwrap(), &["check", "--all-targets"]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_file_that_is_there_and_cannot_be_read_is_an_error() {
    let root = "openapi: 3.0.0\npaths: {}\ncomponents: { schemas: { A: { $ref: a.yaml } } }\n";
    let document = written("broken-file", &[("root.yaml", root), ("a.yaml", "type: [object\n")]);
    let (code, _, said) = import(&document, &document.with_extension("rs"), &[]);
    assert!(code == 2 && said.contains("a.yaml: not valid YAML"), "{said}");
}

#[test]
fn anchors_and_ids_are_followed_and_a_dynamic_one_is_a_guess() {
    let text = r##"{ "openapi": "3.1.0", "info": { "title": "Trees" }, "paths": {}, "components": { "schemas": {
      "Tree": { "$anchor": "tree", "$dynamicAnchor": "node", "type": "object", "properties": {
        "left": { "$ref": "#tree" }, "all": { "type": "array", "items": { "$dynamicRef": "#node" } } } },
      "Leaf": { "$id": "https://trees.example/leaf", "type": "object", "properties": { "color": { "type": "string" } } },
      "Wood": { "type": "object", "patternProperties": { "^leaf-": { "$ref": "https://trees.example/leaf" } }, "additionalProperties": false },
      "Oak": { "$ref": "#tree", "properties": { "acorns": { "type": "integer" } } },
      "Pine": { "type": "object", "if": { "properties": { "old": { "const": true } } }, "then": { "properties": { "height": { "type": "integer" } } } }
    } } }"##;
    let document = written("anchors", &[("trees.json", text)]);
    let (code, made, said) = import(&document, &document.with_extension("rs"), &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "pub left: Option<Box<Tree>>,",
        "pub all: Option<Vec<Tree>>,",
        "pub type Wood = BTreeMap<String, Leaf>;",
        "pub acorns: Option<i64>,",
    ] {
        assert!(made.contains(part), "{part} in:\n{made}");
    }
    let oak = &made[made.find("pub struct Oak").unwrap()..];
    assert!(oak[..oak.find('}').unwrap()].contains("pub left: "), "{made}");
    assert!(
        said.contains("guessed: /components/schemas/Tree/properties/all/items: `$dynamicRef`"),
        "{said}"
    );
    assert!(said.contains("lost: /components/schemas/Pine: the properties in `then`"), "{said}");
}

/// Paths that resolve to others, and values that contradict their type.
const CONTRARY: &str = r#"{ "openapi": "3.0.0", "info": { "title": "Contrary" }, "servers": [{ "url": "v1" }],
  "paths": {
    "/../up": { "get": { "operationId": "up", "responses": { "204": {} } } },
    "/a//b/./{id}/../c": { "get": { "operationId": "double", "responses": { "204": {} } } },
    "/same": { "get": { "operationId": "same", "responses": { "204": {} } } },
    "/same#other": { "get": { "operationId": "other", "responses": { "204": {} } } },
    "/s p?q=a b": { "get": { "operationId": "spaced", "responses": { "204": {} } } },
    "/find?q={q}": { "get": { "operationId": "find", "parameters": [{ "name": "q", "in": "query", "schema": { "type": "string" } }, { "name": "x" }], "responses": { "204": {} } } },
    "/later": { "query": { "operationId": "later", "responses": { "204": {} } }, "post": { "callbacks": { "done": {} }, "operationId": "begin", "responses": { "204": {} } } }
  },
  "components": { "schemas": {
    "Empty": { "type": "string", "enum": [] }, "Bare": { "type": "string", "enum": 7 },
    "Digits": { "type": "integer", "enum": ["1", "2"] }, "Versions": { "type": "string", "enum": [1.0, 2.0] },
    "Words": { "type": "integer", "enum": ["one", "two"] }, "Listed": { "type": "array", "items": { "type": "string" }, "enum": ["a", "b"] },
    "Fixed": { "type": "string", "enum": ["a", "b"], "const": "c" }
  } } }"#;

#[test]
fn paths_and_values_that_contradict_themselves_are_mended_with_a_note() {
    let document = written("contrary", &[("contrary.json", CONTRARY)]);
    let out = document.with_file_name("src").join("lib.rs");
    let (code, text, said) = import(&document, &out, &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for words in [
        "the path `/../up` leads to `/up`",
        "the path `/a//b/./{id}/../c` leads to `/a/b/c`",
        "`#other` is never sent",
        "`?q={q}` was left out",
        "`x` has no `in`",
        "`query` is not a verb of the language",
        "the callbacks of 1 operations are not declared",
        "the server `v1` is relative to where the document is",
        "/components/schemas/Empty/enum: `enum` is empty",
        "/components/schemas/Bare/enum: `enum` is a number",
        "/components/schemas/Digits/enum: the values of `enum` are strings of integers",
        "/components/schemas/Versions/enum: `enum` of strings has none",
        "/components/schemas/Words/enum: `enum` has values that do not match the type `integer`; the values are used",
        "/components/schemas/Listed/enum: `enum` has values that do not match the type `array`, and was left out",
        "/components/schemas/Fixed/enum: `const` is not one of the values of `enum`",
    ] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
    for part in [
        "#[get(\"/up\")]",
        "#[get(\"/a/b/c\")]",
        "#[get(\"/s%20p?q=a%20b\")]",
        "pub type Digits = i64;",
        "pub type Versions = String;",
        "pub type Listed = Vec<String>;",
        "One,",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    support::manifest(document.parent().unwrap(), true);
    let output = support::cargo(document.parent().unwrap(), &["check"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !errors.contains("warning"), "{errors}\n{text}");
}

#[test]
fn swagger_2_is_rejected_with_the_way_out() {
    let document = written("swagger", &[("old.yaml", "swagger: '2.0'\npaths: {}\n")]);
    let (code, _, said) = import(&document, &document.with_extension("rs"), &[]);
    assert_eq!(code, 2, "{said}");
    for words in ["this is Swagger 2.0", "npx swagger2openapi FILE", "https://editor.swagger.io"] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
}

#[test]
fn a_discriminator_is_ignored_if_the_variants_list_other_values_or_may_lack_it() {
    let text = r##"{ "openapi": "3.0.0", "info": { "title": "Inputs" }, "paths": {}, "components": { "schemas": {
      "Input": { "oneOf": [{ "$ref": "#/components/schemas/Easy" }, { "$ref": "#/components/schemas/Item" }], "discriminator": { "propertyName": "type" } },
      "Easy": { "type": "object", "required": ["role"], "properties": { "role": { "type": "string" }, "type": { "type": "string", "enum": ["message"] } } },
      "Item": { "oneOf": [{ "$ref": "#/components/schemas/Call" }, { "$ref": "#/components/schemas/Output" }] },
      "Call": { "type": "object", "required": ["type", "id"], "properties": { "id": { "type": "string" }, "type": { "type": "string", "enum": ["call"] } } },
      "Output": { "type": "object", "required": ["type", "text"], "properties": { "text": { "type": "string" }, "type": { "type": "string", "enum": ["output"] } } },
      "Pet": { "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }], "discriminator": { "propertyName": "petType" } },
      "Cat": { "type": "object", "required": ["petType"], "properties": { "petType": { "type": "string" } } },
      "Dog": { "type": "object", "required": ["petType"], "properties": { "petType": { "type": "string" } } },
      "Own": { "oneOf": [{ "$ref": "#/components/schemas/Own" }, { "$ref": "#/components/schemas/Dog" }], "discriminator": { "propertyName": "petType" } }
    } } }"##;
    let document = written("tags", &[("inputs.json", text)]);
    let (code, made, said) = import(&document, &document.with_extension("rs"), &[]);
    assert_eq!(code, 0, "{said}");
    for part in ["#[serde(untagged)]\npub enum Input {", "Item by \"type\"", "Pet by \"petType\""] {
        assert!(plain(&made).contains(&plain(part)), "{part} in:\n{made}");
    }
}

#[test]
fn a_reference_leads_only_to_files_below_the_folder_of_the_document_or_the_current_one() {
    let root = |to: &str| {
        format!(
            "openapi: 3.0.0\ninfo: {{ title: A }}\npaths: {{}}\ncomponents: {{ schemas: {{ A: {{ $ref: \"{to}\" }} }} }}\n"
        )
    };
    let cat = "type: object\nproperties: { name: { type: string } }\n";
    let document = written(
        "outside",
        &[
            ("api/root.yaml", &root("../shared/cat.yaml")),
            ("shared/cat.yaml", cat),
            ("api/cat.yaml", cat),
        ],
    );
    let folder = document.parent().unwrap().parent().unwrap();
    let imported = |text: &str, from: &std::path::Path| {
        fs::write(&document, text).unwrap();
        let mut command = support::command();
        let output = command
            .args(["import", document.to_str().unwrap(), "--out", "-"])
            .current_dir(from)
            .output();
        let output = output.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let api = document.parent().unwrap();
    // From the folder of both it is below the current one.
    let (code, made, said) = imported(&root("../shared/cat.yaml"), folder);
    assert!(code == Some(0) && made.contains("pub name: Option<String>"), "{said}");
    let (code, made, said) = imported(&root("../shared/cat.yaml"), api);
    assert_eq!((code, &*made), (Some(2), ""), "{said}");
    assert!(
        said.contains("shared/cat.yaml, which is neither below the folder of the document"),
        "{said}"
    );
    // A folder is below it, and no file.
    fs::create_dir_all(api.join("more.d")).unwrap();
    let (code, _, said) = imported(&root("./more.d"), api);
    assert!(code == Some(2) && said.contains("more.d, which is not a file"), "{said}");
    #[cfg(unix)]
    {
        // A link leads to where it leads.
        let _ = fs::remove_file(api.join("link.yaml"));
        std::os::unix::fs::symlink("../shared/cat.yaml", api.join("link.yaml")).unwrap();
        let (code, _, said) = imported(&root("./link.yaml"), api);
        assert!(code == Some(2) && said.contains("shared/cat.yaml, which is neither"), "{said}");
        for outside in ["/etc/passwd", "/dev/zero", "../../../../../../../../../../etc/passwd"] {
            let (code, _, said) = imported(&root(outside), std::path::Path::new("/"));
            assert!(
                code == Some(2) && said.contains("which is neither below"),
                "{outside}: {said}"
            );
        }
    }
}

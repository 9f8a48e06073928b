//! Text of a document stays text: none of it becomes code of the file, or a command to the terminal.

use std::fs;

use serde_json::{Value, json};

use super::support::{folder, run};
use super::{import, written};

/// Texts that would leave a comment, a literal, an attribute or a block of code.
const TEXTS: &[&str] = &[
    "a\n#[doc = include_str!(\"/etc/hostname\")]//",
    "a\r#[injected]//",
    "a\r\n#[injected]//",
    "a\u{2028}#[injected]//\u{85}#[injected]//",
    "a */ #[injected] /*",
    "\") ] #[injected] (\"",
    "a)), injected(b), redirect = follow, (",
    "{ injected() }",
    "a }\npub fn injected() {",
    "\u{202e}detcejni\u{2066}\u{feff}",
    "///\u{1} injected",
    "\u{1b}[31minjected",
    "```rust\nstd::process::abort();\n```",
    "six words before a line ends by itself, and then the next one begins as what it must not be: ```rust injected",
];

/// A document that has a text in every place.
fn document(text: &str) -> Value {
    let named = |more: Value| {
        let mut all =
            json!({ "title": text, "description": text, "example": text, "x-note": text });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let path = format!("/{}/{{id}}", text.replace(['{', '}', '#', '?'], ""));
    json!({
        "openapi": "3.1.0",
        "info": { "title": text, "version": text, "description": text },
        "servers": [{ "url": "https://x.example/{v}", "variables": { "v": { "default": text } } }],
        "tags": [{ "name": text, "description": text }],
        "security": [{ text: [] }],
        "paths": {
            path: { "post": {
                "operationId": text, "summary": text, "description": text, "tags": [text],
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "description": text, "schema": named(json!({ "type": "string" })) },
                    { "name": text, "in": "query", "description": text, "schema": named(json!({ "type": "string", "enum": [text, "b"] })) },
                    { "name": text, "in": "header", "schema": { "type": "string" } },
                    { "name": text, "in": "cookie", "schema": { "type": "string" } },
                    { "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "default": text } },
                ],
                "requestBody": { "required": true, "description": text, "content": {
                    format!("application/{text}+json"): { "schema": { "$ref": "#/components/schemas/All" } } } },
                "responses": { "200": { "description": text, "content": { "application/json": {
                    "schema": { "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }],
                        "discriminator": { "propertyName": text, "mapping": { text: "#/components/schemas/A", "b": "#/components/schemas/B" } } },
                    "examples": { text: { "value": text } } } } } },
            } },
            "/files": { "put": { "operationId": format!("put {text}"), "requestBody": { "content": { "multipart/form-data": {
                    "schema": { "type": "object", "properties": { text: { "type": "string" } } },
                    "encoding": { text: { "contentType": text } } } } },
                "responses": { "200": { "description": text, "content": { text: {} } } } } },
        },
        "components": {
            "securitySchemes": { text: { "type": "apiKey", "in": "header", "name": "X-Key", "description": text } },
            "schemas": {
                "A": { "type": "object", "required": [text], "properties": { text: { "type": "string", "description": text } } },
                "B": { "type": "object", "required": [text], "properties": { text: { "type": "string" }, "b": { "type": "string" } } },
                text: named(json!({ "type": "object", "properties": { "deep": { "type": "object", "properties": { text: { "type": "integer" } } } } })),
                "All": named(json!({ "type": "object", "required": [text], "deprecated": true, "properties": {
                    text: { "type": "string", "enum": [text, "b"], "x-enum-varnames": [text, "b"] },
                    "fixed": { "const": text }, "format": { "type": "string", "format": text }, "type": { "type": text },
                    "lost": { "$ref": format!("#/{text}") }, "more": { "$ref": text },
                    "number": { "type": "integer", "enum": [1, 2], "x-enum-varnames": [text, "b"] } } })),
            },
        },
    })
}

/// The attributes of a file, of its items, of their fields and of their parameters, by name.
fn attributes(text: &str) -> Vec<String> {
    let mut tokens = vec![syn::parse_file(text).map(quote::ToTokens::into_token_stream).unwrap()];
    let mut found = Vec::new();
    while let Some(stream) = tokens.pop() {
        let mut is_after_hash = false;
        for token in stream {
            if let proc_macro2::TokenTree::Group(group) = &token {
                if is_after_hash && let Some(first) = group.stream().into_iter().next() {
                    found.push(first.to_string());
                }
                tokens.push(group.stream());
            }
            is_after_hash =
                matches!(&token, proc_macro2::TokenTree::Punct(it) if it.as_char() == '#');
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The words of the code itself, without comments and literals.
fn words(text: &str) -> Vec<String> {
    let mut tokens = vec![text.parse::<proc_macro2::TokenStream>().unwrap()];
    let mut found = Vec::new();
    while let Some(stream) = tokens.pop() {
        for token in stream {
            match token {
                proc_macro2::TokenTree::Group(group) => tokens.push(group.stream()),
                proc_macro2::TokenTree::Ident(it) => found.push(it.to_string()),
                _ => {}
            }
        }
    }
    found
}

#[test]
fn no_text_of_a_document_leaves_its_comment_or_its_literal() {
    let ours = [
        "allow",
        "api_client",
        "body",
        "deprecated",
        "derive",
        "doc",
        "form",
        "header",
        "json",
        "must_use",
        "part",
        "post",
        "put",
        "query",
        "serde",
    ];
    for (at, text) in TEXTS.iter().enumerate() {
        let root = folder("texts");
        let path = root.join("foreign.json");
        fs::write(&path, document(text).to_string()).unwrap();
        let flags: &[&str] = if at % 2 == 0 { &["--notes"] } else { &["--notes", "--types-only"] };
        let (code, made, said) = import(&path, &root.join("foreign.rs"), flags);
        assert_eq!(code, 0, "{text:?}: {said}");
        for attribute in attributes(&made) {
            assert!(ours.contains(&&*attribute), "{text:?}: #[{attribute}] in:\n{made}");
        }
        for word in ["include_str", "redirect", "abort"] {
            assert!(!words(&made).iter().any(|it| it == word), "{text:?}: {word} in:\n{made}");
        }
        let is_injected =
            |it: &syn::Item| matches!(it, syn::Item::Fn(it) if it.sig.ident == "injected");
        assert!(
            !syn::parse_file(&made).unwrap().items.iter().any(is_injected),
            "{text:?}:\n{made}"
        );
        let unseen = |it: &char| {
            it.is_control() && *it != '\n'
                || ('\u{2028}'..='\u{202e}').contains(it)
                || ('\u{2066}'..='\u{2069}').contains(it)
        };
        assert_eq!(made.chars().find(unseen), None, "{text:?}:\n{made}");
        assert_eq!(said.chars().find(unseen), None, "{text:?}:\n{said}");
        // Such a line of documentation would begin code, which `cargo test` runs.
        let fence = |line: &&str| line.trim_start().starts_with("/// ```");
        assert_eq!(made.lines().find(fence), None, "{text:?}:\n{made}");
        // What is printed is what is written.
        let (code, printed, _) =
            run(&[&["import", path.to_str().unwrap(), "--out", "-"], flags].concat());
        assert_eq!((code, printed), (0, made));
    }
}

#[test]
fn a_title_or_a_version_of_several_lines_is_its_first_line() {
    let text = "openapi: 3.0.3\ninfo:\n  title: |\n    Shop\n    of pets\n  version: |\n    1.0\npaths: {}\ncomponents: {}\n";
    let text = text.replace(
        "paths: {}",
        "paths: { /a: { get: { operationId: a, responses: { 204: { description: ok } } } } }",
    );
    let document = written("lines", &[("shop.yaml", &text)]);
    let (made, exported) = super::there_and_back(&document, &[]);
    assert!(
        made.starts_with("// Shop 1.0. Generated by") && made.contains("/// Shop, version 1.0.\n"),
        "{made}"
    );
    assert_eq!(exported["info"], json!({ "title": "Shop", "version": "1.0" }));
}

/// An export of this project, with other values in `x-perennial`.
fn exported(ours: &Value, of_operation: &Value) -> String {
    json!({
        "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" }, "security": [{ "token": [] }],
        "paths": { "/a": { "post": { "operationId": "a", "responses": { "204": { "description": "" } }, "x-perennial": of_operation } } },
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
        "x-perennial": ours,
    })
    .to_string()
}

#[test]
fn what_an_export_declares_is_read_as_what_it_declares_and_as_nothing_else() {
    let rule = |text: &str| (json!({ "trait": "Shop", "expired": { "token": [text] } }), json!({}));
    let refused = [
        (
            rule(
                "status = 401)), headers(\"X-Injected\" = std::env::consts::OS), redirect = follow, retry(1, on(status = 503",
            ),
            "/x-perennial/expired/token/0",
        ),
        (rule("status = 401, retry = 3"), "/x-perennial/expired/token/0"),
        (
            rule(
                "when = { fn f(_: &perennial::declared::RawResponse<'_>) -> bool { std::process::exit(7) } f }",
            ),
            "/x-perennial/expired/token/0",
        ),
        (rule("when = |_| std::process::exit(7)"), "/x-perennial/expired/token/0"),
        (rule("when = f::<{ std::process::exit(7) }>"), "/x-perennial/expired/token/0"),
        (rule("code = concat!(\"a\", \"b\")"), "/x-perennial/expired/token/0"),
        (rule("code = [1, include_str!(\"/etc/passwd\")]"), "/x-perennial/expired/token/0"),
        (rule("body(\"a\" = env!(\"HOME\"))"), "/x-perennial/expired/token/0"),
        (rule("header(\"A\", contains = env!(\"HOME\"))"), "/x-perennial/expired/token/0"),
        (rule("status = 401] pub trait Other { #[get(\"/\"]"), "/x-perennial/expired/token/0"),
        (rule(""), "/x-perennial/expired/token/0"),
        (
            (
                json!({ "trait": "Shop: Sized {}\npub fn injected() {}\npub trait Other" }),
                json!({}),
            ),
            "/x-perennial/trait",
        ),
        ((json!({ "trait": "self" }), json!({})), "/x-perennial/trait"),
        (
            (
                json!({ "trait": "Shop" }),
                json!({ "role": "login), redirect = follow, headers(\"A\" = \"b\"" }),
            ),
            "/paths/~1a/post/x-perennial/role",
        ),
    ];
    for ((ours, of_operation), place) in refused {
        let text = exported(&ours, &of_operation);
        let document = written("ours", &[("ours.json", &text)]);
        let (code, made, said) = import(&document, &document.with_extension("rs"), &[]);
        assert!(code == 2 && made.is_empty(), "{text}: {said}\n{made}");
        assert!(said.contains(&format!("ours.json: {place}: ")), "{place}: {said}");
        let (code, printed, _) = run(&["import", document.to_str().unwrap(), "--out", "-"]);
        assert_eq!((code, &*printed), (2, ""));
    }
}

#[test]
fn each_condition_of_a_rule_comes_back_from_an_export() {
    let rules = [
        "status = 401",
        "status = [401, 403], code = [\"A\", -1, true]",
        "status = 401, code = \"M_UNKNOWN_TOKEN\", body(\"soft_logout\" = true, [\"error\", \".tag\"] = \"expired\")",
        "status = 302, header(\"Location\", contains = \"/login\")",
        "header(\"X-CSRF-Token\" = \"Required\"), header(\"X-A\", equals = \"b\"), header(\"X-B\")",
        "when = crate::rules::is_expired",
    ];
    for rule in rules {
        let text = exported(
            &json!({ "trait": "Shop", "expired": { "token": [rule] } }),
            &json!({ "role": "logout" }),
        );
        let document = written("rules", &[("rules.json", &text)]);
        let (made, exported) = super::there_and_back(&document, &[]);
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        assert!(
            plain(&made).replace(",)", ")").contains(&plain(&format!("expired({rule})"))),
            "{rule} in:\n{made}"
        );
        let back = exported["x-perennial"]["expired"]["token"][0].as_str().unwrap();
        assert_eq!(plain(back).trim_end_matches(','), plain(rule));
        assert!(made.contains("#[post(\"/a\", logout)]"), "{made}");
    }
}

//! How calls carry their tokens, of what a document says about its security.

use std::fs;
use std::path::PathBuf;

use super::support::{cargo, folder, manifest};
use super::{document, import, plain, there_and_back, written};

/// A test document, edited, in a folder of its own.
fn edited(file: &str, name: &str, edits: &[(&str, &str)]) -> PathBuf {
    let mut text = fs::read_to_string(document(file)).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} is not in the document");
        text = text.replace(from, to);
    }
    written(name, &[(file, &text)])
}

fn mail(name: &str, edits: &[(&str, &str)]) -> PathBuf {
    edited("mail.yaml", name, edits)
}

/// The attribute of the trait, without what a formatter decides.
fn attribute(text: &str) -> String {
    let start = text.find("#[api_client").unwrap();
    let end = start + text[start..].find("]\npub trait").unwrap();
    plain(&text[start..=end])
}

#[test]
fn oauth2_and_openid_connect_become_one_credential_of_an_oauth2_server_and_return_as_such() {
    let (text, exported) = there_and_back(&mail("oauth2", &[]), &[]);
    assert_eq!(attribute(&text), "#[api_client(auth(oauth2))]", "{text}");
    assert!(text.contains("#[get(\"/status\", public)]"), "{text}");
    // The document lists 401, so the rule is declared and not guessed.
    assert!(text.contains("RFC 6750") && !text.contains("401 means"), "{text}");
    assert!(!text.contains("no operation refreshes"), "{text}");
    assert_eq!(
        exported["components"]["securitySchemes"],
        serde_json::json!({ "token": { "type": "oauth2", "flows": {} } })
    );
}

#[test]
fn the_flag_for_expired_replaces_the_standard_rule_of_oauth2() {
    let path = mail("oauth2-expired", &[]);
    let (text, exported) = there_and_back(&path, &["--expired", "status=419"]);
    assert_eq!(attribute(&text), "#[api_client(auth(oauth2,expired(status=419)))]", "{text}");
    assert!(!text.contains("RFC 6750"), "{text}");
    assert_eq!(exported["components"]["securitySchemes"]["token"]["type"], "oauth2");
}

#[test]
fn tokens_that_the_api_itself_makes_or_renews_are_not_those_of_an_oauth2_server() {
    let bearer = |text: &str| attribute(text).contains("auth(bearer,expired(status=401))");

    let path = mail("oauth2-refresh", &[]);
    let (_, text, _) = import(&path, &path.with_extension("rs"), &["--refresh", "POST:/renew"]);
    assert!(bearer(&text) && text.contains("\"/renew\", refresh"), "{text}");

    let password = [
        ("authorizationCode:", "password:"),
        ("          authorizationUrl: https://id.mail.example/authorize\n", ""),
        ("[{ identity: [] }]", "[{ account: [] }]"),
    ];
    let (text, _) = there_and_back(&mail("oauth2-password", &password), &[]);
    assert!(bearer(&text), "{text}");

    // Of two schemes that travel in the same way, one is a token of another kind.
    let other = [
        ("type: openIdConnect", "type: http"),
        (
            "openIdConnectUrl: https://id.mail.example/.well-known/openid-configuration",
            "scheme: bearer",
        ),
    ];
    let (text, exported) = there_and_back(&mail("oauth2-mixed", &other), &[]);
    assert!(bearer(&text) && text.contains("`identity` travels as `account` does"), "{text}");
    assert_eq!(exported["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[test]
fn the_rules_of_a_second_credential_return_to_that_credential() {
    let edits = [
        ("  - account: [mail.read]", "  - identity: []\n    account: [mail.read]"),
        ("[{ identity: [] }]", "[{ identity: [], account: [] }]"),
        ("type: openIdConnect", "type: apiKey"),
        (
            "openIdConnectUrl: https://id.mail.example/.well-known/openid-configuration",
            "in: header\n      name: X-Key",
        ),
    ];
    let path = mail("oauth2-second", &edits);
    let (text, _) = there_and_back(&path, &["--expired", "status=419"]);
    assert!(
        attribute(&text)
            .contains("auth(header=\"X-Key\"),auth(name=\"account\",oauth2,expired(status=419))"),
        "{text}"
    );
}

#[test]
fn a_method_switches_off_the_credential_that_its_operation_does_not_need() {
    let (text, exported) = there_and_back(&edited("desk.yaml", "desk", &[]), &[]);
    assert_eq!(
        attribute(&text),
        plain(
            "#[api_client(auth(cookie = \"desk_session\"), auth(name = \"csrf\", header = \"X-CSRF-Token\"), \
             auth(name = \"password\", basic))]"
        ),
        "{text}"
    );
    for part in [
        // Two of three are needed, and the third is off.
        "#[post(\"/tickets\", auth(\"password\" = off))]",
        // More would be off than on.
        "#[get(\"/tickets\", auth(cookie = \"desk_session\"))]",
        // The first has no name.
        "#[get(\"/exports\", auth(name = \"password\", basic))]",
        "#[get(\"/offers\", auth(cookie = \"desk_session\"), optional)]",
    ] {
        assert!(plain(&text).contains(&plain(part)), "{part} in:\n{text}");
    }
    assert_eq!(
        exported["components"]["securitySchemes"],
        serde_json::json!({
            "token": { "type": "apiKey", "in": "cookie", "name": "desk_session" },
            "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token" },
            "password": { "type": "http", "scheme": "basic" },
        })
    );
    let tickets = &exported["paths"]["/tickets"];
    assert_eq!(tickets["post"]["security"], serde_json::json!([{ "token": [], "csrf": [] }]));
    assert_eq!(tickets["get"]["security"], serde_json::json!([{ "token": [] }]));
    assert_eq!(
        exported["paths"]["/exports"]["get"]["security"],
        serde_json::json!([{ "password": [] }])
    );

    // Without the password, one of two is off.
    let edits = [("[{ password: [] }]", "[{ session: [] }]")];
    let (text, exported) = there_and_back(&edited("desk.yaml", "desk-of-two", &edits), &[]);
    for part in [
        "#[post(\"/tickets\")]",
        "#[get(\"/tickets\", auth(\"csrf\" = off))]",
        "#[get(\"/offers\", auth(\"csrf\" = off), optional)]",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    assert_eq!(
        exported["paths"]["/offers"]["get"]["security"],
        serde_json::json!([{}, { "token": [] }])
    );
}

#[test]
fn schemes_that_are_sent_in_the_same_way_count_once() {
    // Both of the operation's schemes are the cookie, so the token against forgery is still off.
    let edits = [
        (
            "[{ session: [] }]\n      responses:\n",
            "[{ session: [], same: [] }]\n      responses:\n",
        ),
        (
            "    csrf: { type",
            "    same: { type: apiKey, in: cookie, name: desk_session }\n    csrf: { type",
        ),
        ("[{ password: [] }]", "[]"),
    ];
    let (text, _) = there_and_back(&edited("desk.yaml", "desk-same", &edits), &[]);
    assert!(text.contains("#[get(\"/tickets\", auth(\"csrf\" = off))]"), "{text}");
}

#[test]
fn a_key_whose_name_cannot_be_sent_is_reported_as_lost() {
    let path = edited("desk.yaml", "desk-name", &[("name: desk_session", "name: desk session")]);
    let (code, text, said) = import(&path, &path.with_extension("rs"), &["--notes"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("`desk session` is not the name of a header or a cookie"), "{said}");
    assert!(!text.contains("desk session"), "{text}");
}

#[test]
fn imported_credentials_compile_and_fit_their_documents() {
    let root = folder("auth-compiles");
    manifest(&root, true);
    let mut modules = String::new();
    for name in ["mail", "desk"] {
        let yaml = document(&format!("{name}.yaml"));
        let json = root.join(format!("{name}.json"));
        let node = perennial_cli::source::read(&yaml).unwrap();
        fs::write(&json, node.to_json().to_string()).unwrap();
        let file = root.join(format!("src/{name}.rs"));
        let (code, text, said) = import(&json, &file, &[]);
        assert_eq!(code, 0, "{said}");
        // The macro compares the trait with the document as well.
        let checked =
            text.replacen("#[api_client(", &format!("#[api_client(openapi = \"{name}.json\", "), 1);
        assert_ne!(checked, text);
        fs::write(&file, checked).unwrap();
        modules.push_str(&format!("pub mod {name};\n"));
    }
    fs::write(root.join("src/lib.rs"), modules).unwrap();
    let output = cargo(&root, &["check"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("warning"), "{said}");
}

#[test]
fn a_parameter_that_carries_the_credential_is_set_by_the_session() {
    let folder = folder("set-by-session");
    let path = folder.join("keys.json");
    let text = r##"{ "openapi": "3.0.0", "info": { "title": "Keys" },
      "components": { "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" }, "code": { "type": "apiKey", "in": "query", "name": "code" } } },
      "paths": { "/a": { "get": { "operationId": "a", "security": [{ "key": [], "code": [] }], "parameters": [
        { "name": "x-api-key", "in": "header", "required": true, "schema": { "type": "string" } },
        { "name": "code", "in": "query", "required": true, "schema": { "type": "string" } },
        { "name": "page", "in": "query", "schema": { "type": "integer" } }], "responses": { "204": {} } } },
        "/b": { "get": { "operationId": "b", "security": [], "parameters": [
        { "name": "x-api-key", "in": "header", "schema": { "type": "string" } }], "responses": { "204": {} } } } } }"##;
    fs::write(&path, text).unwrap();
    let out = folder.join("src/lib.rs");
    let (code, text, said) = import(&path, &out, &["--notes"]);
    assert_eq!(code, 0, "{said}");
    assert!(text.contains("async fn a(&self, #[query] page: Option<i64>)"), "{text}");
    assert!(text.contains("#[header(\"x-api-key\")]"), "one that carries none has it: {text}");
    assert!(said.contains("`x-api-key` is set by the session"), "{said}");
    manifest(&folder, true);
    let output = cargo(&folder, &["check"]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

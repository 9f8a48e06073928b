//! How calls carry their tokens, of what a document says about its security.

use std::fs;
use std::path::PathBuf;

use super::support::{folder, run};
use super::{document, import, plain};

/// The test document, edited, in a folder of its own.
fn mail(name: &str, edits: &[(&str, &str)]) -> PathBuf {
    let mut text = fs::read_to_string(document("mail.yaml")).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} is not in the document");
        text = text.replace(from, to);
    }
    let path = folder(name).join("mail.yaml");
    fs::write(&path, text).unwrap();
    path
}

/// The import of a document, which an export and another import give again, and the exported document.
fn there_and_back(path: &std::path::Path, flags: &[&str]) -> (String, serde_json::Value) {
    let (first, exported) = (path.with_extension("rs"), path.with_extension("json"));
    let (code, made, said) = import(path, &first, flags);
    assert_eq!(code, 0, "{said}");
    let (code, _, said) =
        run(&["export", first.to_str().unwrap(), "--out", exported.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let (code, again, said) = import(&exported, &path.with_file_name("again.rs"), &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(made, again);
    (made, serde_json::from_str(&fs::read_to_string(exported).unwrap()).unwrap())
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
    // The document lists 401, which is no guess of how this server says it.
    assert!(text.contains("RFC 6750") && !text.contains("401 means"), "{text}");
    assert!(!text.contains("no operation renews"), "{text}");
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

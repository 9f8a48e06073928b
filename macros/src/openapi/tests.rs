//! Each kind of mismatch is reported at its own tokens, and a matching trait has none.

use proc_macro2::TokenStream;
use quote::quote;

use super::document::Document;
use crate::diagnostic::Diagnostics;
use crate::{lower, parse, validate};

const DOCUMENT: &str = include_str!("../../tests/openapi/pets.json");

/// The diagnostics of a trait against the document: rule and message.
fn found(attribute: TokenStream, methods: TokenStream) -> Vec<(&'static str, String)> {
    found_in(DOCUMENT, attribute, methods)
}

fn found_in(
    document: &str,
    attribute: TokenStream,
    methods: TokenStream,
) -> Vec<(&'static str, String)> {
    let diagnostics = Diagnostics::new();
    let options = parse::api::parse(attribute, &diagnostics);
    let parsed =
        parse::item::parse(quote!(trait Pets { #methods }), &diagnostics).expect("a trait");
    let api = lower::lower(options, &parsed, &diagnostics);
    validate::validate(&api, &diagnostics);
    super::against(&api, &Document::parse(document).expect("a document"), &diagnostics);
    let all = diagnostics.into_parts().0.into_iter();
    // The document is given here, and not by the trait.
    all.filter(|it| it.rule != "spec-without-openapi").map(|it| (it.rule, it.text)).collect()
}

fn one(methods: TokenStream) -> (&'static str, String) {
    let auth = quote!(base = "https://pets.example/v1", auth(bearer, logout(status = 401)));
    let mut all = found(auth, methods);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn a_trait_that_fits_has_no_mismatch() {
    let methods = quote! {
        #[get("/pets", page(cursor = "after", next = "next", items = "items"))]
        fn all(&self, #[query] limit: u32, #[query(style = csv)] tags: &[&str], #[header("X-Shop")] shop: Option<&str>) -> Pages<Pet>;
        #[get("/pets/{id}")]
        async fn pet(&self, id: u64) -> Result<Pet>;
        #[post("/pets", idempotent("X-Request-Key"))]
        async fn add(&self, #[json] pet: &Pet) -> Result<Pet>;
        #[put("/pets/{id}/photo")]
        async fn photo(&self, id: u64, #[part] title: &str, #[part] image: Part) -> Result<()>;
        #[post("/sessions", public)]
        async fn sign_in(&self, #[field] name: &str, #[field] password: &str) -> Result<Signed>;
        #[get("/pets/{id}/steps")]
        fn steps(&self, id: u64) -> Events<Step>;
        #[deprecated]
        #[get("/old")]
        async fn old(&self) -> Result<Pet>;
        #[get("/elsewhere", spec = off)]
        async fn elsewhere(&self) -> Result<Pet>;
        #[get("/health", public)]
        async fn health(&self) -> Result<()>;
        #[get("/report", auth(name = "key", header = "X-Key"))]
        async fn report(&self) -> Result<Bytes>;
    };
    let auth = quote!(
        base = "https://pets.example/v1",
        auth(bearer, logout(status = 401)),
        auth(name = "key", header = "X-Key")
    );
    assert_eq!(found(auth, methods), []);
}

#[test]
fn every_kind_of_mismatch_is_found_with_the_near_name() {
    let kinds: Vec<(&str, &str, TokenStream)> = vec![
        (
            "openapi-path",
            "did you mean `/pets/{id}`",
            quote!(
                #[get("/pest/{id}")]
                async fn x(&self, id: u64) -> Result<Pet>;
            ),
        ),
        (
            "openapi-verb",
            "`get`",
            quote!(
                #[patch("/pets/{id}")]
                async fn x(&self, id: u64, #[json] pet: &Pet) -> Result<Pet>;
            ),
        ),
        (
            "openapi-missing-parameter",
            "`limit`",
            quote!(
                #[get("/pets")]
                async fn x(&self) -> Result<Page>;
            ),
        ),
        (
            "openapi-missing-parameter",
            "header `X-Request-Key`",
            quote!(
                #[post("/pets")]
                async fn x(&self, #[json] pet: &Pet) -> Result<Pet>;
            ),
        ),
        (
            "openapi-unknown-parameter",
            "did you mean `limit`",
            quote!(
                #[get("/pets?limit=1")]
                async fn x(&self, #[query] limt: u32) -> Result<Page>;
            ),
        ),
        (
            "openapi-unknown-parameter",
            "did you mean `X-Shop`",
            quote!(
                #[get("/pets?limit=1")]
                async fn x(&self, #[header("X-Shops")] shop: &str) -> Result<Page>;
            ),
        ),
        (
            "openapi-optional",
            "without `Option`",
            quote!(
                #[get("/pets")]
                async fn x(&self, #[query] limit: Option<u32>) -> Result<Page>;
            ),
        ),
        (
            "openapi-list",
            "take a slice",
            quote!(
                #[get("/pets?limit=1")]
                async fn x(&self, #[query(style = csv)] tags: &str) -> Result<Page>;
            ),
        ),
        (
            "openapi-list",
            "take the value itself",
            quote!(
                #[get("/pets")]
                async fn x(&self, #[query] limit: &[u32]) -> Result<Page>;
            ),
        ),
        (
            "openapi-list-style",
            "style = csv",
            quote!(
                #[get("/pets?limit=1")]
                async fn x(&self, #[query] tags: &[&str]) -> Result<Page>;
            ),
        ),
        (
            "openapi-missing-body",
            "#[json]",
            quote!(
                #[post("/pets", idempotent("X-Request-Key"))]
                async fn x(&self) -> Result<Pet>;
            ),
        ),
        (
            "openapi-unknown-body",
            "remove `pet`",
            quote!(
                #[delete("/pets/{id}")]
                async fn x(&self, id: u64, #[json] pet: &Pet) -> Result<()>;
            ),
        ),
        (
            "openapi-body-kind",
            "#[json]",
            quote!(
                #[post("/pets", idempotent("X-Request-Key"))]
                async fn x(&self, #[form] pet: &Pet) -> Result<Pet>;
            ),
        ),
        (
            "openapi-unknown-part",
            "did you mean `title`",
            quote!(
                #[put("/pets/{id}/photo")]
                async fn x(
                    &self,
                    id: u64,
                    #[part] titel: &str,
                    #[part] title: &str,
                    #[part] image: Part,
                ) -> Result<()>;
            ),
        ),
        (
            "openapi-missing-part",
            "`image`",
            quote!(
                #[put("/pets/{id}/photo")]
                async fn x(&self, id: u64, #[part] title: &str) -> Result<()>;
            ),
        ),
        (
            "openapi-missing-part",
            "field `password`",
            quote!(
                #[post("/sessions", public)]
                async fn x(&self, #[field] name: &str) -> Result<Signed>;
            ),
        ),
        (
            "openapi-security",
            "remove `public`",
            quote!(
                #[get("/pets/{id}", public)]
                async fn x(&self, id: u64) -> Result<Pet>;
            ),
        ),
        (
            "openapi-security",
            "remove `optional`",
            quote!(
                #[get("/pets/{id}", optional)]
                async fn x(&self, id: u64) -> Result<Pet>;
            ),
        ),
        (
            "openapi-security",
            "add `public`",
            quote!(
                #[get("/health")]
                async fn x(&self) -> Result<()>;
            ),
        ),
        (
            "openapi-placement",
            "header = \"x-key\"",
            quote!(
                #[get("/report")]
                async fn x(&self) -> Result<Bytes>;
            ),
        ),
        (
            "openapi-deprecated",
            "#[deprecated]",
            quote!(
                #[get("/old")]
                async fn x(&self) -> Result<Pet>;
            ),
        ),
        (
            "openapi-stream",
            "return `Events",
            quote!(
                #[get("/pets/{id}/steps")]
                async fn x(&self, id: u64) -> Result<Step>;
            ),
        ),
        (
            "openapi-stream",
            "return a `Result`",
            quote!(
                #[get("/pets/{id}")]
                fn x(&self, id: u64) -> Events<Pet>;
            ),
        ),
        (
            "openapi-pages",
            "did you mean `after`",
            quote!(
                #[get("/pets?limit=1", page(cursor = "aftr", next = "next"))]
                fn x(&self) -> Pages<Pet>;
            ),
        ),
        (
            "openapi-unit",
            "instead of `()`",
            quote!(
                #[get("/pets/{id}")]
                async fn x(&self, id: u64) -> Result<()>;
            ),
        ),
        (
            "openapi-value",
            "Result<()>",
            quote!(
                #[delete("/pets/{id}")]
                async fn x(&self, id: u64) -> Result<Pet>;
            ),
        ),
        (
            "openapi-operation",
            "did you mean `getPet`",
            quote!(
                #[get("/pets/{id}", spec = "gtPet")]
                async fn x(&self, id: u64) -> Result<Pet>;
            ),
        ),
        (
            "openapi-path",
            "`GET /pets/{id}`",
            quote!(
                #[get("/pets", spec = "getPet")]
                async fn x(&self) -> Result<Pet>;
            ),
        ),
    ];
    for (rule, words, methods) in kinds {
        let shown = methods.to_string();
        let (found, text) = one(methods);
        assert!(
            found == rule && text.contains(words),
            "{rule} `{words}` in {shown}: {found}: {text}"
        );
    }
}

const DESK: &str = r#"{
  "openapi": "3.1.0", "info": { "title": "Desk", "version": "1" },
  "security": [{ "session": [], "csrf": [] }],
  "paths": {
    "/tickets": { "post": { "responses": { "204": { "description": "Opened." } } } },
    "/offers": { "get": { "security": [{}, { "session": [] }], "responses": { "204": { "description": "None." } } } },
    "/exports": { "get": { "security": [{ "password": [] }, { "account": [] }], "responses": { "204": { "description": "Sent." } } } },
    "/locked": { "get": { "security": [{ "csrf": [], "certificate": [] }], "responses": { "204": { "description": "Open." } } } }
  },
  "components": { "securitySchemes": {
    "session": { "type": "apiKey", "in": "cookie", "name": "sid" },
    "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF" },
    "password": { "type": "http", "scheme": "basic" },
    "account": { "type": "oauth2", "flows": {} },
    "certificate": { "type": "mutualTLS" }
  } }
}"#;

/// The trait `Desk` with these credentials and one method, against its document.
fn of_desk(auth: TokenStream, verb: TokenStream) -> Vec<(&'static str, String)> {
    let methods = quote!(#verb async fn x(&self) -> Result<()>;);
    found_in(DESK, quote!(base = "https://desk.example", #auth), methods)
}

#[test]
fn cookies_passwords_and_tokens_of_oauth2_are_where_the_document_has_them() {
    let both = quote!(auth(cookie = "sid"), auth(name = "csrf", header = "X-CSRF"));
    for (auth, verb) in [
        (both.clone(), quote!(#[post("/tickets")])),
        (both.clone(), quote!(#[get("/offers", auth("csrf" = off), optional)])),
        (both.clone(), quote!(#[get("/exports", auth(basic))])),
        // A certificate is given to the builder.
        (both, quote!(#[get("/locked", public)])),
        (quote!(auth(basic)), quote!(#[get("/exports")])),
        (quote!(auth(oauth2)), quote!(#[get("/exports")])),
        // The cookie is in the client's own store, and the other header is a constant.
        (quote!(auth(header = "X-CSRF")), quote!(#[post("/tickets")])),
        (quote!(auth(cookie = "sid"), headers("X-CSRF" = "1")), quote!(#[post("/tickets")])),
    ] {
        let shown = format!("{auth} {verb}");
        assert_eq!(of_desk(auth, verb), [], "{shown}");
    }
}

#[test]
fn each_of_several_required_tokens_is_missed_at_its_own_place() {
    let both = quote!(auth(cookie = "sid"), auth(name = "csrf", header = "X-CSRF"));
    for (auth, verb, words) in [
        (both.clone(), quote!(#[post("/tickets", auth("csrf" = off))]), "remove `\"csrf\" = off`"),
        (
            quote!(auth(cookie = "sid")),
            quote!(#[post("/tickets")]),
            "add `auth(name = \"csrf\", header = \"x-csrf\")`",
        ),
        // A cookie of another name is not the one.
        (
            quote!(auth(cookie = "id"), auth(name = "csrf", header = "X-CSRF")),
            quote!(#[post("/tickets")]),
            "add `auth(name = \"session\", cookie = \"sid\")`",
        ),
        (quote!(auth(bearer)), quote!(#[get("/offers")]), "write `auth(cookie = \"sid\")`"),
        (both, quote!(#[get("/exports")]), "write `auth(basic)`"),
    ] {
        let shown = format!("{auth} {verb}");
        let found = of_desk(auth, verb);
        assert!(
            matches!(&found[..], [("openapi-placement", text)] if text.contains(words)),
            "{words} for {shown}: {found:?}"
        );
    }
}

#[test]
fn a_document_that_cannot_be_read_is_an_error_at_its_name() {
    for (path, words) in [
        ("tests/openapi/absent.json", "cannot read the document"),
        ("Cargo.toml", "is not JSON, as line 1 shows"),
    ] {
        let diagnostics = Diagnostics::new();
        let options = parse::api::parse(quote!(openapi = #path), &diagnostics);
        let methods = quote!(
            trait Pets {
                #[get("/pets")]
                async fn pets(&self) -> Result<()>;
            }
        );
        let parsed = parse::item::parse(methods, &diagnostics).expect("a trait");
        let api = lower::lower(options, &parsed, &diagnostics);
        let paths = crate::expand::Paths::new(&quote!(::perennial), false);
        let tracked = super::check(&api, &paths, &diagnostics).tracked.to_string();
        let errors = diagnostics.into_parts().0;
        assert_eq!(errors.len(), 1);
        assert!(errors[0].rule == "openapi-document" && errors[0].text.contains(words));
        // Cargo builds again when an existing document changes.
        assert_eq!(tracked.contains("include_bytes"), path == "Cargo.toml");
    }
}

#[test]
fn path_items_and_parts_are_found_where_a_reference_leads() {
    let document = r##"{ "openapi": "3.1.0",
      "paths": {
        "/pets/{id}": { "$ref": "#/components/pathItems/Pet", "delete": { "responses": { "204": {} } } },
        "/cats/{id}": { "get": { "parameters": [{ "$ref": "#/paths/~1pets~1%7Bid%7D/x-shared/0" }, { "$ref": "#/components/pathItems/Pet/get/parameters/0" }],
          "responses": { "204": {} } } }
      },
      "components": { "pathItems": { "Pet": { "get": {
        "parameters": [{ "name": "full", "in": "query", "required": true, "schema": { "type": "boolean" } }], "responses": { "204": {} } } } } } }"##;
    let methods = quote! {
        #[get("/pets/{id}")]
        async fn pet(&self, id: u64, #[query] full: bool) -> Result<()>;
        #[delete("/pets/{id}")]
        async fn remove(&self, id: u64) -> Result<()>;
        #[get("/cats/{id}")]
        async fn cat(&self, id: u64, #[query] full: bool) -> Result<()>;
    };
    assert_eq!(found_in(document, quote!(), methods), []);
    let methods = quote! {
        #[get("/pets/{id}")]
        async fn pet(&self, id: u64) -> Result<()>;
    };
    let all = found_in(document, quote!(), methods);
    assert!(matches!(&all[..], [("openapi-missing-parameter", _)]), "{all:?}");
}

#[test]
fn an_address_is_found_however_the_document_spells_it() {
    let document = r##"{ "openapi": "3.0.0", "paths": {
      "/<upload url>/é": { "put": { "responses": { "204": {} } } },
      "/upload": { "post": { "operationId": "send", "responses": { "204": {} } } },
      "/upload?beta=true": { "post": { "operationId": "sendNow", "parameters": [{ "name": "X-Beta", "in": "header", "schema": { "type": "string" } }], "responses": { "204": {} } } },
      "/files//{id}": { "get": { "operationId": "file", "responses": { "204": {} } } },
      "/files/{id}#locked": { "get": { "operationId": "file_lock",
        "parameters": [{ "name": "until", "in": "query", "required": true, "schema": { "type": "string" } }], "responses": { "204": {} } } } } }"##;
    let methods = quote! {
        #[put("/%3Cupload%20url%3E/%C3%A9")]
        async fn upload(&self) -> Result<()>;
        #[post("/upload?beta=true")]
        async fn upload_beta(&self, #[header("x-beta")] beta: Option<&str>) -> Result<()>;
        #[post("/upload")]
        async fn send(&self) -> Result<()>;
        #[get("/files/{id}", allow(duplicate_endpoint))]
        async fn file(&self, id: u64) -> Result<()>;
        #[get("/files/{id}", allow(duplicate_endpoint))]
        async fn file_lock(&self, id: u64, #[query] until: &str) -> Result<()>;
    };
    assert_eq!(found_in(document, quote!(), methods), []);
    let methods = quote! {
        #[get("/files/{id}")]
        async fn file_lock(&self, id: u64) -> Result<()>;
    };
    let all = found_in(document, quote!(), methods);
    assert!(matches!(&all[..], [("openapi-missing-parameter", _)]), "{all:?}");
}

#[test]
fn a_list_of_objects_may_be_written_in_any_way() {
    let document = r##"{ "openapi": "3.0.0", "paths": { "/search": { "get": { "parameters": [
      { "name": "filters", "in": "query", "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Filter" } } },
      { "name": "boxes", "in": "query", "schema": { "type": "array", "items": { "type": "array", "items": { "type": "number" } } } },
      { "name": "tags", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } } ], "responses": { "204": {} } } } },
      "components": { "schemas": { "Filter": { "type": "object", "properties": { "key": { "type": "string" } } } } } }"##;
    let methods = quote! {
        #[get("/search")]
        async fn search(&self, #[query] filters: Option<&str>, #[query] boxes: Option<&str>, #[query] tags: Option<&str>) -> Result<()>;
    };
    let all = found_in(document, quote!(), methods);
    assert!(matches!(&all[..], [("openapi-list", text)] if text.contains("tags")), "{all:?}");
}

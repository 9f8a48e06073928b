//! Operations are found by their addresses and ids, and a document that cannot be read is an error.

use quote::quote;

use super::{each_is_found, found_in};
use crate::diagnostic::Diagnostics;
use crate::{lower, parse};

#[test]
fn an_operation_that_the_document_does_not_have_is_found_with_the_near_name() {
    each_is_found([
        (
            "openapi-path",
            "did you mean `/pets/{id}`",
            quote! { #[get("/pest/{id}")] async fn x(&self, id: u64) -> Result<Pet>; },
        ),
        (
            "openapi-verb",
            "`get`",
            quote! { #[patch("/pets/{id}")] async fn x(&self, id: u64, #[json] pet: &Pet) -> Result<Pet>; },
        ),
        (
            "openapi-deprecated",
            "#[deprecated]",
            quote! { #[get("/old")] async fn x(&self) -> Result<Pet>; },
        ),
        (
            "openapi-operation",
            "did you mean `getPet`",
            quote! { #[get("/pets/{id}", spec = "gtPet")] async fn x(&self, id: u64) -> Result<Pet>; },
        ),
        (
            "openapi-path",
            "`GET /pets/{id}`",
            quote! { #[get("/pets", spec = "getPet")] async fn x(&self) -> Result<Pet>; },
        ),
    ]);
}

#[test]
fn a_document_that_cannot_be_read_is_an_error_at_its_name() {
    for (path, words) in [
        ("tests/openapi/absent.json", "cannot read the document"),
        ("Cargo.toml", "is not JSON, at line 1"),
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
        let tracked = super::super::check(&api, &paths, &diagnostics).tracked.to_string();
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

//! Parameters against those of the document.

use quote::quote;

use super::{each_is_found, found_in};

#[test]
fn each_mismatch_of_a_parameter_is_found_with_the_near_name() {
    each_is_found([
        (
            "openapi-missing-parameter",
            "`limit`",
            quote! { #[get("/pets")] async fn x(&self) -> Result<Page>; },
        ),
        (
            "openapi-missing-parameter",
            "header `X-Request-Key`",
            quote! { #[post("/pets")] async fn x(&self, #[json] pet: &Pet) -> Result<Pet>; },
        ),
        (
            "openapi-unknown-parameter",
            "did you mean `limit`",
            quote! { #[get("/pets?limit=1")] async fn x(&self, #[query] limt: u32) -> Result<Page>; },
        ),
        (
            "openapi-unknown-parameter",
            "did you mean `X-Shop`",
            quote! { #[get("/pets?limit=1")] async fn x(&self, #[header("X-Shops")] shop: &str) -> Result<Page>; },
        ),
        (
            "openapi-optional",
            "without `Option`",
            quote! { #[get("/pets")] async fn x(&self, #[query] limit: Option<u32>) -> Result<Page>; },
        ),
        (
            "openapi-list",
            "take a slice",
            quote! { #[get("/pets?limit=1")] async fn x(&self, #[query(style = csv)] tags: &str) -> Result<Page>; },
        ),
        (
            "openapi-list",
            "take a single value",
            quote! { #[get("/pets")] async fn x(&self, #[query] limit: &[u32]) -> Result<Page>; },
        ),
        (
            "openapi-list-style",
            "style = csv",
            quote! { #[get("/pets?limit=1")] async fn x(&self, #[query] tags: &[&str]) -> Result<Page>; },
        ),
        (
            "openapi-pages",
            "did you mean `after`",
            quote! { #[get("/pets?limit=1", page(cursor = "aftr", next = "next"))] fn x(&self) -> Pages<Pet>; },
        ),
    ]);
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

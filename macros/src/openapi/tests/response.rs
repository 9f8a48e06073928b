//! Return types against the responses of the document.

use quote::quote;

use super::each_is_found;

#[test]
fn each_mismatch_of_a_response_is_found_with_the_way_out() {
    each_is_found([
        (
            "openapi-stream",
            "return `Events",
            quote! { #[get("/pets/{id}/steps")] async fn x(&self, id: u64) -> Result<Step>; },
        ),
        (
            "openapi-stream",
            "return a `Result`",
            quote! { #[get("/pets/{id}")] fn x(&self, id: u64) -> Events<Pet>; },
        ),
        (
            "openapi-unit",
            "instead of `()`",
            quote! { #[get("/pets/{id}")] async fn x(&self, id: u64) -> Result<()>; },
        ),
        (
            "openapi-value",
            "Result<()>",
            quote! { #[delete("/pets/{id}")] async fn x(&self, id: u64) -> Result<Pet>; },
        ),
    ]);
}

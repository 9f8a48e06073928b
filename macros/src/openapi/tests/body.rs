//! Bodies and their parts against those of the document.

use quote::quote;

use super::each_is_found;

#[test]
fn each_mismatch_of_a_body_is_found_with_the_near_name() {
    each_is_found([
        (
            "openapi-missing-body",
            "#[json]",
            quote! { #[post("/pets", idempotent("X-Request-Key"))] async fn x(&self) -> Result<Pet>; },
        ),
        (
            "openapi-unknown-body",
            "remove `pet`",
            quote! { #[delete("/pets/{id}")] async fn x(&self, id: u64, #[json] pet: &Pet) -> Result<()>; },
        ),
        (
            "openapi-body-kind",
            "#[json]",
            quote! { #[post("/pets", idempotent("X-Request-Key"))] async fn x(&self, #[form] pet: &Pet) -> Result<Pet>; },
        ),
        (
            "openapi-unknown-part",
            "did you mean `title`",
            quote! { #[put("/pets/{id}/photo")] async fn x(&self, id: u64, #[part] titel: &str, #[part] title: &str, #[part] image: Part) -> Result<()>; },
        ),
        (
            "openapi-missing-part",
            "`image`",
            quote! { #[put("/pets/{id}/photo")] async fn x(&self, id: u64, #[part] title: &str) -> Result<()>; },
        ),
        (
            "openapi-missing-part",
            "field `password`",
            quote! { #[post("/sessions", public)] async fn x(&self, #[field] name: &str) -> Result<Signed>; },
        ),
    ]);
}

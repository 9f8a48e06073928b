//! Each kind of mismatch is reported at its own tokens, and a matching trait has none.

mod body;
mod document;
mod parameters;
mod response;
mod security;

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

/// Each of these methods has one mismatch: this one, with these words in its message.
fn each_is_found<const N: usize>(mismatches: [(&str, &str, TokenStream); N]) {
    for (rule, words, methods) in mismatches {
        let shown = methods.to_string();
        let auth = quote!(base = "https://pets.example/v1", auth(bearer, logout(status = 401)));
        let all = found(auth, methods);
        assert!(
            matches!(&all[..], [(found, text)] if *found == rule && text.contains(words)),
            "{rule} `{words}` in {shown}: {all:?}"
        );
    }
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

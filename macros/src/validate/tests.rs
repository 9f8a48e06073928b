//! One mistake is one diagnostic, and an allowed lint is silent.

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostic::Diagnostics;
use crate::lower::lower;
use crate::parse;

/// The names of the diagnostics of a declaration, errors before warnings.
fn broken(attribute: TokenStream, methods: TokenStream) -> Vec<&'static str> {
    let diagnostics = Diagnostics::new();
    let options = parse::api::parse(attribute, &diagnostics);
    if let Some(parsed) = parse::item::parse(quote!(trait Shop { #methods }), &diagnostics) {
        super::validate(&lower(options, &parsed, &diagnostics), &diagnostics);
    }
    let (errors, warnings) = diagnostics.into_parts();
    errors.iter().chain(&warnings).map(|diagnostic| diagnostic.rule).collect()
}

#[test]
fn a_mistake_in_an_attribute_is_one_diagnostic() {
    let a = quote!(
        #[get("/a")]
        async fn a(&self) -> Result<()>;
    );
    for (rule, attribute, methods) in [
        ("unknown-option", quote!(envelope(cod = "code")), a.clone()),
        ("wrong-value", quote!(headers(Accept = "a")), a),
        (
            "wrong-value",
            quote!(),
            quote!(
                #[get(path = "/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "async-stream",
            quote!(),
            quote!(
                #[get("/a")]
                async fn a(&self) -> Events<u8>;
            ),
        ),
    ] {
        assert_eq!(broken(attribute, methods), [rule]);
    }
}

#[test]
fn an_allowed_lint_is_silent() {
    let twice = quote!(
        #[get("/a/{b}/{b}")]
        async fn a(&self, b: u8) -> Result<()>;
    );
    let body = quote!(
        #[get("/a", allow(body_on_get))]
        async fn a(&self, #[json] b: u8) -> Result<()>;
    );
    let same = quote! {
        #[get("/a", allow(duplicate_endpoint))] async fn a(&self) -> Result<()>;
        #[get("/a")] async fn b(&self) -> Result<()>;
    };
    let query = quote!(auth(query = "token"), allow(token_in_query));
    for (attribute, methods) in [
        (quote!(allow(no_endpoint)), quote!()),
        (quote!(allow(repeated_placeholder)), twice),
        (quote!(), body),
        (quote!(), same),
        (
            query,
            quote!(
                #[get("/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
    ] {
        assert_eq!(broken(attribute, methods), [""; 0]);
    }
}

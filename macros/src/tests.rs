//! What the macro says and what it writes, without a compiler around it.

#![allow(clippy::unwrap_used)]

use quote::quote;

use super::*;

/// The rules that a declaration breaks, in order, errors before warnings.
fn broken(attribute: TokenStream, item: TokenStream) -> Vec<&'static str> {
    let faults = fault::Faults::new();
    let options = attribute::api::read(attribute, &faults);
    if let Some(found) = syntax::read(item, &faults) {
        let api = model::Api::new(options, &found, &faults);
        check::check(&api, &faults);
    }
    let (errors, warnings) = faults.into_found();
    errors.iter().chain(&warnings).map(|fault| fault.rule).collect()
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("generated code is Rust"))
}

#[test]
fn the_declaration_of_the_article_has_nothing_wrong_with_it() {
    let (attribute, item) = shop();
    assert_eq!(broken(attribute, item), [""; 0]);
}

#[test]
fn the_generated_code_is_rust() {
    let (attribute, item) = shop();
    let code = pretty(generate(attribute, item));
    for part in ["pub struct ShopClient", "impl Shop for ShopClient", "pub const ENDPOINTS"] {
        assert!(code.contains(part), "{code}");
    }
}

#[test]
fn after_an_error_everything_is_still_there() {
    let (attribute, item) = shop();
    let code = pretty(generate(quote!(#attribute, bse = "/x"), item));
    for part in [
        "compile_error!",
        "pub struct ShopClient",
        "impl Shop for ShopClient",
        "fn order(&self, id: u64)",
    ] {
        assert!(code.contains(part), "{code}");
    }
}

#[test]
fn a_half_typed_method_costs_only_itself() {
    let item = quote! {
        trait Shop {
            #[get("/a")]
            async fn a(&self) -> Result<()>;
            #[get("/b")]
            async fn b(&self, id: ) -> Result<()>;
            #[get("/c")]
            async fn c(&self) ->
            #[get("/d")]
            async fn d(&self) -> Result<()>;
        }
    };
    let code = pretty(generate(quote!(), item));
    for method in ["fn a(", "fn d("] {
        assert!(code.contains(method), "{code}");
    }
}

#[test]
fn one_mistake_is_one_error() {
    for (rule, attribute, method) in [
        (
            "unknown-option",
            quote!(timout = "10s"),
            quote!(
                #[get("/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "relative-base",
            quote!(base = "api"),
            quote!(
                #[get("/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "bad-duration",
            quote!(timeout = "10 sec"),
            quote!(
                #[get("/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "parameter-without-role",
            quote!(),
            quote!(
                #[get("/a")]
                async fn a(&self, page: u32) -> Result<()>;
            ),
        ),
        (
            "placeholder-without-parameter",
            quote!(),
            quote!(
                #[get("/{ownr}")]
                async fn a(&self, owner: u32) -> Result<()>;
            ),
        ),
        (
            "no-verb",
            quote!(),
            quote!(
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "no-verb",
            quote!(),
            quote!(
                #[gte("/a")]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "not-async",
            quote!(),
            quote!(
                #[get("/a")]
                fn a(&self) -> Result<()>;
            ),
        ),
        (
            "auth-option-alone",
            quote!(),
            quote!(
                #[post("/a", login)]
                async fn a(&self) -> Result<()>;
            ),
        ),
        ("no-endpoint", quote!(), quote!()),
    ] {
        assert_eq!(broken(attribute, quote!(trait Shop { #method })), [rule]);
    }
}

fn shop() -> (TokenStream, TokenStream) {
    let attribute = quote! {
        base = "/api",
        envelope(code = "code", message = "message", data = "data", ok = 0),
        auth(header = "X-Token", expired(code = 1234)),
    };
    let item = quote! {
        /// The shop's API.
        pub trait Shop {
            /// Signs in.
            #[post("/login", login)]
            async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;
            /// Renews the session.
            #[post("/refreshtoken", refresh)]
            async fn refresh(&self) -> Result<Tokens>;
            /// One order.
            #[get("/orders/{id}")]
            async fn order(&self, id: u64) -> Result<Order>;
            /// Orders, newest first.
            #[get("/orders")]
            async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> Result<Vec<Order>>;
            /// Needs no token.
            #[get("/health", public)]
            async fn health(&self) -> Result<()>;
        }
    };
    (attribute, item)
}

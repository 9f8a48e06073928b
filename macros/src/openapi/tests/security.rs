//! Credentials against the security of the document.

use proc_macro2::TokenStream;
use quote::quote;

use super::{each_is_found, found_in};

#[test]
fn each_mismatch_of_security_is_found_with_the_way_out() {
    each_is_found([
        (
            "openapi-security",
            "remove `public`",
            quote! { #[get("/pets/{id}", public)] async fn x(&self, id: u64) -> Result<Pet>; },
        ),
        (
            "openapi-security",
            "remove `optional`",
            quote! { #[get("/pets/{id}", optional)] async fn x(&self, id: u64) -> Result<Pet>; },
        ),
        (
            "openapi-security",
            "add `public`",
            quote! { #[get("/health")] async fn x(&self) -> Result<()>; },
        ),
        (
            "openapi-placement",
            "header = \"x-key\"",
            quote! { #[get("/report")] async fn x(&self) -> Result<Bytes>; },
        ),
    ]);
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

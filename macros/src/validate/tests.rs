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

#[test]
fn a_mistake_in_a_page_is_one_diagnostic() {
    for (rule, options) in [
        ("page-option", quote!(items = "data")),
        ("page-option", quote!(next = "next")),
        ("page-option", quote!(cursor = "after")),
        ("page-option", quote!(cursor = "after", next = "a", last = "b")),
        ("page-option", quote!(cursor = "after", next = "a", start = 1)),
        ("page-option", quote!(cursor = "after", next = "a", size = "limit")),
        ("page-option", quote!(cursor = "after", offset = "skip")),
        ("page-option", quote!(number = "page")),
        ("page-option", quote!(number = "page", start = 1, last_page = "a", more = "b")),
        ("page-option", quote!(offset = "skip", host = keep)),
        ("page-option", quote!(offset = "skip", end = 0)),
        ("page-option", quote!(cursor = "after", last = "id", end = 0)),
        ("wrong-value", quote!(cursor = "after", next = "a", end = none)),
        ("wrong-value", quote!(link, empty = "absent")),
        ("wrong-value", quote!(offset = "skip", start = -1)),
        ("wrong-value", quote!(link, more = not("a", "b"))),
        ("wrong-value", quote!(number = "page", start = 1, last_page = body("a"))),
        ("opposite-of-more", quote!(link, more = not("meta.hasMore"))),
        ("unknown-option", quote!(page = "page", start = 1)),
        ("unknown-option", quote!(number = "page", start = 1, limit = "per_page")),
        ("wrong-value", quote!(number = "page", start = "1")),
        ("wrong-value", quote!(link = "link")),
        ("wrong-value", quote!(link, host = "keep")),
        ("wrong-value", quote!(link = "a..b")),
        ("wrong-value", quote!(cursor = body("a", "b"), next = "a")),
        ("dotted-name", quote!(link = "@odata.nextLink")),
        ("boolean-cursor", quote!(cursor = "after", next = "meta.hasMore")),
        ("page-number-as-offset", quote!(offset = "pageNumber")),
        ("page-parameter", quote!(cursor = body("after"), next = "next")),
        ("opposite-of-more", quote!(offset = "skip", more = "meta.isLast")),
        ("size-of-nothing", quote!(offset = "skip", size = "limit")),
    ] {
        let method = quote!(
            #[get("/a", page(#options))]
            fn a(&self) -> Pages<u8>;
        );
        assert_eq!(broken(quote!(), method), [rule], "{options}");
    }
    for (rule, options) in [
        ("events-without-events", quote!(events(end = "[DONE]"))),
        ("misplaced-option", quote!(end = "[DONE]")),
        ("wrong-value", quote!(events)),
    ] {
        let method = quote!(
            #[get("/a", page(link), #options)]
            fn a(&self) -> Pages<u8>;
        );
        assert_eq!(broken(quote!(), method), [rule], "{options}");
    }
    for options in [
        quote!(cursor = "after", last = "id", more = "has_more", items = ["data"]),
        quote!(number = header("X-Page"), start = 0, size = "limit", last_page = "a.b"),
        quote!(offset = "page", more = "a"),
        quote!(offset = "from", start = 1, more = not("isLast"), empty = absent),
        quote!(cursor = "after", next = "next", end = [0, "none", -1]),
        quote!(number = "p", start = 1, last_page = header("X-Total-Pages")),
        quote!(link = ["@odata.nextLink"], host = keep, more = "a"),
    ] {
        let allowed = quote!(allow(page_number_as_offset));
        let method = quote!(
            #[get("/a?limit=5", page(#options), #allowed)]
            fn a(&self) -> Pages<u8>;
        );
        assert_eq!(broken(quote!(), method), [""; 0], "{options}");
    }
}

#[test]
fn a_mistake_in_a_constant_or_a_format_is_one_diagnostic() {
    for (rule, method) in [
        (
            "wrong-value",
            quote!(
                #[get("/a", queries(v = "1"))]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[get("/a", queries("v"))]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[get("/a", queries("v" = 1.5))]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "same-wire-name",
            quote!(
                #[get("/a", queries("v" = 1, "v" = 2))]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "fields-without-a-form",
            quote!(
                #[get("/a", fields("v" = 1))]
                async fn a(&self) -> Result<()>;
            ),
        ),
        (
            "bad-mime",
            quote!(
                #[post("/a")]
                async fn a(&self, #[json("merge-patch")] b: u8) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[post("/a")]
                async fn a(&self, #[body(mime = "a/b")] b: u8) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[post("/a")]
                async fn a(&self, #[form(style = csv)] b: B) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[get("/a")]
                async fn a(&self, #[query(flatten, style = csv)] b: B) -> Result<()>;
            ),
        ),
        (
            "wrong-value",
            quote!(
                #[get("/a")]
                async fn a(&self, #[query(json, flatten)] b: B) -> Result<()>;
            ),
        ),
    ] {
        let shown = method.to_string();
        assert_eq!(broken(quote!(), method), [rule], "{shown}");
    }
}

#[test]
fn two_methods_of_one_path_with_different_options_are_not_duplicates() {
    let declared = |second: TokenStream, name: TokenStream, mapped: TokenStream| {
        quote!(
            #[get("/a/{b}")]
            async fn first(&self, b: u8) -> Result<u8, E>;
            #[get(#second)]
            #mapped
            async fn second(&self, #name: u8) -> Result<u8, E>;
        )
    };
    let of =
        |methods: TokenStream| broken(quote!(auth(bearer), envelope(code = "c", ok = 0)), methods);
    let other_name = declared(quote!("/a/{c}"), quote!(c), quote!());
    assert_eq!(of(other_name), ["duplicate-endpoint"]);
    for second in [
        quote!("/a/{b}", queries("operation" = "list")),
        quote!("/a/{b}", headers("X-Operation" = "list")),
        quote!("/a/{b}", public),
        quote!("/a/{b}", envelope = off),
        quote!("/a/{b}", timeout = "5s"),
        quote!("https://other.example/a/{b}", public),
    ] {
        assert_eq!(of(declared(second.clone(), quote!(b), quote!())), [""; 0], "{second}");
    }
    let mapped = declared(quote!("/a/{b}"), quote!(b), quote!(#[errors(404 => Missing)]));
    assert_eq!(of(mapped), [""; 0]);
    let both = quote!(
        #[post("/", fields("operation" = "list"))]
        async fn list(&self) -> Result<u8>;
        #[post("/", fields("operation" = "get"))]
        async fn get(&self) -> Result<u8>;
        #[get("/a")]
        #[errors(404 => Missing)]
        async fn a(&self) -> Result<u8, E>;
        #[get("/a")]
        #[errors(410 => Missing)]
        async fn b(&self) -> Result<u8, E>;
    );
    assert_eq!(of(both), [""; 0]);
}

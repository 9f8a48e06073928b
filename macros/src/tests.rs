//! The diagnostics and the expansion of the macro, without a compiler.

#![allow(clippy::unwrap_used)]

use quote::{ToTokens, quote};

use super::*;

/// The names of the diagnostics of a declaration, errors before warnings.
fn broken(attribute: TokenStream, item: TokenStream) -> Vec<&'static str> {
    let diagnostics = diagnostic::Diagnostics::new();
    let options = parse::api::parse(attribute, &diagnostics);
    if let Some(parsed) = parse::item::parse(item, &diagnostics) {
        let api = lower::lower(options, &parsed, &diagnostics);
        validate::validate(&api, &diagnostics);
    }
    let (errors, warnings) = diagnostics.into_parts();
    errors.iter().chain(&warnings).map(|diagnostic| diagnostic.rule).collect()
}

fn pretty(tokens: TokenStream) -> String {
    let mut file = syn::parse2(tokens).expect("generated code is Rust");
    // Otherwise the arguments of a macro are not formatted.
    each_statement(&mut file, |statements| {
        for statement in statements {
            if let Some((attributes, item)) = server(statement) {
                let item = quote!(#(#attributes)* #item);
                *statement = syn::Stmt::Item(syn::parse2(item).unwrap());
            }
        }
    });
    prettyplease::unparse(&file)
}

#[test]
fn the_main_example_has_no_diagnostic() {
    let (attribute, item) = shop();
    assert_eq!(broken(attribute, item), [""; 0]);
}

#[test]
fn the_generated_code_is_rust() {
    let (attribute, item) = shop();
    let code = pretty(generate(attribute, item));
    for part in
        ["pub struct ShopClient", "impl Shop for client_of_Shop::ShopClient", "pub const ENDPOINTS"]
    {
        assert!(code.contains(part), "{code}");
    }
}

#[test]
fn after_an_error_all_items_still_exist() {
    let (attribute, item) = shop();
    let code = pretty(generate(quote!(#attribute, bse = "/x"), item));
    for part in [
        "compile_error!",
        "pub struct ShopClient",
        "impl Shop for client_of_Shop::ShopClient",
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
            quote! { #[get("/a")] async fn a(&self) -> Result<()>; },
        ),
        (
            "relative-base",
            quote!(base = "api"),
            quote! { #[get("/a")] async fn a(&self) -> Result<()>; },
        ),
        (
            "bad-duration",
            quote!(timeout = "10 sec"),
            quote! { #[get("/a")] async fn a(&self) -> Result<()>; },
        ),
        (
            "parameter-without-role",
            quote!(),
            quote! { #[get("/a")] async fn a(&self, page: u32) -> Result<()>; },
        ),
        (
            "placeholder-without-parameter",
            quote!(),
            quote! { #[get("/{ownr}")] async fn a(&self, owner: u32) -> Result<()>; },
        ),
        (
            // It resembles a placeholder that has its parameter.
            "parameter-without-role",
            quote!(),
            quote! { #[get("/{id}")] async fn a(&self, id: u32, ids: u32) -> Result<()>; },
        ),
        ("no-verb", quote!(), quote! { async fn a(&self) -> Result<()>; }),
        ("no-verb", quote!(), quote! { #[gte("/a")] async fn a(&self) -> Result<()>; }),
        ("not-async", quote!(), quote! { #[get("/a")] fn a(&self) -> Result<()>; }),
        (
            "auth-option-alone",
            quote!(),
            quote! { #[post("/a", login)] async fn a(&self) -> Result<()>; },
        ),
        ("no-endpoint", quote!(), quote!()),
    ] {
        assert_eq!(broken(attribute, quote!(trait Shop { #method })), [rule]);
    }
}

#[test]
fn the_expansions_match_the_snapshots() {
    for name in ["article", "everything", "served"] {
        let path = snapshot(name, "rs");
        let found = pretty(expansion(name));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let saved = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(saved == found, "{name} is stale: run `BLESS=1 cargo test -p perennial-macros`");
    }
}

#[test]
fn serve_adds_one_item_and_changes_nothing_else() {
    for name in ["article", "everything", "served"] {
        let (attribute, item) = source(name);
        let without = attribute_without(&attribute, "serve");
        let plain = pretty(generate(without.clone(), item.clone()));
        let mut served = syn::parse2(generate(quote!(#without serve), item)).unwrap();
        let mut removed = 0;
        each_statement(&mut served, |statements| {
            let all = statements.len();
            statements.retain(|statement| server(statement).is_none());
            removed += all - statements.len();
            // The import with which an editor finds the documentation of the word.
            let word = quote!(
                use ::perennial::reference::option::serve as _;
            )
            .to_string();
            statements.retain(|statement| statement.to_token_stream().to_string() != word);
        });
        assert_eq!(removed, 1, "{name}");
        assert!(prettyplease::unparse(&served) == plain, "{name}");
    }
}

#[test]
fn after_an_error_a_test_that_serves_the_trait_has_no_further_error() {
    let item = quote! {
        pub trait Shop {
            #[get("/stock", serve = off)]
            async fn stock(&self) -> Result<u64>;
        }
    };
    let code = generate(quote!(serve), item.clone()).to_string();
    assert!(code.contains("compile_error") && code.contains("Serve <"), "{code}");
    let plain = generate(quote!(), item).to_string();
    assert!(plain.contains("compile_error") && !plain.contains("Serve <"), "{plain}");
}

/// The options with one of them removed, each with a comma after it.
fn attribute_without(attribute: &TokenStream, name: &str) -> TokenStream {
    let mut options: Vec<Vec<proc_macro2::TokenTree>> = vec![Vec::new()];
    for token in attribute.clone() {
        match &token {
            proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',' => {
                options.push(Vec::new());
            }
            _ => options.last_mut().unwrap().push(token),
        }
    }
    options.retain(|option| option.first().is_some_and(|first| first.to_string() != name));
    options.into_iter().map(|option| quote!(#(#option)*,)).collect()
}

/// The statements of the blocks that hide internal items.
fn each_statement(file: &mut syn::File, mut each: impl FnMut(&mut Vec<syn::Stmt>)) {
    for item in &mut file.items {
        if let syn::Item::Const(constant) = item
            && let syn::Expr::Block(block) = &mut *constant.expr
        {
            each(&mut block.block.stmts);
        }
    }
}

/// The server side, in the macro that exists only with the runtime's feature.
fn server(statement: &syn::Stmt) -> Option<(&[syn::Attribute], TokenStream)> {
    let (attributes, call) = match statement {
        syn::Stmt::Macro(call) => (&call.attrs, &call.mac),
        syn::Stmt::Item(syn::Item::Macro(call)) => (&call.attrs, &call.mac),
        _ => return None,
    };
    let last = call.path.segments.last()?;
    // The error for a runtime without the feature comes first.
    let item = call.tokens.clone().into_iter().skip(1).collect();
    (last.ident == "served").then_some((attributes.as_slice(), item))
}

#[test]
fn a_method_is_one_constant_and_one_expression() {
    let file: syn::File = syn::parse2(expansion("article")).unwrap();
    let (mut constants, mut methods) = (Vec::new(), 0);
    for item in block_items(&file.items) {
        match item {
            syn::Item::Const(constant) => constants.push(constant.ident.to_string()),
            syn::Item::Impl(block) => {
                for method in calls(&block) {
                    methods += 1;
                    let is_one = matches!(&method.block.stmts[..], [syn::Stmt::Expr(_, None)]);
                    assert!(is_one, "{}", method.sig.ident);
                }
            }
            _ => {}
        }
    }
    assert_eq!(methods, 5);
    constants.retain(|name| name.starts_with("__endpoint_"));
    assert_eq!(constants.len(), methods);
}

#[test]
fn one_more_method_adds_few_lines() {
    let of = |methods: usize| {
        let methods = (0..methods).map(|at| {
            let (name, path) = (quote::format_ident!("order_{at}"), format!("/orders/{at}/{{id}}"));
            quote!(#[get(#path)] async fn #name(&self, id: u64) -> Result<Order>;)
        });
        pretty(generate(quote!(), quote!(trait Shop { #(#methods)* }))).lines().count()
    };
    let lines = (of(11) - of(1)) / 10;
    assert!(lines <= LINES_OF_A_METHOD, "{lines} lines");
}

/// The lines in the trait, its implementation, the client and the table, as formatted by prettyplease. Nine of them
/// are for its one parameter: the compiler selects its form there, so that serde and `Display` both work.
const LINES_OF_A_METHOD: usize = 54;

#[test]
fn the_path_of_the_runtime_is_used_everywhere() {
    let (attribute, item) = shop();
    let code = generate(quote!(#attribute crate = ::other), item).to_string();
    assert!(code.contains(":: other :: __private"));
    assert!(!code.contains(":: perennial"), "{code}");
}

fn expansion(name: &str) -> TokenStream {
    let (attribute, item) = source(name);
    generate(attribute, item)
}

fn source(name: &str) -> (TokenStream, TokenStream) {
    let source = std::fs::read_to_string(snapshot(name, "in.rs")).unwrap();
    let mut declared: syn::ItemTrait = syn::parse_str(&source).unwrap();
    let at = declared.attrs.iter().position(|it| it.path().is_ident("api_client")).unwrap();
    let attribute = declared.attrs.remove(at);
    let attribute = attribute.meta.require_list().unwrap().tokens.clone();
    (attribute, declared.to_token_stream())
}

fn snapshot(name: &str, extension: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    folder.join(format!("{name}.{extension}"))
}

/// The items of the blocks that hide internal items.
fn block_items(items: &[syn::Item]) -> Vec<syn::Item> {
    let mut found = Vec::new();
    for item in items {
        if let syn::Item::Const(constant) = item
            && let syn::Expr::Block(block) = &*constant.expr
        {
            found.extend(block.block.stmts.iter().filter_map(|statement| match statement {
                syn::Stmt::Item(item) => Some(item.clone()),
                _ => None,
            }));
        }
    }
    found
}

/// The methods that return a call.
fn calls(block: &syn::ItemImpl) -> impl Iterator<Item = &syn::ImplItemFn> {
    block.items.iter().filter_map(|item| match item {
        syn::ImplItem::Fn(method) => {
            method.sig.output.to_token_stream().to_string().contains("CallOf").then_some(method)
        }
        _ => None,
    })
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

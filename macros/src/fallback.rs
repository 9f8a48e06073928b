//! The expansion after an error: the trait, the client and all their methods with their final signatures, so that
//! nothing else in the crate breaks and completion keeps working.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;

use crate::expand::api_trait::{self, TraitHead, declaration, kept};
use crate::expand::client::{self, Client, method_head};
use crate::expand::{Paths, call, everywhere, kinds, serve};
use crate::lower::client_name;
use crate::lower::shape::shape;
use crate::model::Api;
use crate::model::shape::{Function, Shape};
use crate::parse::errors::is_errors;
use crate::parse::item::{self, Item, Trait};
use crate::parse::param::ROLES;
use crate::parse::verb::{VERBS, is_verb};
use crate::suggest::text_of;

/// Everything except the bodies, which never run since the crate does not compile.
pub(crate) fn fallback(parsed: &Trait, api: &Api, paths: &Paths) -> TokenStream {
    let mut items = Vec::new();
    let mut shapes = Vec::new();
    let has_others = parsed.items.iter().any(|it| matches!(it, Item::Other(_)));
    let repeated = item::repeated(&parsed.items);
    for (at, item) in parsed.items.iter().enumerate() {
        match item {
            Item::Other(_) => {}
            Item::Function(_) if repeated.contains_key(&at) => {}
            // It may name one of those, which are left out.
            Item::Function(function) if has_others && names_self(&function.signature) => {}
            Item::Function(function) if is_kept(function) => {
                let mut function = function.clone();
                without_roles_of_parameters(&mut function);
                items.push(kept(&function));
            }
            Item::Function(function) => {
                let shape = shape(function, &paths.public);
                items.push(declaration(&shape, paths));
                shapes.push(shape);
            }
        }
    }
    let name = client_name(&parsed.name);
    let client = Client {
        name: &name,
        api: &parsed.name,
        visibility: &parsed.visibility,
        taken: shapes.iter().map(|shape| &shape.signature.ident).collect(),
        has_host: api.has_host(),
    };
    let head = TraitHead {
        attributes: &parsed.attributes,
        visibility: &parsed.visibility,
        name: &parsed.name,
        supertraits: &parsed.supertraits,
        where_clause: &parsed.where_clause,
    };
    let mut all = vec![head.with(&items)];
    all.extend(client.items(paths));
    all.push(api_client(&client::path(&parsed.name, &name, paths), paths));
    all.push(methods(api, &shapes, paths));
    all.extend(serve::without_handlers(api, &client::path(&parsed.name, &name, paths), paths));
    all.push(api_trait::implementation(
        &parsed.name,
        &name,
        &shapes.iter().collect::<Vec<_>>(),
        paths,
    ));
    everywhere(&parsed.attributes, all)
}

/// A function without the attributes of the macro.
pub(crate) fn without_roles(item: TokenStream) -> TokenStream {
    match item::item.parse2(item.clone()) {
        Ok(Item::Function(mut function)) => {
            function.attributes.retain(|it| !is_verb(it) && !is_errors(it));
            without_roles_of_parameters(&mut function);
            kept(&function)
        }
        _ => item,
    }
}

fn without_roles_of_parameters(function: &mut Function) {
    for input in &mut function.signature.inputs {
        if let syn::FnArg::Typed(typed) = input {
            typed.attrs.clear();
        }
    }
}

/// Whether a signature names an associated item: `Self::Error`.
fn names_self(signature: &syn::Signature) -> bool {
    text_of(signature).contains("Self::")
}

/// An item that is not a trait, without what would cause further errors: attributes of the macro, and functions
/// without a body.
pub(crate) fn not_a_trait(item: TokenStream) -> TokenStream {
    let item = without_ours(item);
    let is_impl =
        item.clone().into_iter().any(|it| matches!(it, TokenTree::Ident(it) if it == "impl"));
    let tokens = with_bodies(item).into_iter().map(|token| match token {
        TokenTree::Group(group) if is_impl && group.delimiter() == Delimiter::Brace => {
            let mut copy = Group::new(Delimiter::Brace, with_bodies(group.stream()));
            copy.set_span(group.span());
            copy.into()
        }
        token => token,
    });
    tokens.collect()
}

/// Functions that end with a semicolon get a body, which never runs.
fn with_bodies(items: TokenStream) -> TokenStream {
    let with_body = |chunk: TokenStream| {
        let mut tokens: Vec<TokenTree> = chunk.into_iter().collect();
        let is_function = tokens.iter().any(|it| matches!(it, TokenTree::Ident(it) if it == "fn"));
        let ends = matches!(tokens.last(), Some(TokenTree::Punct(it)) if it.as_char() == ';');
        if is_function && ends {
            tokens.pop();
            let unused = quote!(#[allow(unused)]);
            tokens.splice(0..0, unused);
            let body = Group::new(Delimiter::Brace, quote!(::core::unreachable!()));
            tokens.push(body.into());
        }
        tokens
    };
    item::chunks(items).into_iter().flat_map(with_body).collect()
}

/// Any item without the attributes of the macro, each of which would be another error.
fn without_ours(item: TokenStream) -> TokenStream {
    let is_ours = |group: &Group| {
        let first = group.stream().into_iter().next().map(|word| word.to_string());
        first.is_some_and(|word| {
            VERBS.contains(&&*word) || ROLES.contains(&&*word) || word == "http" || word == "errors"
        })
    };
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in item {
        match token {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && is_ours(&group) =>
            {
                if matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
                    kept.pop();
                } else {
                    kept.push(group.into());
                }
            }
            TokenTree::Group(group) => {
                let mut copy = Group::new(group.delimiter(), without_ours(group.stream()));
                copy.set_span(group.span());
                kept.push(copy.into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn is_kept(function: &Function) -> bool {
    let is_ours = function.attributes.iter().any(|it| is_verb(it) || is_errors(it));
    function.body.is_some() && !is_ours
}

fn api_client(name: &TokenStream, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    quote! {
        impl #private::ApiClient for #name {
            const API: &'static #private::Api = &#private::Api::new("", Self::ENDPOINTS);
            fn from_client(client: #private::Client) -> Self { Self { client } }
            fn as_client(&self) -> &#private::Client { &self.client }
        }
    }
}

/// The methods never run. Methods without an error still state the bounds of their types, so that one build reports
/// mistakes in types as well.
fn methods(api: &Api, shapes: &[Shape], paths: &Paths) -> TokenStream {
    let (name, public) = (client::path(&api.name, &api.client, paths), &paths.public);
    let mut whole: Vec<_> = api.endpoints().filter(|endpoint| endpoint.is_whole).collect();
    let methods = shapes.iter().map(|shape| {
        let head = method_head(shape, Some("Its declaration has an error."), paths);
        let names = shape.names();
        let at = whole.iter().position(|endpoint| *endpoint.name() == shape.signature.ident);
        let requirements = at.map(|at| call::requirements(whole.remove(at), paths));
        let requirements = requirements.map(|it| quote!(let _ = || { #it };));
        quote!(#head { let _ = (#(&#names,)*); #requirements ::core::unreachable!() })
    });
    let methods: Vec<_> = methods.collect();
    let kinds = kinds(paths);
    quote! {
        const _: () = {
            #kinds

            #[allow(dead_code, non_snake_case, unreachable_code)]
            impl #name {
                /// The declared endpoints; empty, since the declaration has an error.
                pub const ENDPOINTS: &'static [#public::declared::Endpoint] = &[];
                #(#methods)*
            }
        };
    }
}

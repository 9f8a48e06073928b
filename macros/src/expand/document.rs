//! The test of the types against the document that `openapi = ".."` names. It is compiled only with the tests of
//! the crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::GenericParam;

use super::call::argument;
use super::{Paths, call, client, kinds};
use crate::model::param::Role;
use crate::model::{Api, Endpoint};

/// A method, and the operation that it is compared with: its path, and its verb.
pub(crate) type Row<'a> = (&'a Endpoint, String, &'static str);

/// The test of a trait. `document` is the path of the file.
pub(crate) fn test(api: &Api, paths: &Paths, document: &str, rows: &[Row<'_>]) -> TokenStream {
    let private = &paths.private;
    let client = client::path(&api.name, &api.client, paths);
    let methods = rows.iter().map(|(endpoint, path, verb)| {
        let cfgs = &endpoint.shape.cfgs;
        let name = endpoint.name().to_string();
        let (response, body) = (response(endpoint, paths), body(endpoint, paths));
        quote! {
            #(#cfgs)*
            #private::document::Method {
                name: #name, path: #path, verb: #verb, response: #response, body: #body,
            }
        }
    });
    let cfgs = api.attributes.iter().filter(|it| it.path().is_ident("cfg"));
    let name = format!("{}_types_fit_the_document", snake(&api.name.to_string()));
    let name = Ident::new(&name, Span::mixed_site());
    let kinds = kinds(paths);
    quote! {
        #(#cfgs)*
        #[cfg(test)]
        #[test]
        #[allow(deprecated, unnameable_test_items, unused_qualifications)]
        fn #name() {
            #kinds
            #[allow(unused_imports)]
            use #private::document::{Readable as _, Unreadable as _};
            #private::document::check(
                ::core::include_str!(#document),
                #client::ENDPOINTS,
                &[#(#methods),*],
            );
        }
    }
}

/// The type of the response. A stream is checked item by item while it runs, and not here.
fn response(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let returned = &endpoint.shape.returned;
    let value = call::value_type(returned, paths);
    if !endpoint.shape.is_async || !is_known(endpoint, &value) {
        return quote!(::core::option::Option::None);
    }
    let (private, kind) = (&paths.private, call::json_kind(returned, paths));
    quote!(#private::document::returns::<#value, _>(#kind))
}

/// The type of the body, if it is JSON.
fn body(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let json = endpoint.params.iter().find(|it| matches!(it.role, Role::Json { .. }));
    match json.map(|it| argument::pointee(it).0).filter(|ty| is_known(endpoint, ty)) {
        None => quote!(::core::option::Option::None),
        Some(ty) => {
            let private = &paths.private;
            quote!((&&#private::document::Body::<#ty>::NEW).__perennial_sends())
        }
    }
}

/// Whether a type can be named outside of its method: it must not depend on anything that a caller chooses.
fn is_known(endpoint: &Endpoint, ty: &TokenStream) -> bool {
    let generics = &endpoint.shape.signature.generics.params;
    let has_types = generics.iter().any(|it| !matches!(it, GenericParam::Lifetime(_)));
    let tokens = || ty.to_token_stream().into_iter();
    !has_types
        && !tokens().any(argument::is_impl)
        && !ty.to_string().contains('\'')
        && ty.to_string() != "_"
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake.trim_start_matches("r#").to_owned()
}

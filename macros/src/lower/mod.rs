//! Turns parsed tokens into the model. Anything that cannot be understood is reported and left out.

mod inherit;
mod method;
mod params;
pub(crate) mod shape;
mod types;

use quote::{format_ident, quote};
use syn::Ident;

use crate::diagnostic::Diagnostics;
use crate::model::Api;
use crate::model::options::ApiOptions;
use crate::parse::item::{Item, Trait};

/// Lowers a trait.
pub(crate) fn lower(options: ApiOptions, parsed: &Trait, diagnostics: &Diagnostics) -> Api {
    let part = diagnostics.nested();
    let mut members = Vec::new();
    let mut is_whole = !parsed.has_lost;
    let runtime = runtime(&options);
    for item in &parsed.items {
        match item {
            Item::Function(function) => match method::lower(function, &options, &runtime, &part) {
                Some(member) => members.push(member),
                None => is_whole = false,
            },
            Item::Other(_) => is_whole = false,
        }
    }
    is_whole &= part.unless_wrong(()).is_some();
    Api {
        attributes: parsed.attributes.clone(),
        visibility: parsed.visibility.clone(),
        name: parsed.name.clone(),
        client: client_name(&parsed.name),
        supertraits: parsed.supertraits.clone(),
        where_clause: parsed.where_clause.clone(),
        options,
        members,
        is_whole,
    }
}

/// The path of the runtime, valid in any module.
pub(crate) fn runtime(options: &ApiOptions) -> proc_macro2::TokenStream {
    match &options.runtime {
        Some(path) => quote!(#path),
        None => quote!(::perennial),
    }
}

/// `Shop` becomes `ShopClient`.
pub(crate) fn client_name(name: &Ident) -> Ident {
    format_ident!("{}Client", name, span = name.span())
}

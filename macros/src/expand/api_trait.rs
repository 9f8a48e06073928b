//! The trait, whose `async fn`s become functions that return a future, and its implementation for the client.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, Signature, Token, TypeParamBound, Visibility, WhereClause};

use super::{Paths, arguments_at, client, ends};
use crate::model::shape::{Function, Shape};
use crate::model::{Api, Member};

/// A trait to generate.
pub(crate) struct TraitHead<'a> {
    pub(crate) attributes: &'a [Attribute],
    pub(crate) visibility: &'a Visibility,
    pub(crate) name: &'a Ident,
    pub(crate) supertraits: &'a Punctuated<TypeParamBound, Token![+]>,
    pub(crate) where_clause: &'a Option<WhereClause>,
}

impl TraitHead<'_> {
    /// The trait around its items.
    pub(crate) fn with(&self, items: &[TokenStream]) -> TokenStream {
        let Self { attributes, visibility, name, supertraits, where_clause } = self;
        let colon = (!supertraits.is_empty()).then(|| quote!(:));
        // Where the trait is declared twice, the compiler underlines it from its first token to its last.
        let keyword = Token![trait](name.span());
        let mut items = Group::new(Delimiter::Brace, quote!(#(#items)*));
        items.set_span(name.span());
        // The empty brackets keep the compiler from suggesting a type parameter for every unknown name, which would
        // turn one unknown type into two different errors.
        quote! {
            #(#attributes)*
            #[allow(dead_code, private_bounds, clippy::too_many_arguments)]
            #visibility #keyword #name<> #colon #supertraits #where_clause #items
        }
    }
}

/// The trait of an API.
pub(super) fn of_api(api: &Api, paths: &Paths) -> TokenStream {
    let items: Vec<_> = api
        .members
        .iter()
        .map(|member| match member {
            Member::Endpoint(endpoint) => declaration(&endpoint.shape, paths),
            Member::Kept(function) => kept(function),
        })
        .collect();
    let head = TraitHead {
        attributes: &api.attributes,
        visibility: &api.visibility,
        name: &api.name,
        supertraits: &api.supertraits,
        where_clause: &api.where_clause,
    };
    head.with(&items)
}

/// The method as the trait declares it.
pub(crate) fn declaration(shape: &Shape, paths: &Paths) -> TokenStream {
    let Shape { cfgs, shared, others, .. } = shape;
    let signature = with_future(shape, paths);
    quote!(#(#cfgs)* #(#shared)* #(#others)* #signature;)
}

/// A method with a body, unchanged.
pub(crate) fn kept(function: &Function) -> TokenStream {
    let Function { attributes, signature, body, .. } = function;
    // The lint is about futures that a caller cannot spawn, which the macro cannot change in a copied method.
    let lint = signature.asyncness.is_some().then(|| quote!(#[allow(async_fn_in_trait)]));
    let end = match body {
        Some(body) => body.to_token_stream(),
        None => quote!(;),
    };
    quote!(#(#attributes)* #lint #signature #end)
}

/// The client's implementation: each method calls the client's own.
pub(crate) fn implementation(
    api: &Ident,
    client: &Ident,
    shapes: &[&Shape],
    paths: &Paths,
) -> TokenStream {
    let path = client::path(api, client, paths);
    let methods = shapes.iter().map(|shape| {
        let cfgs = &shape.cfgs;
        let signature = with_future(shape, paths);
        let (name, this, names) = (&shape.signature.ident, this(&shape.signature), shape.names());
        // If the types of the call do not match, the return type is wrong.
        let (start, end) = ends(&shape.returned.whole);
        let mut own = name.clone();
        own.set_span(start.resolved_at(name.span()));
        let arguments = arguments_at(end, quote!(#this #(, #names)*));
        let call = quote_spanned!(start=> Self::#own #arguments);
        let body = match shape.is_async {
            true => {
                let (private, call) = (paths.private_at(start), arguments_at(end, call));
                quote_spanned!(start=> #private::future #call)
            }
            false => {
                let (whole, bounds) = (&shape.returned.whole, paths.bounds_at(start));
                quote_spanned!(start=> <#whole as #bounds::Returned>::from_call(#call))
            }
        };
        quote!(#(#cfgs)* #signature { #body })
    });
    quote! {
        #[allow(deprecated, non_snake_case, private_interfaces, unused_qualifications)]
        #[automatically_derived]
        impl #api for #path { #(#methods)* }
    }
}

/// The user's own token `self`: in a trait from a `macro_rules!`, another one would be a different variable.
pub(crate) fn this(signature: &Signature) -> Ident {
    let span = match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => receiver.self_token.span,
        _ => proc_macro2::Span::call_site(),
    };
    Ident::new("self", span)
}

fn with_future(shape: &Shape, paths: &Paths) -> Signature {
    let mut signature = shape.signature.clone();
    let whole = &shape.returned.whole;
    let bounds = paths.bounds_at(whole.span());
    if shape.is_async {
        let future = quote_spanned!(whole.span()=>
            impl #bounds::Future<Output = #whole>
        );
        signature.output =
            syn::ReturnType::Type(Token![->](whole.span()), Box::new(syn::Type::Verbatim(future)));
    } else if matches!(signature.output, syn::ReturnType::Default) {
        signature.output = syn::parse_quote!(-> #whole);
    }
    signature
}

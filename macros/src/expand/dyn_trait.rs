//! `#[api_client(dyn)]`: a dyn-compatible copy of the trait.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, GenericParam, Lifetime, Signature};

use super::{Paths, api_trait};
use crate::model::Api;
use crate::model::lifetimes::with_lifetime;
use crate::model::shape::Shape;

/// The dyn-compatible trait, and the implementation of each trait in terms of the other.
pub(super) fn items(api: &Api, paths: &Paths) -> Vec<TokenStream> {
    if api.options.dyn_trait.is_none() {
        return Vec::new();
    }
    let (name, visibility, private) = (&api.name, &api.visibility, &paths.private);
    let dyn_name = format_ident!("Dyn{}", api.name, span = api.name.span());
    let about = format!(
        "[`{name}`] as a trait object: every implementor of [`{name}`] implements this trait, and `dyn {dyn_name}` \
         implements [`{name}`]."
    );
    let supertraits = api.supertraits.iter().map(|bound| quote!(+ #bound));
    let shapes: Vec<_> = api.endpoints().map(|endpoint| &endpoint.shape).collect();
    let declared = shapes.iter().map(|shape| {
        let (cfgs, shared, signature) = (&shape.cfgs, &shape.shared, boxed(shape));
        let docs = (!shape.has_docs()).then(|| {
            let text = format!("See [`{name}::{}`].", shape.signature.ident);
            quote!(#[doc = #text])
        });
        quote!(#(#cfgs)* #docs #(#shared)* #signature;)
    });
    let made = shapes.iter().map(|shape| {
        let (cfgs, signature, call) = (&shape.cfgs, boxed(shape), delegated(shape, &quote!(#name)));
        let body = if shape.is_async { quote!(::std::boxed::Box::pin(#call)) } else { call };
        quote!(#(#cfgs)* #signature { #body })
    });
    let back = shapes.iter().map(|shape| {
        let (cfgs, mut signature) = (&shape.cfgs, shape.signature.clone());
        let call = delegated(shape, &quote!(#dyn_name));
        let body = if shape.is_async {
            signature.asyncness = Some(syn::Token![async](Span::call_site()));
            quote!(#call.await)
        } else {
            call
        };
        quote!(#(#cfgs)* #signature { #body })
    });
    vec![
        quote! {
            #[doc = #about]
            #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
            #visibility trait #dyn_name: #private::MaybeSend + #private::MaybeSync #(#supertraits)* { #(#declared)* }
        },
        quote! {
            #[allow(deprecated, non_snake_case)]
            impl<Implementor> #dyn_name for Implementor
            where
                Implementor: #name + #private::MaybeSend + #private::MaybeSync,
            { #(#made)* }
        },
        quote! {
            #[allow(deprecated, non_snake_case)]
            impl #name for dyn #dyn_name + '_ { #(#back)* }
        },
    ]
}

fn delegated(shape: &Shape, to: &TokenStream) -> TokenStream {
    let (name, this, names) =
        (&shape.signature.ident, api_trait::this(&shape.signature), shape.names());
    quote!(#to::#name(#this #(, #names)*))
}

/// The signature with a boxed future, which borrows all arguments for one lifetime.
fn boxed(shape: &Shape) -> Signature {
    let mut signature = shape.signature.clone();
    if !shape.is_async {
        return signature;
    }
    let call = Lifetime::new("'call", Span::mixed_site());
    for param in &mut signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            lifetime.bounds.push(call.clone());
        }
    }
    signature.generics.params.insert(0, syn::parse_quote!(#call));
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(_) => {
                let this = api_trait::this(&shape.signature);
                *input = syn::parse_quote!(&#call #this);
            }
            FnArg::Typed(typed) => {
                let ty = with_lifetime(typed.ty.to_token_stream(), &call, |name| name == "_");
                *typed.ty = syn::Type::Verbatim(ty);
            }
        }
    }
    let whole = &shape.returned.whole;
    signature.output = syn::parse_quote! {
        -> ::core::pin::Pin<::std::boxed::Box<
            dyn ::core::future::Future<Output = #whole> + ::core::marker::Send + #call
        >>
    };
    signature
}

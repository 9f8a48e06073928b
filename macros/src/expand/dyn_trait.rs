//! `#[api_client(dyn)]`: a twin of the trait that can be a trait object.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, GenericParam, Lifetime, Signature};

use super::{Paths, api_trait};
use crate::model::Api;
use crate::model::lifetimes::with_lifetime;
use crate::model::shape::Shape;

/// The twin, and what makes each of the two out of the other.
pub(super) fn items(api: &Api, paths: &Paths) -> Vec<TokenStream> {
    if api.options.dyn_trait.is_none() {
        return Vec::new();
    }
    let (name, visibility, private) = (&api.name, &api.visibility, &paths.private);
    let twin = format_ident!("Dyn{}", api.name, span = api.name.span());
    let about = format!(
        "[`{name}`] as a trait object: whatever implements that implements this, and `dyn {twin}` \
         implements [`{name}`]."
    );
    let supertraits = api.supertraits.iter().map(|bound| quote!(+ #bound));
    let shapes: Vec<_> = api.endpoints().map(|endpoint| &endpoint.shape).collect();
    let declared = shapes.iter().map(|shape| {
        let (cfgs, shared, signature) = (&shape.cfgs, &shape.shared, boxed(shape));
        let docs = (!shape.has_docs()).then(|| {
            let text = format!("As [`{name}::{}`].", shape.signature.ident);
            quote!(#[doc = #text])
        });
        quote!(#(#cfgs)* #docs #(#shared)* #signature;)
    });
    let made = shapes.iter().map(|shape| {
        let (cfgs, signature, call) =
            (&shape.cfgs, boxed(shape), handed_over(shape, &quote!(#name)));
        let body = if shape.is_async { quote!(::std::boxed::Box::pin(#call)) } else { call };
        quote!(#(#cfgs)* #signature { #body })
    });
    let back = shapes.iter().map(|shape| {
        let (cfgs, mut signature) = (&shape.cfgs, shape.signature.clone());
        let call = handed_over(shape, &quote!(#twin));
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
            #visibility trait #twin: #private::MaybeSend + #private::MaybeSync #(#supertraits)* { #(#declared)* }
        },
        quote! {
            #[allow(deprecated, non_snake_case)]
            impl<Implementor> #twin for Implementor
            where
                Implementor: #name + #private::MaybeSend + #private::MaybeSync,
            { #(#made)* }
        },
        quote! {
            #[allow(deprecated, non_snake_case)]
            impl #name for dyn #twin + '_ { #(#back)* }
        },
    ]
}

fn handed_over(shape: &Shape, to: &TokenStream) -> TokenStream {
    let (name, this, names) =
        (&shape.signature.ident, api_trait::this(&shape.signature), shape.names());
    quote!(#to::#name(#this #(, #names)*))
}

/// The signature with a boxed future, which lives as long as everything that it borrows.
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

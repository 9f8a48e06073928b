//! The declaration of the client for the runtime, and the refresh that the runtime sends without a caller.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::constant::duration;
use super::{Paths, arguments_at, call, client, credential, ends};
use crate::model::auth::Credential;
use crate::model::shape::peeled;
use crate::model::verb::SessionRole;
use crate::model::{Api, Endpoint};

/// The client, as the runtime uses it.
pub(super) fn api(api: &Api, paths: &Paths) -> TokenStream {
    let (client, private) = (client::path(&api.name, &api.client, paths), &paths.private);
    let name = api.name.unraw().to_string();
    let base = api.options.base.as_ref().map(|base| quote!(.base(#base)));
    let credentials = (!api.credentials().is_empty()).then(|| quote!(.credentials(__CREDENTIALS)));
    let limits = api.options.shared.timeout.given();
    let connect = limits.and_then(|limits| limits.connect).map(|(limit, _)| {
        let limit = duration(limit);
        quote!(.connect_timeout(#limit))
    });
    let refreshes = api.endpoints().filter(|it| it.role() == Some(SessionRole::Refresh));
    let renewals: Vec<_> = refreshes.map(|endpoint| renewal(api, endpoint, paths)).collect();
    let renewals = (!renewals.is_empty()).then(|| quote!(.renewals(const { &[#(#renewals),*] })));
    let handle = Ident::new("client", Span::mixed_site());
    quote! {
        #[automatically_derived]
        impl #private::ApiClient for #client {
            const API: &'static #private::Api = &#private::Api::new(#name, Self::ENDPOINTS)
                #base #credentials #connect #renewals;

            fn from_client(#handle: #private::Client) -> Self { Self { client: #handle } }

            fn as_client(&self) -> &#private::Client { &self.client }
        }
    }
}

fn renewal(api: &Api, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let name = &endpoint.effective.credential;
    let cfgs = &endpoint.shape.cfgs;
    let handle = Ident::new("client", Span::mixed_site());
    // It neither carries the old token nor has an argument that is created from it.
    let tokenless = endpoint.is_public().then(|| {
        let needs = needs(endpoint, paths);
        quote!(.tokenless(|| !(false #(|| #needs)*)))
    });
    let values = endpoint.params.iter().map(|param| {
        let owner = owner(&param.ty).0;
        let (source, argument) = (source(&owner, paths), argument(&owner, paths));
        quote!(.or_else(|| #argument::missing(#source, #handle)))
    });
    let values = (!endpoint.params.is_empty())
        .then(|| quote!(.missing(|#handle| ::core::option::Option::None #(#values)*)));
    let rejected =
        credential::rules(&endpoint.verb.rejected, paths).map(|rules| quote!(.rejected(#rules)));
    let with = endpoint.verb.mark.as_ref().map(|mark| &mark.with).filter(|with| !with.is_empty());
    let with = with.map(|with| {
        let is_carried = |it: &&Credential| with.iter().any(|name| name.value() == it.name);
        let carried: Vec<_> = api.credentials().iter().filter(is_carried).cloned().collect();
        let carried = credential::list(&carried, paths);
        quote!(.with(#carried))
    });
    let tokens = Ident::new("tokens", Span::mixed_site());
    let made = endpoint.params.iter().map(|param| {
        let (name, ty) = (&param.name, &param.ty);
        let span = ty.span();
        let owned = Ident::new("owned", Span::mixed_site());
        let (owner, is_borrowed) = owner(ty);
        let reference = is_borrowed.then(|| quote_spanned!(span=> let #name: #ty = &#owned;));
        let binding = if is_borrowed { &owned } else { name };
        let (source, argument) = (source(&owner, paths), argument(&owner, paths));
        quote_spanned!(span=> let #binding = #argument::create(#source, #handle, #tokens)?; #reference)
    });
    let draft = call::draft(&quote!(#handle), endpoint, paths);
    let returned = &endpoint.shape.returned;
    let (value, kind) = (call::value_type(returned, paths), call::kind(endpoint, paths));
    let decoder = call::tokens_value(endpoint, &value, paths);
    quote! {
        #(#cfgs)* #private::Renewal::new(
            #name,
            |#handle, #tokens| {
                #(#made)*
                ::core::result::Result::Ok(#draft.renewal(#decoder::decoder(#kind)))
            },
        )#tokenless #values #rejected #with
    }
}

/// For each parameter, whether it is created from the tokens.
pub(super) fn needs(endpoint: &Endpoint, paths: &Paths) -> Vec<TokenStream> {
    let private = &paths.private;
    let needs = endpoint.params.iter().map(|param| {
        let source = source(&owner(&param.ty).0, paths);
        quote!(#private::needs_tokens(#source))
    });
    needs.collect()
}

/// The type of the value that the runtime creates, and whether the parameter borrows it.
fn owner(ty: &Type) -> (TokenStream, bool) {
    match borrowed(ty) {
        Some(owner) => (owner, true),
        None => (quote!(#ty), false),
    }
}

/// Whether a type is created from the tokens or given to the builder; the compiler finds out.
fn source(owner: &TokenStream, paths: &Paths) -> TokenStream {
    let (start, end) = ends(owner);
    let private = paths.private_at(start);
    let new = Ident::new("NEW", end);
    let probe = arguments_at(end, quote_spanned!(start=> &&&#private::Source::<#owner>::#new));
    quote_spanned!(end=> #probe.__perennial_source())
}

fn argument(owner: &TokenStream, paths: &Paths) -> TokenStream {
    let (start, _) = ends(owner);
    let (public, bounds) = (paths.public_at(start), paths.bounds_at(start));
    quote_spanned!(start=> <#public::Tokens as #bounds::RefreshArgument<#owner, _>>)
}

/// The owned type of a borrowed parameter.
fn borrowed(ty: &Type) -> Option<TokenStream> {
    let Type::Reference(reference) = peeled(ty) else {
        return None;
    };
    Some(match peeled(&reference.elem) {
        Type::Path(path) if path.path.is_ident("str") => {
            quote_spanned!(path.span()=> ::std::string::String)
        }
        Type::Slice(slice) => {
            let item = &slice.elem;
            quote_spanned!(slice.span()=> ::std::vec::Vec<#item>)
        }
        owner => quote!(#owner),
    })
}

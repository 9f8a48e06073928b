//! The constants of `auth(..)`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::Paths;
use super::constant::{duration, path, scalar, token_place};
use crate::model::auth::{Credential, Early, HeaderMatch, Placement, Rule};

/// The credentials as a constant list. The results of functions need a `const` block to be promoted to `'static`.
pub(super) fn list(credentials: &[Credential], paths: &Paths) -> TokenStream {
    let list = credentials.iter().map(|credential| one(credential, paths));
    quote!(const { &[#(#list),*] })
}

fn one(credential: &Credential, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let name = &credential.name;
    let placement = match &credential.placement {
        Placement::Bearer => quote!(Bearer),
        Placement::Header { name, scheme: None } => {
            quote!(Header { name: #name, scheme: ::core::option::Option::None })
        }
        Placement::Header { name, scheme: Some(scheme) } => {
            quote!(Header { name: #name, scheme: ::core::option::Option::Some(#scheme) })
        }
        Placement::Query(name) => quote!(Query { name: #name }),
        Placement::Cookie(name) => quote!(Cookie { name: #name }),
        Placement::Field(name) => quote!(Field { name: #name }),
    };
    let early = match &credential.early {
        Early::Default => None,
        Early::By(by) => {
            let by = duration(*by);
            Some(quote!(.early(#private::Early::By(#by))))
        }
        Early::Off => Some(quote!(.early(#private::Early::Off))),
    };
    let expired = rules(&credential.expired, paths).map(|list| quote!(.expired(#list)));
    let logout = rules(&credential.logout, paths).map(|list| quote!(.logout(#list)));
    let insufficient_scope =
        rules(&credential.insufficient_scope, paths).map(|list| quote!(.insufficient_scope(#list)));
    let renewed = credential.renewed.as_ref().map(|place| {
        let place = token_place(place, paths);
        quote!(.renewed(#place))
    });
    let grace = credential.grace.map(duration).map(|grace| quote!(.grace(#grace)));
    let keyed = credential.key.is_some().then(|| quote!(.keyed()));
    let window = credential.window.map(|(refreshes, within)| {
        let within = duration(within);
        quote!(.window(#refreshes, #within))
    });
    quote! {
        #private::Credential::new(#name, #private::Placement::#placement)
            #expired #logout #insufficient_scope #early #renewed #grace #keyed #window
    }
}

/// Rules as a constant list; `None` if there are none.
pub(super) fn rules(rules: &[Rule], paths: &Paths) -> Option<TokenStream> {
    let list = rules.iter().map(|it| rule(it, paths));
    (!rules.is_empty()).then(|| quote!(const { &[#(#list),*] }))
}

fn rule(rule: &Rule, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let codes = (!rule.codes.is_empty()).then(|| {
        let codes = rule.codes.iter().map(|code| scalar(code, paths));
        quote!(.codes(&[#(#codes),*]))
    });
    let statuses = (!rule.statuses.is_empty()).then(|| {
        let statuses = rule.statuses.iter().map(|status| status.number);
        quote!(.statuses(&[#(#statuses),*]))
    });
    let body = (!rule.body.is_empty()).then(|| {
        let body = rule.body.iter().map(|(place, value)| {
            let (place, value) = (path(place), scalar(value, paths));
            quote!((#place, #value))
        });
        quote!(.body(&[#(#body),*]))
    });
    let headers = (!rule.headers.is_empty()).then(|| {
        let headers = rule.headers.iter().map(|(name, value)| {
            let value = match value {
                HeaderMatch::Present => quote!(Present),
                HeaderMatch::Equals(text) => quote!(Equals(#text)),
                HeaderMatch::Contains(text) => quote!(Contains(#text)),
            };
            quote!(#private::HeaderRule::new(#name, #private::HeaderMatch::#value))
        });
        quote!(.headers(const { &[#(#headers),*] }))
    });
    let when = rule.when.as_ref().map(|function| {
        let bounds = paths.bounds_at(function.span());
        let response = Ident::new("response", Span::mixed_site());
        let judged =
            quote_spanned!(function.span()=> #bounds::ResponseRule::judge(&#function, #response));
        quote!(.when(|#response| #judged))
    });
    quote!(#private::Rule::NEW #codes #statuses #body #headers #when)
}

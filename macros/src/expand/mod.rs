//! Writes the code. Nothing can fail here: whatever was wrong was found before.

pub(crate) mod api_trait;
mod call;
pub(crate) mod client;
mod constant;
mod credential;
mod dyn_trait;
mod renewal;
mod warning;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Attribute;

use crate::diagnostic::Diagnostic;
use crate::model::Api;

/// The paths that the generated code begins with.
pub(crate) struct Paths {
    /// The runtime, where its public names are.
    pub(crate) public: TokenStream,
    /// The door for generated code.
    pub(crate) private: TokenStream,
    /// The user said where the runtime is. What these words mean depends on where they stand.
    is_given: bool,
}

impl Paths {
    /// The paths below the runtime of an API.
    pub(crate) fn new(runtime: &TokenStream, is_given: bool) -> Self {
        Self { private: quote!(#runtime::__private), public: runtime.clone(), is_given }
    }

    /// The door as it looks from a place: what fails behind it is reported there.
    pub(crate) fn private_at(&self, at: Span) -> TokenStream {
        let located = self.private.clone().into_iter().map(|mut token| {
            token.set_span(if self.is_given { at.resolved_at(token.span()) } else { at });
            token
        });
        located.collect()
    }
}

/// The first and the last place of some tokens. Code that begins at the one and ends at the other is
/// underlined as these tokens are.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (start, tokens.last().map_or(start, |token| token.span()))
}

/// Arguments in parentheses that end at a place.
pub(crate) fn arguments_at(end: Span, arguments: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(end);
    group
}

/// Everything that the macro leaves behind.
pub(crate) fn expand(api: &Api, paths: &Paths, warnings: &[Diagnostic]) -> TokenStream {
    let client = client::Client {
        name: &api.client,
        api: &api.name,
        visibility: &api.visibility,
        taken: api.endpoints().map(|it| it.name()).collect(),
        has_host: api.has_host(),
    };
    let mut items = vec![api_trait::of_api(api, paths)];
    items.extend(client.items(paths));
    items.push(calls(api, paths));
    items.push(api_trait::implementation(
        &api.name,
        &api.client,
        &api.endpoints().map(|it| &it.shape).collect::<Vec<_>>(),
        paths,
    ));
    items.extend(dyn_trait::items(api, paths));
    items.extend(warnings.iter().map(warning::item));
    everywhere(&api.attributes, items)
}

/// A `#[cfg]` below `#[api_client]` is the trait's, and what comes with the trait goes with it.
pub(crate) fn everywhere(attributes: &[Attribute], items: Vec<TokenStream>) -> TokenStream {
    let cfgs: Vec<_> = attributes.iter().filter(|it| it.path().is_ident("cfg")).collect();
    // The first item is the trait, which bears its attributes already.
    let rest = items.iter().skip(1).map(|item| quote!(#(#cfgs)* #item));
    let first = items.first();
    quote!(#first #(#rest)*)
}

/// The client's own methods, the constants that they use, and how the runtime refreshes. All of it is in a
/// block of its own, beside the traits by which the compiler finds how a response is decoded, so that nothing
/// of it is visible elsewhere.
fn calls(api: &Api, paths: &Paths) -> TokenStream {
    let (client, private) = (&api.client, &paths.private);
    let methods = api.endpoints().map(|endpoint| {
        let head = client::method_head(&endpoint.shape, Some(&constant::summary(endpoint)), paths);
        let call = call::expression(endpoint, paths);
        quote!(#head { #call })
    });
    let constants = constant::constants(api, paths);
    let table = constant::table(api, paths);
    let declaration = renewal::api(api, paths);
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #private::kinds::{
                OpenPlain as _, OpenResponse as _, Specific as _, Undecodable as _, ViaJson as _,
                ViaResponse as _,
            };

            #constants

            #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
            impl #client { #table #(#methods)* }

            #declaration
        };
    }
}

//! Generates code from the model. Nothing here can fail: every mistake was reported before.

pub(crate) mod api_trait;
pub(crate) mod call;
pub(crate) mod client;
mod constant;
mod credential;
#[cfg(feature = "openapi")]
pub(crate) mod document;
mod dyn_trait;
mod renewal;
mod retry;
pub(crate) mod serve;
mod warning;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Ident};

use crate::diagnostic::{Diagnostic, Word};
use crate::model::Api;

/// The paths of the runtime in generated code.
pub(crate) struct Paths {
    /// The public names.
    pub(crate) public: TokenStream,
    /// The items for generated code.
    pub(crate) private: TokenStream,
    /// The traits that declared types implement, which compile errors name.
    bounds: TokenStream,
    /// The user wrote the path, so its tokens keep their hygiene.
    is_given: bool,
}

impl Paths {
    /// The paths below the runtime.
    pub(crate) fn new(runtime: &TokenStream, is_given: bool) -> Self {
        let (private, bounds) = (quote!(#runtime::__private), quote!(#runtime::bounds));
        Self { private, bounds, public: runtime.clone(), is_given }
    }

    /// The private path with a span, which is where an error about an item below it is reported.
    pub(crate) fn private_at(&self, at: Span) -> TokenStream {
        self.located(&self.private, at)
    }

    /// The public path with a span.
    pub(crate) fn public_at(&self, at: Span) -> TokenStream {
        self.located(&self.public, at)
    }

    /// The path of the traits with a span.
    pub(crate) fn bounds_at(&self, at: Span) -> TokenStream {
        self.located(&self.bounds, at)
    }

    /// Whether the path of the runtime is valid in every module.
    pub(crate) fn is_absolute(&self) -> bool {
        let mut first = self.public.clone().into_iter();
        match first.next() {
            Some(TokenTree::Punct(_)) => true,
            Some(TokenTree::Ident(word)) => word == "crate" || word == "$crate",
            _ => false,
        }
    }

    fn located(&self, path: &TokenStream, at: Span) -> TokenStream {
        let located = path.clone().into_iter().map(|mut token| {
            token.set_span(if self.is_given { at.resolved_at(token.span()) } else { at });
            token
        });
        located.collect()
    }
}

/// The first and the last span of some tokens. Code with these two at its ends is underlined like the tokens.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (start, tokens.last().map_or(start, |token| token.span()))
}

/// Arguments in parentheses, with a span.
pub(crate) fn arguments_at(end: Span, arguments: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(end);
    group
}

/// The whole expansion.
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

/// Copies a `#[cfg]` of the trait to all generated items.
pub(crate) fn everywhere(attributes: &[Attribute], items: Vec<TokenStream>) -> TokenStream {
    let cfgs: Vec<_> = attributes.iter().filter(|it| it.path().is_ident("cfg")).collect();
    // The first item is the trait, which already has its attributes.
    let rest = items.iter().skip(1).map(|item| quote!(#(#cfgs)* #item));
    let first = items.first();
    quote!(#first #(#rest)*)
}

/// The client's own methods, the constants that they use, and the code for the refresh. All of it is in a separate
/// block, together with the traits by which the compiler selects how a response is decoded, so that nothing of it
/// is visible elsewhere.
fn calls(api: &Api, paths: &Paths) -> TokenStream {
    let client = client::path(&api.name, &api.client, paths);
    let methods = api.endpoints().map(|endpoint| {
        let head = client::method_head(&endpoint.shape, Some(&constant::summary(endpoint)), paths);
        let call = call::expression(endpoint, paths);
        quote!(#head { #call })
    });
    let constants = constant::constants(api, paths);
    let table = constant::table(api, paths);
    let declaration = renewal::api(api, paths);
    let kinds = kinds(paths);
    let server = serve::implementation(api, paths);
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            #kinds

            #constants

            #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
            impl #client { #table #(#methods)* }

            #declaration

            #server
        };
    }
}

/// The traits by which the compiler selects how a response is decoded and how a value becomes text.
pub(crate) fn kinds(paths: &Paths) -> TokenStream {
    let private = &paths.private;
    quote! {
        #[allow(unused_imports)]
        use #private::kinds::{
            FromBuilder as _, FromRefresh as _, FromSession as _, OpenPlain as _, OpenResponse as _, Specific as _,
            Undecodable as _, ViaJson as _, ViaResponse as _,
        };
        #[allow(unused_imports)]
        use #private::value_kinds::{
            OptionalBoth as _, OptionalDisplayed as _, OptionalSerialized as _, PathBoth as _,
            PathDisplayed as _, PathNever as _, PathSerialized as _, QueryBoth as _,
            QueryDisplayed as _, QueryNever as _, QuerySerialized as _,
        };
    }
}

/// Imports of the words in the attributes, with which an editor finds their documentation. A word that is half
/// typed is imported only for the editor, which completes it.
pub(crate) fn words(words: &[Word], attributes: &[Attribute], paths: &Paths) -> TokenStream {
    let public = &paths.public;
    // `crate` cannot be the name of a page.
    let named = words.iter().filter(|word| word.name != "crate").map(|word| {
        let page = Ident::new(word.page, Span::mixed_site());
        let name = match syn::parse_str::<Ident>(&word.name.to_string()) {
            Ok(_) => word.name.clone(),
            Err(_) => Ident::new_raw(&word.name.to_string(), word.name.span()),
        };
        let only_here = (!word.is_known).then(|| quote!(#[cfg(rust_analyzer)]));
        quote!(#only_here use #public::reference::#page::#name as _;)
    });
    let cfgs = attributes.iter().filter(|it| it.path().is_ident("cfg"));
    quote! {
        #(#cfgs)*
        #[allow(unused_imports, unexpected_cfgs)]
        const _: () = { #(#named)* };
    }
}

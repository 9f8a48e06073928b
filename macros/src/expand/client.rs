//! The client type: what every client has, whatever its endpoints are.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Visibility};

use super::{Paths, ends};
use crate::model::shape::Shape;

/// A client to write.
pub(crate) struct Client<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) api: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    /// Names of the user's methods, which win over ours.
    pub(crate) taken: Vec<&'a Ident>,
    /// `base` has a host, so that a client needs nothing else.
    pub(crate) has_host: bool,
}

impl Client<'_> {
    /// The type and what every client has.
    pub(crate) fn items(&self, paths: &Paths) -> Vec<TokenStream> {
        let Self { name, visibility, .. } = self;
        let private = &paths.private;
        let about = format!(
            "A client of [`{}`]: cheap to clone, and its clones share one session.",
            self.api
        );
        vec![
            quote! {
                #[doc = #about]
                #visibility struct #name { client: #private::Client }
            },
            quote! {
                #[automatically_derived]
                impl ::core::clone::Clone for #name {
                    fn clone(&self) -> Self {
                        Self { client: ::core::clone::Clone::clone(&self.client) }
                    }
                }
            },
            quote! {
                #[automatically_derived]
                impl ::core::fmt::Debug for #name {
                    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        ::core::fmt::Debug::fmt(&self.client, formatter)
                    }
                }
            },
            self.functions(paths),
        ]
    }

    fn functions(&self, paths: &Paths) -> TokenStream {
        let (name, public, private) = (self.name, &paths.public, &paths.private);
        let mut functions = vec![
            (
                "builder",
                quote! {
                    /// Starts to build a client of the API at `base`, a URL such as `https://host.example`.
                    pub fn builder(base: impl ::core::convert::AsRef<str>) -> #public::ClientBuilder<Self> {
                        #private::builder(::core::convert::AsRef::as_ref(&base))
                    }
                },
            ),
            (
                "with_session",
                quote! {
                    /// A client of the API at `base` that shares the tokens of a session, and its refreshes.
                    ///
                    /// # Errors
                    ///
                    /// When `base` is not a URL, or no client can be made.
                    pub fn with_session(
                        base: impl ::core::convert::AsRef<str>,
                        session: &#public::Session,
                    ) -> #public::Result<Self> {
                        #private::with_session(::core::convert::AsRef::as_ref(&base), session)
                    }
                },
            ),
            (
                "session",
                quote! {
                    /// The session that all clones of this client share.
                    pub fn session(&self) -> &#public::Session { self.client.session() }
                },
            ),
            (
                "in_session",
                quote! {
                    /// The same client in another session: same host, another user.
                    #[must_use]
                    pub fn in_session(&self, session: &#public::Session) -> Self {
                        Self { client: self.client.in_session(session) }
                    }
                },
            ),
        ];
        if self.has_host {
            functions.push(("new", new(paths)));
        }
        functions.retain(|(name, _)| !self.taken.iter().any(|taken| taken == name));
        let functions = functions.iter().map(|(_, function)| function);
        quote! {
            #[allow(dead_code)]
            impl #name { #(#functions)* }
        }
    }
}

/// Where the declaration names the host.
fn new(paths: &Paths) -> TokenStream {
    let (public, private) = (&paths.public, &paths.private);
    quote! {
        /// A client of the API at the host that its declaration names.
        ///
        /// # Errors
        ///
        /// When no client can be made.
        pub fn new() -> #public::Result<Self> { #private::builder("").build() }
    }
}

/// The head of the client's own method, which has the documentation of the trait's.
pub(crate) fn method_head(shape: &Shape, summary: Option<&str>, paths: &Paths) -> TokenStream {
    let Shape { cfgs, shared, signature, returned, .. } = shape;
    let whole = &returned.whole;
    let docs = summary.map(|summary| match shape.has_docs() {
        true => quote!(#[doc = ""] #[doc = #summary]),
        false => quote!(#[doc = #summary]),
    });
    let mut signature = signature.clone();
    let (start, end) = ends(whole);
    let private = paths.private_at(start);
    let close = quote_spanned!(end=> >);
    let call = quote_spanned!(start=> #private::CallOf<#whole #close);
    signature.output =
        syn::ReturnType::Type(syn::Token![->](whole.span()), Box::new(syn::Type::Verbatim(call)));
    quote!(#(#cfgs)* #(#shared)* #docs pub #signature)
}

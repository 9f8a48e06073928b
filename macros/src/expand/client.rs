//! The client type: the items that every client has.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Visibility};

use super::{Paths, ends};
use crate::model::shape::Shape;

/// A client to generate.
pub(crate) struct Client<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) api: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    /// The names of the user's methods, which replace generated ones.
    pub(crate) taken: Vec<&'a Ident>,
    /// `base` includes a host, so that `new` needs no argument.
    pub(crate) has_host: bool,
}

impl Client<'_> {
    /// The type and its items.
    pub(crate) fn items(&self, paths: &Paths) -> Vec<TokenStream> {
        let Self { name, visibility, .. } = self;
        if !paths.is_absolute() {
            return self.type_and_items(&quote!(#visibility), &quote!(), self.api, paths);
        }
        let module = module(self.api);
        let api = format!("super::{}", self.api);
        let items = self.type_and_items(&from_inside(visibility), &quote!(pub(super)), &api, paths);
        // Since the span of its source differs from that of its ends, the compiler does not suggest another name
        // for the import.
        let mut source: Ident = (*name).clone();
        source.set_span(Span::call_site().resolved_at(name.span()));
        let import = quote_spanned!(name.span()=> #module::#source as #name);
        vec![
            quote! {
                #[allow(non_snake_case)]
                mod #module { #(#items)* }
            },
            quote! {
                #[allow(unused_imports)]
                #visibility use #import;
            },
        ]
    }

    fn type_and_items(
        &self,
        visibility: &TokenStream,
        of_field: &TokenStream,
        api: &dyn std::fmt::Display,
        paths: &Paths,
    ) -> Vec<TokenStream> {
        let (name, private) = (self.name, &paths.private);
        let about =
            format!("A client of [`{}`]({api}). Clones are cheap and share one session.", self.api);
        vec![
            quote! {
                #[doc = #about]
                #visibility struct #name { #of_field client: #private::Client }
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
                    /// Starts building a client for the server at `base`, such as `https://host.example`.
                    pub fn builder(base: impl ::core::convert::AsRef<str>) -> #public::ClientBuilder<Self> {
                        #private::builder(::core::convert::AsRef::as_ref(&base))
                    }
                },
            ),
            (
                "with_session",
                quote! {
                    /// Creates a client for the server at `base` that shares the tokens and the refreshes of a session.
                    ///
                    /// # Errors
                    ///
                    /// If `base` is not a URL, or the HTTP client cannot be created.
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
                    /// The same client for another session: same host, another user.
                    #[must_use]
                    pub fn in_session(&self, session: &#public::Session) -> Self {
                        Self { client: self.client.in_session(session) }
                    }
                },
            ),
        ];
        functions.push(("new", if self.has_host { new(paths) } else { no_new(paths) }));
        functions.retain(|(name, _)| !self.taken.iter().any(|taken| taken == name));
        let functions = functions.iter().map(|(_, function)| function);
        quote! {
            #[allow(dead_code)]
            impl #name { #(#functions)* }
        }
    }
}

/// The module of the client and of everything that needs no name of the user's. All generated code names the client
/// by its path, so that a type of the user with the same name is one error.
fn module(api: &Ident) -> Ident {
    format_ident!("client_of_{}", api, span = api.span())
}

/// The client's path, with the span of the trait's name. If the path of the runtime is relative, it may not be
/// valid in a module, and then no module is used.
pub(crate) fn path(api: &Ident, client: &Ident, paths: &Paths) -> TokenStream {
    if !paths.is_absolute() {
        return quote!(#client);
    }
    let module = module(api);
    quote_spanned!(client.span()=> #module::#client)
}

/// The same visibility, as seen from a module inside.
fn from_inside(visibility: &Visibility) -> TokenStream {
    let path = match visibility {
        Visibility::Public(_) => return quote!(#visibility),
        Visibility::Inherited => return quote!(pub(super)),
        Visibility::Restricted(restricted) => &restricted.path,
    };
    let inner = match path.segments.first() {
        Some(first) if first.ident == "super" => quote!(super::#path),
        Some(first) if first.ident == "self" => {
            let rest = path.segments.iter().skip(1);
            quote!(super #(::#rest)*)
        }
        _ => quote!(#path),
    };
    quote!(pub(in #inner))
}

/// The constructor of a client whose declaration names the host.
fn new(paths: &Paths) -> TokenStream {
    let (public, private) = (&paths.public, &paths.private);
    quote! {
        /// Creates a client for the host in its declaration.
        ///
        /// # Errors
        ///
        /// If the HTTP client cannot be created.
        pub fn new() -> #public::Result<Self> { #private::builder("").build() }
    }
}

/// The constructor that many try first. Nothing meets its bound, whose message names the right one.
fn no_new(paths: &Paths) -> TokenStream {
    let bound = paths.bounds_at(Span::call_site());
    // The compiler shows the name of the argument where it is missing.
    quote! {
        #[doc(hidden)]
        pub fn new<Base: #bound::DeclaredHost<Client>, Client>(no_host_is_declared_write_builder: Base) -> Client {
            no_host_is_declared_write_builder.client()
        }
    }
}

/// The head of the client's own method, with the documentation of the trait's.
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

//! `#[api_client(serve)]`: the server side, which parses requests into arguments, calls an implementation of the
//! trait, and encodes its result.

mod argument;
mod owned;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Ident;

use super::{Paths, call, client, constant, renewal};
use crate::diagnostic::{At, Diagnostic};
use crate::model::options::Serve;
use crate::model::param::{Param, Role};
use crate::model::verb::{Pattern, SessionRole};
use crate::model::{Api, Endpoint};
use argument::argument;

/// The handlers of all endpoints with a path. They are in the block with the constants of the endpoints.
pub(super) fn implementation(api: &Api, paths: &Paths) -> Option<TokenStream> {
    let serve = api.options.serve.as_ref()?;
    let client = client::path(&api.name, &api.client, paths);
    let implementor = Ident::new("Implementation", Span::mixed_site());
    let handlers = Ident::new("handlers", Span::mixed_site());
    let endpoints = api.endpoints().filter(|endpoint| endpoint.template().is_some());
    let added = endpoints.map(|endpoint| {
        let cfgs = &endpoint.shape.cfgs;
        let handler = handler(&api.name, &implementor, endpoint, paths);
        quote!(#(#cfgs)* #handlers.push(#handler);)
    });
    let private = &paths.private;
    let body = quote! {
        #[allow(unused_imports)]
        use #private::serve::kinds::{
            ParsedBoth as _, ParsedDisplayed as _, ParsedSerialized as _,
        };
        #[allow(unused_imports)]
        use #private::serve::failures::{Converted as _, Unconverted as _};
        let mut #handlers = ::std::vec::Vec::new();
        #(#added)*
        #handlers
    };
    Some(with_handlers(api, serve, &client, &implementor, &body, paths))
}

/// The same after an error, so that a test that serves the trait has no additional error.
pub(crate) fn without_handlers(
    api: &Api,
    client: &TokenStream,
    paths: &Paths,
) -> Option<TokenStream> {
    let serve = api.options.serve.as_ref()?;
    let implementor = Ident::new("Implementation", Span::mixed_site());
    let none = quote!(::std::vec::Vec::new());
    Some(with_handlers(api, serve, client, &implementor, &none, paths))
}

/// The rule has no fixture, since the tests have the feature.
const WITHOUT_THE_FEATURE: &str = "serve-without-the-feature";

fn with_handlers(
    api: &Api,
    (serve, at): &(Serve, At),
    client: &TokenStream,
    implementor: &Ident,
    body: &TokenStream,
    paths: &Paths,
) -> TokenStream {
    let condition = match serve {
        Serve::Always => None,
        Serve::Tests => Some(quote!(#[cfg(test)])),
        Serve::Feature(feature) => Some(quote!(#[cfg(any(test, feature = #feature))])),
    };
    let (name, private) = (&api.name, &paths.private);
    // Without the runtime's feature, its macro expands to the error.
    let text = "`serve` needs the feature `serve`\n\
                help: add `features = [\"serve\"]` to `perennial` in `Cargo.toml`";
    let missing = Diagnostic::new(WITHOUT_THE_FEATURE, *at, text).to_compile_error();
    quote! {
        #condition
        #private::served! {
            { #missing }
            #[automatically_derived]
            #[allow(deprecated, non_snake_case, unused_variables)]
            impl<#implementor> #private::serve::Serve<#implementor> for #client
            where
                #implementor: #name + ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                fn handlers() -> ::std::vec::Vec<#private::serve::Handler<#implementor>> {
                    #body
                }
            }
        }
    }
}

fn handler(api: &Ident, implementor: &Ident, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let (constant, name) = (constant::name(endpoint), endpoint.name());
    let request = Ident::new("request", Span::mixed_site());
    let implementation = Ident::new("implementation", Span::mixed_site());
    let arguments: Vec<_> =
        endpoint.params.iter().map(|param| argument(param, &request, paths)).collect();
    let (parsed, passed): (Vec<_>, Vec<_>) =
        arguments.iter().map(|it| (&it.statements, &it.value)).unzip();
    let called = quote!(<#implementor as #api>::#name(&*#implementation #(, #passed)*));
    let replied = match endpoint.shape.is_async {
        true => awaited(&called, &request, endpoint, paths),
        false => streamed(&called, &request, endpoint, paths),
    };
    let reads_body = endpoint.params.iter().any(is_in_body).then(|| quote!(.reads_body()));
    let renews = renews(endpoint, paths);
    quote! {
        #private::serve::Handler::new(#constant, |#implementation, #request| {
            #private::serve::handling(async move {
                #(#parsed)*
                ::core::result::Result::Ok(#replied)
            })
        })#reads_body #renews
    }
}

/// Whether the client creates an argument of this refresh from the tokens; the compiler finds out.
fn renews(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let is_refresh = endpoint.role() == Some(SessionRole::Refresh);
    (is_refresh && !endpoint.params.is_empty()).then(|| {
        let needs = renewal::needs(endpoint, paths);
        quote!(.renews_with_tokens(|| false #(|| #needs)*))
    })
}

fn is_in_body(param: &Param) -> bool {
    match &param.role {
        Role::Json { .. }
        | Role::Encoded { .. }
        | Role::Form { .. }
        | Role::Field { .. }
        | Role::Part { .. }
        | Role::Body { .. } => true,
        Role::Path
        | Role::Query { .. }
        | Role::QueryJson(_)
        | Role::QueryObject(_)
        | Role::QueryStruct { .. }
        | Role::Header(_)
        | Role::Headers
        | Role::Url
        | Role::Extension => false,
    }
}

fn awaited(
    called: &TokenStream,
    request: &Ident,
    endpoint: &Endpoint,
    paths: &Paths,
) -> TokenStream {
    let returned = &endpoint.shape.returned;
    let kind = call::json_kind(returned, paths);
    let failed = failed(request, endpoint, paths);
    let grants = matches!(endpoint.role(), Some(SessionRole::Login | SessionRole::Refresh));
    let reply = Ident::new("reply", Span::mixed_site());
    let value = Ident::new("value", Span::mixed_site());
    let granted = grants.then(|| match endpoint.effective.tokens {
        Some(_) => quote!(let #reply = #request.granted_at_places(#reply);),
        None => quote!(let #reply = #request.granted(#reply, #value);),
    });
    let encode = call::on_type(&call::value_type(returned, paths), quote!(Encode<_, _>), paths);
    quote! {
        match #called.await {
            ::core::result::Result::Ok(mut #value) => {
                let #reply = #encode::encode_as(&mut #value, #kind, &#request).await;
                #granted
                #reply
            }
            ::core::result::Result::Err(error) => #failed,
        }
    }
}

fn streamed(
    called: &TokenStream,
    request: &Ident,
    endpoint: &Endpoint,
    paths: &Paths,
) -> TokenStream {
    let failed = failed(request, endpoint, paths);
    let whole = endpoint.shape.returned.whole.to_token_stream();
    let encode = call::on_type(&whole, quote!(EncodeStream<_>), paths);
    quote! {
        match #encode::encode(#called, &#request).await {
            ::core::result::Result::Ok(reply) => reply,
            ::core::result::Result::Err(error) => #failed,
        }
    }
}

/// The response to `error`: the one that the user converts it into, that of its arm of `#[errors(..)]`, or that of the
/// error itself.
fn failed(request: &Ident, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    if endpoint.arms.is_empty() && endpoint.shape.returned.error.is_none() {
        return quote!(#request.error(&error));
    }
    let (private, other) = (&paths.private, unconverted(request, endpoint, paths));
    quote! {
        #request.converted((&&#private::serve::Failure(&error)).__perennial_own(), || #other)
    }
}

fn unconverted(request: &Ident, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    if endpoint.arms.is_empty() {
        return quote!(#request.error(&error));
    }
    let error = call::error_type(&endpoint.shape.returned, paths);
    let arms = endpoint.arms.iter().map(|arm| {
        let variant = &arm.variant;
        let reply = match &arm.pattern {
            Pattern::Status(first, _) => quote!(#request.status(#first)),
            Pattern::Code(code) => {
                let code = constant::scalar(code, paths);
                quote!(#request.code(#code))
            }
        };
        quote!(__Failure::#variant { .. } => #reply,)
    });
    // A variant can be named only through the type itself or an alias of it.
    quote! {{
        type __Failure = #error;
        #[allow(unreachable_patterns)]
        match &error {
            #(#arms)*
            error => #request.error(error),
        }
    }}
}

//! `#[api_client(serve)]`: the server side, which parses requests into arguments, calls an implementation of the
//! trait, and encodes its result.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, Ident, Lifetime, PathArguments, Type};

use super::{Paths, call, client, constant, ends, renewal};
use crate::model::options::Serve;
use crate::model::param::{Param, Role, Style};
use crate::model::shape::peeled;
use crate::model::verb::{Pattern, SessionRole};
use crate::model::{Api, Endpoint};

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

fn with_handlers(
    api: &Api,
    serve: &Serve,
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
    // Without the runtime's feature, its macro reports that.
    quote! {
        #condition
        #private::served! {
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

/// An argument of the implementation.
struct Argument {
    /// The code that parses it.
    statements: TokenStream,
    /// The expression that is passed.
    value: TokenStream,
}

fn argument(param: &Param, request: &Ident, paths: &Paths) -> Argument {
    let name = &param.name;
    let Owned { ty, collected, view } = owned(&elided(&param.ty));
    // The part of the request from which it is parsed outlives it, since it may borrow from that part.
    let source = Ident::new("source", Span::mixed_site());
    let Parsed { from, value } = parsed(param, &ty, request, &source, paths);
    let from = from.map(|from| quote!(let #source = #from;));
    let collected = collected.map(|collected| collected(&quote!(#name)));
    let collected = collected.map(|collected| quote!(let #name = #collected;));
    let statements = quote!(#from let #name: #ty = #value; #collected);
    let value = view.map_or_else(|| quote!(#name), |view| view(&quote!(#name)));
    Argument { statements, value }
}

/// A part of the request, and the expression that parses it.
struct Parsed {
    from: Option<TokenStream>,
    value: TokenStream,
}

fn parsed(
    param: &Param,
    ty: &TokenStream,
    request: &Ident,
    source: &Ident,
    paths: &Paths,
) -> Parsed {
    let (start, _) = ends(ty);
    let by = |from: TokenStream, bound: TokenStream, method: &str| {
        let (bound, method) = (call::on_type(ty, bound, paths), Ident::new(method, start));
        let value = quote_spanned!(start=> #bound::#method(&#source)?);
        Parsed { from: Some(from), value }
    };
    let text = |from: TokenStream| {
        let private = &paths.private;
        let form = Ident::new("__parsed_form", Span::mixed_site());
        let form = quote!((&&&#private::serve::probe_of::<#ty>()).#form());
        let bound = call::on_type(ty, quote!(FromValues<_, _>), paths);
        let value = quote_spanned!(start=> #bound::from_values(#form, &#source)?);
        Parsed { from: Some(from), value }
    };
    let separator = |style: &Style| match style {
        Style::Repeated | Style::Json => quote!(::core::option::Option::None),
        Style::Comma => quote!(::core::option::Option::Some(",")),
        // Unchanged, as it was sent.
        Style::Pipe => quote!(::core::option::Option::Some("%7C")),
    };
    match &param.role {
        Role::Path => {
            let name = param.name.unraw().to_string();
            text(quote!(#request.path(#name)))
        }
        Role::Query { name, style } => {
            let separator = separator(style);
            text(quote!(#request.query(#name, #separator)))
        }
        Role::Field { name, style: Style::Json } => {
            by(quote!(#request.field_json(#name)), quote!(FromEncoded<'_>), "from_json")
        }
        Role::Field { name, style } => {
            let separator = separator(style);
            text(quote!(#request.field(#name, #separator)))
        }
        Role::QueryJson(name) => {
            by(quote!(#request.query_json(#name)), quote!(FromEncoded<'_>), "from_json")
        }
        Role::QueryObject(name) => {
            by(quote!(#request.query_object(#name)), quote!(FromEncoded<'_>), "from_brackets")
        }
        Role::QueryStruct { brackets } => {
            by(quote!(#request.query_struct()), quote!(FromEncoded<'_>), form(*brackets))
        }
        Role::Header(name) => {
            by(quote!(#request.header(#name)), quote!(FromHeader<_>), "from_header")
        }
        Role::Headers => {
            let bound = call::on_type(ty, quote!(FromHeaders), paths);
            Parsed { from: None, value: quote!(#bound::from_headers(#request.headers())) }
        }
        // A body in another format has its own error.
        Role::Json { .. } | Role::Encoded { .. } => {
            by(quote!(#request.encoded()), quote!(FromEncoded<'_>), "from_json")
        }
        Role::Form { brackets } => {
            by(quote!(#request.encoded()), quote!(FromEncoded<'_>), form(*brackets))
        }
        Role::Part { name, options } if options.json => {
            by(quote!(#request.json_part(#name).await?), quote!(FromEncoded<'_>), "from_json")
        }
        Role::Part { name, .. } => {
            by(quote!(#request.parts(#name).await?), quote!(FromParts<_>), "from_parts")
        }
        Role::Body { .. } => {
            let bound = call::on_type(ty, quote!(FromBody), paths);
            let value = quote_spanned!(start=> #bound::from_body(#request.bytes())?);
            Parsed { from: None, value }
        }
        // Neither is sent.
        Role::Url | Role::Extension => {
            let bound = call::on_type(ty, quote!(NotSent), paths);
            Parsed { from: None, value: quote_spanned!(start=> #bound::made()) }
        }
    }
}

fn form(brackets: bool) -> &'static str {
    if brackets { "from_brackets" } else { "from_form" }
}

/// A type with its named lifetimes elided, since a request is not generic over those of a method.
fn elided(ty: &Type) -> Type {
    struct Elide;

    impl VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
    }

    let mut ty = ty.clone();
    Elide.visit_type_mut(&mut ty);
    ty
}

/// An expression that is built from an expression.
type Conversion = Box<dyn Fn(&TokenStream) -> TokenStream>;

/// The owned type as which an argument is parsed, and how the declared type is created from it.
struct Owned {
    ty: TokenStream,
    /// Collects the list of references that the value consists of.
    collected: Option<Conversion>,
    /// Creates the value that is passed instead.
    view: Option<Conversion>,
}

impl Owned {
    fn moved(ty: &Type) -> Self {
        Self { ty: ty.to_token_stream(), collected: None, view: None }
    }

    fn viewed(ty: TokenStream, view: impl Fn(&TokenStream) -> TokenStream + 'static) -> Self {
        Self { ty, collected: None, view: Some(Box::new(view)) }
    }
}

fn owned(ty: &Type) -> Owned {
    let ty = peeled(ty);
    if let Type::Reference(reference) = ty {
        return match peeled(&reference.elem) {
            Type::Slice(slice) => owned_slice(peeled(&slice.elem)),
            Type::Path(path) if path.path.is_ident("str") => {
                Owned::viewed(quote!(::std::string::String), |it| quote!(&*#it))
            }
            elem => Owned::viewed(elem.to_token_stream(), |it| quote!(&#it)),
        };
    }
    match (inner(ty, "Option"), inner(ty, "Vec")) {
        (Some(inner), _) => owned_option(ty, inner),
        (_, Some(inner)) => match owned(inner) {
            Owned { ty: item, collected: None, view: Some(view) } => {
                let items = quote!(::std::vec::Vec<#item>);
                Owned::viewed(items, move |it| collect(it, &view))
            }
            _ => Owned::moved(ty),
        },
        _ => Owned::moved(ty),
    }
}

fn owned_slice(item: &Type) -> Owned {
    match owned(item) {
        Owned { ty: item, collected: None, view: Some(view) } => Owned {
            ty: quote!(::std::vec::Vec<#item>),
            collected: Some(Box::new(move |it| collect(it, &view))),
            view: Some(Box::new(|it| quote!(&*#it))),
        },
        _ => Owned::viewed(quote!(::std::vec::Vec<#item>), |it| quote!(&*#it)),
    }
}

fn owned_option(ty: &Type, inner: &Type) -> Owned {
    fn mapped(conversion: Conversion) -> Conversion {
        let item = Ident::new("item", Span::mixed_site());
        Box::new(move |it| {
            let converted = conversion(&quote!((*#item)));
            quote!(#it.as_ref().map(|#item| #converted))
        })
    }
    match owned(inner) {
        Owned { view: None, .. } => Owned::moved(ty),
        Owned { ty, collected, view } => Owned {
            ty: quote!(::core::option::Option<#ty>),
            collected: collected.map(mapped),
            view: view.map(mapped),
        },
    }
}

fn collect(items: &TokenStream, view: &Conversion) -> TokenStream {
    let item = Ident::new("item", Span::mixed_site());
    let viewed = view(&quote!((*#item)));
    quote!(#items.iter().map(|#item| #viewed).collect::<::std::vec::Vec<_>>())
}

/// The argument of a generic type with this name.
fn inner<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

//! `#[api_client(serve)]`: the server side, which parses requests back into arguments, calls an implementation
//! of the trait, and encodes its result.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{GenericArgument, Ident, PathArguments, Type};

use super::{Paths, call, constant};
use crate::model::options::Serve;
use crate::model::param::{Param, Role, Style};
use crate::model::shape::peeled;
use crate::model::verb::{Pattern, SessionRole};
use crate::model::{Api, Endpoint};

/// The handlers of all endpoints with a path. They are in the block that has the constants of the endpoints.
pub(super) fn implementation(api: &Api, paths: &Paths) -> Option<TokenStream> {
    let serve = api.options.serve.as_ref()?;
    let condition = match serve {
        Serve::Always => None,
        Serve::Tests => Some(quote!(#[cfg(test)])),
        Serve::Feature(feature) => Some(quote!(#[cfg(any(test, feature = #feature))])),
    };
    let (name, client, private) = (&api.name, &api.client, &paths.private);
    let implementor = Ident::new("Implementation", Span::mixed_site());
    let endpoints = api.endpoints().filter(|endpoint| endpoint.template().is_some());
    let handlers = endpoints.map(|endpoint| {
        let cfgs = &endpoint.shape.cfgs;
        let handler = handler(name, &implementor, endpoint, paths);
        quote!(#(#cfgs)* #handler)
    });
    Some(quote! {
        #condition
        #[automatically_derived]
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<#implementor> #private::serve::Serve<#implementor> for #client
        where
            #implementor: #name + ::core::marker::Send + ::core::marker::Sync + 'static,
        {
            fn handlers() -> ::std::vec::Vec<#private::serve::Handler<#implementor>> {
                ::std::vec![#(#handlers),*]
            }
        }
    })
}

fn handler(api: &Ident, implementor: &Ident, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let (constant, name) = (constant::name(endpoint), endpoint.name());
    let request = Ident::new("request", Span::mixed_site());
    let implementation = Ident::new("implementation", Span::mixed_site());
    let parsed = endpoint.params.iter().map(|param| {
        let (name, owned) = (&param.name, owned(&param.ty));
        let (ty, value) = (&owned.ty, parse(param, &request, &owned.ty));
        let view = owned.view.map(|view| {
            let view = view(name);
            quote!(let #name = #view;)
        });
        quote!(let #name: #ty = #value; #view)
    });
    let names = endpoint.params.iter().map(|param| {
        let name = &param.name;
        if owned(&param.ty).is_borrowed { quote!(&#name) } else { quote!(#name) }
    });
    let called = quote!(<#implementor as #api>::#name(&*#implementation #(, #names)*));
    let replied = if endpoint.shape.is_async {
        awaited(&called, &request, endpoint, paths)
    } else {
        let failed = failed(&request, endpoint, paths);
        quote! {
            match #request.stream(#called).await {
                ::core::result::Result::Ok(reply) => reply,
                ::core::result::Result::Err(error) => #failed,
            }
        }
    };
    quote! {
        #private::serve::Handler::new(#constant, |#implementation, #request| {
            #private::serve::handling(async move {
                #(#parsed)*
                ::core::result::Result::Ok(#replied)
            })
        })
    }
}

fn awaited(
    called: &TokenStream,
    request: &Ident,
    endpoint: &Endpoint,
    paths: &Paths,
) -> TokenStream {
    let kind = call::kind(&endpoint.shape.returned, paths);
    let failed = failed(request, endpoint, paths);
    let grants = matches!(endpoint.role(), Some(SessionRole::Login | SessionRole::Refresh));
    let reply = Ident::new("reply", Span::mixed_site());
    let value = Ident::new("value", Span::mixed_site());
    let granted = grants.then(|| match endpoint.effective.tokens {
        Some(_) => quote!(let #reply = #request.granted_at_places(#reply);),
        None => quote!(let #reply = #request.granted(#reply, #value);),
    });
    quote! {
        match #called.await {
            ::core::result::Result::Ok(mut #value) => {
                let #reply = #request.value(#kind, &mut #value).await;
                #granted
                #reply
            }
            ::core::result::Result::Err(error) => #failed,
        }
    }
}

/// The response to `error`: that of its arm of `#[errors(..)]`, or that of the error itself.
fn failed(request: &Ident, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
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
    // A variant is only named through the type itself or an alias of it.
    quote! {{
        type __Failure = #error;
        #[allow(unreachable_patterns)]
        match &error {
            #(#arms)*
            error => #request.error(error),
        }
    }}
}

fn parse(param: &Param, request: &Ident, ty: &TokenStream) -> TokenStream {
    let listed = |style: &Style| match style {
        Style::Repeated => quote!(::core::option::Option::None),
        Style::Comma => quote!(::core::option::Option::Some(',')),
        Style::Pipe => quote!(::core::option::Option::Some('|')),
    };
    match &param.role {
        Role::Path => {
            let name = param.name.unraw().to_string();
            quote!(#request.path::<_, #ty>(#name)?)
        }
        Role::Query { name, style } => {
            let style = listed(style);
            quote!(#request.query::<_, #ty>(#name, #style)?)
        }
        Role::Field { name, style } => {
            let style = listed(style);
            quote!(#request.field::<_, #ty>(#name, #style)?)
        }
        Role::QueryJson(name) => quote!(#request.query_json::<#ty>(#name)?),
        Role::QueryObject(name) => quote!(#request.query_object::<#ty>(#name)?),
        Role::QueryStruct { brackets } => quote!(#request.query_struct::<#ty>(#brackets)?),
        Role::Header(name) => quote!(#request.header::<_, #ty>(#name)?),
        Role::Headers => quote!(#request.headers()),
        Role::Json { .. } => quote!(#request.json::<#ty>()?),
        Role::Form { brackets } => quote!(#request.form::<#ty>(#brackets)?),
        Role::Part { name, options } if options.json => {
            quote!(#request.json_part::<#ty>(#name).await?)
        }
        Role::Part { name, .. } => quote!(#request.part::<_, #ty>(#name).await?),
        Role::Body { .. } => quote!(#request.body::<#ty>()?),
        // Neither is on the wire.
        Role::Url | Role::Extension => quote!(::core::default::Default::default()),
    }
}

/// The owned type that an argument is parsed as, and how the parameter is made of it.
struct Owned {
    ty: TokenStream,
    /// The parameter is a reference to it.
    is_borrowed: bool,
    /// A view that is passed in its place.
    view: Option<fn(&Ident) -> TokenStream>,
}

fn owned(ty: &Type) -> Owned {
    let ty = peeled(ty);
    if let Type::Reference(reference) = ty {
        let elem = peeled(&reference.elem);
        return match elem {
            Type::Slice(slice) => match peeled(&slice.elem) {
                Type::Reference(inner) => {
                    let item = base(&inner.elem);
                    Owned {
                        ty: quote!(::std::vec::Vec<#item>),
                        is_borrowed: true,
                        view: Some(
                            |name| quote!(#name.iter().map(|item| &**item).collect::<::std::vec::Vec<_>>()),
                        ),
                    }
                }
                item => Owned { ty: quote!(::std::vec::Vec<#item>), is_borrowed: true, view: None },
            },
            elem => Owned { ty: base(elem), is_borrowed: true, view: None },
        };
    }
    if let Some((inner, is_text)) = borrowed_option(ty) {
        let view: fn(&Ident) -> TokenStream = match is_text {
            true => |name| quote!(#name.as_deref()),
            false => |name| quote!(#name.as_ref()),
        };
        let ty = quote!(::core::option::Option<#inner>);
        return Owned { ty, is_borrowed: false, view: Some(view) };
    }
    Owned { ty: ty.to_token_stream(), is_borrowed: false, view: None }
}

/// The owned form of a referent: of `str` a `String`.
fn base(ty: &Type) -> TokenStream {
    match peeled(ty) {
        Type::Path(path) if path.path.is_ident("str") => quote!(::std::string::String),
        Type::Slice(slice) => {
            let item = &slice.elem;
            quote!(::std::vec::Vec<#item>)
        }
        ty => ty.to_token_stream(),
    }
}

/// The owned form of the referent in `Option<&T>`, and whether it is seen through `Deref`.
fn borrowed_option(ty: &Type) -> Option<(TokenStream, bool)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => match peeled(inner) {
            Type::Reference(reference) => {
                let elem = peeled(&reference.elem);
                let is_text = matches!(elem, Type::Path(path) if path.path.is_ident("str"));
                Some((base(elem), is_text || matches!(elem, Type::Slice(_))))
            }
            _ => None,
        },
        _ => None,
    }
}

//! The expression of a method: its parameters become a request, and its return type determines the decoder.

pub(super) mod argument;

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::{Paths, api_trait, arguments_at, constant, ends};
use crate::model::Endpoint;
use crate::model::key::KeyPiece;
use crate::model::options::{FixedValue, HeaderSource};
use crate::model::param::{Param, Role};
use crate::model::shape::{Returned, is_named};
use crate::model::template::{Piece, PlaceholderKind, Template};
use crate::model::verb::{Pattern, SessionRole};
use argument::{Text, converted, piece, text};

/// The body of the client's own method.
pub(super) fn expression(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let this = api_trait::this(&endpoint.shape.signature);
    let draft = draft(&quote!(#this.client), endpoint, paths);
    if !endpoint.shape.is_async {
        return stream(&draft, endpoint, paths);
    }
    let finish = finish(endpoint, paths);
    quote!(#draft #finish)
}

/// The bounds on the types of an endpoint, for a declaration with an error elsewhere.
pub(crate) fn requirements(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let resends = endpoint.effective.resends;
    let params =
        endpoint.params.iter().filter(|param| !matches!(param.role, Role::Path | Role::Extension));
    // These have their own error.
    let params = params.filter(|param| !is_named(&param.ty, "Tokens"));
    let params = params.map(|param| converted(param, resends, paths));
    let returned = &endpoint.shape.returned;
    // Its return type may have an error already.
    if endpoint.verb.method == "HEAD" || (endpoint.verb.page.is_some() && endpoint.shape.is_async) {
        return quote!(#(let _ = #params;)*);
    }
    let end = match endpoint.shape.is_async {
        true => {
            let value = value_type(returned, paths);
            let kind = kind(endpoint, paths);
            let decodable = on_type(&value, quote!(Decodable<_>), paths);
            let sendable = on_type(&value, quote!(SendValue), paths);
            let error = on_type(&error_type(returned, paths), quote!(CallError), paths);
            quote!((#decodable::decodable(#kind), #sendable::SENDABLE, #error::from_call as fn(_) -> _))
        }
        false => stream(&quote!(::core::unreachable!()), endpoint, paths),
    };
    quote!(#(let _ = #params;)* let _ = #end;)
}

/// The request, before the session adds its part.
pub(super) fn draft(client: &TokenStream, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let constant = constant::name(endpoint);
    let path = endpoint.template().map(|template| self::pieces(template, endpoint, paths));
    let headers = headers(endpoint, paths);
    let resends = endpoint.effective.resends;
    let queries = constants("query", &endpoint.effective.queries, paths);
    let (urls, others): (Vec<_>, Vec<_>) =
        endpoint.params.iter().partition(|param| matches!(param.role, Role::Url));
    let pieces = |params: Vec<&Param>| {
        let piece = |param: &Param| {
            let piece = piece(param, resends, endpoint.effective.codec.as_ref(), paths)?;
            let piece = match endpoint.may_leave_out(param) {
                true => if_some(param, &piece),
                false => piece,
            };
            Some(if endpoint.is_secret(&param.name) { hidden(&piece) } else { piece })
        };
        params.into_iter().filter_map(piece).collect::<Vec<_>>()
    };
    // An address replaces everything that was there before, and determines which headers are sent there.
    let (before, queries) =
        if urls.is_empty() { (None, Some(queries)) } else { (Some(queries), None) };
    let (url, params) = (pieces(urls), pieces(others));
    // A form as a whole comes before its constants.
    let has_json = endpoint.params.iter().any(|it| matches!(it.role, Role::Json { .. }));
    let fields = if has_json { "fixed_member" } else { "fixed_field" };
    let fields = constants(fields, &endpoint.effective.fields, paths);
    let key = key(endpoint, paths);
    quote!(#client.call(#constant) #key #path #before #(#url)* #headers #queries #(#params)* #fields)
}

/// The key of the token that the call carries.
fn key(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let (credential, template) = endpoint.effective.key.as_ref()?;
    let pieces = template.pieces.iter().filter_map(|piece| match piece {
        KeyPiece::Text(text) => Some(quote!(#private::KeyPiece::Text(#text))),
        KeyPiece::Param(name) => {
            let param = endpoint.params.iter().find(|it| it.name == name.as_str())?;
            let bound = if matches!(param.role, Role::Path) { &Text::PATH } else { &Text::QUERY };
            let value = text(param, bound, paths);
            Some(quote!(#private::KeyPiece::Value(#name, #value)))
        }
    });
    Some(quote!(.keyed(#credential, &[#(#pieces),*])))
}

/// The decoder of the value, which the compiler selects by its type. The traits that this needs are in scope.
pub(super) fn kind(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let kind = json_kind(&endpoint.shape.returned, paths);
    match endpoint.codec() {
        Some(codec) if endpoint.shape.is_async => {
            let private = &paths.private;
            quote!(#private::coded::<#codec, _>(#kind))
        }
        _ => kind,
    }
}

/// The same, if no format other than JSON is declared.
pub(super) fn json_kind(returned: &Returned, paths: &Paths) -> TokenStream {
    let value = value_type(returned, paths);
    let (start, end) = ends(&value);
    let private = paths.private_at(start);
    let probe = arguments_at(end, {
        let new = Ident::new("NEW", end);
        quote_spanned!(start=> &&#private::Probe::<#value>::#new)
    });
    let inner = arguments_at(end, quote_spanned!(end=> &&&&#probe.__perennial_open()));
    quote_spanned!(end=> #inner.__perennial_kind())
}

/// The type of the value, from the tokens or from the compiler.
pub(super) fn value_type(returned: &Returned, paths: &Paths) -> TokenStream {
    match &returned.value {
        Some(value) => value.to_token_stream(),
        None => found(&returned.whole, "Value", paths),
    }
}

pub(super) fn error_type(returned: &Returned, paths: &Paths) -> TokenStream {
    match &returned.error {
        Some(error) => error.to_token_stream(),
        None => found(&returned.whole, "Error", paths),
    }
}

fn found(whole: &Type, name: &str, paths: &Paths) -> TokenStream {
    let (start, end) = ends(whole);
    let (bounds, name) = (paths.bounds_at(start), Ident::new(name, end));
    quote_spanned!(start=> <#whole as #bounds::Returned>::#name)
}

/// A method of a trait, called on a type: if the type does not implement the trait, that is the error, at the type.
pub(super) fn on_type(ty: &TokenStream, method: TokenStream, paths: &Paths) -> TokenStream {
    let (start, _) = ends(ty);
    let bounds = paths.bounds_at(start);
    quote_spanned!(start=> <#ty as #bounds::#method>)
}

/// The end of the call: the types of its value and of its error.
fn finish(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let returned = &endpoint.shape.returned;
    let (start, end) = ends(&returned.whole);
    let error = error_type(returned, paths);
    let value = value_type(returned, paths);
    // All bounds on the value have its span, so that they are one error.
    let (of_value, _) = ends(&value);
    let private = paths.private_at(of_value);
    let on_error = error_function(endpoint, &error, paths);
    let decodable = on_type(&value, quote!(Decodable<_>), paths);
    let sendable = on_type(&value, quote!(SendValue), paths);
    let kind = kind(endpoint, paths);
    let proved = quote_spanned!(of_value=> #decodable::decodable(#kind), #sendable::SENDABLE);
    let ending = match endpoint.role() {
        Some(SessionRole::Login) => {
            let tokens = tokens_value(endpoint, &value, paths);
            quote_spanned!(of_value=> #tokens::end_of_login(#proved, #on_error))
        }
        _ => quote_spanned!(of_value=> #private::end::<#value, _, _>(#proved, #on_error)),
    };
    let ending = arguments_at(end, ending);
    quote_spanned!(start=> .end #ending)
}

/// How the response to a login or a refresh becomes tokens: by the type of the value, or from declared places.
pub(super) fn tokens_value(endpoint: &Endpoint, value: &TokenStream, paths: &Paths) -> TokenStream {
    let bound = match endpoint.effective.tokens {
        Some(_) => quote!(PlacedTokens<_>),
        None => quote!(TokensValue<_>),
    };
    on_type(value, bound, paths)
}

/// A stream, whose draft becomes an argument of the trait that its items implement.
fn stream(draft: &TokenStream, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let returned = &endpoint.shape.returned;
    let whole = returned.whole.to_token_stream();
    let kind = kind(endpoint, paths);
    let on_error = error_function(endpoint, &error_type(returned, paths), paths);
    let item = match &returned.value {
        Some(item) => item.to_token_stream(),
        None => {
            let (start, end) = ends(&whole);
            let item = Ident::new("Item", end);
            let stream = on_type(&whole, quote!(StreamReturn), paths);
            quote_spanned!(start=> #stream::#item)
        }
    };
    // All bounds on the return type have the span of the return type, so that they are one error.
    let (start, end) = ends(&whole);
    let bound = quote_spanned!(start=> StreamItem<#whole, _>);
    let item = on_type(&item, bound, paths);
    quote_spanned!(end=> #item::stream(#draft, #kind, #on_error))
}

/// The function that creates the declared error from a failure.
fn error_function(endpoint: &Endpoint, error_type: &TokenStream, paths: &Paths) -> TokenStream {
    let from_call = on_type(error_type, quote!(CallError), paths);
    let from_call = quote!(#from_call::from_call);
    if endpoint.arms.is_empty() {
        return from_call;
    }
    let private = &paths.private;
    let error = Ident::new("error", Span::mixed_site());
    let arms = endpoint.arms.iter().map(|arm| {
        let variant = &arm.variant;
        let bounds = paths.bounds_at(variant.span());
        let of = quote_spanned!(variant.span()=> |#error| #bounds::Variant::<#error_type, _>::of(<#error_type>::#variant, #error));
        match &arm.pattern {
            Pattern::Status(first, last) => quote!(.status(#first, #last, #of)),
            Pattern::Code(code) => {
                let code = constant::scalar(code, paths);
                quote!(.code(#code, #of))
            }
        }
    });
    quote!(|#error| #private::ErrorMap::<#error_type>::new(#error) #(#arms)* .end(#from_call))
}

/// A body that is left out if the parameter is `None`.
fn if_some(param: &Param, piece: &TokenStream) -> TokenStream {
    let (draft, name) = (Ident::new("draft", Span::mixed_site()), &param.name);
    quote!(.given(#name.is_some(), |#draft| #draft #piece))
}

/// A secret part of the request.
fn hidden(piece: &TokenStream) -> TokenStream {
    let draft = Ident::new("draft", Span::mixed_site());
    quote!(.secret(|#draft| #draft #piece))
}

fn pieces(template: &Template, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let params = &endpoint.params;
    let mut calls = TokenStream::new();
    for (at, piece) in template.pieces.iter().enumerate() {
        match piece {
            Piece::Literal(text) => {
                // An optional segment includes its own slash.
                let before_optional = matches!(
                    template.pieces.get(at + 1),
                    Some(Piece::Placeholder(next)) if next.kind == PlaceholderKind::Optional
                );
                let text =
                    if before_optional { text.strip_suffix('/').unwrap_or(text) } else { text };
                if !text.is_empty() {
                    calls.extend(quote!(.literal(#text)));
                }
            }
            Piece::Placeholder(placeholder) => {
                let name = &placeholder.name;
                let param = params.iter().find(|param| param.name.unraw() == name.as_str());
                let (function, bound) = match placeholder.kind {
                    PlaceholderKind::Segment => ("segment", Text::PATH),
                    PlaceholderKind::Optional => ("optional_segment", Text::OPTIONAL),
                    PlaceholderKind::Tail => ("tail", Text::PATH),
                };
                let span = param.map_or_else(Span::call_site, |it| it.name.span());
                let function = Ident::new(function, span);
                let value = param.map(|it| text(it, &bound, paths));
                let piece = quote!(.#function(#name, #value));
                let is_secret = param.is_some_and(|it| endpoint.is_secret(&it.name));
                calls.extend(if is_secret { hidden(&piece) } else { piece });
            }
        }
    }
    let query = template.query.as_ref().map(|query| quote!(.literal_query(#query)));
    quote!(#calls #query)
}

fn headers(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let headers = endpoint.effective.headers.iter().filter_map(|header| {
        let name = &header.name;
        match &header.value {
            HeaderSource::Fixed(value) => Some(quote!(.fixed_header(#name, #value))),
            HeaderSource::Constant(path) => {
                let bounds = paths.bounds_at(path.span());
                let value = quote_spanned!(path.span()=> #bounds::HeaderConstant::text(#path));
                Some(quote!(.fixed_header(#name, #value)))
            }
            HeaderSource::Computed(function) => {
                let bounds = paths.bounds_at(function.span());
                let value =
                    quote_spanned!(function.span()=> #bounds::HeaderFunction::header(&#function));
                Some(quote!(.computed_header(#name, #value)))
            }
            HeaderSource::Tokens(_) | HeaderSource::Off => None,
        }
    });
    quote!(#(#headers)*)
}

/// Query values or fields that are the same for all calls.
fn constants(function: &str, list: &[Rc<FixedValue>], paths: &Paths) -> TokenStream {
    let (private, function) = (&paths.private, Ident::new(function, Span::mixed_site()));
    let each = Ident::new("each", Span::mixed_site());
    let calls = list.iter().filter_map(|constant| {
        let name = &constant.name;
        let visit = match &constant.value {
            HeaderSource::Fixed(value) => quote!(#each(&#value)),
            HeaderSource::Constant(path) => quote!(#each(&#path)),
            HeaderSource::Computed(path) => {
                let bounds = paths.bounds_at(path.span());
                quote_spanned!(path.span()=> #bounds::QueryText::visit(&#path(), #each))
            }
            HeaderSource::Tokens(_) | HeaderSource::Off => return None,
        };
        Some(quote!(.#function(#name, #private::ListStyle::Repeat, &|#each| {
            #visit;
            ::core::result::Result::Ok(())
        })))
    });
    quote!(#(#calls)*)
}

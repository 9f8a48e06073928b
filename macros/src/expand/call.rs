//! The expression of a method: its parameters become a request, and its return type selects the decoder.

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::{Paths, api_trait, arguments_at, constant, ends};
use crate::model::Endpoint;
use crate::model::options::{FixedValue, HeaderSource};
use crate::model::param::{Param, PartOptions, Role, Style};
use crate::model::shape::{Returned, peeled};
use crate::model::template::{Piece, PlaceholderKind, Template};
use crate::model::verb::{Pattern, SessionRole};

/// The body of the client's own method.
pub(super) fn expression(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let this = api_trait::this(&endpoint.shape.signature);
    let draft = draft(&quote!(#this.client), endpoint, paths);
    let finish = finish(endpoint, paths);
    quote!(#draft #finish)
}

/// The request before the session adds its part.
pub(super) fn draft(client: &TokenStream, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let constant = constant::name(endpoint);
    let path = endpoint.template().map(|template| pieces(template, &endpoint.params));
    let headers = headers(endpoint);
    let resends = endpoint.effective.resends;
    let queries = constants("query", &endpoint.effective.queries);
    let params = endpoint.params.iter().filter_map(|param| piece(param, resends, paths));
    // A form as a whole comes before its constants.
    let fields = constants("field", &endpoint.effective.fields);
    quote!(#client.call(#constant) #path #headers #queries #(#params)* #fields)
}

/// The decoder of the value, selected by the compiler from its type. The traits that it needs are in scope.
pub(super) fn kind(returned: &Returned, paths: &Paths) -> TokenStream {
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

fn error_type(returned: &Returned, paths: &Paths) -> TokenStream {
    match &returned.error {
        Some(error) => error.to_token_stream(),
        None => found(&returned.whole, "Error", paths),
    }
}

fn found(whole: &Type, name: &str, paths: &Paths) -> TokenStream {
    let (start, end) = ends(whole);
    let (private, name) = (paths.private_at(start), Ident::new(name, end));
    quote_spanned!(start=> <#whole as #private::Returned>::#name)
}

/// The end of the call: the types of its value and of its error.
fn finish(endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let returned = &endpoint.shape.returned;
    let (whole, kind) = (&returned.whole, kind(returned, paths));
    let (start, end) = ends(whole);
    let private = paths.private_at(start);
    if !endpoint.shape.is_async {
        if endpoint.arms.is_empty() {
            let kind = arguments_at(end, kind);
            return quote_spanned!(start=> .stream::<#whole, _> #kind);
        }
        let map = error_map(endpoint, &error_type(returned, paths), paths);
        let arguments = arguments_at(end, quote!(#kind, #map));
        return quote_spanned!(start=> .mapped_stream::<#whole, _> #arguments);
    }
    let (value, error) = (value_type(returned, paths), error_type(returned, paths));
    let is_login = endpoint.role() == Some(SessionRole::Login);
    let (function, arguments) = if endpoint.arms.is_empty() {
        (if is_login { "login" } else { "plain" }, kind)
    } else {
        let map = error_map(endpoint, &error, paths);
        (if is_login { "mapped_login" } else { "mapped" }, quote!(#kind, #map))
    };
    let (function, arguments) = (Ident::new(function, start), arguments_at(end, arguments));
    let ending = arguments_at(end, quote!(#private::#function::<#value, #error, _> #arguments));
    quote_spanned!(start=> .end #ending)
}

fn error_map(endpoint: &Endpoint, error_type: &TokenStream, paths: &Paths) -> TokenStream {
    let arms = endpoint.arms.iter().map(|arm| {
        let variant = &arm.variant;
        match &arm.pattern {
            Pattern::Status(first, last) => {
                quote_spanned!(variant.span()=> .status(#first, #last, <#error_type>::#variant))
            }
            Pattern::Code(code) => {
                let code = constant::scalar(code, paths);
                quote_spanned!(variant.span()=> .code(#code, <#error_type>::#variant))
            }
        }
    });
    let error = Ident::new("error", Span::mixed_site());
    let (start, end) = ends(error_type);
    let private = paths.private_at(start);
    // A missing bound is reported at the error type.
    let (new, arguments) = (Ident::new("new", end), arguments_at(end, quote!(#error)));
    let map = quote_spanned!(start=> #private::ErrorMap::<#error_type>::#new #arguments);
    let end = quote_spanned!(end=> .end());
    quote!(|#error| #map #(#arms)* #end)
}

fn pieces(template: &Template, params: &[Param]) -> TokenStream {
    let mut calls = TokenStream::new();
    for (at, piece) in template.pieces.iter().enumerate() {
        match piece {
            Piece::Literal(text) => {
                // An optional segment brings its own slash.
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
                let value = param.map(value);
                let function = match placeholder.kind {
                    PlaceholderKind::Segment => "segment",
                    PlaceholderKind::Optional => "optional_segment",
                    PlaceholderKind::Tail => "tail",
                };
                let function =
                    Ident::new(function, param.map_or_else(Span::call_site, |it| it.name.span()));
                calls.extend(quote!(.#function(#name, #value)));
            }
        }
    }
    let query = template.query.as_ref().map(|query| quote!(.literal_query(#query)));
    quote!(#calls #query)
}

fn headers(endpoint: &Endpoint) -> TokenStream {
    let headers = endpoint.effective.headers.iter().filter_map(|header| {
        let name = &header.name;
        match &header.value {
            HeaderSource::Fixed(value) => Some(quote!(.fixed_header(#name, #value))),
            HeaderSource::Constant(path) => Some(quote!(.fixed_header(#name, #path))),
            HeaderSource::Computed(function) => {
                let call = Ident::new("computed_header", function.span());
                Some(quote!(.#call(#name, #function)))
            }
            HeaderSource::Off => None,
        }
    });
    quote!(#(#headers)*)
}

fn constants(what: &str, values: &[Rc<FixedValue>]) -> TokenStream {
    let values = values.iter().filter_map(|value| {
        let name = &value.name;
        let call = |prefix: &str, span| Ident::new(&format!("{prefix}_{what}"), span);
        match &value.value {
            HeaderSource::Fixed(text) => {
                let call = call("fixed", Span::call_site());
                Some(quote!(.#call(#name, #text)))
            }
            HeaderSource::Computed(function) => {
                let call = call("computed", function.span());
                Some(quote!(.#call(#name, #function)))
            }
            HeaderSource::Off => None,
        }
    });
    quote!(#(#values)*)
}

/// A call that `resends` may be sent more than once, so that its body must be available again.
fn piece(param: &Param, resends: bool, paths: &Paths) -> Option<TokenStream> {
    let (by_reference, by_value) = (value(param), moved(param, paths));
    let private = &paths.private;
    let span = param.name.span();
    let call = |function: &str, arguments: TokenStream| {
        let function = Ident::new(function, span);
        Some(quote!(.#function(#arguments)))
    };
    let listed = |function: &str, name: &str, style: Style| match style {
        Style::Repeated => call(function, quote!(#name, #by_reference)),
        Style::Comma => call(
            &format!("{function}_list"),
            quote!(#name, #by_reference, #private::ListStyle::Comma),
        ),
        Style::Pipe => call(
            &format!("{function}_list"),
            quote!(#name, #by_reference, #private::ListStyle::Pipe),
        ),
    };
    match &param.role {
        Role::Path => None,
        Role::Query { name, style } => listed("query", name, *style),
        Role::QueryJson(name) => {
            let value = pointee(param);
            call("query_json", quote!(#name, #value))
        }
        Role::QueryObject(name) => {
            let value = pointee(param);
            call("query_object", quote!(#name, #value))
        }
        Role::QueryStruct { brackets: true } => call("query_brackets", pointee(param)),
        Role::QueryStruct { brackets: false } => call("query_struct", pointee(param)),
        Role::Header(name) => call("header", quote!(#name, #by_reference)),
        Role::Headers => call("headers", by_reference),
        Role::Json { media_type } => typed(call("json", pointee(param)), media_type.as_deref()),
        Role::Form { brackets: true } => call("form_brackets", pointee(param)),
        Role::Form { brackets: false } => call("form", pointee(param)),
        Role::Field { name, style } => listed("field", name, *style),
        Role::Part { name, options } => {
            let (json, options) = (options.json, part_options(options, paths));
            let part = if resends { "part" } else { "part_once" };
            match json {
                true => {
                    let value = pointee(param);
                    call("json_part", quote!(#name, #value, #options))
                }
                false => call(part, quote!(#name, #by_value, #options)),
            }
        }
        Role::Body { media_type } => {
            let body = call(if resends { "body" } else { "body_once" }, by_value);
            typed(body, media_type.as_deref())
        }
        Role::Url => call("url", by_reference),
        Role::Extension => call("extension", by_value),
    }
}

/// A body with its declared media type.
fn typed(body: Option<TokenStream>, media_type: Option<&str>) -> Option<TokenStream> {
    let media_type = media_type.map(|it| quote!(.media_type(#it)));
    body.map(|body| quote!(#body #media_type))
}

fn part_options(options: &PartOptions, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let mime = options.mime.as_ref().map(|mime| quote!(.mime(#mime)));
    let file = options.file.as_ref().map(|file| quote!(.file(#file)));
    quote!(#private::PartOptions::NEW #mime #file)
}

/// The referent of the parameter, or the parameter, by reference. An error names the type that lacks a trait, not
/// a reference to it.
fn pointee(param: &Param) -> TokenStream {
    let Type::Reference(reference) = peeled(&param.ty) else { return value(param) };
    let (start, end) = ends(&reference.elem);
    let mut name = param.name.clone();
    name.set_span(end.resolved_at(name.span()));
    quote_spanned!(start=> &*#name)
}

/// The parameter by reference, with the span of its type, so that a missing bound is reported there.
fn value(param: &Param) -> TokenStream {
    let (start, end) = ends(&param.ty);
    let mut name = param.name.clone();
    name.set_span(end.resolved_at(name.span()));
    quote_spanned!(start=> &#name)
}

/// The parameter by value, with the span of its type. A name alone would cover only the first token.
fn moved(param: &Param, paths: &Paths) -> TokenStream {
    let (start, end) = ends(&param.ty);
    let (private, name) = (paths.private_at(start), &param.name);
    let name = arguments_at(end, quote!(#name));
    quote_spanned!(start=> #private::argument #name)
}

//! An argument of a method, in the form that the runtime takes.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Path, Type};

use super::on_type;
use crate::expand::{Paths, arguments_at, ends};
use crate::model::param::{Param, PartOptions, Role, Style};
use crate::model::shape::peeled;

/// The step of the draft that takes a parameter; `None` for a parameter in the path.
pub(super) fn piece(
    param: &Param,
    resends: bool,
    method_codec: Option<&Path>,
    paths: &Paths,
) -> Option<TokenStream> {
    let private = &paths.private;
    let converted = match &param.role {
        Role::Encoded { codec } => encoded(param, codec.as_ref().or(method_codec), paths),
        _ => converted(param, resends, paths),
    };
    let function = |name: &str| Ident::new(name, param.name.span());
    let style = |style: &Style| match style {
        Style::Repeated | Style::Json => quote!(#private::ListStyle::Repeat),
        Style::Comma => quote!(#private::ListStyle::Comma),
        Style::Pipe => quote!(#private::ListStyle::Pipe),
    };
    let (name, arguments) = match &param.role {
        Role::Path => return None,
        Role::Query { name, style: list } => {
            let style = style(list);
            ("query", quote!(#name, #style, #converted))
        }
        Role::Field { name, style: Style::Json } => ("field_json", quote!(#name, #converted)),
        Role::Field { name, style: list } => {
            let style = style(list);
            ("field", quote!(#name, #style, #converted))
        }
        Role::QueryJson(name) => ("query_json", quote!(#name, #converted)),
        Role::QueryStruct { .. } | Role::QueryObject(_) => ("query_struct", converted),
        Role::Header(name) => ("header", quote!(#name, #converted)),
        Role::Headers => ("headers", converted),
        Role::Json { .. } => ("json", converted),
        Role::Encoded { .. } => ("encoded", converted),
        Role::Form { .. } => ("form", converted),
        Role::Part { name, options } => {
            let part = part_options(options, paths);
            let function = if options.json { "json_part" } else { "part" };
            (function, quote!(#name, #converted, #part))
        }
        Role::Body { .. } => ("body", converted),
        Role::Url => ("url", converted),
        Role::Extension => ("extension", converted),
    };
    let media_type = match &param.role {
        Role::Json { media_type } | Role::Body { media_type } => media_type.as_ref(),
        _ => None,
    };
    let media_type = media_type.map(|it| quote!(.media_type(#it)));
    let function = function(name);
    Some(quote!(.#function(#arguments) #media_type))
}

/// A body in a declared format.
fn encoded(param: &Param, codec: Option<&Path>, paths: &Paths) -> TokenStream {
    let (ty, value) = pointee(param);
    let (start, _) = ends(&ty);
    let Some(codec) = codec else {
        // A missing format has its own error.
        let bound = on_type(&ty, quote!(JsonBody), paths);
        return quote_spanned!(start=> #bound::serialized(#value));
    };
    let bound = on_type(&ty, quote!(EncodedBody), paths);
    quote_spanned!(start=> #bound::encoded::<#codec>(#value))
}

/// The parameter in the form that the runtime takes, by the trait that its type must implement. If it does not,
/// that is the error, at the type. If the call `resends`, it may be sent more than once, so that its body must be
/// available again.
pub(super) fn converted(param: &Param, resends: bool, paths: &Paths) -> TokenStream {
    let by = |(ty, value): (TokenStream, TokenStream), bound: TokenStream, method: &str| {
        let (start, _) = ends(&ty);
        let (bound, method) = (on_type(&ty, bound, paths), Ident::new(method, start));
        quote_spanned!(start=> #bound::#method(#value))
    };
    let repeatable = |body: TokenStream| match resends {
        true => {
            let (start, end) = ends(&param.ty);
            let (bounds, body) = (paths.bounds_at(start), arguments_at(end, body));
            quote_spanned!(start=> #bounds::Repeatable::repeatable #body)
        }
        false => body,
    };
    match &param.role {
        Role::Path => text(param, &Text::PATH, paths),
        Role::QueryJson(_) | Role::Field { style: Style::Json, .. } => {
            by(pointee(param), quote!(JsonBody), "serialized")
        }
        Role::Query { .. } | Role::Field { .. } => text(param, &Text::QUERY, paths),
        Role::QueryObject(name) => {
            let (ty, value) = pointee(param);
            let name = quote!(::core::option::Option::Some(#name));
            by((ty, quote!(#value, #name)), quote!(FormBody), "to_brackets")
        }
        Role::QueryStruct { brackets: true } | Role::Form { brackets: true } => {
            let (ty, value) = pointee(param);
            let none = quote!(::core::option::Option::None);
            by((ty, quote!(#value, #none)), quote!(FormBody), "to_brackets")
        }
        Role::QueryStruct { brackets: false } => by(pointee(param), quote!(FormBody), "to_query"),
        Role::Header(_) => by(borrowed(param), quote!(HeaderValueSource<_>), "header_value"),
        Role::Headers => by(borrowed(param), quote!(HeadersSource), "header_map"),
        Role::Json { .. } => by(pointee(param), quote!(JsonBody), "serialized"),
        Role::Encoded { codec } => encoded(param, codec.as_ref(), paths),
        Role::Form { brackets: false } => by(pointee(param), quote!(FormBody), "to_form"),
        Role::Part { options, .. } if options.json => {
            by(pointee(param), quote!(JsonBody), "serialized")
        }
        Role::Part { .. } => repeatable(by(moved(param), quote!(PartValue<_>), "into_parts")),
        Role::Body { .. } => repeatable(by(moved(param), quote!(RawBody<_>), "into_content")),
        Role::Url => by(borrowed(param), quote!(UrlValue), "as_address"),
        Role::Extension => {
            let all = Ident::new("all", Span::mixed_site());
            let (ty, value) = moved(param);
            // If the path began at the type, the compiler would suggest to borrow a type that is not `Clone`.
            let (bounds, start) = (paths.bounds_at(ends(&ty).0), param.name.span());
            let bound = quote_spanned!(start=> <#ty as #bounds::ExtensionValue>);
            quote!(move |#all| #bound::insert(#value, #all))
        }
    }
}

/// A value that is sent as text: the trait that its type must implement, and the probe of its form.
pub(super) struct Text {
    bound: &'static str,
    markers: usize,
    function: &'static str,
    /// As many references around the probe as it has traits.
    depth: usize,
    probe: &'static str,
}

impl Text {
    pub(super) const PATH: Self =
        Self { bound: "PathValue", markers: 1, function: "text", depth: 4, probe: "__path_form" };
    pub(super) const OPTIONAL: Self = Self {
        bound: "OptionalPathValue",
        markers: 1,
        function: "optional_text",
        depth: 3,
        probe: "__optional_form",
    };
    pub(super) const QUERY: Self = Self {
        bound: "QueryValue",
        markers: 2,
        function: "texts",
        depth: 3,
        probe: "__query_form",
    };
}

/// A closure that passes on each text of a parameter, in the form that the compiler selects by its type. The traits
/// of the probe are in scope.
pub(super) fn text(param: &Param, text: &Text, paths: &Paths) -> TokenStream {
    let (ty, value) = borrowed(param);
    let (start, _) = ends(&ty);
    let (each, private) = (Ident::new("each", Span::mixed_site()), &paths.private);
    let bound = Ident::new(text.bound, start);
    let markers = std::iter::repeat_n(quote!(_), text.markers);
    let bound = on_type(&ty, quote!(#bound<#(#markers),*>), paths);
    let function = Ident::new(text.function, start);
    let depth = std::iter::repeat_n(quote!(&), text.depth);
    let probe = Ident::new(text.probe, Span::mixed_site());
    // With the type written out, a type that the compiler does not know has no further error.
    let probed = match has_name(&param.ty) {
        true => quote!(#private::probe_of::<#ty>()),
        false => quote!(#private::probe(#value)),
    };
    let form = quote!((#(#depth)* #probed).#probe());
    let call = quote_spanned!(start=> #bound::#function(#form, #value, #each));
    quote!(&|#each| #call)
}

fn part_options(options: &PartOptions, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let mime = options.mime.as_ref().map(|mime| quote!(.media_type(#mime)));
    let file = options.file.as_ref().map(|file| quote!(.file_name(#file)));
    quote!(#private::PartOptions::NEW #mime #file)
}

/// The type of a parameter, and the parameter by value.
fn moved(param: &Param) -> (TokenStream, TokenStream) {
    (type_of(&param.ty), param.name.to_token_stream())
}

/// The type of a parameter, and the parameter by reference.
fn borrowed(param: &Param) -> (TokenStream, TokenStream) {
    let name = &param.name;
    (type_of(&param.ty), quote!(&#name))
}

/// The parameter by reference, or its referent if it is one. An error then names the type that does not implement a
/// trait, and not a reference to it.
pub(in crate::expand) fn pointee(param: &Param) -> (TokenStream, TokenStream) {
    let Type::Reference(reference) = peeled(&param.ty) else { return borrowed(param) };
    let name = &param.name;
    (type_of(&reference.elem), quote!(&*#name))
}

/// The type, or `_` if it cannot be named.
fn type_of(ty: &Type) -> TokenStream {
    match has_name(ty) {
        true => ty.to_token_stream(),
        false => quote_spanned!(ends(ty).0=> _),
    }
}

fn has_name(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => has_name(&reference.elem),
        // Most are a plain name, whose tokens need no search.
        Type::Path(path) if path.path.segments.iter().all(|it| it.arguments.is_none()) => true,
        _ => !ty.to_token_stream().into_iter().any(is_impl),
    }
}

pub(in crate::expand) fn is_impl(token: TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => group.stream().into_iter().any(is_impl),
        _ => false,
    }
}

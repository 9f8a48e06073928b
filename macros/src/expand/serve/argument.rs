//! Parses an argument from its part of the request.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::owned::{Owned, elided, owned};
use crate::expand::{Paths, call, ends};
use crate::model::param::{Param, Role, Style};
use crate::model::shape::is_option;

/// An argument of the implementation.
pub(super) struct Argument {
    /// The code that parses it.
    pub(super) statements: TokenStream,
    /// The expression that is passed.
    pub(super) value: TokenStream,
}

pub(super) fn argument(param: &Param, request: &Ident, paths: &Paths) -> Argument {
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
    let encoded = |from: TokenStream, method| by(from, quote!(FromEncoded<'_>), method);
    let text = |from: TokenStream| from_values(ty, from, source, paths);
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
            encoded(quote!(#request.field_json(#name)), "from_json")
        }
        Role::Field { name, style } => {
            let separator = separator(style);
            text(quote!(#request.field(#name, #separator)))
        }
        Role::QueryJson(name) => encoded(quote!(#request.query_json(#name)), "from_json"),
        Role::QueryObject(name) => encoded(quote!(#request.query_object(#name)), "from_brackets"),
        Role::QueryStruct { brackets } => encoded(quote!(#request.query_struct()), form(*brackets)),
        Role::Header(name) => {
            by(quote!(#request.header(#name)), quote!(FromHeader<_>), "from_header")
        }
        Role::Headers => {
            let bound = call::on_type(ty, quote!(FromHeaders), paths);
            Parsed { from: None, value: quote!(#bound::from_headers(#request.headers())) }
        }
        Role::Json { .. } if is_option(&param.ty) => {
            by(quote!(#request.encoded_or_null()), quote!(FromEncoded<'_>), "from_json")
        }
        // A body in another format has its own error.
        Role::Json { .. } | Role::Encoded { .. } => {
            encoded(quote!(#request.encoded()), "from_json")
        }
        Role::Form { brackets } => encoded(quote!(#request.encoded()), form(*brackets)),
        Role::Part { name, options } if options.json => {
            encoded(quote!(#request.json_part(#name).await?), "from_json")
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

/// A value that is parsed from texts, in the way that its type allows.
fn from_values(ty: &TokenStream, from: TokenStream, source: &Ident, paths: &Paths) -> Parsed {
    let (start, _) = ends(ty);
    let private = &paths.private;
    let form = Ident::new("__parsed_form", Span::mixed_site());
    let form = quote!((&&&#private::serve::probe_of::<#ty>()).#form());
    let bound = call::on_type(ty, quote!(FromValues<_, _>), paths);
    let value = quote_spanned!(start=> #bound::from_values(#form, &#source)?);
    Parsed { from: Some(from), value }
}

fn separator(style: &Style) -> TokenStream {
    match style {
        Style::Repeated | Style::Json => quote!(::core::option::Option::None),
        Style::Comma => quote!(::core::option::Option::Some(",")),
        // Unchanged, as it was sent.
        Style::Pipe => quote!(::core::option::Option::Some("%7C")),
    }
}

fn form(brackets: bool) -> &'static str {
    if brackets { "from_brackets" } else { "from_form" }
}

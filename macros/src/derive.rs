//! `#[derive(Json)]`: serde's traits for a struct, by the part of the runtime that is the same for all structs.
//!
//! serde's own derive writes three visitors and a loop for each struct, which is most of what the compiler spends on
//! the types of a large API. Here a field is one line in each direction.

mod expand;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// A struct that is read and written as an object.
struct Struct {
    name: syn::Ident,
    /// The path of the runtime.
    runtime: TokenStream,
    fields: Vec<Field>,
    /// A field that always has the same value.
    tag: Option<(String, String)>,
    /// Whether other fields are an error.
    is_closed: bool,
}

/// A field.
struct Field {
    name: syn::Ident,
    ty: syn::Type,
    /// Its name on the wire.
    wire: String,
    form: Form,
}

/// How `None` is written, or whether the value lies beside the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `None` is left out.
    Plain,
    /// `None` is `null`.
    Required,
    /// `None` is left out, and `Some(None)` is `null`.
    Null,
    /// Its own fields lie beside the others.
    Flat,
}

/// Tokens in, tokens out.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::new();
    let parsed = parse::parse(item, &diagnostics);
    let errors = diagnostics.into_parts().0;
    let code = parsed.map(|it| expand::expand(&it));
    let errors = errors.iter().map(Diagnostic::to_compile_error);
    // After an error the traits are still there, so that nothing else in the crate breaks.
    quote::quote!(#code #(#errors)*)
}

//! `#[derive(Json)]`: serde's traits for a struct, by means of the part of the runtime that is the same for all
//! structs.
//!
//! serde's own derive generates three visitors and a loop for each struct, which is most of what the compiler
//! spends on the types of a large API. Here a field is one line in each direction.

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
    /// Whether other members are an error.
    is_closed: bool,
}

/// A field.
struct Field {
    name: syn::Ident,
    ty: syn::Type,
    /// Its name in JSON.
    wire: String,
    form: Form,
}

/// How `None` is written, or whether the value is flattened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `None` is left out.
    Plain,
    /// `None` is `null`.
    Required,
    /// `None` is left out, and `Some(None)` is `null`.
    Null,
    /// Its own fields are members of the same object.
    Flat,
}

/// Tokens in, tokens out.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::new();
    let parsed = parse::parse(item, &diagnostics);
    let errors = diagnostics.into_parts().0;
    let code = parsed.map(|it| expand::expand(&it));
    let errors = errors.iter().map(Diagnostic::to_compile_error);
    // After an error the traits are still implemented, so that nothing else in the crate breaks.
    quote::quote!(#code #(#errors)*)
}

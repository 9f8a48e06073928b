//! A warning on stable Rust: the use of a deprecated constant, with a span.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::diagnostic::Diagnostic;
use crate::lints::spelling;

/// The item that makes the compiler warn.
pub(super) fn item(warning: &Diagnostic) -> TokenStream {
    let text = &warning.text;
    let name = Ident::new(&spelling(warning.rule), proc_macro2::Span::mixed_site());
    let mut used = name.clone();
    used.set_span(warning.at.start().resolved_at(name.span()));
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            #[allow(non_upper_case_globals)]
            const #name: () = ();
            #used
        };
    }
}

//! A warning on stable Rust: the use of a deprecated constant, with a span.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::diagnostic::Diagnostic;
use crate::lints::spelling;

/// The item that makes the compiler warn.
pub(super) fn item(warning: &Diagnostic) -> TokenStream {
    let text = &warning.text;
    // With the span of the user's code, the compiler does not point at the macro as well.
    let name = Ident::new(&spelling(warning.rule), warning.at.start());
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            #[allow(non_upper_case_globals)]
            const #name: () = ();
            #name
        };
    }
}

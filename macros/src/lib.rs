//! The macro of perennial: a trait of annotated methods becomes a typed API client.
//!
//! Use it through the `perennial` crate, which re-exports it beside the runtime that its code calls.

mod attribute;
mod check;
mod expand;
mod fallback;
mod fault;
mod model;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod wording;

use proc_macro2::TokenStream;

/// Makes a typed HTTP client of a trait.
#[proc_macro_attribute]
pub fn api_client(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    generate(attribute.into(), item.into()).into()
}

/// Declares attributes that only say where they belong: inside the trait `#[api_client]` reads them
/// itself, so that they are only ever expanded outside of one.
macro_rules! verbs {
    ($($verb:ident)*) => {$(
        #[doc = concat!("The verb `", stringify!($verb), "` of a method in a trait under [`macro@api_client`].")]
        #[proc_macro_attribute]
        pub fn $verb(
            _attribute: proc_macro::TokenStream,
            item: proc_macro::TokenStream,
        ) -> proc_macro::TokenStream {
            outside_a_trait(stringify!($verb), item.into()).into()
        }
    )*};
}

verbs!(get post put patch delete head options);

/// The error of a verb on anything but a method of an API. The item stays, without the roles of its
/// parameters, which would be errors of their own.
fn outside_a_trait(verb: &str, item: TokenStream) -> TokenStream {
    let text = format!(
        "`#[{verb}]` stands on a method of a trait under `#[api_client]`\n\
         help: put `#[api_client]` on the trait, above all verbs"
    );
    let error = fault::Fault::new("outside-a-trait", proc_macro2::Span::call_site(), text);
    let error = error.to_compile_error();
    let item = fallback::without_roles(item);
    quote::quote!(#item #error)
}

/// Tokens in, tokens out: what the attribute does, apart from the compiler.
fn generate(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let faults = fault::Faults::new();
    let found = syntax::read(item.clone(), &faults);
    let options = attribute::api::read(attribute, &faults);
    let paths = expand::Paths::new(&options);
    let has_host = options.base.as_ref().is_some_and(|base| base.value().contains("://"));
    let Some(found) = found else {
        let errors = faults.into_found().0;
        let errors = errors.iter().map(fault::Fault::to_compile_error);
        return quote::quote!(#item #(#errors)*);
    };
    let api = model::Api::new(options, &found, &faults);
    check::check(&api, &faults);
    let (errors, warnings) = faults.into_found();
    if errors.is_empty() {
        return expand::expand(&api, &warnings);
    }
    let rest = fallback::fallback(&found, &paths, has_host);
    if let [only] = &errors[..]
        && let Some(native) = &only.native
    {
        return quote::quote!(#rest #native);
    }
    let errors = errors.iter().map(fault::Fault::to_compile_error);
    quote::quote!(#rest #(#errors)*)
}

//! Writes the code. Nothing can fail here: whatever was wrong was found before.

pub(crate) mod api_trait;
mod call;
pub(crate) mod client;
mod constant;
mod credential;
mod renewal;
mod twin;
mod warning;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident};

use crate::fault::Fault;
use crate::model::{Api, Endpoint, runtime};

/// The paths that the generated code begins with.
pub(crate) struct Paths {
    /// The runtime, where its public names are.
    pub(crate) public: TokenStream,
    /// The door for generated code.
    pub(crate) private: TokenStream,
}

impl Paths {
    /// The paths below a runtime.
    pub(crate) fn new(runtime: TokenStream) -> Self {
        Self { private: quote!(#runtime::__private), public: runtime }
    }
}

/// Everything that the macro leaves behind.
pub(crate) fn expand(api: &Api, warnings: &[Fault]) -> TokenStream {
    let paths = Paths::new(runtime(&api.options));
    let endpoints: Vec<_> = api.endpoints().collect();
    let constants = constant::names(&endpoints);
    let client = client::Client {
        name: &api.client,
        api: &api.name,
        visibility: &api.visibility,
        taken: endpoints.iter().map(|it| it.name()).collect(),
        has_host: api.options.base.as_ref().is_some_and(|base| !base.value().starts_with('/')),
    };
    let mut items = vec![api_trait::of_api(api, &paths)];
    items.extend(client.items(&paths));
    items.push(constant::table(api, &endpoints, &constants, &paths));
    items.push(calls(api, &endpoints, &constants, &paths));
    items.push(api_trait::implementation(
        &api.name,
        &api.client,
        &endpoints.iter().map(|it| &it.shape).collect::<Vec<_>>(),
        &paths,
    ));
    items.extend(twin::items(api, &paths));
    items.extend(warnings.iter().map(warning::item));
    everywhere(&api.attributes, items)
}

/// A `#[cfg]` below `#[api_client]` is the trait's, and what comes with the trait goes with it.
pub(crate) fn everywhere(attributes: &[Attribute], items: Vec<TokenStream>) -> TokenStream {
    let cfgs: Vec<_> = attributes.iter().filter(|it| it.path().is_ident("cfg")).collect();
    // The first item is the trait, which bears its attributes already.
    let rest = items.iter().skip(1).map(|item| quote!(#(#cfgs)* #item));
    let first = items.first();
    quote!(#first #(#rest)*)
}

/// The client's own methods, and how the runtime calls one of them, beside the traits by which the
/// compiler finds how an answer is decoded. A constant keeps these from everybody else's sight.
fn calls(api: &Api, endpoints: &[&Endpoint], constants: &[Ident], paths: &Paths) -> TokenStream {
    let (client, private) = (&api.client, &paths.private);
    let methods = endpoints.iter().zip(constants).map(|(endpoint, constant)| {
        let head = client::method_head(&endpoint.shape, Some(&constant::summary(endpoint)), paths);
        let call = call::expression(api, endpoint, constant, paths);
        quote!(#head { #call })
    });
    let declaration = renewal::api(api, endpoints, constants, paths);
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #private::kinds::{
                OpenPlain as _, OpenResponse as _, Specific as _, Undecodable as _, ViaJson as _,
                ViaResponse as _,
            };

            #[allow(dead_code)]
            impl #client { #(#methods)* }

            #declaration
        };
    }
}

//! Rules about the endpoints of an API.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{GenericParam, Meta, ReturnType, Type, TypeParamBound};

use crate::diagnostic::Diagnostics;
use crate::lower::shape::unnamed;
use crate::model::options::Level;
use crate::model::param::{Param, Role};
use crate::model::shape::peeled;
use crate::model::verb::{SessionRole, Spec};
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// A client without endpoints can do nothing.
pub(super) fn no_endpoint(api: &Api, diagnostics: &Diagnostics) {
    if api.is_whole && api.endpoints().next().is_none() && !api.options.shared.allows("no-endpoint")
    {
        let text = format!(
            "trait `{}` declares no endpoint\n\
             help: add a method with a verb, such as `#[get(\"/orders\")]`, or add \
             `allow(no_endpoint)`",
            api.name
        );
        diagnostics.warning("no-endpoint", &api.name, text);
    }
}

/// If the trait is named like the client, the user expects to call it.
pub(super) fn client_name(api: &Api, diagnostics: &Diagnostics) {
    let name = api.name.to_string();
    let Some(short) = name.strip_suffix("Client").filter(|short| !short.is_empty()) else { return };
    if !api.options.shared.allows("client-name") {
        let text = format!(
            "the client of the trait `{name}` is named `{}`\n\
             help: rename the trait to `{short}`, or add `allow(client_name)`",
            api.client
        );
        diagnostics.warning("client-name", &api.name, text);
    }
}

/// A method of the client replaces the client's own function with the same name.
pub(super) fn replaced_function(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !api.allows(it, "replaced-function")) {
        let name = endpoint.name().to_string();
        let way_out = match name.as_str() {
            "builder" | "session" | "in_session" => format!(
                "rename it, or call `perennial::ApiClient::{name}` instead and add \
                 `allow(replaced_function)`"
            ),
            "new" if api.has_host() => {
                "rename it, or create the client with `builder` and add `allow(replaced_function)`"
                    .to_owned()
            }
            "with_session" | "clone" => "rename it, or add `allow(replaced_function)`".to_owned(),
            _ => continue,
        };
        let text = format!(
            "this method replaces the function `{name}` of the client of `{}`\n\
             help: {way_out}",
            api.name
        );
        diagnostics.warning("replaced-function", endpoint.name(), text);
    }
}

/// Two endpoints that send the same request are probably a copy that was not changed.
pub(super) fn duplicate_endpoint(api: &Api, diagnostics: &Diagnostics) {
    let mut seen: HashMap<_, Vec<&Endpoint>> = HashMap::new();
    for second in api.endpoints() {
        let Some(template) = second.template().filter(|it| !it.is_broken) else {
            continue;
        };
        let same = seen.entry((&second.verb.method, template.shape())).or_default();
        let first = same.iter().find(|first| sends_the_same(first, second)).copied();
        same.push(second);
        let Some(first) = first else {
            continue;
        };
        if api.allows(second, "duplicate-endpoint") || api.allows(first, "duplicate-endpoint") {
            continue;
        }
        let text = format!(
            "methods `{}` and `{}` both declare `{} {}`\n\
             help: change one of the two, or add `allow(duplicate_endpoint)`",
            first.name(),
            second.name(),
            second.verb.method,
            template.shape()
        );
        diagnostics.warning("duplicate-endpoint", &template.literal, text);
    }
}

/// Whether two methods with the same path do not differ in anything else. Reasons for two methods are: a single
/// page besides all pages, another operation in the body or in a constant, another option, another return type, or
/// another mapping of errors.
fn sends_the_same(first: &Endpoint, second: &Endpoint) -> bool {
    // Two methods under `#[cfg]` may exclude each other.
    if !first.shape.cfgs.is_empty() && !second.shape.cfgs.is_empty() {
        return false;
    }
    let sent = |endpoint: &Endpoint| {
        let params = endpoint.params.iter().filter(|it| !matches!(it.role, Role::Path));
        let mut sent: Vec<_> = params
            .map(|it| {
                let codec = match &it.role {
                    Role::Encoded { codec: Some(codec) } => text_of(codec),
                    _ => String::new(),
                };
                format!("{} {} {} {codec}", it.role.word(), it.name, text_of(&it.ty))
            })
            .collect();
        sent.sort();
        sent
    };
    let result = |endpoint: &Endpoint| {
        let arms: Vec<_> = endpoint.arms.iter().map(text_of).collect();
        (text_of(&endpoint.shape.returned.whole), arms)
    };
    let host = |endpoint: &Endpoint| endpoint.template().and_then(|it| it.origin.clone());
    sent(first) == sent(second)
        && result(first) == result(second)
        && options(first) == options(second)
        && host(first) == host(second)
}

/// The options of a method as they are written, after its path.
fn options(endpoint: &Endpoint) -> String {
    let Meta::List(list) = &endpoint.verb.attribute.meta else { return String::new() };
    let is_path = |token: &TokenTree| match token {
        TokenTree::Literal(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ',',
        _ => false,
    };
    let options = list.tokens.clone().into_iter().skip_while(is_path);
    text_of(&options.collect::<TokenStream>())
}

/// A retry of a `POST` may repeat its effect. A refresh is never retried: that is reported by
/// [`retry_of_a_refresh`](super::refresh::retry_of_a_refresh).
pub(super) fn retry_not_idempotent(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        if let Level::Set(retry) = &endpoint.verb.shared.retry
            && !endpoint.verb.is_idempotent()
            && endpoint.role() != Some(SessionRole::Refresh)
        {
            let text = format!(
                "`{}` is a `{}`, so a retry may repeat its effect\n\
                 help: if repeating it is harmless, add `idempotent`\n\
                 help: if the server accepts a key for it, add `idempotent(\"Idempotency-Key\")`",
                endpoint.name(),
                endpoint.verb.method
            );
            diagnostics.error("retry-not-idempotent", retry.at, text);
        }
    }
}

/// `Pages` needs `page(..)`, and no other type can use it.
pub(super) fn page_without_pages(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let returned = &endpoint.shape.returned;
        // `impl Stream` has its own error, in place of the type that it should be.
        if matches!(&endpoint.shape.signature.output, ReturnType::Type(_, ty) if unnamed(ty).is_some())
        {
            continue;
        }
        let returns = |name: &str| returned.is_named(name);
        match &endpoint.verb.page {
            Some((_, at)) if returns("Result") || returns("Events") => {
                let text = format!(
                    "`page(..)` needs the return type `Pages`, but `{}` returns {}\nhelp: return `Pages<..>`, without `async`",
                    endpoint.name(),
                    if returns("Result") { "a `Result`" } else { "events" }
                );
                diagnostics.error("page-without-pages", *at, text);
            }
            None if returns("Pages") && !endpoint.shape.is_async && !endpoint.verb.has_page => {
                let text = format!(
                    "`{}` returns `Pages`, but does not declare how to request the next page\n\
                     help: add `page(cursor = \"after\", next = \"data.next\")`, `page(number = \"page\", start = 1)`, \
                     `page(offset = \"skip\")` or `page(link)`",
                    endpoint.name()
                );
                diagnostics.error("page-without-pages", &returned.whole, text);
            }
            _ => {}
        }
    }
}

/// An operation belongs to a document.
pub(super) fn spec_without_openapi(api: &Api, diagnostics: &Diagnostics) {
    if api.options.openapi.is_some() || !api.is_whole {
        return;
    }
    for endpoint in api.endpoints() {
        if let Some(Spec::Id(id)) = &endpoint.verb.spec {
            let text = format!(
                "`spec` names an operation of a document, but `{}` names no document\n\
                 help: add `openapi = \"openapi.json\"` to `#[api_client(..)]`, or remove `spec`",
                api.name
            );
            diagnostics.error("spec-without-openapi", id, text);
        }
    }
}

/// A response to `HEAD` has no body to decode.
pub(super) fn head_with_value(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.verb.method == "HEAD") {
        let Some(value) = &endpoint.shape.returned.value else {
            continue;
        };
        let has_no_body = match peeled(value) {
            Type::Tuple(tuple) => tuple.elems.is_empty(),
            Type::Path(path) => path.path.segments.last().is_some_and(|last| {
                let arguments = text_of(&last.arguments);
                let is_plain = last.ident == "Response" || last.ident == "Option";
                is_plain && arguments == "<()>"
            }),
            _ => false,
        };
        if !has_no_body && !api.allows(endpoint, "head-with-value") {
            let text = format!(
                "a response to `HEAD` has no body, but `{}` returns `{}`\n\
                 help: return `Result<()>`\n\
                 help: to learn whether the resource exists, return `Result<Option<()>>`\n\
                 help: to read the headers, return `Result<Response<()>>`\n\
                 help: if the type is an alias of one of these, add `allow(head_with_value)`",
                endpoint.name(),
                text_of(value)
            );
            diagnostics.error("head-with-value", value, text);
        }
    }
}

/// A generic method is not dyn-compatible.
pub(super) fn dyn_with_generics(api: &Api, diagnostics: &Diagnostics) {
    let Some(word) = &api.options.dyn_trait else {
        return;
    };
    for endpoint in api.endpoints() {
        if is_generic(endpoint) {
            let text = format!(
                "method `{}` is generic, so `{}` cannot be a trait object\n\
                 help: use concrete types for its parameters, or remove `{word}` from `#[api_client(..)]`",
                endpoint.name(),
                api.name
            );
            diagnostics.error("dyn-with-generics", endpoint.name(), text);
        }
    }
}

/// Neither is a trait whose implementations are sized.
pub(super) fn dyn_with_a_supertrait(api: &Api, diagnostics: &Diagnostics) {
    let Some(word) = &api.options.dyn_trait else { return };
    let sized =
        ["Sized", "Clone", "Copy", "Default", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"];
    for bound in &api.supertraits {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let last = bound.path.segments.last().map(|last| &last.ident);
        if let Some(name) = last.filter(|last| sized.iter().any(|name| last == name)) {
            let text = format!(
                "a trait object cannot be `{name}`, so `{}` cannot have this supertrait with \
                 `{word}`\n\
                 help: remove the supertrait, or remove `{word}` from `#[api_client(..)]`",
                api.name
            );
            diagnostics.error("dyn-with-a-supertrait", bound, text);
        }
    }
}

/// A request does not say which types the caller chose.
pub(super) fn serve_with_generics(api: &Api, diagnostics: &Diagnostics) {
    if api.options.serve.is_none() {
        return;
    }
    for endpoint in api.endpoints() {
        if is_generic(endpoint) {
            let text = format!(
                "method `{}` is generic, so `serve` cannot parse its arguments from a request\n\
                 help: use concrete types for its parameters, or remove `serve` from \
                 `#[api_client(..)]`",
                endpoint.name()
            );
            diagnostics.error("serve-with-generics", endpoint.name(), text);
        }
    }
}

/// Whether the caller chooses a type of a method.
pub(super) fn is_generic(endpoint: &Endpoint) -> bool {
    let generics = &endpoint.shape.signature.generics;
    let has_types = generics.params.iter().any(|it| !matches!(it, GenericParam::Lifetime(_)));
    has_types || endpoint.params.iter().any(is_impl)
}

/// Whether the type of a parameter contains `impl Trait`.
fn is_impl(param: &Param) -> bool {
    let mut tokens = quote::ToTokens::to_token_stream(&param.ty).into_iter();
    tokens.any(|token| matches!(token, proc_macro2::TokenTree::Ident(word) if word == "impl"))
}

//! The macro of perennial: it turns a trait of annotated methods into a typed API client.
//!
//! Use it through the `perennial` crate, which re-exports it together with the runtime of the generated code.

mod derive;
mod diagnostic;
mod expand;
mod fallback;
#[cfg(test)]
#[path = "../../fuzz/inputs.rs"]
mod fuzz;
mod lints;
mod lower;
mod model;
#[cfg(feature = "openapi")]
mod openapi;
mod parse;
mod suggest;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro2::TokenStream;

/// Turns a trait into a typed HTTP client.
///
/// For `trait Shop` it generates the trait, whose `async fn`s return futures that are `Send`, and
/// `ShopClient`, which implements it. The methods of the client have the same names and return a `Call`, which is
/// awaited like a future, borrows nothing, and can be adjusted before it is sent.
/// `ShopClient::ENDPOINTS` is a table of the declared endpoints. A method with a body and no verb is copied
/// unchanged.
///
/// One build reports all mistakes of a declaration, each at its token; `docs/diagnostics.md` in the repository lists
/// them.
///
/// # Options of the trait
///
/// | option | meaning |
/// |---|---|
/// | `base = "/api"`, `base = "https://host/api"` | the prefix of every path; if it includes a host, `ShopClient::new()` exists |
/// | `envelope(code = "code", message = "message", data = "data", ok = 0)` | where a body has its code, message and data, as names separated by dots; `ok` takes one code or a list, and `absent` |
/// | `auth(..)` | how a call carries its token, and which responses mean that the token has expired; see below |
/// | `timeout = "10s"`, `timeout(total = .., connect = .., attempt = ..)` | limits in `ms`, `s`, `m` or `h` |
/// | `retry(3, on = [502, connect, timeout], backoff = "100ms..5s")` | retries after a transport failure |
/// | `headers("Accept" = "application/json", "X-Request-Id" = path::to::fn)` | constant and computed headers, and values from the tokens: `tokens(access)`, `tokens(refresh)`, `tokens("tenant")` |
/// | `queries("v" = "60.0")`, `fields("client" = "app")` | the same for queries and forms |
/// | `tokens(access = "data.jwt", expires_in = "data.ttl", unit = ms)` | the places of the tokens in the response to a login or a refresh: in the body, `header("..")`, or `cookie("..")`; also `refresh`, `expires_at`, `base` for the address of the API, and `extra("tenant" = "..")` for other values that are kept with them |
/// | `codec = perennial::codec::Xml` | the format of bodies, if it is not JSON: `Xml`, `Cbor`, `MessagePack` (features `xml`, `cbor`, `msgpack`), or your own |
/// | `redirect = off`, `same`, `follow` | which redirects are followed |
/// | `secret(token)` | parameters that errors and `to_curl` mask |
/// | `rename_all = "camelCase"` | the case of wire names, as in serde; headers use `-` for `_` |
/// | `replay = off`, `replay = idempotent` | which calls are replayed after a refresh; by default all |
/// | `crate = ::some::path` | the path of the runtime, if it is renamed or re-exported |
/// | `dyn` | also generates a dyn-compatible trait `DynShop` |
/// | `openapi = "openapi.json"` | compares the trait with an OpenAPI document, whose path is relative to `Cargo.toml`; needs the feature `openapi` |
/// | `serve`, `serve = test`, `serve = "fake"` | also generates the server side, which needs the feature `serve` of the runtime: always, only in the unit tests of the crate, or also under the crate's feature `fake` |
/// | `allow(lint_name)` | silences a lint |
///
/// In `auth(..)`, the token is sent as `bearer` (the default), in `header = "X-Token"`, with `scheme = "Token"`, as
/// `basic`, `cookie = "session"`, `field = "token"` or `query = "access_token"`. `oauth2` declares the rules of RFC 6750.
/// The rules `expired(..)` and `logout(..)` match the responses that mean "refresh and replay" and "the session has
/// ended". A rule has conditions: `code`, `status`, `body("path" = value)`, `header("Name", contains = "text")`, `when
/// = path::to::fn`. All conditions of a rule must match; several rules are alternatives. `early = "30s"` refreshes
/// before the declared expiry of a token, `renewed(header = "new-token")` and `renewed(cookie = "sid")` adopt a token
/// from any response, `grace = "10s"` allows resending a refresh whose response was lost, and `window(5, "30s")` limits
/// the refreshes without any of their tokens being accepted. `insufficient_scope(..)` matches a response after which a
/// new token would not help. `name = "device"` names a second `auth(..)`. With `key = "repository:{name}:pull"` the
/// credential has a separate token for each key, which is built from the parameters of a method.
///
/// # Options of a method
///
/// `#[get("/path")]`, and `post`, `put`, `patch`, `delete`, `head`, `options`; `#[http("NAME", "/path")]` for any other
/// HTTP method, and `#[get(url)]` with a `#[url]` parameter for the whole URL. A path contains `{name}`, `{name?}` for
/// an `Option`, and `{*rest}` with slashes. After the path, an option of the trait may be replaced for this method,
/// `option = off` switches it off, and these options are added:
///
/// | option | meaning |
/// |---|---|
/// | `login`, `refresh`, `logout` | the role in the session; `refresh("device")` for a named credential |
/// | `rejected(code = [400, 401])` | on a `refresh`: a response that ends the session, with the same conditions as `logout(..)` |
/// | `host = "accounts"` | of a `login`, `refresh`, `logout` or `public` method: the host that the builder sets; an absolute URL as the path does the same |
/// | `key = "..{name}.."`, `key = off` | the key of its token, instead of that of `auth(key = ..)` |
/// | `auth("csrf" = off)`, `refresh("csrf", with = "session")` | leaves out a credential; makes a refresh carry another one |
/// | `public`, `optional` | carries no token and never waits; carries one if there is one |
/// | `idempotent`, `idempotent("Idempotency-Key")` | is safe to send twice; all attempts have the same key |
/// | `page(cursor = "after", next = "data.next", items = "..")` | how to request the next page: by a cursor from the response, or with `last = "id"` from its last item |
/// | `page(number = "page", start = 1)`, `page(offset = "skip")` | the same by counting; `size = "limit"`, `last_page = ".."`, `more = ".."` and `more = not("..")` say where the list ends |
/// | `page(link)`, `page(link = "next")` | the same by the `Link` header or an address in the body; `host = keep` uses only its path and query |
/// | `spec = "listOrders"`, `spec = off` | the operation of the OpenAPI document that the method is compared with, or none |
/// | `events(end = "[DONE]")` | the data of the event that ends an `Events` stream |
///
/// `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]` beside the verb maps responses to variants
/// of the method's own error type; the value of a variant is decoded from the body. The first matching arm
/// applies. The errors of a stream are mapped in the same way.
///
/// An `auth(..)` on a method replaces the one of the same name for its calls: where the token is sent, and which
/// responses mean that it has expired. The options of the refresh belong to the trait.
///
/// # Roles of a parameter
///
/// A parameter whose name is in the path needs no role. The others are `#[query]`, `#[query("name", style = csv)]` (or
/// `pipe`), `#[query(flatten)]`, `#[query("filter", json)]`, `#[header("If-Match")]`, `#[headers]`, `#[json]`,
/// `#[json("application/merge-patch+json")]`, `#[encoded]` for `codec = ..`, `#[form]`, `#[form(style = brackets)]`,
/// `#[field]`, `#[part("photo", mime = "image/png", file = "a.png")]`, `#[part(json)]`, `#[body]`, `#[url]` and
/// `#[ext]`. The arguments of a `refresh` are created from the tokens with `From<&Tokens>`, created from the cause of
/// the refresh with `From<&RefreshCause>`, or given to the builder with `value`.
///
/// # With other macros
///
/// Put `#[api_client(..)]` above macros that read the trait, as in `#[api_client(..)] #[mockall::automock]`, so that
/// they see its expansion. An expectation of `automock` returns a boxed future, `Box::pin(async { Ok(..) })`. An
/// expectation of `mockall::mock! { pub Shop {} impl Shop for Shop { async fn .. } }`, which needs no attribute on the
/// trait, returns the value. A hand-written fake is a plain `impl Shop for Fake` with `async fn`s.
#[proc_macro_attribute]
pub fn api_client(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    generate(attribute.into(), item.into()).into()
}

/// Implements serde's `Serialize` and `Deserialize` for a struct, as a JSON object.
///
/// It replaces serde's derive for plain structs, and compiles in about a third of the time, because the code of a field
/// is one line instead of twenty. `cargo perennial import` uses it. Such types work wherever types with serde's derive
/// do, in formats that name their fields.
///
/// A field that is `None` is left out, and a missing `Option` is read as `None`. All other fields are required. Unknown
/// fields are ignored. A field that occurs twice is an error.
///
/// # Options of the struct, in `#[json(..)]`
///
/// | option | meaning |
/// |---|---|
/// | `rename_all = "camelCase"` | the case of all fields on the wire, as in serde |
/// | `tag = "object", value = "list"` | writes a field of this name that always has this value; reading ignores it |
/// | `deny_unknown_fields` | a field that is not declared is an error |
/// | `crate = ::some::path` | the path of the runtime, if it is renamed or re-exported |
///
/// # Options of a field
///
/// | option | meaning |
/// |---|---|
/// | `rename = "type"` | its name on the wire |
/// | `required` | `None` is written as `null`, instead of being left out |
/// | `null` | for an `Option<Option<T>>`: `None` is left out, and `Some(None)` is `null` |
/// | `flatten` | its fields become members of the same object; a map collects all members that are not declared |
///
/// For enums, generic structs and tuples, use serde's own derive.
#[proc_macro_derive(Json, attributes(json, serde))]
pub fn json(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::derive(item.into()).into()
}

/// Declares the verbs as attributes. `#[api_client]` removes those in its trait, so that only misplaced ones expand.
macro_rules! verbs {
    ($($verb:ident)*) => {$(
        #[doc = concat!("The verb `", stringify!($verb), "` of a method in a trait with [`macro@api_client`].")]
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

/// The error of a verb outside of an API trait. The item remains, without the roles of its parameters, which would be
/// further errors.
fn outside_a_trait(verb: &str, item: TokenStream) -> TokenStream {
    let text = format!(
        "`#[{verb}]` needs a trait with `#[api_client]`\n\
         help: add `#[api_client]` to the trait"
    );
    let error =
        diagnostic::Diagnostic::new("outside-a-trait", proc_macro2::Span::call_site(), text);
    let error = error.to_compile_error();
    let item = fallback::without_roles(item);
    quote::quote!(#item #error)
}

/// Tokens in, tokens out: the attribute apart from the compiler.
fn generate(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let diagnostics = diagnostic::Diagnostics::new();
    let parsed = parse::item::parse(item.clone(), &diagnostics);
    let options = parse::api::parse(attribute, &diagnostics);
    let paths = expand::Paths::new(&lower::runtime(&options), options.runtime.is_some());
    let Some(parsed) = parsed else {
        let errors = diagnostics.into_parts().0;
        let errors = errors.iter().map(diagnostic::Diagnostic::to_compile_error);
        let item = fallback::not_a_trait(item);
        return quote::quote!(#item #(#errors)*);
    };
    let api = lower::lower(options, &parsed, &diagnostics);
    validate::validate(&api, &diagnostics);
    let (document, test) = against_document(&api, &paths, &diagnostics);
    let words = expand::words(&diagnostics.take_words(), &api.attributes, &paths);
    let (errors, warnings) = diagnostics.into_parts();
    if errors.is_empty() && !parsed.has_lost {
        let code = expand::expand(&api, &paths, &warnings);
        return quote::quote!(#code #words #document #test);
    }
    let rest = fallback::fallback(&parsed, &api, &paths);
    let errors = errors.iter().map(diagnostic::Diagnostic::to_compile_error);
    quote::quote!(#rest #words #document #(#errors)*)
}

/// Compares the trait with its OpenAPI document, if it names one: the code that tracks the file, and the test of the types.
#[cfg(feature = "openapi")]
fn against_document(
    api: &model::Api,
    paths: &expand::Paths,
    diagnostics: &diagnostic::Diagnostics,
) -> (TokenStream, TokenStream) {
    let added = openapi::check(api, paths, diagnostics);
    (added.tracked, added.test)
}

/// The option is an error without the feature.
#[cfg(not(feature = "openapi"))]
fn against_document(
    _: &model::Api,
    _: &expand::Paths,
    _: &diagnostic::Diagnostics,
) -> (TokenStream, TokenStream) {
    (TokenStream::new(), TokenStream::new())
}

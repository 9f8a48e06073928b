//! The macro of perennial: a trait of annotated methods becomes a typed API client.
//!
//! Use it through the `perennial` crate, which re-exports it beside the runtime that its code calls.

mod diagnostic;
mod expand;
mod fallback;
mod lints;
mod lower;
mod model;
mod parse;
mod suggest;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro2::TokenStream;

/// Makes a typed HTTP client of a trait.
///
/// Below `trait Shop` it leaves the trait, whose `async fn`s return futures that are `Send`, and
/// `ShopClient`, which implements it. The client's own methods have the names of the trait's and return
/// a `Call`, which is awaited like a future, borrows nothing and can be adjusted before it is sent.
/// `ShopClient::ENDPOINTS` is a table of what was declared. A method with a body and no verb stays as
/// it is.
///
/// Every mistake in a declaration is reported in one build, at the token that is wrong; the page
/// `docs/diagnostics.md` of the repository shows all of them.
///
/// # Options of the trait
///
/// | option | meaning |
/// |---|---|
/// | `base = "/api"`, `base = "https://host/api"` | prefix of every path; with a host there is `ShopClient::new()` |
/// | `envelope(code = "code", message = "message", data = "data", ok = 0)` | where a body says code, message and data, as paths with dots; `ok` takes one code or a list, and `absent` |
/// | `auth(..)` | how a call carries its token, and how a response says that it is over; below |
/// | `timeout = "10s"`, `timeout(total = .., connect = .., attempt = ..)` | limits in `ms`, `s`, `m` or `h` |
/// | `retry(3, on = [502, connect, timeout], backoff = "100ms..5s")` | retries after a failure of the transport |
/// | `headers("Accept" = "application/json", "X-Request-Id" = path::to::fn)` | fixed and computed headers |
/// | `rename_all = "camelCase"` | how wire names are made of Rust names, as in serde; headers have `-` for `_` |
/// | `replay = off`, `replay = idempotent` | which calls are repeated after a refresh; all of them by default |
/// | `crate = ::some::path` | where the runtime is, if it was renamed or re-exported |
/// | `dyn` | a twin `DynShop` that can be a trait object |
/// | `allow(rule_name)` | silences a rule that can be silenced |
///
/// Within `auth(..)`: where the token travels is `bearer` (the default), `header = "X-Token"`,
/// `scheme = "Token"` or `query = "access_token"`. `expired(..)` and `logout(..)` say which answers mean
/// "refresh and repeat" and "the session is gone", by `code`, `status`, `body("path" = value)`,
/// `header("Name", contains = "text")` or `when = path::to::fn`; everything in one of them must match,
/// and several are alternatives. `early = "30s"` refreshes before the declared end of a token,
/// `renewed(header = "new-token")` adopts a token that the server pushes, `grace = "10s"` allows to send
/// a refresh again whose response was lost, and `window(5, "30s")` bounds refreshes that help nobody.
/// `name = "device"` tells a second `auth(..)` from the first.
///
/// # Options of a method
///
/// `#[get("/path")]`, and `post`, `put`, `patch`, `delete`, `head`, `options`; `#[http("NAME", "/path")]`
/// for any other method, and `#[get(url)]` where a `#[url]` parameter has the whole URL. A path has
/// `{name}`, `{name?}` for an `Option` and `{*rest}` at its end. Behind the path any option of the trait
/// replaces it for this method, `option = off` switches it off, and there are
///
/// | option | meaning |
/// |---|---|
/// | `login`, `refresh`, `logout` | the part in the life of the session; `refresh("device")` for a named credential |
/// | `rejected(code = [400, 401])` | on a `refresh`: a response to it that says that the session is over, in the form of `logout(..)` |
/// | `public`, `optional` | carries no token and never waits; carries one if there is one |
/// | `idempotent`, `idempotent("Idempotency-Key")` | may be sent twice; the key is the same for all attempts |
/// | `page(cursor = "after", next = "data.next", items = "..")`, `page(offset = "skip")`, `page(link)` | how to walk over pages |
///
/// `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]` beside the verb names variants
/// of the method's own error type; one with a value has it decoded from the body. The first arm that fits
/// counts. The errors of a stream are mapped in the same way.
///
/// An `auth(..)` of a method replaces that of the same name for its calls: where their token travels,
/// and which of their responses mean that it is over. How the token is renewed is said on the trait.
///
/// # Roles of a parameter
///
/// One whose name stands in the path needs none. The others are `#[query]`, `#[query("name", style = csv)]`
/// (or `pipe`), `#[query(flatten)]`, `#[header("If-Match")]`, `#[headers]`, `#[json]`, `#[form]`,
/// `#[field]`, `#[part("photo", mime = "image/png", file = "a.png")]`, `#[part(json)]`, `#[body]`,
/// `#[url]` and `#[ext]`. The parameters of a `refresh` are made of the tokens, by `From<&Tokens>`.
///
/// # Beside other macros
///
/// The attribute goes above those that read the trait, as in `#[api_client(..)] #[mockall::automock]`:
/// what they see is the trait as it is afterwards. The other way around mockall meets verbs that it does
/// not know. An expectation of `automock` returns a boxed future, `Box::pin(async { Ok(..) })`; one of
/// `mockall::mock! { pub Shop {} impl Shop for Shop { async fn .. } }`, which needs nothing at the
/// trait, returns the value. A fake by hand is a plain `impl Shop for Fake` with `async fn`s.
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
    let has_host = options.has_host();
    let Some(parsed) = parsed else {
        let errors = diagnostics.into_found().0;
        let errors = errors.iter().map(diagnostic::Diagnostic::to_compile_error);
        let item = fallback::without_ours(item);
        return quote::quote!(#item #(#errors)*);
    };
    let api = lower::lower(options, &parsed, &diagnostics);
    validate::validate(&api, &diagnostics);
    let (errors, warnings) = diagnostics.into_found();
    if errors.is_empty() {
        return expand::expand(&api, &paths, &warnings);
    }
    let rest = fallback::fallback(&parsed, &paths, has_host);
    if let [only] = &errors[..]
        && let Some(native) = &only.native
    {
        return quote::quote!(#rest #native);
    }
    let errors = errors.iter().map(diagnostic::Diagnostic::to_compile_error);
    quote::quote!(#rest #(#errors)*)
}

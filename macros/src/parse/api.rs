//! Parses the options of `#[api_client(..)]`.

use proc_macro2::TokenStream;
use syn::{Lit, LitStr};

use super::advice;
use super::option::{self, Body, Key, Opt, Options, Value};
use super::shared;
use crate::diagnostic::{At, Diagnostics};
use crate::model::options::{ApiOptions, Serve};
use crate::suggest::{caret, is_invisible, shown};

/// Parses the options of the trait.
pub(crate) fn parse(attribute: TokenStream, diagnostics: &Diagnostics) -> ApiOptions {
    let known: Vec<_> =
        ["base", "crate", "dyn", "openapi", "serve"].iter().chain(shared::KNOWN).copied().collect();
    let list = option::options(attribute, diagnostics);
    let names_auth = list.iter().any(|it| advice::is_of_auth(&it.name()));
    let mut options = Options::new(
        list,
        &known,
        &["auth", "allow"],
        "the options of an API trait are",
        diagnostics,
    );
    let base = options.take("base").and_then(|it| it.string("base = \"/api\"", diagnostics));
    if let Some(base) = &base {
        check_base(base, diagnostics);
    }
    let runtime = options.take("crate").and_then(|it| it.path("crate = ::perennial", diagnostics));
    let dyn_trait = options.take("dyn").and_then(|it| {
        it.flag(diagnostics)?;
        match it.key {
            Key::Name(name) => Some(name),
            _ => None,
        }
    });
    let openapi = options.take("openapi").and_then(|it| openapi(&it, diagnostics));
    let serve_at = options.find("serve").map(At::from);
    let serve = options.take("serve").and_then(|it| match &it.body {
        Body::Value(Value::Path(path)) if path.is_ident("test") => Some(Serve::Tests),
        Body::Value(Value::Lit(Lit::Str(feature))) if is_test(&feature.value()) => {
            let text = format!(
                "`serve = \"{}\"` names a feature of your crate\n\
                 help: write `serve = test` without quotes",
                feature.value()
            );
            diagnostics.fail("wrong-value", feature, text)
        }
        Body::Value(value) if !matches!(value, Value::Lit(Lit::Bool(_))) => {
            it.string("serve = \"fake\"", diagnostics).map(Serve::Feature)
        }
        _ => it.flag(diagnostics).map(|()| Serve::Always),
    });
    let serve = serve.zip(serve_at);
    let shared = shared::take(&mut options, diagnostics);
    if let Some(at) = shared.auth_off {
        let text =
            "an API without `auth(..)` has no token to switch off\nhelp: remove `auth = off`";
        diagnostics.error("wrong-value", at, text);
    }
    let example = match options.bare_text() {
        Some(text) if text.starts_with(['/', 'h']) => format!("#[api_client(base = {text:?})]"),
        _ => "#[api_client(base = \"/api\")]".to_owned(),
    };
    options.end(&example, diagnostics);
    ApiOptions { base, runtime, dyn_trait, openapi, names_auth, serve, shared }
}

/// Whether a name in quotes is the word for tests, and not that of a feature.
fn is_test(name: &str) -> bool {
    ["test", "tests", "cfg(test)"].contains(&name)
}

/// The path of the document. Without the feature it could not be read, and users must not think that it was.
fn openapi(option: &Opt, diagnostics: &Diagnostics) -> Option<LitStr> {
    let literal = option.string("openapi = \"openapi.json\"", diagnostics)?;
    if !cfg!(feature = "openapi") {
        let text = "`openapi` needs the feature `openapi`\n\
                    help: add `features = [\"openapi\"]` to `perennial` in `Cargo.toml`";
        return diagnostics.fail("openapi-document", option, text);
    }
    if literal.value().starts_with("http") && literal.value().contains("://") {
        let text = "`openapi` takes a file, not a URL\n\
                    help: save the document, and write its path relative to `Cargo.toml`, as in \
                    `openapi = \"openapi.json\"`";
        return diagnostics.fail("openapi-document", &literal, text);
    }
    Some(literal)
}

fn check_base(base: &LitStr, diagnostics: &Diagnostics) {
    let text = base.value();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']));
    if let Some(at) = text.find(['?', '#']) {
        let what = if text[at..].starts_with('?') { "query" } else { "fragment" };
        let text = format!(
            "`base` cannot have a {what}\n{}\nhelp: remove it, and send the value as a `#[query]` parameter",
            caret(&text, at..text.len())
        );
        diagnostics.error("base-with-query", base, text);
    } else if is_known_later(&text) {
        let text = format!(
            "`base` is fixed at compile time, but `{text}` is known only at run time\n\
             help: remove `base`, and pass the address to the builder, as in \
             `ShopClient::builder(&address)`"
        );
        diagnostics.error("relative-base", base, text);
    } else if let Some(c) = text.chars().find(|c| !c.is_ascii() && is_invisible(*c)) {
        let text = format!("`base` contains {}\nhelp: remove it", shown(c));
        diagnostics.error("relative-base", base, text);
    } else if !text.starts_with('/') && !has_host {
        let host = text.split('/').next().unwrap_or_default();
        let is_local = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"]
            .iter()
            .any(|local| host.split(':').next() == Some(local) || host.starts_with("[::1]"));
        let way_out = match host.contains(['.', ':']) || is_local {
            _ if text.contains("://") || text.starts_with("//") || text.is_empty() => {
                "write `\"/api\"` or `\"https://host.example/api\"`".to_owned()
            }
            true => format!("write `\"{}://{text}\"`", if is_local { "http" } else { "https" }),
            false => {
                format!("write `\"/{text}\"`, or a URL such as `\"https://host.example/{text}\"`")
            }
        };
        let text =
            format!("`base` must be a path or an http(s) URL, found `{text}`\nhelp: {way_out}");
        diagnostics.error("relative-base", base, text);
    } else if let Some(at) = text.find(|c: char| "{}\\".contains(c) || c.is_whitespace()) {
        let text = format!(
            "`base` cannot contain placeholders, spaces or backslashes\n{}\n\
             help: move the variable part to the paths of the methods",
            caret(&text, at..at + 1)
        );
        diagnostics.error("relative-base", base, text);
    }
}

/// Whether it is the name of a variable, or a host that contains one.
fn is_known_later(text: &str) -> bool {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    text.starts_with(['$', '%', '{']) || (text.contains("://") && host.contains(['{', '$', '<']))
}

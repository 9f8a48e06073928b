//! `openapi = "openapi.json"`: compares a declaration with a document at compile time. Each mismatch is an error at
//! the tokens that cause it. The document is a file of the crate; nothing is ever fetched.

mod body;
mod document;
mod json;
mod parameters;
mod response;
mod security;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::diagnostic::Diagnostics;
use crate::expand::{self, Paths};
use crate::model::template::{Piece, PlaceholderKind, Template};
use crate::model::verb::Spec;
use crate::model::{Api, Endpoint};
use crate::suggest::near;
use document::{Document, Operation};

/// The code that a comparison adds.
#[derive(Default)]
pub(crate) struct Added {
    /// Makes cargo build again when the document changes.
    pub(crate) tracked: TokenStream,
    /// The test of the types.
    pub(crate) test: TokenStream,
}

/// Compares the trait with its document.
pub(crate) fn check(api: &Api, paths: &Paths, diagnostics: &Diagnostics) -> Added {
    let Some(literal) = &api.options.openapi else { return Added::default() };
    let path = path_of(literal);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let text = format!(
                "cannot read the document `{}`: {}\n\
                 help: write its path relative to `Cargo.toml`, or to this file",
                literal.value(),
                // The message of the system differs between platforms.
                error.kind()
            );
            diagnostics.error("openapi-document", literal, text);
            return Added::default();
        }
    };
    let tracked = path.display().to_string();
    let test = parse(&text, literal, diagnostics).map_or_else(TokenStream::new, |document| {
        let rows = against(api, &document, diagnostics);
        expand::document::test(api, paths, &tracked, &rows)
    });
    let tracked = quote!(
        const _: &[u8] = ::core::include_bytes!(#tracked);
    );
    Added { tracked, test }
}

/// The location of the document: relative to the crate, as for `include_bytes!` in its root, or else relative to
/// the source file.
fn path_of(literal: &LitStr) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let of_crate = root.join(literal.value());
    let beside = || {
        // In tests of this crate the tokens belong to no file.
        let source = proc_macro::is_available().then(|| literal.span().unwrap().local_file())??;
        let path = std::path::absolute(source.parent()?.join(literal.value())).ok()?;
        path.is_file().then_some(path)
    };
    if of_crate.is_file() { of_crate } else { beside().unwrap_or(of_crate) }
}

fn parse(text: &str, literal: &LitStr, diagnostics: &Diagnostics) -> Option<Document> {
    match Document::parse(text) {
        Ok(document) => Some(document),
        Err(at) => {
            let line = text[..at.min(text.len())].lines().count().max(1);
            let text = format!(
                "`{}` is not JSON, at line {line}\n\
                 help: if it is YAML, convert it to JSON",
                literal.value()
            );
            diagnostics.fail("openapi-document", literal, text)
        }
    }
}

/// Compares every method that can be compared, and returns each with its operation.
fn against<'a>(
    api: &'a Api,
    document: &Document,
    diagnostics: &Diagnostics,
) -> Vec<expand::document::Row<'a>> {
    let mut rows = Vec::new();
    for endpoint in api.endpoints() {
        let Some(operation) = find(api, endpoint, document, diagnostics) else { continue };
        rows.push((endpoint, operation.path.to_owned(), operation.verb));
        parameters::check(endpoint, operation, diagnostics);
        body::check(endpoint, operation, diagnostics);
        response::check(endpoint, operation, diagnostics);
        security::check(api, endpoint, operation, diagnostics);
        let is_marked = endpoint.shape.shared.iter().any(|it| it.path().is_ident("deprecated"));
        if operation.is_deprecated() && !is_marked {
            let text = format!(
                "`{}` is deprecated in the document\nhelp: add `#[deprecated]` to the method",
                operation.shown()
            );
            diagnostics.error("openapi-deprecated", endpoint.name(), text);
        }
    }
    rows
}

/// The operation that a method declares. A wrong path or verb is reported.
fn find<'d>(
    api: &Api,
    endpoint: &Endpoint,
    document: &'d Document,
    diagnostics: &Diagnostics,
) -> Option<Operation<'d>> {
    let template = endpoint.template().filter(|it| !it.is_broken);
    let verb = endpoint.verb.method.to_lowercase();
    let base = api.options.base.as_ref().map(LitStr::value).unwrap_or_default();
    match (&endpoint.verb.spec, template) {
        (Some(Spec::Off), _) | (None, None) => None,
        (Some(Spec::Id(id)), template) => by_id(id, template, &verb, &base, document, diagnostics),
        (None, Some(template)) => {
            let paths = paths_of(template);
            let found: Vec<_> = paths.iter().flat_map(|path| document.at(&base, path)).collect();
            // A document may have several operations at one address.
            let query = template.literal.value();
            let name = plain(&endpoint.name().to_string());
            let unlikeness = |it: &Operation<'_>| {
                let is_named = it.id().is_some_and(|id| plain(id) == name);
                (document::query_of(it.path) != document::query_of(&query), !is_named)
            };
            let same_verb = found.iter().copied().filter(|it| it.verb == verb);
            if let Some(operation) = same_verb.min_by_key(unlikeness) {
                return Some(operation);
            }
            match &found[..] {
                [] => unknown_path(endpoint, template, &paths[0], &verb, document, diagnostics),
                found => wrong_verb(endpoint, found, &verb, diagnostics),
            }
            None
        }
    }
}

fn by_id<'d>(
    id: &LitStr,
    template: Option<&Template>,
    verb: &str,
    base: &str,
    document: &'d Document,
    diagnostics: &Diagnostics,
) -> Option<Operation<'d>> {
    let Some(operation) = document.named(&id.value()) else {
        let all: Vec<_> = document.operations().filter_map(|it| it.id()).collect();
        let help = near(&id.value(), &all).map_or_else(
            || "write its `operationId`, or `spec = off`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let text = format!("the document has no operation `{}`\nhelp: {help}", id.value());
        return diagnostics.fail("openapi-operation", id, text);
    };
    let template = template?;
    let same = |path: &String| {
        document.at(base, path).iter().any(|it| it.path == operation.path && it.verb == verb)
    };
    if !paths_of(template).iter().any(same) {
        let text = format!(
            "`{}` is `{}` in the document\nhelp: write `#[{}({:?})]`",
            id.value(),
            operation.shown(),
            operation.verb,
            operation.path
        );
        return diagnostics.fail("openapi-path", &template.literal, text);
    }
    Some(operation)
}

/// The paths that a template can mean: with and without an optional segment.
fn paths_of(template: &Template) -> Vec<String> {
    let mut paths = vec![String::new()];
    for piece in &template.pieces {
        match piece {
            Piece::Literal(text) => paths.iter_mut().for_each(|path| path.push_str(text)),
            Piece::Placeholder(it) if it.kind == PlaceholderKind::Optional => {
                let with = paths.iter().map(|path| format!("{path}/{{}}"));
                paths = with.chain(paths.iter().cloned()).collect();
            }
            Piece::Placeholder(_) => paths.iter_mut().for_each(|path| path.push_str("{}")),
        }
    }
    paths
}

fn unknown_path(
    endpoint: &Endpoint,
    template: &Template,
    path: &str,
    verb: &str,
    document: &Document,
    diagnostics: &Diagnostics,
) {
    let all: Vec<_> = document.operations().collect();
    let name = endpoint.name().to_string().replace('_', "");
    let named = all.iter().find(|it| it.id().is_some_and(|id| plain(id) == name));
    let same_verb: Vec<&str> = all.iter().filter(|it| it.verb == verb).map(|it| it.path).collect();
    let nearest = named.map(|it| it.path).or_else(|| near(path, &same_verb));
    let help = match nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => "correct the path\n\
                 help: for a method that the document does not have, write `spec = off`"
            .to_owned(),
    };
    let text = format!("the document has no path `{}`\nhelp: {help}", template.literal.value());
    diagnostics.error("openapi-path", &template.literal, text);
}

fn wrong_verb(endpoint: &Endpoint, found: &[Operation<'_>], verb: &str, diagnostics: &Diagnostics) {
    let has: Vec<&str> = found.iter().map(|it| it.verb).collect();
    let text = format!(
        "the document has no `{}` for `{}`\n\
         help: the path has {}",
        verb.to_uppercase(),
        found[0].path,
        crate::suggest::all(&has)
    );
    diagnostics.error("openapi-verb", endpoint.verb.attribute.path(), text);
}

/// A name without case and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

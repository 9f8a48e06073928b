//! Parses `headers("Accept" = "application/json", "X-Request-Id" = path::to::fn)`.

use std::rc::Rc;

use syn::{Lit, Path};

use super::option::{Body, Key, Opt, Options, Value};
use super::value::{header_name, header_value};
use crate::diagnostic::Diagnostics;
use crate::model::options::{FixedHeader, HeaderSource, TokenPart};
use crate::suggest::text_of;

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Vec<Rc<FixedHeader>> {
    let example = r#"headers("Accept" = "application/json")"#;
    let Some(list) = option.list(example, diagnostics) else {
        return Vec::new();
    };
    let (named, list): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|option| matches!(option.key, Key::Name(_)));
    for option in named.iter().filter(|option| !option.is_broken()) {
        let text = format!("the name of a header must be a string\nhelp: write `{example}`");
        diagnostics.error("wrong-value", option, text);
    }
    let mut options = Options::new(list, &[], &[], "", diagnostics);
    let mut headers: Vec<Rc<FixedHeader>> = Vec::new();
    for (literal, option) in options.take_texts() {
        let value = match &option.body {
            _ if option.is_off() => Some(HeaderSource::Off),
            Body::Value(Value::Lit(Lit::Str(text))) => {
                header_value(text, diagnostics).map(HeaderSource::Fixed)
            }
            Body::Value(Value::Path(path)) if is_constant(path) => {
                Some(HeaderSource::Constant(path.clone()))
            }
            Body::Value(Value::Path(path)) => Some(HeaderSource::Computed(path.clone())),
            Body::Value(value @ Value::Call(..)) => {
                token_part(value, diagnostics).map(HeaderSource::Tokens)
            }
            _ => option.wrong("a string, a constant or a function", example, diagnostics),
        };
        let (Some(name), Some(value)) = (header_name(&literal, diagnostics), value) else {
            continue;
        };
        if headers.iter().any(|header| header.name == name) {
            let text = format!("duplicate header `{name}`\nhelp: keep one of the two");
            diagnostics.error("same-header", &literal, text);
        } else {
            headers.push(Rc::new(FixedHeader { name, literal, value }));
        }
    }
    if let Some(rest) = options.take_rest() {
        let text = format!(
            "expected a name and a value, found `{}`\nhelp: write `{example}`",
            crate::suggest::text_of(&rest)
        );
        diagnostics.error("wrong-value", &rest, text);
    }
    headers
}

/// `tokens(access)`, `tokens(refresh)` or `tokens("tenant")`.
pub(super) fn token_part(value: &Value, diagnostics: &Diagnostics) -> Option<TokenPart> {
    let Value::Call(function, arguments, _) = value else { return None };
    let meant = match (function.to_string().as_str(), &arguments[..]) {
        ("tokens", [Value::Path(path)]) if path.is_ident("access") => {
            return Some(TokenPart::Access);
        }
        ("tokens", [Value::Path(path)]) if path.is_ident("refresh") => {
            return Some(TokenPart::Refresh);
        }
        ("tokens", [Value::Lit(Lit::Str(name))]) => match name.value().as_str() {
            "access" | "access_token" => "tokens(access)".to_owned(),
            "refresh" | "refresh_token" => "tokens(refresh)".to_owned(),
            _ => return Some(TokenPart::Extra(name.value())),
        },
        ("tokens", [Value::Path(path)]) if path.is_ident("access_token") => {
            "tokens(access)".to_owned()
        }
        ("tokens", [Value::Path(path)]) if path.is_ident("refresh_token") => {
            "tokens(refresh)".to_owned()
        }
        ("extra", [Value::Lit(Lit::Str(name))]) => format!("tokens({:?})", name.value()),
        ("tokens" | "extra", [Value::Path(path)]) => format!("tokens(\"{}\")", text_of(path)),
        _ => "tokens(refresh)".to_owned(),
    };
    let text = format!(
        "`tokens(..)` takes `access`, `refresh`, or the name of an extra value in quotes\n\
         help: write `{meant}`"
    );
    diagnostics.fail("wrong-value", value, text)
}

/// Whether a path names a constant, judged by its case.
pub(super) fn is_constant(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase)
    })
}

//! Parses `queries("v" = "60.0")` and `fields("grant_type" = "refresh_token")`.

use std::rc::Rc;

use syn::Lit;

use super::headers::{is_constant, token_part};
use super::option::{Body, Key, Opt, Options, Value};
use crate::diagnostic::Diagnostics;
use crate::model::options::{Constants, FixedValue, HeaderSource};

/// Parses one of the two options.
pub(super) fn parse(options: &mut Options, name: &str, diagnostics: &Diagnostics) -> Constants {
    match options.take(name) {
        None => Constants::default(),
        Some(option) if option.is_off() => Constants { values: Vec::new(), off: true },
        Some(option) => Constants { values: values(&option, name, diagnostics), off: false },
    }
}

fn values(option: &Opt, name: &str, diagnostics: &Diagnostics) -> Vec<Rc<FixedValue>> {
    let example = match name {
        "queries" => r#"queries("v" = "60.0")"#,
        _ => r#"fields("grant_type" = "refresh_token")"#,
    };
    let mut values: Vec<Rc<FixedValue>> = Vec::new();
    for option in option.list(example, diagnostics).unwrap_or_default() {
        let Key::Text(literal) = &option.key else {
            if !option.is_broken() {
                let text = format!(
                    "expected a name in quotes and a value, found `{}`\n\
                     help: write `{example}`",
                    crate::suggest::text_of(&option)
                );
                diagnostics.error("wrong-value", &option, text);
            }
            continue;
        };
        let value = match &option.body {
            _ if option.is_off() => Some(HeaderSource::Off),
            Body::Value(Value::Lit(Lit::Str(text))) => Some(HeaderSource::Fixed(text.value())),
            Body::Value(Value::Lit(Lit::Int(number))) => {
                Some(HeaderSource::Fixed(number.base10_digits().to_owned()))
            }
            Body::Value(Value::Lit(Lit::Bool(flag))) => {
                Some(HeaderSource::Fixed(flag.value.to_string()))
            }
            Body::Value(Value::Path(path)) if is_constant(path) => {
                Some(HeaderSource::Constant(path.clone()))
            }
            Body::Value(Value::Path(path)) => Some(HeaderSource::Computed(path.clone())),
            Body::Value(value @ Value::Call(..)) => {
                token_part(value, diagnostics).map(HeaderSource::Tokens)
            }
            _ => option.wrong(
                "a string, an integer, a boolean, a constant or a function",
                example,
                diagnostics,
            ),
        };
        let Some(value) = value else { continue };
        let name = literal.value();
        if values.iter().any(|it| it.name == name) {
            let text = format!("duplicate name `{name}`\nhelp: keep one of the two");
            diagnostics.error("same-wire-name", literal, text);
        } else {
            values.push(Rc::new(FixedValue { name, literal: literal.clone(), value }));
        }
    }
    values
}

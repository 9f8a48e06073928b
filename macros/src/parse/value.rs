//! Parsers of values that several options share: durations, scalars, statuses, header names.

use std::time::Duration;

use quote::ToTokens;
use syn::{Lit, LitInt, LitStr};

use super::option::{Body, Opt, Value};
use crate::diagnostic::Diagnostics;
use crate::model::value::{Scalar, ScalarKind, Status};
use crate::suggest::{shown, text_of};

/// Parses a scalar.
pub(crate) fn scalar(value: &Value, diagnostics: &Diagnostics) -> Option<Scalar> {
    let kind = match value {
        Value::Lit(Lit::Bool(value)) => Some(ScalarKind::Bool(value.value)),
        Value::Lit(Lit::Int(value)) if value.suffix().ends_with("xx") => {
            let text = format!(
                "`{value}` is not a code\nhelp: write each code, as in `[{0}00, {0}01]`",
                value.base10_digits()
            );
            return diagnostics.fail("wrong-value", value, text);
        }
        Value::Lit(Lit::Int(value)) => value.base10_parse().ok().map(ScalarKind::Int),
        Value::Lit(Lit::Str(value)) => Some(ScalarKind::Text(value.value())),
        _ => None,
    };
    if kind.is_none() {
        let text = format!(
            "expected a string, an integer or a boolean, found `{}`\nhelp: write a code such as `1234` or `\"TOKEN_EXPIRED\"`",
            text_of(value)
        );
        diagnostics.error("wrong-value", value, text);
    }
    kind.map(|kind| Scalar { kind, tokens: value.to_token_stream() })
}

/// One code or a list of them.
pub(crate) fn codes(option: &Opt, diagnostics: &Diagnostics) -> Vec<Scalar> {
    let values = option.values("code = 1234", diagnostics).unwrap_or_default();
    values.iter().filter_map(|value| scalar(value, diagnostics)).collect()
}

/// Parses an HTTP status.
pub(crate) fn status(value: &Value, diagnostics: &Diagnostics) -> Option<Status> {
    let number = match value {
        Value::Lit(Lit::Int(number)) => number.base10_parse::<u16>().ok(),
        _ => None,
    };
    let number = number.filter(|number| (100..600).contains(number));
    if number.is_none() {
        let shown = text_of(value);
        let plain = shown.trim_matches('"');
        let way_out = match (plain.parse::<u16>(), named_status(&shown)) {
            (Ok(100..600), _) => format!("write `{plain}` without quotes"),
            (_, Some(number)) => format!("write `{number}`"),
            _ if plain.ends_with("xx") => {
                let some = if plain.starts_with('5') { "[502, 503]" } else { "[401, 403]" };
                format!("write each status in a list, as in `{some}`")
            }
            _ => "write a number from 100 to 599, such as `401`".to_owned(),
        };
        let text = format!("`{shown}` is not an HTTP status\nhelp: {way_out}");
        diagnostics.error("bad-status", value, text);
    }
    number.map(|number| Status { number, tokens: value.to_token_stream() })
}

/// The number of a constant of the crate `http`.
pub(super) fn named_status(path: &str) -> Option<u16> {
    Some(match path.rsplit("::").next()? {
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "BAD_GATEWAY" => 502,
        "SERVICE_UNAVAILABLE" => 503,
        "GATEWAY_TIMEOUT" => 504,
        _ => return None,
    })
}

/// One status or a list of them.
pub(crate) fn statuses(option: &Opt, diagnostics: &Diagnostics) -> Vec<Status> {
    let values = option.values("status = 401", diagnostics).unwrap_or_default();
    values.iter().filter_map(|value| status(value, diagnostics)).collect()
}

/// A duration: `"10s"`, `"250ms"`, `"5m"`, `"1h"`.
pub(crate) fn duration(option: &Opt, example: &str, diagnostics: &Diagnostics) -> Option<Duration> {
    // A large number is most likely in milliseconds.
    if let Body::Value(Value::Lit(Lit::Int(number))) = &option.body {
        let unit = match (number.suffix(), number.base10_parse::<u64>()) {
            ("", Ok(1000..)) => "ms",
            ("", Ok(_)) => "s",
            _ => "",
        };
        let example = format!("{} = \"{number}{unit}\"", option.name());
        return option.wrong("a string with a unit", &example, diagnostics);
    }
    let text = option.string(example, diagnostics)?;
    duration_of(&text, &text.value(), diagnostics)
}

/// `3 seconds`, `3sec` and `3` as this language writes them.
fn with_unit(digits: &str, unit: &str) -> Option<String> {
    const UNITS: [(&str, &str); 11] = [
        ("", "s"),
        ("sec", "s"),
        ("secs", "s"),
        ("second", "s"),
        ("seconds", "s"),
        ("S", "s"),
        ("min", "m"),
        ("minute", "m"),
        ("minutes", "m"),
        ("hour", "h"),
        ("hours", "h"),
    ];
    let unit = unit.trim();
    let milliseconds = ["millis", "msec", "millisecond", "milliseconds", "MS"];
    let own = ["ms", "s", "m", "h"];
    let of_ours = own.iter().find(|own| **own == unit).copied();
    let unit = of_ours
        .or_else(|| milliseconds.contains(&unit).then_some("ms"))
        .or_else(|| UNITS.iter().find(|(theirs, _)| *theirs == unit).map(|(_, ours)| *ours))?;
    (!digits.is_empty()).then(|| format!("{digits}{unit}"))
}

/// The same, for a part of a literal.
pub(crate) fn duration_of(at: &LitStr, text: &str, diagnostics: &Diagnostics) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..digits].parse::<u64>().ok();
    let parsed = match (number, &text[digits..]) {
        (Some(number), "ms") => Some(Duration::from_millis(number)),
        (Some(number), "s") => Some(Duration::from_secs(number)),
        (Some(number), "m") => number.checked_mul(60).map(Duration::from_secs),
        (Some(number), "h") => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    };
    match parsed {
        None => {
            let way_out = match with_unit(&text[..digits], &text[digits..]) {
                Some(ours) => format!("write `\"{ours}\"`"),
                None => "write a whole number with `ms`, `s`, `m` or `h`, such as `\"10s\"` or `\"250ms\"`"
                    .to_owned(),
            };
            let text = format!("`{text}` is not a duration\nhelp: {way_out}");
            diagnostics.fail("bad-duration", at, text)
        }
        Some(Duration::ZERO) => {
            let text = "a duration cannot be zero\nhelp: write a duration such as `\"10s\"`, or `off` for no limit";
            diagnostics.fail("zero-duration", at, text)
        }
        parsed => parsed,
    }
}

/// A count above zero.
pub(crate) fn count(number: &LitInt, diagnostics: &Diagnostics) -> Option<u32> {
    match number.base10_parse() {
        Ok(number) => Some(number),
        Err(_) => {
            let text = format!("`{number}` is out of range\nhelp: write a number such as `3`");
            diagnostics.fail("wrong-value", number, text)
        }
    }
}

/// The name of a header, in lower case.
pub(crate) fn header_name(literal: &LitStr, diagnostics: &Diagnostics) -> Option<String> {
    let name = literal.value();
    let good = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(good) {
        return Some(name.to_ascii_lowercase());
    }
    let what = match name.chars().find(|c| !good(*c)) {
        Some(c) => format!("contains {}", shown(c)),
        None => "is empty".to_owned(),
    };
    let text = format!(
        "the name of the header {what}\n\
         help: use letters, digits and `-`, as in `X-Request-Id`"
    );
    diagnostics.fail("bad-header-name", literal, text)
}

/// The value of a fixed header.
pub(crate) fn header_value(literal: &LitStr, diagnostics: &Diagnostics) -> Option<String> {
    let value = literal.value();
    let bad = value.chars().find(|c| !matches!(c, '\t' | ' '..='~'));
    let what = match bad {
        Some(c) => format!("contains {}", shown(c)),
        None if value.trim() != value => "begins or ends with a space".to_owned(),
        None => return Some(value),
    };
    let text = format!(
        "the value of the header {what}\n\
         help: use visible ASCII characters, with spaces or tabs only between them"
    );
    diagnostics.fail("bad-header-value", literal, text)
}

/// A place in a JSON body: `"errors.0.extensions.code"`, or the names as a list, `["@odata.nextLink"]`.
pub(crate) fn json_path(
    option: &Opt,
    example: &str,
    diagnostics: &Diagnostics,
) -> Option<Vec<String>> {
    match &option.body {
        Body::Value(value @ (Value::Lit(Lit::Str(_)) | Value::List(..))) => {
            json_path_value(value, example, diagnostics)
        }
        _ => {
            let own = option.quoted();
            option.wrong("a path into the body", own.as_deref().unwrap_or(example), diagnostics)
        }
    }
}

/// The same, for a value.
pub(crate) fn json_path_value(
    value: &Value,
    example: &str,
    diagnostics: &Diagnostics,
) -> Option<Vec<String>> {
    let path = match value {
        Value::Lit(Lit::Str(literal)) => json_path_of(literal),
        Value::List(names, _) => names
            .iter()
            .map(|name| match name {
                Value::Lit(Lit::Str(name)) => Some(name.value()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .filter(|names| !names.is_empty()),
        _ => None,
    };
    if path.is_none() {
        let text = format!(
            "`{}` is not a path into a body\n\
             help: separate the names with dots, as in `{example}`, or write them as a list of \
             strings",
            text_of(value)
        );
        return diagnostics.fail("wrong-value", value, text);
    }
    if let Value::Lit(Lit::Str(literal)) = value
        && is_of_another_language(literal, diagnostics)
    {
        return None;
    }
    // OData names begin with a namespace.
    if let Value::Lit(Lit::Str(literal)) = value
        && literal.value().starts_with('@')
        && literal.value().contains('.')
    {
        let text = literal.value();
        let text = format!(
            "dots separate the names of a path, but `{text}` looks like one name\n\
             help: write it as a list with one name: `[\"{text}\"]`"
        );
        return diagnostics.fail("dotted-name", literal, text);
    }
    path
}

/// Reports a JSONPath, a JSON pointer or an expression of JavaScript.
pub(crate) fn is_of_another_language(literal: &LitStr, diagnostics: &Diagnostics) -> bool {
    let text = literal.value();
    let Some(ours) = in_this_language(&text) else { return false };
    let text = format!(
        "expected names separated by dots, found `{text}`\n\
         help: write `{ours:?}`"
    );
    diagnostics.error("place-of-another-language", literal, text);
    true
}

/// A JSONPath, a JSON pointer or an expression of JavaScript as this language writes it.
fn in_this_language(text: &str) -> Option<String> {
    let rest = match text.strip_prefix('$') {
        Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => rest,
        Some(_) => return None,
        None if text.starts_with('/') => return Some(text[1..].replace('/', ".")),
        None if text.contains(['[', ']']) => text,
        None => return None,
    };
    let plain =
        rest.replace("[*]", "").replace("[]", "").replace(['[', '\'', '"'], ".").replace(']', "");
    let names: Vec<_> = plain.split('.').filter(|name| !name.is_empty()).collect();
    Some(if names.is_empty() { "data".to_owned() } else { names.join(".") })
}

/// The same, for a literal; `None` if a name in it is empty.
pub(crate) fn json_path_of(literal: &LitStr) -> Option<Vec<String>> {
    let path: Vec<_> = literal.value().split('.').map(str::to_owned).collect();
    path.iter().all(|name| !name.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_and_its_decimal_string_are_one_code() {
        let diagnostics = Diagnostics::new();
        let read = |tokens: proc_macro2::TokenStream| {
            let lit = syn::parse2(tokens).expect("a literal");
            scalar(&Value::Lit(lit), &diagnostics).expect("a scalar")
        };
        assert!(read(quote::quote!(1234)).same(&read(quote::quote!("1234"))));
        assert!(!read(quote::quote!(0)).same(&read(quote::quote!("0000"))));
        assert!(diagnostics.into_parts().0.is_empty());
    }
}

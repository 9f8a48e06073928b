//! Parses `expired(..)`, `logout(..)` and the other rules: the conditions that a response must meet.

use quote::ToTokens;
use syn::Lit;

use super::option::{Body, Key, Opt, Options, Value, first_text};
use super::value::{
    codes, header_name, is_of_another_language, json_path_of, json_path_value, scalar, statuses,
};
use crate::diagnostic::Diagnostics;
use crate::model::auth::{HeaderMatch, Rule};
use crate::model::value::Scalar;
use crate::suggest::text_of;

const RULE: &[&str] = &["code", "status", "body", "header", "when"];

/// The condition that was probably intended by `expired = 401`, `expired(1234)` or `expired = is_expired`.
fn condition(option: &Opt) -> String {
    let value = match &option.body {
        Body::Value(value) => value,
        Body::List(list) => match list.first() {
            Some(Opt { key: Key::None, body: Body::Value(value), .. }) => value,
            _ => return "code = 1234".to_owned(),
        },
        Body::Flag | Body::Broken => return "code = 1234".to_owned(),
    };
    let first = match value {
        Value::List(values, _) => values.first().unwrap_or(value),
        value => value,
    };
    let text = text_of(value);
    match first {
        Value::Lit(Lit::Int(number)) if number.to_string().len() == 3 => format!("status = {text}"),
        Value::Lit(_) => format!("code = {text}"),
        Value::Path(path) if !path.is_ident("off") => format!("when = {text}"),
        _ => "code = 1234".to_owned(),
    }
}

/// Parses a rule: the conditions that a response must meet.
pub(super) fn rule(option: &Opt, diagnostics: &Diagnostics) -> Option<Rule> {
    let names = ["logout", "rejected", "on", "insufficient_scope"];
    let name = names.into_iter().find(|it| option.is(it)).unwrap_or("expired");
    let condition = condition(option);
    if let ("logout", Body::Value(Value::Lit(Lit::Str(path)))) = (name, &option.body)
        && path.value().starts_with('/')
    {
        let text = "`logout` in `auth(..)` declares a response that ends the session\n\
                    help: for the method that signs out, write `#[post(\"/logout\", logout)]`";
        return diagnostics.fail("misplaced-option", option, text);
    }
    let example = format!("{name}({condition})");
    let list = option.list(&example, diagnostics)?;
    let what = format!("the options of `{name}` are");
    let part = diagnostics.nested();
    let is_empty = list.is_empty();
    let is_broken = list.iter().any(Opt::is_broken);
    let mut options = Options::new(list, RULE, &["body", "header"], &what, &part);
    let rule = Rule {
        codes: options.take("code").map(|it| codes(&it, &part)).unwrap_or_default(),
        statuses: options.take("status").map(|it| statuses(&it, &part)).unwrap_or_default(),
        body: options.take_all("body").iter().flat_map(|it| body(it, &part)).collect(),
        headers: options.take_all("header").iter().filter_map(|it| header(it, &part)).collect(),
        when: options.take("when").and_then(|it| it.path("when = path::to::fn", &part)),
        tokens: option.to_token_stream(),
    };
    options.end(&example, &part);
    let looks_at_nothing =
        is_empty || (rule.codes.is_empty() && rule.statuses.is_empty() && rule.is_plain());
    let rule = part.unless_wrong(rule).filter(|_| !is_broken)?;
    if looks_at_nothing {
        let text = format!(
            "`{name}()` never matches\n\
             help: add a `code`, `status`, `body`, `header` or `when` condition"
        );
        return diagnostics.fail("empty-rule", option, text);
    }
    let is_alone = rule.codes.is_empty() && rule.is_plain();
    if let Some(status) = rule.statuses.iter().find(|it| is_alone && it.number / 100 == 2) {
        let number = status.number;
        let text = format!(
            "`{name}(status = {number})` matches every success with this status\n\
             help: add a `code`, `body`, `header` or `when` condition that only this response \
             meets"
        );
        return diagnostics.fail("rule-of-a-success", status, text);
    }
    Some(rule)
}

fn body(option: &Opt, diagnostics: &Diagnostics) -> Vec<(Vec<String>, Scalar)> {
    let example = r#"body("soft_logout" = true)"#;
    let Some(list) = option.list(example, diagnostics) else {
        return Vec::new();
    };
    if let [Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(path))), .. }, other, ..] =
        &list[..]
    {
        let value = match &other.body {
            Body::Value(value) => text_of(value),
            _ => "true".to_owned(),
        };
        let text = format!(
            "`body(..)` compares a place in the body with a whole value\n\
             help: write `body({} = {value})`\n\
             help: for any other condition, write a function, as in `when = path::to::fn`",
            text_of(path)
        );
        diagnostics.error("wrong-value", option, text);
        return Vec::new();
    }
    let one = |entry: &Opt| match (&entry.key, &entry.body) {
        (Key::Text(name), Body::Value(value)) => {
            let Some(path) = json_path_of(name) else {
                let text = format!(
                    "`{}` is not a path into a body\n\
                     help: separate the names with dots, or write a list of names, as in \
                     `body([\"error\", \".tag\"] = \"expired\")`",
                    name.value()
                );
                return diagnostics.fail("wrong-value", entry, text);
            };
            if is_of_another_language(name, diagnostics) {
                return None;
            }
            Some((path, scalar(value, diagnostics)?))
        }
        (Key::Place(place), Body::Value(value)) => Some((
            json_path_value(place, r#"["error", ".tag"]"#, diagnostics)?,
            scalar(value, diagnostics)?,
        )),
        _ if entry.is_broken() => None,
        _ => {
            let text =
                format!("expected a path into the body and a value\nhelp: write `{example}`");
            diagnostics.fail("wrong-value", entry, text)
        }
    };
    list.iter().filter_map(one).collect()
}

fn header(option: &Opt, diagnostics: &Diagnostics) -> Option<(String, HeaderMatch)> {
    let example = r#"header("WWW-Authenticate", contains = "invalid_token")"#;
    let mut list = option.list(example, diagnostics)?;
    // `header("Name" = "value")` is the short form of `header("Name", equals = "value")`.
    if let [Opt { key: Key::Text(name), body: Body::Value(Value::Lit(Lit::Str(value))), .. }] =
        &list[..]
    {
        return Some((header_name(name, diagnostics)?, HeaderMatch::Equals(value.value())));
    }
    let name = first_text(&mut list);
    let mut options = Options::new(
        list,
        &["contains", "equals"],
        &[],
        "the options of `header` are",
        diagnostics,
    );
    let Some(name) = name else {
        return option.wrong("the name of a header", example, diagnostics);
    };
    let name = header_name(&name, diagnostics)?;
    let contains = options.take("contains").and_then(|it| it.string(example, diagnostics));
    let equals = options.take("equals").and_then(|it| it.string(example, diagnostics));
    options.end(example, diagnostics);
    match (contains, equals) {
        (Some(text), None) => Some((name, HeaderMatch::Contains(text.value()))),
        (None, Some(text)) => Some((name, HeaderMatch::Equals(text.value()))),
        (None, None) => Some((name, HeaderMatch::Present)),
        (Some(_), Some(_)) => option.wrong("one of `contains` and `equals`", example, diagnostics),
    }
}

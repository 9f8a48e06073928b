//! Parses `retry(3, on = [502, connect], on(code = 5003), after = header("X-Reset-After"), backoff = "100ms..5s")`.

use std::rc::Rc;
use std::time::Duration;

use syn::Lit;

use super::option::{Body, Key, Opt, Options, Value};
use super::rule;
use super::shared::word;
use super::value::{count, duration_of, header_name, json_path_value, status};
use crate::diagnostic::{At, Diagnostics};
use crate::model::auth::Rule;
use crate::model::options::{Level, Retry, RetryAfter, RetryOn, WaitPlace, WaitUnit};
use crate::suggest::{help, text_of};

const KNOWN: &[&str] = &["on", "after", "unit", "backoff"];
const EXAMPLE: &str = r#"retry(3, on = [502, 503, 504, connect], backoff = "100ms..5s")"#;
const AFTER: &str = r#"after = header("X-Reset-After")"#;

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Level<Rc<Retry>> {
    if option.is_off() {
        return Level::Off;
    }
    if let Some(number) = meant_number(option) {
        let what = if matches!(option.body, Body::Value(_)) {
            "options in parentheses"
        } else {
            "the number of retries first"
        };
        if number == "0" {
            let text = "`retry = 0` retries nothing\nhelp: write `retry = off`";
            diagnostics.error("zero-retries", option, text);
            return Level::Inherit;
        }
        option.wrong::<()>(what, &format!("retry({number})"), diagnostics);
        if let Body::List(list) = &option.body {
            rest(&list[1..], diagnostics);
        }
        return Level::Inherit;
    }
    let Some(list) = option.list(EXAMPLE, diagnostics) else {
        return Level::Inherit;
    };
    let first = list.iter().find(|it| matches!(it.key, Key::None)).map(|it| it.body.clone());
    let Some(Body::Value(Value::Lit(Lit::Int(number)))) = first else {
        option.wrong::<()>("the number of retries first", EXAMPLE, diagnostics);
        rest(&list, diagnostics);
        return Level::Inherit;
    };
    let mut options = Options::new(list, KNOWN, &["on"], "the options of `retry` are", diagnostics);
    options.take_bare();
    let Some(limit) = count(&number, diagnostics) else {
        return Level::Inherit;
    };
    if limit == 0 {
        let text = "`retry(0)` retries nothing\nhelp: write `retry = off`";
        diagnostics.error("zero-retries", &number, text);
        return Level::Inherit;
    }
    let (on, rules) = conditions(&mut options, diagnostics);
    let after = after(&mut options, diagnostics);
    let backoff = options.take("backoff").and_then(|it| backoff(&it, diagnostics));
    options.end(EXAMPLE, diagnostics);
    Level::Set(Rc::new(Retry { limit, on, rules, after, backoff, at: At::from(option) }))
}

/// Reports mistakes in the options even if the number is missing.
fn rest(list: &[Opt], diagnostics: &Diagnostics) {
    let named = list.iter().filter(|it| matches!(it.key, Key::Name(_))).cloned().collect();
    let what = "the options of `retry` are";
    let mut options = Options::new(named, KNOWN, &["on"], what, diagnostics);
    conditions(&mut options, diagnostics);
    after(&mut options, diagnostics);
    options.take("backoff").and_then(|it| backoff(&it, diagnostics));
}

/// The number in `retry = 3`, `retry("3")` or `retry(max = 3)`.
fn meant_number(option: &Opt) -> Option<String> {
    let number = |value: &Value| match value {
        Value::Lit(Lit::Int(number)) => Some(number.to_string()),
        Value::Lit(Lit::Str(text)) => text.value().parse::<u32>().ok().map(|it| it.to_string()),
        _ => None,
    };
    match &option.body {
        Body::Value(value) => number(value),
        Body::List(list) => match list.first()? {
            Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Int(_))), .. } => None,
            first if KNOWN.iter().any(|known| first.is(known)) => None,
            Opt { body: Body::Value(value), .. } => number(value),
            _ => None,
        },
        _ => None,
    }
}

/// `on = [..]` for statuses and failures of the transport, and `on(..)` for rules.
fn conditions(options: &mut Options, diagnostics: &Diagnostics) -> (Option<RetryOn>, Vec<Rule>) {
    let (mut on, mut rules) = (None, Vec::new());
    for option in options.take_all("on") {
        match &option.body {
            Body::List(list) if list.iter().any(is_of_a_list) => {
                let all: Vec<_> = list.iter().map(text_of).collect();
                let text = format!(
                    "`on(..)` takes a rule, such as `on(code = 5003)`\n\
                     help: write statuses and failures as a list: `on = [{}]`",
                    all.join(", ")
                );
                diagnostics.error("wrong-value", &option, text);
            }
            Body::List(_) => rules.extend(rule::rule(&option, diagnostics)),
            _ if on.is_some() => {
                let text = "duplicate option `on`\n\
                            help: write one list, as in `on = [502, 503, connect]`";
                diagnostics.error("duplicate-option", &option, text);
            }
            _ => on = Some(list(&option, diagnostics)),
        }
    }
    (on, rules)
}

/// `on(503, connect)`: these belong in a list.
fn is_of_a_list(option: &Opt) -> bool {
    match &option.key {
        Key::None => true,
        Key::Name(_) => matches!(option.body, Body::Flag),
        Key::Text(_) | Key::Place(_) => false,
    }
}

fn list(option: &Opt, diagnostics: &Diagnostics) -> RetryOn {
    let mut on = RetryOn::default();
    for value in option.values("on = [502, 503, 504, connect]", diagnostics).unwrap_or_default() {
        match &value {
            Value::Path(path) if path.is_ident("connect") => on.connect = true,
            Value::Path(path) if path.is_ident("timeout") => on.timeout = true,
            Value::Path(path) => {
                let name = text_of(path);
                let help = help(&name, &["connect", "timeout"], "besides a status, `on` takes");
                diagnostics.error(
                    "unknown-option",
                    path,
                    format!("unknown condition `{name}`\n{help}"),
                );
            }
            // Or a status in quotes, or a class of statuses.
            Value::Lit(Lit::Str(code))
                if code.value().ends_with("xx") || code.value().parse::<u16>().is_ok() =>
            {
                status(&value, diagnostics);
            }
            Value::Lit(Lit::Str(code)) => not_a_status(&value, &text_of(code), diagnostics),
            Value::Lit(Lit::Int(code))
                if code.base10_parse::<u32>().is_ok_and(|code| code > 599) =>
            {
                not_a_status(&value, &text_of(code), diagnostics);
            }
            Value::Call(function, ..) => {
                let text = format!(
                    "`{}` is a rule, not a status or a failure\n\
                     help: write it beside the list, as in `on({function}(\"error\" = \"busy\"))`",
                    text_of(&value)
                );
                diagnostics.error("wrong-value", &value, text);
            }
            value => on.statuses.extend(status(value, diagnostics).map(|status| status.number)),
        }
    }
    on
}

fn not_a_status(value: &Value, code: &str, diagnostics: &Diagnostics) {
    let text = format!(
        "`{code}` is not an HTTP status\n\
         help: for a code of the envelope, write `on(code = {code})`"
    );
    diagnostics.error("bad-status", value, text);
}

/// Where a response says how long to wait, and in which unit.
fn after(options: &mut Options, diagnostics: &Diagnostics) -> Option<RetryAfter> {
    let (after, unit) = (options.take("after"), options.take("unit"));
    let units = [("s", WaitUnit::Seconds), ("ms", WaitUnit::Millis), ("epoch", WaitUnit::Epoch)];
    let Some(after) = after else {
        if let Some(unit) = unit {
            let text = format!(
                "`unit` has no effect without `after`\n\
                 help: add `{AFTER}`"
            );
            diagnostics.error("wrong-value", &unit, text);
        }
        return None;
    };
    let unit = match unit {
        Some(unit) => word(&unit, &units, "unit = ms", diagnostics)?,
        None => WaitUnit::Seconds,
    };
    let place = match &after.body {
        Body::Value(Value::Call(function, arguments, _)) => match (&**arguments, function) {
            ([Value::Lit(Lit::Str(name))], function) if *function == "header" => {
                WaitPlace::Header(header_name(name, diagnostics)?)
            }
            ([place], function) if *function == "body" => {
                WaitPlace::Body(json_path_value(place, AFTER, diagnostics)?)
            }
            _ => return after.wrong("one header or one place in the body", AFTER, diagnostics),
        },
        Body::Value(Value::Lit(Lit::Str(name))) => {
            let name = name.value();
            let text = format!(
                "`after` takes a header or a place in the body\n\
                 help: write `after = header(\"{name}\")` or `after = body(\"{name}\")`"
            );
            return diagnostics.fail("wrong-value", &after, text);
        }
        _ => return after.wrong("a header or a place in the body", AFTER, diagnostics),
    };
    Some(RetryAfter { place, unit })
}

fn backoff(option: &Opt, diagnostics: &Diagnostics) -> Option<(Duration, Duration)> {
    let example = r#"backoff = "100ms..5s""#;
    let kinds = ["exponential", "linear", "constant", "fixed", "jitter", "decorrelated"];
    if let Body::Value(value) = &option.body
        && kinds.contains(&text_of(value).trim_matches('"'))
    {
        let text = format!(
            "`backoff` takes the shortest and the longest pause\n\
             help: write `{example}`, or remove it: the pause always doubles and has jitter"
        );
        return diagnostics.fail("wrong-value", value, text);
    }
    let literal = option.string(example, diagnostics)?;
    let text = literal.value();
    let Some((shortest, longest)) = text.split_once("..") else {
        if text.contains(['-', ',']) {
            let text = format!(
                "`{text}` is not a range\nhelp: write `{example}`, with `..` between the two"
            );
            return diagnostics.fail("bad-duration", &literal, text);
        }
        let both = duration_of(&literal, &text, diagnostics)?;
        return Some((both, both));
    };
    let range = (
        duration_of(&literal, shortest, diagnostics)?,
        duration_of(&literal, longest, diagnostics)?,
    );
    if range.0 > range.1 {
        let text = format!(
            "`{shortest}` is longer than `{longest}`\nhelp: write the shorter one first, as in `{example}`"
        );
        return diagnostics.fail("reversed-range", &literal, text);
    }
    Some(range)
}

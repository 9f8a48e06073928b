//! Parses `tokens(access = "data.access", refresh = "data.refresh", expires_in = "data.ttl", unit = ms)`.

use std::rc::Rc;
use std::time::Duration;

use syn::{Lit, LitStr};

use super::option::{Body, Key, Opt, Options, Value};
use super::value::{header_name, json_path};
use crate::diagnostic::{At, Diagnostics};
use crate::model::options::Level;
use crate::model::tokens::{TokenFields, TokenPlace};
use crate::suggest::{all, choices, near, text_of};

const KNOWN: &[&str] = &["access", "refresh", "expires_in", "expires_at", "unit", "base", "extra"];
const UNITS: [(&str, Duration); 4] = [
    ("s", Duration::from_secs(1)),
    ("ms", Duration::from_millis(1)),
    ("m", Duration::from_secs(60)),
    ("h", Duration::from_secs(3600)),
];
const EXAMPLE: &str = r#"tokens(access = "data.access", refresh = "data.refresh")"#;

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Level<Rc<TokenFields>> {
    if option.is_off() {
        return Level::Off;
    }
    let Some(list) = option.list(EXAMPLE, diagnostics) else {
        return Level::Inherit;
    };
    if list.is_empty() {
        option.wrong::<()>("the places of the tokens", EXAMPLE, diagnostics);
        return Level::Inherit;
    }
    let list = list.into_iter().filter(|it| is_known(it, diagnostics)).collect();
    let what = "the options of `tokens` are";
    let mut options = Options::new(list, KNOWN, &[], what, diagnostics);
    let mut at = |name: &str| {
        let example = format!("{name} = \"data.{name}\"");
        options.take(name).and_then(|it| place(&it, &example, diagnostics))
    };
    let (access, refresh) = (at("access"), at("refresh"));
    let (expires_in, expires_at) = (at("expires_in"), at("expires_at"));
    let base = at("base");
    let extra = options.take("extra").map(|it| extra(&it, diagnostics)).unwrap_or_default();
    let unit = options.take("unit");
    if let (Some(unit), Some(_), None) = (&unit, &expires_at, &expires_in) {
        let text = "`unit` has no effect with `expires_at`\n\
                    help: remove it: `expires_at` reads a date, or seconds or milliseconds since \
                    1970\n\
                    help: for a lifetime, write `expires_in` instead of `expires_at`";
        diagnostics.error("wrong-value", unit, text);
    }
    let unit = unit.and_then(|it| self::unit(&it, diagnostics));
    options.end(EXAMPLE, diagnostics);
    let at = At::from(option);
    let fields = TokenFields { access, refresh, expires_in, expires_at, base, extra, unit, at };
    Level::Set(Rc::new(fields))
}

/// `extra("tenant" = "data.tenant_id", "region")`: a name without a place is also the place.
fn extra(option: &Opt, diagnostics: &Diagnostics) -> Vec<(String, TokenPlace)> {
    let example = r#"extra("tenant" = "data.tenant_id")"#;
    let mut extra: Vec<(String, TokenPlace)> = Vec::new();
    for entry in option.list(example, diagnostics).unwrap_or_default() {
        let (literal, place) = match (&entry.key, &entry.body) {
            (_, Body::Broken) => continue,
            (Key::None, Body::Value(Value::Lit(Lit::Str(name)))) => {
                (name.clone(), json_path(&entry, example, diagnostics).map(TokenPlace::Body))
            }
            (Key::Text(name), _) => (name.clone(), place(&entry, example, diagnostics)),
            _ => {
                let text = format!(
                    "expected a name in quotes, and its place\n\
                     help: write `{}`",
                    with_quotes(&entry).unwrap_or_else(|| example.to_owned())
                );
                diagnostics.error("wrong-value", &entry, text);
                continue;
            }
        };
        let name = literal.value();
        if name == "base" {
            let text = "`extra` cannot contain `base`\n\
                        help: write `base = \"instance_url\"` beside `extra(..)`";
            diagnostics.error("wrong-value", &literal, text);
        } else if extra.iter().any(|(other, _)| *other == name) {
            let text = format!("duplicate name `{name}`\nhelp: keep one of the two");
            diagnostics.error("same-wire-name", &literal, text);
        } else if let Some(place) = place {
            extra.push((name, place));
        }
    }
    extra
}

/// `tenant = "data.tenant"` is probably intended as `"tenant" = "data.tenant"`.
fn with_quotes(entry: &Opt) -> Option<String> {
    let Key::Name(name) = &entry.key else { return None };
    match &entry.body {
        Body::Flag => Some(format!("extra(\"{name}\")")),
        Body::Value(value) => Some(format!("extra(\"{name}\" = {})", text_of(value))),
        _ => None,
    }
}

/// Reports the names that servers and other libraries use for an option.
fn is_known(option: &Opt, diagnostics: &Diagnostics) -> bool {
    let Key::Name(name) = &option.key else { return true };
    let text = name.to_string();
    let meant = match text.as_str() {
        _ if KNOWN.contains(&text.as_str()) => return true,
        "access_token" | "token" | "jwt" | "id_token" | "bearer" | "path" | "field" => "access",
        "refresh_token" => "refresh",
        "expires" | "expire" | "expiry" | "ttl" | "lifetime" | "max_age" | "expires_in_ms" => {
            "expires_in"
        }
        "exp" | "expiration" | "valid_until" => "expires_at",
        "instance_url" | "api_domain" | "endpoint" | "url" | "host" | "server" | "base_url" => {
            "base"
        }
        "units" | "in" | "scale" => "unit",
        _ if near(&text, KNOWN).is_some() => return true,
        _ => {
            let place = match &option.body {
                Body::Value(value @ Value::Lit(Lit::Str(_))) => text_of(value),
                _ => format!("\"data.{text}\""),
            };
            let text = format!(
                "unknown option `{text}`\n\
                 help: to keep another value with the tokens, write `extra(\"{text}\" = \
                 {place})`\n\
                 help: the options of `tokens` are {}",
                all(KNOWN)
            );
            diagnostics.error("unknown-option", name, text);
            return false;
        }
    };
    let text = format!(
        "unknown option `{text}`\n\
         help: did you mean `{meant}`?\n\
         help: the options of `tokens` are {}",
        all(KNOWN)
    );
    diagnostics.error("unknown-option", name, text);
    false
}

/// A path into the body, `header("Name")` or `cookie("name")`.
fn place(option: &Opt, example: &str, diagnostics: &Diagnostics) -> Option<TokenPlace> {
    let Body::Value(Value::Call(function, arguments, _)) = &option.body else {
        return json_path(option, example, diagnostics).map(TokenPlace::Body);
    };
    match &arguments[..] {
        [Value::Lit(Lit::Str(name))] if function == "header" => {
            header_name(name, diagnostics).map(TokenPlace::Header)
        }
        [Value::Lit(Lit::Str(name))] if function == "cookie" => {
            super::auth::cookie_name(name, diagnostics).map(TokenPlace::Cookie)
        }
        [Value::Lit(Lit::Str(path))] => {
            let example = format!("{} = {:?}", option.name(), LitStr::value(path));
            option.wrong("a path into the body, a header or a cookie", &example, diagnostics)
        }
        _ => option.wrong("a path into the body, a header or a cookie", example, diagnostics),
    }
}

fn unit(option: &Opt, diagnostics: &Diagnostics) -> Option<Duration> {
    let names = UNITS.map(|(name, _)| name);
    let written = match &option.body {
        Body::Value(value) => text_of(value),
        _ => return option.wrong(&choices(&names), "unit = ms", diagnostics),
    };
    if let Some((_, unit)) = UNITS.iter().find(|(name, _)| *name == written) {
        return Some(*unit);
    }
    let word = written.trim_matches('"').to_lowercase();
    let meant = match word.as_str() {
        "ms" | "millis" | "milli" | "millisecond" | "milliseconds" => "ms",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hour" | "hours" => "h",
        _ => "s",
    };
    option.wrong(&choices(&names), &format!("unit = {meant}"), diagnostics)
}

//! Parses `envelope(code = "code", message = "message", data = "data", ok = 0)`.

use std::rc::Rc;

use super::option::{Body, Opt, Options, Value};
use super::value::{json_path, json_path_value, scalar};
use crate::diagnostic::{At, Diagnostics};
use crate::model::options::{Envelope, Level};
use crate::model::value::Scalar;

const KNOWN: &[&str] = &["code", "message", "data", "ok"];
const EXAMPLE: &str = r#"envelope(code = "code", message = "message", data = "data", ok = 0)"#;

/// Parses the option. A wrong envelope still counts as an envelope, so that no rule reports it as missing.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Level<Rc<Envelope>> {
    if option.is_off() {
        return Level::Off;
    }
    let Some(list) = option.list(EXAMPLE, diagnostics) else {
        return Level::Inherit;
    };
    let part = diagnostics.nested();
    let is_misspelt = list.iter().any(|option| !KNOWN.iter().any(|known| option.is(known)));
    let set = KNOWN.iter().filter(|known| list.iter().any(|option| option.is(known)));
    let set = set.copied().collect();
    let example = example_of_a_code(&list);
    let mut options = Options::new(list, KNOWN, &[], "the options of `envelope` are", &part);
    let mut path = |name: &str, example: &str| {
        options.take(name).filter(|it| !it.is_off()).and_then(|it| json_path(&it, example, &part))
    };
    let code = path("code", &example);
    let message = path("message", r#"message = "message""#);
    let data = path("data", r#"data = "data""#);
    let Success { ok, ok_absent, ok_without } =
        options.take("ok").map(|it| success(&it, &part)).unwrap_or_default();
    options.end(EXAMPLE, &part);
    let is_broken = part.unless_wrong(()).is_none() || is_misspelt;
    let (code, at) = (code.unwrap_or_default(), At::from(option));
    Level::Set(Rc::new(Envelope {
        code,
        message,
        data,
        ok,
        ok_absent,
        ok_without,
        set,
        at,
        is_broken,
    }))
}

/// `code = 0` means the code of success, whose place is then missing.
fn example_of_a_code(list: &[Opt]) -> String {
    let has_ok = list.iter().any(|option| option.is("ok"));
    let code = list.iter().find(|option| option.is("code"));
    match code.map(|option| &option.body) {
        Some(Body::Value(Value::Lit(syn::Lit::Int(code)))) if !has_ok => {
            format!(r#"code = "code", ok = {code}"#)
        }
        _ => r#"code = "code""#.to_owned(),
    }
}

/// The conditions of success.
#[derive(Default)]
struct Success {
    ok: Vec<Scalar>,
    ok_absent: bool,
    ok_without: Option<Vec<String>>,
}

fn success(option: &Opt, diagnostics: &Diagnostics) -> Success {
    let mut success = Success::default();
    for value in option.values("ok = 0", diagnostics).unwrap_or_default() {
        match &value {
            Value::Path(path) if path.is_ident("absent") => success.ok_absent = true,
            Value::Call(word, arguments, _) if *word == "absent" => {
                success.ok_without = without(&value, arguments, diagnostics);
            }
            Value::Lit(syn::Lit::Str(text)) if text.value() == "absent" => {
                let text = "`\"absent\"` is a code, not the absence of one\n\
                            help: write `absent` without quotes to accept a response without a code";
                diagnostics.error("wrong-value", &value, text);
            }
            _ => success.ok.extend(scalar(&value, diagnostics)),
        }
    }
    success
}

/// `absent("errors")`
fn without(value: &Value, arguments: &[Value], diagnostics: &Diagnostics) -> Option<Vec<String>> {
    let example = r#"absent("errors")"#;
    match arguments {
        [place] => json_path_value(place, example, diagnostics),
        _ => {
            let text = format!("`absent` takes one place in the body\nhelp: write `{example}`");
            diagnostics.fail("wrong-value", value, text)
        }
    }
}

//! Parses `envelope(code = "code", message = "message", data = "data", ok = 0)`.

use std::rc::Rc;

use super::option::{Opt, Options, Value};
use super::value::{json_path, scalar};
use crate::diagnostic::{At, Diagnostics};
use crate::model::options::{Envelope, Level};
use crate::model::value::Scalar;

const KNOWN: &[&str] = &["code", "message", "data", "ok"];
const EXAMPLE: &str = r#"envelope(code = "code", message = "message", data = "data", ok = 0)"#;

/// Parses the option. A wrong envelope is still an envelope, so that no rule reports it as missing.
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
    let mut options = Options::new(list, KNOWN, &[], "the options of `envelope` are", &part);
    let mut path = |name: &str, example: &str| {
        options.take(name).filter(|it| !it.is_off()).and_then(|it| json_path(&it, example, &part))
    };
    let code = path("code", r#"code = "code""#);
    let message = path("message", r#"message = "message""#);
    let data = path("data", r#"data = "data""#);
    let (ok, ok_absent) = options.take("ok").map(|it| ok_codes(&it, &part)).unwrap_or_default();
    options.end(EXAMPLE, &part);
    let is_broken = part.unless_wrong(()).is_none() || is_misspelt;
    let (code, at) = (code.unwrap_or_default(), At::from(option));
    Level::Set(Rc::new(Envelope { code, message, data, ok, ok_absent, set, at, is_broken }))
}

fn ok_codes(option: &Opt, diagnostics: &Diagnostics) -> (Vec<Scalar>, bool) {
    let values = option.values("ok = 0", diagnostics).unwrap_or_default();
    let is_absent = |value: &Value| matches!(value, Value::Path(path) if path.is_ident("absent"));
    let quoted = |value: &Value| matches!(value, Value::Lit(syn::Lit::Str(text)) if text.value() == "absent");
    if let Some(value) = values.iter().find(|value| quoted(value)) {
        let text = "`\"absent\"` is a code, not the absence of one\n\
                    help: write `absent` without quotes to accept a response without a code";
        diagnostics.error("wrong-value", value, text);
    }
    let codes = values
        .iter()
        .filter(|value| !is_absent(value))
        .filter_map(|value| scalar(value, diagnostics));
    (codes.collect(), values.iter().any(is_absent))
}

//! Parses `envelope(code = "code", message = "message", data = "data", ok = 0)`.

use std::rc::Rc;

use super::option::{Opt, Options, Value};
use super::value::{json_path, scalar};
use crate::diagnostic::Diagnostics;
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
    // A misspelt `code` is not reported as missing as well.
    let is_misspelt = list.iter().any(|option| !KNOWN.iter().any(|known| option.is(known)));
    let mut options = Options::new(list, KNOWN, &[], "the options of `envelope` are", diagnostics);
    let code = options.take("code").map(|code| json_path(&code, r#"code = "code""#, diagnostics));
    let message = options
        .take("message")
        .and_then(|it| json_path(&it, r#"message = "message""#, diagnostics));
    let data = options.take("data").and_then(|it| json_path(&it, r#"data = "data""#, diagnostics));
    let (ok, ok_absent) =
        options.take("ok").map(|it| ok_codes(&it, diagnostics)).unwrap_or_default();
    options.end(EXAMPLE, diagnostics);
    if code.is_none() && !is_misspelt {
        let text = format!("`envelope` needs the place of the code\nhelp: write `{EXAMPLE}`");
        diagnostics.error("wrong-value", option, text);
    }
    let envelope =
        Envelope { code: code.flatten().unwrap_or_default(), message, data, ok, ok_absent };
    Level::Set(Rc::new(envelope))
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

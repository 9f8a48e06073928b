//! Parses `key = "repository:{name}:pull"`.

use syn::LitStr;

use super::option::Opt;
use crate::diagnostic::Diagnostics;
use crate::model::key::{KeyPiece, KeyTemplate};
use crate::model::options::Level;

const EXAMPLE: &str = r#"key = "repository:{name}:pull""#;

/// Parses the option of a credential.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Option<KeyTemplate> {
    let literal = option.string(EXAMPLE, diagnostics)?;
    template(&literal, diagnostics)
}

/// Parses the option of a method.
pub(super) fn of_method(option: &Opt, diagnostics: &Diagnostics) -> Level<KeyTemplate> {
    match option.is_off() {
        true => Level::Off,
        false => parse(option, diagnostics).map_or(Level::Inherit, Level::Set),
    }
}

fn template(literal: &LitStr, diagnostics: &Diagnostics) -> Option<KeyTemplate> {
    let text = literal.value();
    let (mut pieces, mut rest) = (Vec::new(), text.as_str());
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(KeyPiece::Text(before.to_owned()));
        }
        // The name as it is written in a path, where `*` says that it has slashes.
        pieces.push(KeyPiece::Param(name.trim_start_matches('*').to_owned()));
        rest = behind;
    }
    if text.is_empty() || rest.contains(['{', '}']) {
        let text = format!(
            "`{text}` is not the key of a token\n\
             help: write text, with parameters in braces, as in `{EXAMPLE}`"
        );
        return diagnostics.fail("wrong-value", literal, text);
    }
    if !rest.is_empty() {
        pieces.push(KeyPiece::Text(rest.to_owned()));
    }
    Some(KeyTemplate { literal: literal.clone(), pieces })
}

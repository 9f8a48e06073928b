//! Rules about `headers(..)`, `queries(..)` and `fields(..)`: their values are the same for each call.

use syn::LitStr;

use crate::diagnostic::Diagnostics;
use crate::model::options::HeaderSource;
use crate::model::param::Param;
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// A parameter cannot be a constant.
pub(super) fn parameter_as_a_constant(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let shared = &endpoint.verb.shared;
        for it in &shared.headers {
            one(endpoint, ("headers", "header"), &it.literal, &it.value, diagnostics);
        }
        for it in &shared.queries.values {
            one(endpoint, ("queries", "query"), &it.literal, &it.value, diagnostics);
        }
        for it in &shared.fields.values {
            one(endpoint, ("fields", "field"), &it.literal, &it.value, diagnostics);
        }
    }
}

fn one(
    endpoint: &Endpoint,
    (option, role): (&str, &str),
    name: &LitStr,
    value: &HeaderSource,
    diagnostics: &Diagnostics,
) {
    let way_out = |param: &Param| {
        let (wire, ty) = (name.value(), text_of(&param.ty));
        format!(
            "help: remove it, and give the parameter a role: `#[{role}({wire:?})] {}: {ty}`",
            param.name
        )
    };
    match value {
        HeaderSource::Computed(path) => {
            let param = endpoint.params.iter().find(|it| path.is_ident(&it.name));
            if let Some(param) = param {
                let text = format!(
                    "`{}` is a parameter, but `{option}(..)` takes a constant, or a function \
                     without arguments\n\
                     {}",
                    param.name,
                    way_out(param)
                );
                diagnostics.error("parameter-as-a-constant", path, text);
            }
        }
        HeaderSource::Fixed(text) => {
            let is_in = |it: &&Param| text.contains(&format!("{{{}}}", it.name));
            if let Some(param) = endpoint.params.iter().find(is_in) {
                let text = format!(
                    "`{{{}}}` is sent as text here, since only a path has placeholders\n\
                     {}",
                    param.name,
                    way_out(param)
                );
                diagnostics.error("parameter-as-a-constant", name, text);
            }
        }
        HeaderSource::Constant(_) | HeaderSource::Tokens(_) | HeaderSource::Off => {}
    }
}

//! Rules of `codec = ..`.

use crate::diagnostic::Diagnostics;
use crate::model::param::Role;
use crate::model::{Api, Endpoint};

/// An encoded body needs a format.
pub(super) fn encoded_without_a_codec(api: &Api, diagnostics: &Diagnostics) {
    let is_wrong =
        |it: &Endpoint| api.options.shared.has_wrong_codec || it.verb.shared.has_wrong_codec;
    for endpoint in api.endpoints().filter(|it| it.effective.codec.is_none() && !is_wrong(it)) {
        let is_open = |role: &Role| matches!(role, Role::Encoded { codec: None });
        if let Some(param) = endpoint.params.iter().find(|it| is_open(&it.role)) {
            let text = "the format of `#[encoded]` is not declared\n\
                        help: add `codec = perennial::codec::Xml` to the method or to the trait, or write `#[json]`";
            diagnostics.error("encoded-without-a-codec", param.at, text);
        }
    }
}

/// A served trait reads and writes JSON.
pub(super) fn codec_that_is_served(api: &Api, diagnostics: &Diagnostics) {
    if api.options.serve.is_none() {
        return;
    }
    let has_codec = |endpoint: &&Endpoint| {
        endpoint.effective.codec.is_some()
            || endpoint.params.iter().any(|it| matches!(it.role, Role::Encoded { .. }))
    };
    if let Some(endpoint) = api.endpoints().find(has_codec) {
        let text = "a trait with `serve` supports only JSON\n\
                    help: remove `codec`, or remove `serve`";
        diagnostics.error("codec-that-is-served", endpoint.name(), text);
    }
}

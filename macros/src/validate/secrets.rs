//! Rules about `secret(..)`.

use syn::Ident;

use crate::diagnostic::Diagnostics;
use crate::model::param::Role;
use crate::model::{Api, Endpoint};
use crate::suggest::help;

/// If the name of a secret is misspelled, the secret would be shown.
pub(super) fn unknown_secret(api: &Api, diagnostics: &Diagnostics) {
    let unknown = |secret: &Ident, endpoints: &mut dyn Iterator<Item = &Endpoint>| {
        let params: Vec<_> = endpoints.flat_map(|it| &it.params).collect();
        let mut names: Vec<_> = params.iter().map(|it| it.name.to_string()).collect();
        names.sort();
        names.dedup();
        let named: Vec<_> = params.iter().filter(|it| it.name == *secret).collect();
        if named.is_empty() {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let name = secret.to_string();
            let help = help(&name, &names, "the parameters are");
            let text = format!("`{name}` is not a parameter\n{help}");
            diagnostics.error("unknown-secret", secret, text);
        } else if named.iter().any(|it| matches!(it.role, Role::Url | Role::Extension)) {
            let text = format!(
                "`{secret}` is not a value in a path, a query, a header or a body\n\
                 help: remove it from `secret(..)`"
            );
            diagnostics.error("secret-nowhere", secret, text);
        }
    };
    if !api.is_whole {
        return;
    }
    for secret in &api.options.shared.secret {
        unknown(secret, &mut api.endpoints());
    }
    for endpoint in api.endpoints() {
        for secret in &endpoint.verb.shared.secret {
            unknown(secret, &mut std::iter::once(endpoint));
        }
    }
}

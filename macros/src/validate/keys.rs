//! Rules about `key = ..`: a credential with a separate token for each key.

use quote::ToTokens;

use crate::diagnostic::{At, Diagnostics};
use crate::model::options::Level;
use crate::model::param::{Param, Role};
use crate::model::verb::SessionRole;
use crate::model::{Api, Endpoint};
use crate::suggest::all;

/// A key is built from the parameters of the method.
pub(super) fn key_without_its_parameter(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.is_whole) {
        let Some((_, key)) = &endpoint.effective.key else { continue };
        let known: Vec<_> = endpoint.params.iter().filter(|it| is_text(it)).collect();
        let names: Vec<_> = known.iter().map(|it| it.name.to_string()).collect();
        let is_unknown = |name: &&str| !names.iter().any(|known| known == name);
        let Some(unknown) = key.params().find(is_unknown) else { continue };
        let method = endpoint.name();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let has = match &names[..] {
            [] => "have none".to_owned(),
            names => format!("have only {}", all(names)),
        };
        let text = format!(
            "the key `{}` needs the parameter `{unknown}`, but the path and query of `{method}` \
             {has}\n\
             help: write another `key = \"..\"` among the options of `{method}`\n\
             help: for the token without a key, write `key = off`",
            key.literal.value()
        );
        // The name of the method that lacks the parameter, or the key that the method itself declares.
        match &endpoint.verb.key {
            Level::Set(own) => diagnostics.error("key-without-its-parameter", &own.literal, text),
            _ => diagnostics.error("key-without-its-parameter", method, text),
        }
    }
}

/// A key that is never used.
pub(super) fn key_of_no_credential(api: &Api, diagnostics: &Diagnostics) {
    let mut keyed = api.credentials().iter().filter(|it| it.key.is_some());
    let (first, second) = (keyed.next(), keyed.next());
    if let Some(second) = second {
        let text = "only one credential can have keys\n\
                    help: keep one `key = ..`";
        diagnostics.error("two-keys", second.at, text);
    }
    for endpoint in api.endpoints() {
        let own: Option<&dyn ToTokens> = match &endpoint.verb.key {
            Level::Set(own) => Some(&own.literal),
            Level::Off => Some(&endpoint.shape.signature.ident),
            Level::Inherit => None,
        };
        let Some(own) = own else { continue };
        let text = match endpoint.role() {
            _ if first.is_none() => {
                "no credential has keys\n\
                 help: declare them, as in `auth(bearer, key = \"repository:{name}:pull\")`"
            }
            Some(SessionRole::Refresh) => {
                "a refresh uses the key of the call that needs the token\n\
                 help: remove `key`, and take the key as a parameter, as in `#[query] scope: \
                 TokenKey`"
            }
            _ if endpoint.is_public() => {
                "a public method carries no token\nhelp: remove `public`, or remove `key`"
            }
            _ => continue,
        };
        diagnostics.error("key-of-no-credential", At::from(&own.to_token_stream()), text);
    }
    let Some(keyed) = first else { return };
    let is_login = |it: &&Endpoint| {
        it.role() == Some(SessionRole::Login) && it.effective.credential == keyed.name
    };
    if let Some(login) = api.endpoints().find(is_login) {
        let text = "the tokens of a credential with keys are fetched on demand, not by a `login`\n\
                    help: mark the method `refresh`, and take the key as a parameter, as in \
                    `#[query] scope: TokenKey`";
        diagnostics.error("key-of-no-credential", login.name(), text);
    }
}

/// Whether a parameter is text that a key can hold.
fn is_text(param: &Param) -> bool {
    matches!(param.role, Role::Path | Role::Query { .. })
}

//! Rules about the session.

use crate::diagnostic::Diagnostics;
use crate::model::auth::Placement;
use crate::model::options::{Level, Redirect};
use crate::model::param::Role;
use crate::model::verb::{Access, SessionRole};
use crate::model::{Api, Endpoint};

/// Each credential has at most one `refresh` and one `logout`. There may be several ways to sign in.
pub(super) fn two_of_a_part(api: &Api, diagnostics: &Diagnostics) {
    let mut seen: Vec<(SessionRole, &str, &Endpoint)> = Vec::new();
    for endpoint in api.endpoints() {
        let Some(part) = &endpoint.verb.mark else {
            continue;
        };
        let rule = match part.role {
            SessionRole::Login => continue,
            SessionRole::Refresh => "two-refreshes",
            SessionRole::Logout => "two-logouts",
        };
        let name = endpoint.effective.credential.as_str();
        let first = seen.iter().find(|(role, credential, other)| {
            *role == part.role
                && *credential == name
                // Two methods under `#[cfg]` may exclude each other.
                && (other.shape.cfgs.is_empty() || endpoint.shape.cfgs.is_empty())
        });
        if let Some((_, _, first)) = first {
            let word = part.role.word();
            let text = format!(
                "`{}` and `{}` are both marked `{word}`\nhelp: keep one, or split the trait",
                endpoint.name(),
                first.name()
            );
            diagnostics.error(rule, part.at, text);
        } else {
            seen.push((part.role, name, endpoint));
        }
    }
}

/// Options about the session need an `auth(..)` on the trait.
pub(super) fn auth_option_alone(api: &Api, diagnostics: &Diagnostics) {
    if api.credentials().is_empty() {
        for endpoint in api.endpoints() {
            for own in endpoint.own_credentials() {
                let text = format!(
                    "`auth(..)` on a method replaces that of the trait, but `{}` has none\n\
                     help: move it to `#[api_client]`, and mark each method without a token \
                     `public`",
                    api.name
                );
                diagnostics.error("auth-option-alone", own.at, text);
            }
        }
    }
    let is_missing = |it: &&Endpoint| it.credentials().is_empty() && !api.options.names_auth;
    for endpoint in api.endpoints().filter(is_missing) {
        let part = endpoint.verb.mark.as_ref().map(|part| (part.role.word(), part.at));
        let access = endpoint.verb.access.as_ref().map(|(access, at)| {
            (if *access == Access::Public { "public" } else { "optional" }, *at)
        });
        if let Some((word, at)) = part.or(access) {
            let text = format!(
                "`{word}` needs a session, but `{}` has no `auth(..)`\n\
                 help: add `auth(bearer, expired(status = 401))` to `#[api_client]`, or remove `{word}`",
                api.name
            );
            diagnostics.error("auth-option-alone", at, text);
        }
    }
}

/// Only the response to a login or a refresh has tokens.
pub(super) fn tokens_elsewhere(api: &Api, diagnostics: &Diagnostics) {
    let grants =
        |it: &Endpoint| matches!(it.role(), Some(SessionRole::Login | SessionRole::Refresh));
    for endpoint in api.endpoints().filter(|it| !grants(it)) {
        if let Level::Set(tokens) = &endpoint.verb.shared.tokens {
            let text = format!(
                "`tokens` needs a `login` or `refresh` method, but `{}` is marked as neither\n\
                 help: mark the method, or remove `tokens`\n\
                 help: for a token that comes with any response, write `auth(renewed(header = \
                 \"new-token\"))`",
                endpoint.name()
            );
            diagnostics.error("tokens-elsewhere", tokens.at, text);
        }
    }
    if let Level::Set(tokens) = &api.options.shared.tokens
        && api.is_whole
        && !api.endpoints().any(grants)
    {
        let text = "`tokens` needs a `login` or `refresh` method, but no method is marked as one\n\
                    help: mark the method whose response has the tokens, as in `#[post(\"/login\", \
                    login)]`";
        diagnostics.error("tokens-elsewhere", tokens.at, text);
    }
}

/// The role in the session already determines how the token is sent.
pub(super) fn role_and_public(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let (Some(part), Some((access, at))) = (&endpoint.verb.mark, &endpoint.verb.access) else {
            continue;
        };
        let word = if *access == Access::Public { "public" } else { "optional" };
        let text = match (part.role, access) {
            (SessionRole::Login, Access::Public) => "a `login` method is always public".to_owned(),
            (role, Access::Optional) => format!("a `{}` method cannot be `optional`", role.word()),
            _ => continue,
        };
        diagnostics.error("role-and-public", *at, format!("{text}\nhelp: remove `{word}`"));
    }
}

/// The tokens come with one response, and a session ends with one.
pub(super) fn role_of_a_stream(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.shape.returned.is_stream()) {
        let Some(part) = &endpoint.verb.mark else { continue };
        let (word, returned) = (part.role.word(), &endpoint.shape.returned);
        let way_out = match part.role {
            SessionRole::Logout => "Result<()>",
            SessionRole::Login | SessionRole::Refresh => "Result<Tokens>",
        };
        let text = format!(
            "`{}` is marked `{word}` and returns a stream, but a `{word}` has one response\n\
             help: write `async fn {}(..) -> {way_out}`, or remove `{word}`",
            endpoint.name(),
            endpoint.name()
        );
        diagnostics.error("role-of-a-stream", &returned.whole, text);
    }
}

/// Logins, refreshes and logouts carry secrets in headers and bodies of any name.
pub(super) fn redirect_of_a_secret(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let (Some(part), Some((Redirect::Follow, at))) =
            (&endpoint.verb.mark, endpoint.verb.shared.redirect)
        else {
            continue;
        };
        let text = format!(
            "a `{}` method carries secrets, so the client never follows its redirects to another \
             origin\n\
             help: remove `redirect = follow`, or write `redirect = same`",
            part.role.word()
        );
        diagnostics.error("redirect-of-a-secret", at, text);
    }
}

/// URLs are written to logs by servers and proxies.
pub(super) fn token_in_query(api: &Api, diagnostics: &Diagnostics) {
    let of_api = api
        .options
        .shared
        .credentials
        .iter()
        .map(|it| (it, api.options.shared.allows("token-in-query")));
    let of_methods = api.endpoints().flat_map(|endpoint| {
        let allowed = api.allows(endpoint, "token-in-query");
        endpoint.own_credentials().iter().map(move |it| (it, allowed))
    });
    for (credential, allowed) in of_api.chain(of_methods) {
        let without_body = match &credential.placement {
            Placement::Field(_) => {
                let carries = |it: &&Endpoint| {
                    !it.is_public()
                        && it.credentials().iter().any(|own| own.name == credential.name)
                };
                match api.endpoints().filter(carries).find(|it| !takes_fields(it)) {
                    Some(endpoint) => Some(endpoint.name().to_string()),
                    None => continue,
                }
            }
            _ => None,
        };
        if let Some(at) = credential.url_at.filter(|_| !allowed) {
            let why = match without_body {
                Some(name) => format!(
                    "`{name}` has no form and no JSON body, so it carries the token in its URL, which is \
                     written to logs"
                ),
                None => "a token in a URL is written to logs".to_owned(),
            };
            let text = format!(
                "{why}\n\
                 help: send it in a header, as in `header = \"X-Token\"`, or add `allow(token_in_query)`"
            );
            diagnostics.warning("token-in-query", at, text);
        }
    }
}

/// Whether a token can be a field of the body.
fn takes_fields(endpoint: &Endpoint) -> bool {
    let mut roles = endpoint.params.iter().map(|it| &it.role);
    let has_fields =
        roles.any(|it| matches!(it, Role::Json { .. } | Role::Form { .. } | Role::Field { .. }));
    let mut roles = endpoint.params.iter().map(|it| &it.role);
    let has_other =
        roles.any(|it| matches!(it, Role::Part { .. } | Role::Body { .. } | Role::Encoded { .. }));
    let may_have_body = matches!(endpoint.verb.method.as_str(), "POST" | "PUT" | "PATCH");
    has_fields || !endpoint.effective.fields.is_empty() || (may_have_body && !has_other)
}

/// All methods share connections.
pub(super) fn connect_limit_on_a_method(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let limit = endpoint.verb.shared.timeout.given().and_then(|limits| limits.connect);
        if let Some((_, at)) = limit {
            let text = "all methods share their connections\n\
                        help: move `connect` to the `timeout(..)` of `#[api_client]`";
            diagnostics.error("connect-on-a-method", at, text);
        }
    }
}

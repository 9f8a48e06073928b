//! Rules about the life of a session.

use syn::GenericParam;

use crate::diagnostic::{At, Diagnostics};
use crate::model::auth::Early;
use crate::model::options::Level;
use crate::model::verb::{Access, SessionRole};
use crate::model::{Api, Endpoint};

/// The runtime must know which method to call.
pub(super) fn two_of_a_part(api: &Api, diagnostics: &Diagnostics) {
    let mut seen: Vec<(SessionRole, &str, &Endpoint)> = Vec::new();
    for endpoint in api.endpoints() {
        let Some(part) = &endpoint.verb.mark else {
            continue;
        };
        let name = endpoint.effective.credential.as_str();
        let first = seen.iter().find(|(role, credential, other)| {
            *role == part.role
                && *credential == name
                // Of two that exclude each other by `#[cfg]` only one is there.
                && (other.shape.cfgs.is_empty() || endpoint.shape.cfgs.is_empty())
        });
        if let Some((_, _, first)) = first {
            let rule = match part.role {
                SessionRole::Login => "two-logins",
                SessionRole::Refresh => "two-refreshes",
                SessionRole::Logout => "two-logouts",
            };
            let word = part.role.word();
            let text = format!(
                "`{}` is marked `{word}`, and so is `{}`\nhelp: keep one, or split the trait in two",
                endpoint.name(),
                first.name()
            );
            diagnostics.error(rule, part.at, text);
        } else {
            seen.push((part.role, name, endpoint));
        }
    }
}

/// Without `auth` there is no session that a method could play a part in, nor tokens that it could
/// carry in its own way.
pub(super) fn auth_option_alone(api: &Api, diagnostics: &Diagnostics) {
    if api.credentials().is_empty() {
        for endpoint in api.endpoints() {
            for own in endpoint.own_credentials() {
                let text = format!(
                    "`auth(..)` on a method replaces how the session of the API is used, and `{}` has none\n\
                     help: move it to `#[api_client]`, and mark the methods that carry no token `public`",
                    api.name
                );
                diagnostics.error("auth-option-alone", own.at, text);
            }
        }
    }
    for endpoint in api.endpoints().filter(|it| it.credentials().is_empty()) {
        let part = endpoint.verb.mark.as_ref().map(|part| (part.role.word(), part.at));
        let access = endpoint.verb.access.as_ref().map(|(access, at)| {
            (if *access == Access::Public { "public" } else { "optional" }, *at)
        });
        if let Some((word, at)) = part.or(access) {
            let text = format!(
                "`{word}` speaks of a session, and `{}` has none\n\
                 help: add `auth(..)` to `#[api_client]`, as `auth(bearer, expired(status = 401))`, or remove `{word}`",
                api.name
            );
            diagnostics.error("auth-option-alone", at, text);
        }
    }
}

/// A response to anything but a refresh is judged by the rules of `auth`.
pub(super) fn rejected_elsewhere(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.role() != Some(SessionRole::Refresh)) {
        for rule in &endpoint.verb.rejected {
            let text = format!(
                "`rejected` judges the response to a refresh, and `{}` is none\n\
                 help: move it to the method that is marked `refresh`; a response to any call that ends the \
                 session is declared by `logout(..)` in `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("rejected-elsewhere", rule, text);
        }
    }
}

/// A part is played for a credential that exists.
pub(super) fn unknown_credential(api: &Api, diagnostics: &Diagnostics) {
    let of_api: Vec<_> = api.credentials().iter().map(|it| it.name.as_str()).collect();
    for endpoint in api.endpoints() {
        for own in endpoint.own_credentials() {
            if !of_api.is_empty() && !own.is_broken && !of_api.contains(&own.name.as_str()) {
                diagnostics.error(
                    "unknown-credential",
                    own.at,
                    no_such_credential(&own.name, &of_api),
                );
            }
        }
        let Some(name) = endpoint.verb.mark.as_ref().and_then(|part| part.credential.as_ref())
        else {
            continue;
        };
        let known: Vec<_> = endpoint.credentials().iter().map(|it| it.name.as_str()).collect();
        if known.is_empty() || known.contains(&name.value().as_str()) {
            continue;
        }
        diagnostics.error("unknown-credential", name, no_such_credential(&name.value(), &known));
    }
}

fn no_such_credential(name: &str, known: &[&str]) -> String {
    let named: Vec<_> = known.iter().copied().filter(|name| !name.is_empty()).collect();
    match (name, named.is_empty()) {
        ("", _) => format!(
            "every `auth(..)` of the API has a name, and this one replaces none of them\n\
             help: name the one that it replaces, as `auth(name = {:?}, ..)`",
            named.first().copied().unwrap_or_default()
        ),
        (_, true) => format!(
            "no `auth(..)` of the API is called `{name}`\n\
             help: name one by `auth(name = {name:?}, ..)`, or remove the name"
        ),
        (_, false) => {
            let help = crate::suggest::help(name, &named, "the credentials are");
            format!("no `auth(..)` of the API is called `{name}`\n{help}")
        }
    }
}

/// Credentials are told apart by their names.
pub(super) fn same_credential(api: &Api, diagnostics: &Diagnostics) {
    let of_methods = api.endpoints().map(Endpoint::own_credentials);
    for credentials in std::iter::once(api.credentials()).chain(of_methods) {
        for (at, second) in credentials.iter().enumerate() {
            if credentials[..at].iter().any(|first| first.name == second.name) {
                let text = match second.name.as_str() {
                    "" => "two `auth(..)` have no name\nhelp: keep one, or name the second, as `auth(name = \"device\", ..)`"
                        .to_owned(),
                    name => format!("two `auth(..)` are called `{name}`\nhelp: rename one of them"),
                };
                diagnostics.error("duplicate-option", second.at, text);
            }
        }
    }
}

/// A method says how its own calls carry a token and are judged; the refresh is one for all methods.
pub(super) fn refresh_option_on_a_method(api: &Api, diagnostics: &Diagnostics) {
    if api.credentials().is_empty() {
        return;
    }
    for own in api.endpoints().flat_map(Endpoint::own_credentials) {
        for (name, at) in &own.of_refresh {
            let text = format!(
                "`{name}` is about the refresh, which is one for all methods\n\
                 help: move it to the `auth(..)` of `#[api_client]`"
            );
            diagnostics.error("refresh-option-on-a-method", *at, text);
        }
    }
}

/// A refresh that nothing ever starts is a mistake.
pub(super) fn refresh_without_expiry(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, at) in refreshes(api) {
        let name = endpoint.effective.credential.as_str();
        let credential = endpoint.credentials().iter().find(|it| it.name == name);
        if credential.is_some_and(|it| {
            !it.is_broken && it.expired.is_empty() && !matches!(it.early, Early::By(_))
        }) {
            let text = format!(
                "`{}` is marked `refresh`, but nothing says when the token is over\n\
                 help: add `expired(code = 1234)`, `expired(status = 401)` or `early = \"30s\"` to `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("refresh-without-expiry", at, text);
        }
    }
}

/// An expiry that nobody can do anything about is a logout.
pub(super) fn expiry_without_refresh(api: &Api, diagnostics: &Diagnostics) {
    if !api.is_whole || api.options.shared.allows("expiry-without-refresh") {
        return;
    }
    for credential in api.credentials() {
        let has_refresh =
            refreshes(api).any(|(endpoint, _)| endpoint.effective.credential == credential.name);
        if let Some(rule) = credential.expired.first().filter(|_| !has_refresh) {
            let text = "`expired` is declared, but no method is `refresh`\n\
                        help: mark the method that renews the token, as `#[post(\"/refresh\", refresh)]`; \
                        write `logout(..)` if the session ends with the token; \
                        say `allow(expiry_without_refresh)` if another API of the same session refreshes";
            diagnostics.error("expiry-without-refresh", rule, text);
        }
    }
}

/// The runtime calls a refresh itself, and has no types to choose.
pub(super) fn refresh_is_generic(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        let generics = &endpoint.shape.signature.generics;
        let has_types = generics.params.iter().any(|it| !matches!(it, GenericParam::Lifetime(_)));
        if has_types || endpoint.params.iter().any(super::api::is_impl) {
            let text = format!(
                "`{}` is marked `refresh` and is generic, but the runtime makes its parameters of the tokens\n\
                 help: give them plain types that are `From<&Tokens>`",
                endpoint.name()
            );
            diagnostics.error("refresh-is-generic", endpoint.name(), text);
        }
    }
}

/// A refresh token that is spent twice ends the session on strict servers.
pub(super) fn retry_of_a_refresh(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        if let Level::Set(retry) = &endpoint.verb.shared.retry {
            let text = format!(
                "`{}` is marked `refresh`, and a refresh is not retried: its token may be spent already\n\
                 help: remove `retry`; if the server takes a spent token for a while, say so in `auth(..)`, \
                 as `grace = \"10s\"`",
                endpoint.name()
            );
            diagnostics.error("retry-of-a-refresh", retry.at, text);
        }
    }
}

/// What a part says about the token already is not said again.
pub(super) fn role_and_public(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let (Some(part), Some((access, at))) = (&endpoint.verb.mark, &endpoint.verb.access) else {
            continue;
        };
        let word = if *access == Access::Public { "public" } else { "optional" };
        let text = match (part.role, access) {
            (SessionRole::Login, Access::Public) => "`login` carries no token anyway".to_owned(),
            (role, Access::Optional) => format!("`{}` has its own way with the token", role.word()),
            _ => continue,
        };
        diagnostics.error("role-and-public", *at, format!("{text}\nhelp: remove `{word}`"));
    }
}

/// URLs are written to logs, by servers and by everyone on the way.
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
        if let Some(at) = credential.query_at.filter(|_| !allowed) {
            let text = "a token in a URL ends up in logs; carry it in a header, as `header = \"X-Token\"`, \
                        or say `allow(token_in_query)`";
            diagnostics.warning("token-in-query", at, text);
        }
    }
}

/// Connections are shared by all methods.
pub(super) fn connect_limit_on_a_method(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let limit = endpoint.verb.shared.timeout.given().and_then(|limits| limits.connect);
        if let Some((_, at)) = limit {
            let text = "connections are made for all methods together\n\
                        help: move `connect` to the `timeout(..)` of `#[api_client]`";
            diagnostics.error("connect-on-a-method", at, text);
        }
    }
}

fn refreshes(api: &Api) -> impl Iterator<Item = (&Endpoint, At)> {
    api.endpoints().filter_map(|endpoint| match &endpoint.verb.mark {
        Some(part) if part.role == SessionRole::Refresh => Some((endpoint, part.at)),
        _ => None,
    })
}

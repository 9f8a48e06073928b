//! Rules about the session.

use syn::GenericParam;

use crate::diagnostic::{At, Diagnostics};
use crate::model::auth::{Early, Placement};
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
                     help: move it to `#[api_client]`, and mark the methods without a token `public`",
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

/// Only the response to a refresh is judged by `rejected`.
pub(super) fn rejected_elsewhere(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.role() != Some(SessionRole::Refresh)) {
        for rule in &endpoint.verb.rejected {
            let text = format!(
                "`rejected` is about the response to a refresh, but `{}` is not marked `refresh`\n\
                 help: move it to the `refresh` method; for the response to any call, write `auth(logout(..))`",
                endpoint.name()
            );
            diagnostics.error("rejected-elsewhere", rule, text);
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
                "`tokens` is about the response to a login or a refresh, but `{}` is marked neither `login` \
                 nor `refresh`\nhelp: mark the method, or remove `tokens`; for a token that comes with any response, \
                 write `auth(renewed(header = \"new-token\"))`",
                endpoint.name()
            );
            diagnostics.error("tokens-elsewhere", tokens.at, text);
        }
    }
    if let Level::Set(tokens) = &api.options.shared.tokens
        && api.is_whole
        && !api.endpoints().any(grants)
    {
        let text = "`tokens` is about the response to a login or a refresh, but no method is marked `login` or \
                    `refresh`\nhelp: mark the method whose response has the tokens, as in \
                    `#[post(\"/login\", login)]`";
        diagnostics.error("tokens-elsewhere", tokens.at, text);
    }
}

/// Of credentials that are fetched with each other, none could come first.
pub(super) fn refresh_in_a_circle(api: &Api, diagnostics: &Diagnostics) {
    let mut fetched_with: Vec<(&str, String)> = Vec::new();
    for endpoint in api.endpoints() {
        let own = endpoint.effective.credential.as_str();
        for name in endpoint.verb.mark.iter().flat_map(|part| &part.with) {
            let other = name.value();
            let mut needed = vec![other.clone()];
            let mut known = 0;
            while known < needed.len() {
                known = needed.len();
                let further =
                    fetched_with.iter().filter(|(of, _)| needed.iter().any(|it| it == of));
                let further: Vec<_> = further.map(|(_, with)| with.clone()).collect();
                needed.extend(further);
                needed.sort();
                needed.dedup();
            }
            if other != own && needed.iter().any(|it| it == own) {
                let text = format!(
                    "`{other}` is fetched with `{own}` in turn, so neither of them could come first\n\
                     help: remove one `with`"
                );
                diagnostics.error("refresh-in-a-circle", name, text);
            }
            fetched_with.push((own, other));
        }
    }
}

/// A method may name only credentials that exist.
pub(super) fn unknown_credential(api: &Api, diagnostics: &Diagnostics) {
    let of_api: Vec<_> = api.credentials().iter().map(|it| it.name.as_str()).collect();
    for name in &api.options.shared.dropped {
        let text = "a credential is switched off for a method\n\
                    help: move it to the verb of the method, as in `#[get(\"/orders\", auth(\"csrf\" = off))]`";
        diagnostics.error("misplaced-option", name, text);
    }
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
        let with = endpoint.verb.mark.iter().flat_map(|part| &part.with);
        for name in with.chain(&endpoint.verb.shared.dropped) {
            if !of_api.contains(&name.value().as_str()) {
                let text = no_such_credential(&name.value(), &of_api);
                diagnostics.error("unknown-credential", name, text);
            }
        }
        let own = endpoint.effective.credential.as_str();
        let with = endpoint.verb.mark.iter().flat_map(|part| &part.with);
        for name in with.filter(|name| name.value() == own || endpoint.verb.is_elsewhere()) {
            let text = match endpoint.verb.is_elsewhere() {
                true => "no token leaves the host of the API, and this method calls another host"
                    .to_owned(),
                false => format!("`{own}` is the credential that this method refreshes"),
            };
            diagnostics.error("misplaced-option", name, format!("{text}\nhelp: remove `with`"));
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
            "this `auth(..)` replaces none of the trait, since all of those have names\n\
             help: add the name of the one to replace, as in `auth(name = {:?}, ..)`",
            named.first().copied().unwrap_or_default()
        ),
        (_, true) => format!(
            "unknown credential `{name}`\n\
             help: add `name = {name:?}` to an `auth(..)` of the trait, or remove the name"
        ),
        (_, false) => {
            let help = crate::suggest::help(name, &named, "the credentials are");
            format!("unknown credential `{name}`\n{help}")
        }
    }
}

/// Credentials are distinguished by name.
pub(super) fn same_credential(api: &Api, diagnostics: &Diagnostics) {
    let of_methods = api.endpoints().map(Endpoint::own_credentials);
    for credentials in std::iter::once(api.credentials()).chain(of_methods) {
        for (at, second) in credentials.iter().enumerate() {
            if credentials[..at].iter().any(|first| first.name == second.name) {
                let text = match second.name.as_str() {
                    "" => "two `auth(..)` have no name\nhelp: keep one, or name the second, as in `auth(name = \"device\", ..)`"
                        .to_owned(),
                    name => format!("two `auth(..)` have the name `{name}`\nhelp: rename one of the two"),
                };
                diagnostics.error("duplicate-option", second.at, text);
            }
        }
    }
}

/// One refresh serves all methods, so its options belong to the trait.
pub(super) fn refresh_option_on_a_method(api: &Api, diagnostics: &Diagnostics) {
    if api.credentials().is_empty() {
        return;
    }
    for own in api.endpoints().flat_map(Endpoint::own_credentials) {
        for (name, at) in &own.of_refresh {
            let text = format!(
                "`{name}` applies to the refresh, which all methods share\n\
                 help: move it to the `auth(..)` of `#[api_client]`"
            );
            diagnostics.error("refresh-option-on-a-method", *at, text);
        }
    }
}

/// A refresh needs a reason to start.
pub(super) fn refresh_without_expiry(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, at) in refreshes(api) {
        let name = endpoint.effective.credential.as_str();
        let credential = endpoint.credentials().iter().find(|it| it.name == name);
        if credential.is_some_and(|it| {
            !it.is_broken && it.expired.is_empty() && !matches!(it.early, Early::By(_))
        }) {
            let text = format!(
                "`{}` is marked `refresh`, but neither `expired(..)` nor `early` is declared\n\
                 help: add `expired(code = 1234)`, `expired(status = 401)` or `early = \"30s\"` to `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("refresh-without-expiry", at, text);
        }
    }
}

/// An expiry without a refresh ends the session.
pub(super) fn expiry_without_refresh(api: &Api, diagnostics: &Diagnostics) {
    if !api.is_whole || api.options.shared.allows("expiry-without-refresh") {
        return;
    }
    // An OAuth 2 server renews its tokens without a method of the trait.
    for credential in api.credentials().iter().filter(|it| !it.is_oauth2) {
        let has_refresh =
            refreshes(api).any(|(endpoint, _)| endpoint.effective.credential == credential.name);
        if let Some(rule) = credential.expired.first().filter(|_| !has_refresh) {
            let text = "`expired` is declared, but no method is marked `refresh`\n\
                        help: mark the method that refreshes the token, as in `#[post(\"/refresh\", refresh)]`; \
                        write `logout(..)` if the session ends with the token; \
                        write `auth(oauth2)` if an OAuth 2 server renews it; \
                        add `allow(expiry_without_refresh)` if another API of the same session refreshes";
            diagnostics.error("expiry-without-refresh", rule, text);
        }
    }
}

/// The runtime calls the refresh, so all its types must be fixed.
pub(super) fn refresh_is_generic(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        let generics = &endpoint.shape.signature.generics;
        let has_types = generics.params.iter().any(|it| !matches!(it, GenericParam::Lifetime(_)));
        if has_types || endpoint.params.iter().any(super::api::is_impl) {
            let text = format!(
                "`{}` is marked `refresh` and cannot be generic, since the runtime creates its arguments\n\
                 help: use concrete types that implement `From<&Tokens>`",
                endpoint.name()
            );
            diagnostics.error("refresh-is-generic", endpoint.name(), text);
        }
    }
}

/// On strict servers, a refresh token that is used twice ends the session.
pub(super) fn retry_of_a_refresh(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        if let Level::Set(retry) = &endpoint.verb.shared.retry {
            let text = format!(
                "`{}` is marked `refresh` and cannot be retried, since its refresh token may be used already\n\
                 help: remove `retry`; if the server accepts a used token for a while, add `grace = \"10s\"` to `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("retry-of-a-refresh", retry.at, text);
        }
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

/// Logins, refreshes and logouts carry secrets in headers and bodies of any name.
pub(super) fn redirect_of_a_secret(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let (Some(part), Some((Redirect::Follow, at))) =
            (&endpoint.verb.mark, endpoint.verb.shared.redirect)
        else {
            continue;
        };
        let text = format!(
            "a `{}` method carries secrets, and is never followed to another origin\n\
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
            let why = without_body.map(|name| {
                format!(
                    "`{name}` has no form and no JSON body, so it carries the token in its URL: "
                )
            });
            let text = format!(
                "{}a token in a URL is written to logs; send it in a header, as in `header = \"X-Token\"`, \
                 or add `allow(token_in_query)`",
                why.unwrap_or_default()
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

fn refreshes(api: &Api) -> impl Iterator<Item = (&Endpoint, At)> {
    api.endpoints().filter_map(|endpoint| match &endpoint.verb.mark {
        Some(part) if part.role == SessionRole::Refresh => Some((endpoint, part.at)),
        _ => None,
    })
}

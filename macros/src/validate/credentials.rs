//! Rules about the names of credentials.

use crate::diagnostic::Diagnostics;
use crate::model::auth::Credential;
use crate::model::{Api, Endpoint};

/// How many credentials the runtime keeps for an API.
const MOST: usize = 4;

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
                    "`{other}` and `{own}` are each fetched with the other, so neither can come \
                     first\n\
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
        let text = "a trait cannot switch off a credential\n\
                    help: move it to the verb of a method, as in `#[get(\"/orders\", auth(\"csrf\" \
                    = off))]`";
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
                true => "a method that calls another host carries no token".to_owned(),
                false => format!("`{own}` cannot be refreshed with itself"),
            };
            diagnostics.error("misplaced-option", name, format!("{text}\nhelp: remove `with`"));
        }
        let Some(name) = endpoint.verb.mark.as_ref().and_then(|part| part.credential.as_ref())
        else {
            continue;
        };
        let known: Vec<_> = endpoint.credentials().iter().map(|it| it.name.as_str()).collect();
        // Of two without a name, one probably has to have this one; that is already an error.
        let is_second = known.iter().filter(|name| name.is_empty()).count() > 1;
        if known.is_empty() || known.contains(&name.value().as_str()) || is_second {
            continue;
        }
        diagnostics.error("unknown-credential", name, no_such_credential(&name.value(), &known));
    }
}

fn no_such_credential(name: &str, known: &[&str]) -> String {
    let named: Vec<_> = known.iter().copied().filter(|name| !name.is_empty()).collect();
    match (name, named.is_empty()) {
        ("", _) => format!(
            "this `auth(..)` has no name, but each `auth(..)` of the trait has one\n\
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

/// In each place, a call can carry one token. A method that signs in, refreshes or signs out carries only what it needs.
pub(super) fn credentials_in_one_place(api: &Api, diagnostics: &Diagnostics) {
    let is_ordinary = |it: &&Endpoint| {
        !it.is_public() && it.verb.mark.is_none() && !api.allows(it, "credentials-in-one-place")
    };
    let mut reported: Vec<&str> = Vec::new();
    for endpoint in api.endpoints().filter(is_ordinary) {
        let carried = endpoint.credentials();
        for (at, second) in carried.iter().enumerate().skip(1) {
            // One that could not be parsed may have been meant for another place.
            let is_there = |it: &&Credential| {
                !it.is_broken && !second.is_broken && it.placement.is_at(&second.placement)
            };
            let Some(first) = carried[..at].iter().find(is_there) else { continue };
            if first.name == second.name || reported.contains(&second.name.as_str()) {
                continue;
            }
            reported.push(&second.name);
            let text = format!(
                "the calls of `{}` carry two tokens in {}, where the second replaces the first\n\
                 help: send one of them elsewhere\n\
                 help: for a method that carries only one of them, write `auth({:?} = off)` after \
                 its path\n\
                 help: if this is what the server expects, add `allow(credentials_in_one_place)`",
                endpoint.name(),
                second.placement,
                second.name
            );
            diagnostics.warning("credentials-in-one-place", second.at, text);
        }
    }
}

pub(super) fn too_many_credentials(api: &Api, diagnostics: &Diagnostics) {
    let mut whole = api.credentials().iter().filter(|it| !it.is_broken);
    if let Some(fifth) = whole.nth(MOST) {
        let text = format!("a trait has at most {MOST} `auth(..)`\nhelp: split the trait");
        diagnostics.error("too-many-credentials", fifth.at, text);
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

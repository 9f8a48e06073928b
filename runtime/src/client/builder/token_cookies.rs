//! Cookies that carry tokens, which a cookie store must not keep.

use crate::call::api::Api;
use crate::types::auth::Placement;

/// The names of the cookies that carry tokens.
pub(super) fn token_cookies(api: &Api) -> Vec<&'static str> {
    let of_methods = api.endpoints.iter().flat_map(|endpoint| endpoint.credentials);
    let all = api.credentials.iter().chain(of_methods);
    let named = all.filter_map(|credential| match credential.placement {
        Placement::Cookie { name } => Some(name),
        _ => None,
    });
    let mut names: Vec<_> = named.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether reqwest's builder has a cookie store. It has no function that tells.
pub(super) fn has_cookie_store(http: &reqwest::ClientBuilder) -> bool {
    format!("{http:?}").starts_with("ClientBuilder { cookie_store: true")
}

//! The client behind a typed one: where the API is, how to reach it, and who is signed in.

use std::fmt;
use std::sync::Arc;

use http::Extensions;

use super::api::Api;
use super::carrier::Carrier;
use super::draft::Draft;
use super::retries::Budget;
use crate::ports::transport::Transport;
use crate::session::Session;
use crate::types::auth::{Credential, Placement};
use crate::types::endpoint::{Endpoint, Host};
#[cfg(not(target_family = "wasm"))]
use crate::types::error::Error;
use crate::types::error::{ErrorKind, Result};
use crate::types::url::{Origin, ParseError, Url};

/// The content of a typed client: two pointers.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    session: Session,
}

/// Shared by all clones of a client, whichever user is signed in.
pub(crate) struct Core {
    pub(crate) transport: Arc<Transport>,
    /// `https://host/base`, without a trailing slash.
    pub(crate) base: Box<str>,
    /// The part of it that an address from the tokens may replace: everything except what the trait declares.
    pub(crate) given: u32,
    /// `https://host`.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) host: Box<str>,
    /// An address there, parsed once for all calls, since the host is the most expensive part of an address. Its
    /// path is longer than that of most calls, so that a copy of it has room for theirs.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) anywhere: Url,
    /// `scheme://host:port`.
    pub(crate) origin: Origin,
    /// The other hosts that the API names, with the base of each.
    pub(crate) hosts: Vec<NamedHost>,
    /// Values for the parameters of a refresh, by type.
    pub(crate) values: Extensions,
    pub(crate) api: &'static Api,
    /// Where each credential of the API is sent: its name, its placement, and the carrier made from it once.
    pub(crate) carriers: Box<[(&'static str, Placement, Carrier)]>,
    /// The maximum size of a body that is read to judge it.
    pub(crate) body_limit: usize,
    /// The size from which a body is compressed.
    #[cfg(feature = "gzip-requests")]
    pub(crate) gzip_from: Option<u64>,
    pub(crate) budget: Budget,
    /// Whether a layer or a trace needs to know to which call an attempt belongs.
    pub(crate) observed: bool,
}

/// A host that the API names.
pub(crate) struct NamedHost {
    pub(crate) name: Box<str>,
    pub(crate) base: Box<str>,
}

impl Core {
    /// Where a credential of the API is sent; `None` if only a method declares it.
    pub(crate) fn carrier(&self, credential: &Credential) -> Option<&Carrier> {
        let own = |(name, placement, _): &&(&str, Placement, Carrier)| {
            *name == credential.name && *placement == credential.placement
        };
        self.carriers.iter().find(own).map(|(.., carrier)| carrier)
    }

    pub(crate) const fn is_observed(&self) -> bool {
        self.observed
    }
}

impl Client {
    pub(crate) const fn new(core: Arc<Core>, session: Session) -> Self {
        Self { core, session }
    }

    /// Who is signed in.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The same client, for another session.
    #[must_use]
    pub fn in_session(&self, session: &Session) -> Self {
        Self { core: Arc::clone(&self.core), session: session.clone() }
    }

    /// Starts a call.
    pub fn call(&self, endpoint: &'static Endpoint) -> Draft {
        Draft::new(self, endpoint)
    }

    pub(crate) fn share_core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn base(&self) -> &str {
        &self.core.base
    }

    /// The base of the host that an endpoint calls. The builder has checked that it is known.
    pub(crate) fn base_of(&self, endpoint: &Endpoint) -> &str {
        match endpoint.host {
            Host::Own => self.base(),
            Host::At(origin) => origin,
            Host::Named(name) => {
                let hosts = &self.core.hosts;
                hosts.iter().find(|host| *host.name == *name).map_or("", |host| &host.base)
            }
        }
    }

    /// Whether a URL has the origin of this client.
    pub(crate) fn is_own(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.core.origin)
    }

    /// A value that the builder was given.
    pub fn value<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.core.values.get()
    }

    /// The address of a call of this client. Its base was parsed before.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn address(&self, whole: &str) -> Result<Url, ParseError> {
        match whole.strip_prefix(&*self.core.host) {
            Some(below) if stays(below) => Ok(at(&self.core.anywhere, below)),
            _ => Url::parse(whole),
        }
    }

    /// The address of a call of this client. In a browser, the browser's parser is the fastest.
    #[cfg(target_family = "wasm")]
    #[allow(clippy::unused_self)]
    pub(crate) fn address(&self, whole: &str) -> Result<Url, ParseError> {
        Url::parse(whole)
    }

    /// The slot of the credential with this name; without a name, the first one.
    pub(crate) fn slot_of(&self, credential: Option<&str>) -> Result<usize> {
        credential.map_or(Ok(0), |name| self.session.named(name))
    }

    /// Rejects a session that lacks a credential of this client.
    pub(crate) fn check(api: &Api, session: &Session) -> Result<()> {
        api.credentials.iter().try_for_each(|credential| {
            let slot = session.named(credential.name).map(drop);
            slot.map_err(|error| error.into_kind(ErrorKind::Build))
        })
    }
}

/// The host, and an address there with a long path; see [`Core`].
#[cfg(not(target_family = "wasm"))]
pub(crate) fn host_of(base: &Url) -> Result<(Box<str>, Url)> {
    const ROOM: usize = 80;
    let at = |path: &str| {
        base.join(path).map_err(|error| Error::new(ErrorKind::Build).with_source(error))
    };
    Ok((at("/")?.as_str().trim_end_matches('/').into(), at(&format!("/{:-<ROOM$}", ""))?))
}

/// The address with this path on the host. The URL parser would return the same, but more slowly.
#[cfg(not(target_family = "wasm"))]
fn at(anywhere: &Url, below: &str) -> Url {
    let end = below.bytes().position(|byte| matches!(byte, b'?' | b'#'));
    let (path, rest) = below.split_at(end.unwrap_or(below.len()));
    let mut url = anywhere.clone();
    url.set_path(path);
    if !rest.is_empty() {
        let (query, fragment) = match rest.split_once('#') {
            Some((query, fragment)) => (query, Some(fragment)),
            None => (rest, None),
        };
        url.set_query(query.strip_prefix('?'));
        url.set_fragment(fragment);
    }
    url
}

/// Whether the parser takes this for a path below the host. Two slashes lead to another host, and so does anything
/// that the parser treats as a slash or skips.
#[cfg(not(target_family = "wasm"))]
fn stays(below: &str) -> bool {
    below.starts_with('/')
        && !below.starts_with("//")
        && below.bytes().all(|byte| byte > b' ' && byte != b'\\')
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.core.api.name)
            .field("base", &self.core.base)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_to_another_host() {
        let base = Url::parse("https://host.example/base?a=b#c").expect("it is a URL");
        let (host, anywhere) = host_of(&base).expect("it has a host");
        assert_eq!(&*host, "https://host.example");
        for below in [
            "/",
            "/?",
            "/#",
            "/a/b?c=d&e=%2F",
            "/a?b?c/../d",
            "/a?ü='\"<>|`{}",
            "/a#b",
            "/a?b#c?d#e",
            "/a/../b",
            "/a/%2e%2E/./b/.",
            "/a//b/",
            "/%2F/x",
            "/%/%zz",
            "/a'\"<>|`{}^;:@=&+$,!*()~",
            "/c:/d|/e",
            "/ü",
        ] {
            assert!(stays(below), "{below}");
            let made = at(&anywhere, below);
            let parsed = Url::parse(&format!("https://host.example{below}"));
            let parsed = parsed.expect("it is a URL");
            assert_eq!(made, parsed, "{below}");
            let parts = |url: &Url| {
                [Some(url.path()), url.query(), url.fragment()].map(|part| part.map(str::to_owned))
            };
            assert_eq!(parts(&made), parts(&parsed), "{below}");
        }
        for below in
            ["", "//evil.example/", "/\\evil.example/", "/\t/evil.example/", ".evil.example"]
        {
            assert!(!stays(below), "{below}");
        }
    }
}

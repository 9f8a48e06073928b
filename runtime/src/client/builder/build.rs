//! Builds the client.

use std::sync::Arc;

#[cfg(not(target_family = "wasm"))]
use super::token_cookies::{has_cookie_store, token_cookies};
use super::{ClientBuilder, Plan};
use crate::call::api::Api;
use crate::call::carrier::Carrier;
use crate::call::client::{Client, Core, NamedHost};
use crate::call::retries::Budget;
use crate::client::ApiClient;
use crate::client::declared::Declared;
use crate::ports::clock::SystemClock;
use crate::ports::connections::Connections;
#[cfg(target_family = "wasm")]
use crate::ports::http::Client as HttpClient;
use crate::ports::spawn::DefaultSpawner;
use crate::ports::transport::{Transport, speaks_https};
use crate::session::policy::{CredentialPolicy, Policy, Settings};
use crate::session::renew::Renew;
use crate::session::{MOST, Session};
use crate::types::auth::Credential;
use crate::types::endpoint::Host;
use crate::types::error::{Error, ErrorKind, Result};
#[cfg(not(target_family = "wasm"))]
use crate::types::url::Site;
use crate::types::url::{ParseError, Url};

impl<C: ApiClient> ClientBuilder<C> {
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Build`]
    ///
    /// - if the base is not an http(s) URL, has a query, a fragment, a user name or a password, or is an https URL
    ///   while no TLS feature is on;
    /// - if reqwest's settings contradict each other, or have a cookie store although a cookie carries a token;
    /// - if a [`layer_for`](ClientBuilder::layer_for) names no endpoint;
    /// - if the API declares more than four credentials;
    /// - if a [`session`](ClientBuilder::session) is shared that lacks a credential of this API, or together with
    ///   settings that belong to the client that created the session;
    /// - if another client of the process has a [`store`](ClientBuilder::store) at the same location that is encrypted
    ///   with another key, or not encrypted;
    /// - if there is a [`store`](ClientBuilder::store) or a [`refresh`](ClientBuilder::refresh) and no
    ///   credential: the API declares no `auth(..)`.
    pub fn build(self) -> Result<C> {
        self.plan.build(C::API).map(C::from_client)
    }
}

impl Plan {
    fn build(mut self, api: &'static Api) -> Result<Client> {
        let base = base(&self.base, api.base)?;
        self.check(api)?;
        let hosts = hosts(std::mem::take(&mut self.hosts), api)?;
        let connections = self.connections(api)?;
        if let Some(name) = self.layers.unknown(api.endpoints) {
            return Err(Error::of_kind(ErrorKind::Build).with_message(format!(
                "`layer_for` names `{name}`, but no endpoint has this name"
            )));
        }
        let observed = !self.layers.is_empty();
        let transport = Arc::new(Transport::new(connections, self.layers));
        let realm = self.realm.unwrap_or_else(|| base.origin().ascii_serialization());
        let session = match self.session {
            Some(session) => session,
            None => Session::of_location(
                Arc::new(Policy {
                    clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::default())),
                    spawner: self.spawner.unwrap_or_else(|| Arc::new(DefaultSpawner {})),
                    on_event: self.on_event,
                    on_logout: self.on_logout,
                    settings: self.settings,
                    origin: base.origin(),
                    realm: Some(realm.into()),
                    credentials: credentials(api, &self.settings)?,
                }),
                self.store,
            )?,
        };
        Client::check(api, &session)?;
        let carriers = api.credentials.iter().map(|Credential { name, placement, .. }| {
            Ok((*name, *placement, Carrier::new(*placement)?))
        });
        #[cfg(not(target_family = "wasm"))]
        let site =
            Site::of(&base).map_err(|error| Error::of_kind(ErrorKind::Build).with_source(error))?;
        let core = Arc::new(Core {
            transport,
            #[cfg(not(target_family = "wasm"))]
            site,
            origin: base.origin(),
            given: replaceable(&base, &self.base, api.base),
            base: base.as_str().trim_end_matches('/').into(),
            hosts,
            values: self.values,
            api,
            carriers: carriers.collect::<Result<_>>()?,
            body_limit: self.body_limit,
            #[cfg(feature = "gzip-requests")]
            gzip_from: self.gzip_from,
            budget: Budget::default(),
            observed,
        });
        let client = Client::new(core, session);
        check_renewals(&client)?;
        provide(&client, self.refresh);
        Ok(client)
    }

    /// Refuses settings that would have no effect, or that another client has already set.
    fn check(&self, api: &Api) -> Result<()> {
        let invalid = |what: String| Err(Error::of_kind(ErrorKind::Build).with_message(what));
        let idle = [("store", self.store.is_some()), ("refresh", self.refresh.is_some())];
        if api.credentials.is_empty()
            && let Some((setting, _)) = idle.iter().find(|(_, given)| *given)
        {
            return invalid(format!("`{setting}` needs a credential: add `auth(..)` to the API"));
        }
        let Some(session) = &self.session else { return Ok(()) };
        if let Some(setting) = self.of_session {
            return invalid(format!(
                "`{setting}` and `session` exclude each other: set `{setting}` on the client that creates the session"
            ));
        }
        // A client of another API may have no slot there; that has its own message.
        let first = api.credentials.first().and_then(|each| session.named(each.name).ok());
        match first {
            Some(slot) if self.refresh.is_some() && session.can_renew(slot) => invalid(
                "the shared session has a refresh already: set `refresh` on the client that creates the session"
                    .into(),
            ),
            _ => Ok(()),
        }
    }
}

/// The base of each host that the API names.
fn hosts(given: Vec<(Box<str>, String)>, api: &Api) -> Result<Vec<NamedHost>> {
    let invalid = |what: String| Err(Error::of_kind(ErrorKind::Build).with_message(what));
    let named: Vec<_> = api
        .endpoints
        .iter()
        .filter_map(|endpoint| match endpoint.host {
            Host::Named(name) => Some((name, endpoint.name)),
            _ => None,
        })
        .collect();
    if let Some((name, method)) =
        named.iter().find(|(name, _)| !given.iter().any(|(known, _)| **known == **name))
    {
        return invalid(format!("`{method}` calls the host `{name}`: set it with `host`"));
    }
    let known = |name: &str| named.iter().any(|(known, _)| *known == name);
    if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
        return invalid(format!("no method names the host `{name}`"));
    }
    let one = |(name, url): (Box<str>, String)| {
        Ok(NamedHost { name, base: base(&url, "")?.as_str().trim_end_matches('/').into() })
    };
    given.into_iter().map(one).collect()
}

impl Plan {
    #[cfg(not(target_family = "wasm"))]
    fn connections(&mut self, api: &'static Api) -> Result<Connections> {
        let connect_timeout = api.connect_timeout;
        let tokens = token_cookies(api);
        #[cfg(feature = "cookies")]
        let is_given = self.cookies.is_some();
        #[cfg(not(feature = "cookies"))]
        let is_given = false;
        if let Some(token) = tokens.first()
            && !is_given
            && has_cookie_store(&self.http)
        {
            return Err(Error::of_kind(ErrorKind::Build).with_message(format!(
                "reqwest's cookie store would also keep the cookie `{token}`, which is the token of the session, and send it \
                 after a logout: pass the store to `cookie_provider` of this builder, which leaves that cookie to the session"
            )));
        }
        #[cfg(feature = "cookies")]
        let cookies =
            self.cookies.take().map(|store| Arc::new(super::cookies::Others { store, tokens }));
        let ours = move |http: reqwest::ClientBuilder| {
            #[cfg(feature = "cookies")]
            let http = match &cookies {
                Some(store) => http.cookie_provider(Arc::clone(store)),
                None => http,
            };
            let http = http.redirect(reqwest::redirect::Policy::none());
            match connect_timeout {
                Some(limit) => http.connect_timeout(limit),
                None => http,
            }
        };
        let pooled = ours(std::mem::take(&mut self.http))
            .build()
            .map_err(|error| Error::of_kind(ErrorKind::Build).with_source(error.without_url()))?;
        let connections = Connections::new(pooled);
        Ok(match self.http_again.take() {
            Some(again) if !api.renewals.is_empty() => {
                connections.with_fresh(Box::new(move || ours(again())))
            }
            _ => connections,
        })
    }

    /// A browser has no separate time limit for connecting, and manages its own connections.
    #[cfg(target_family = "wasm")]
    #[allow(clippy::unnecessary_wraps)]
    fn connections(&mut self, _: &'static Api) -> Result<Connections> {
        Ok(Connections::new(HttpClient::new(std::mem::take(&mut self.http))))
    }
}

fn credentials(api: &Api, settings: &Settings) -> Result<Box<[CredentialPolicy]>> {
    if api.credentials.len() > MOST {
        return Err(Error::of_kind(ErrorKind::Build)
            .with_message(format!("an API has at most {MOST} credentials")));
    }
    let policy = |each: &Credential| {
        let renewal = api.renewals.iter().find(|renewal| renewal.credential == each.name);
        let with = renewal
            .and_then(|renewal| renewal.with.as_ref())
            .map_or(&[][..], |with| with.credentials);
        let is_carried = |other: &Credential| with.iter().any(|each| each.name == other.name);
        let carried = api.credentials.iter().enumerate().filter(|(_, other)| is_carried(other));
        CredentialPolicy::new(each, settings, carried.map(|(index, _)| index).collect())
    };
    Ok(api.credentials.iter().map(policy).collect())
}

/// Refuses a client that lacks a value that one of its refreshes needs.
fn check_renewals(client: &Client) -> Result<()> {
    let mut renewals = client.core().api.renewals.iter();
    let Some(missing) = renewals.find_map(|renewal| (renewal.missing)(client)) else {
        return Ok(());
    };
    let hint = if is_text(missing) {
        "; for the refresh token of the session, take a `RefreshToken` instead"
    } else {
        ", or implement `From<&perennial::Tokens>` for a type that is created from the tokens"
    };
    Err(Error::of_kind(ErrorKind::Build).with_message(format!(
        "the refresh needs a value of type `{}`: pass it to `value`{hint}",
        short(missing)
    )))
}

/// Tells the session how its credentials are renewed. The first client that can renew them determines how.
fn provide(client: &Client, by_hand: Option<Arc<dyn Renew>>) {
    let api = client.core().api;
    if let Some(renew) = by_hand
        && !api.credentials.is_empty()
        && let Ok(slot) = client.slot_of(None)
    {
        let _ = client.session().policy_of(slot).renew.set(renew);
    }
    for renewal in api.renewals {
        let named = |credential: &&Credential| credential.name == renewal.credential;
        if let Some(credential) = api.credentials.iter().find(named)
            && let Ok(slot) = client.slot_of(Some(credential.name))
        {
            let declared = Declared::new(client.share_core(), renewal, credential, slot);
            let _ = client.session().policy_of(slot).renew.set(Arc::new(declared));
        }
    }
}

/// Whether the builder was given no path of its own, so that the declared one is kept.
fn is_origin(given: &str) -> bool {
    given.is_empty() || Url::parse(given).is_ok_and(|url| url.path() == "/")
}

/// The length of the base without the path that the trait declares.
fn replaceable(base: &Url, given: &str, declared: &str) -> u32 {
    let declared = match declared.contains("://") {
        true if is_origin(given) => base.path(),
        true => "",
        false => declared,
    };
    let base = base.as_str().trim_end_matches('/');
    let replaced = base.strip_suffix(declared.trim_end_matches('/')).unwrap_or(base);
    // A longer one could not be sent.
    u32::try_from(replaced.len()).unwrap_or(0)
}

/// The name of a type as users write it: without its path and without the reference.
fn short(name: &str) -> &str {
    let plain = name.trim_start_matches('&');
    match plain.contains('<') {
        true => plain,
        false => plain.rsplit("::").next().unwrap_or(plain),
    }
}

/// Whether the type is a text, and so probably intended as the refresh token.
fn is_text(name: &str) -> bool {
    matches!(short(name), "str" | "String")
}

/// The message for a base that is not an http(s) URL, with the URL that was probably meant. A base may contain a
/// password, so one with an `@` is not shown.
fn not_a_base(given: &str) -> String {
    let host = given.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let is_local = name == "localhost" || is_ipv4(name);
    let shown = if given.contains('@') { String::new() } else { format!(" `{given}`") };
    let meant = match is_local || name.contains('.') {
        _ if shown.is_empty() || given.contains("://") || name.contains(char::is_whitespace) => {
            "https://host.example".to_owned()
        }
        true => format!("{}://{given}", if is_local { "http" } else { "https" }),
        false => "https://host.example".to_owned(),
    };
    format!(
        "the base{shown} is not an http(s) URL: write it with scheme and host, such as `{meant}`"
    )
}

/// The standard library's parser would become part of each page.
fn is_ipv4(name: &str) -> bool {
    name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok())
}

/// The base of all addresses: the given one, followed by the declared prefix. A declared host is only the default, and its
/// path is kept on another host unless that one comes with a path.
fn base(given: &str, declared: &str) -> Result<Url> {
    let invalid = |what: String| Error::of_kind(ErrorKind::Build).with_message(what);
    let not_a_url = |_: ParseError| invalid(not_a_base(given));
    let declares_host = declared.contains("://");
    #[cfg(target_family = "wasm")]
    let own = crate::ports::browser::origin().unwrap_or_default();
    // The page's own server needs no name.
    #[cfg(target_family = "wasm")]
    let given = if given.is_empty() && !declares_host { own.as_str() } else { given };
    if !given.is_empty() {
        // Parsed separately: without a host, the declared prefix would become the host.
        Url::parse(given).map_err(not_a_url)?;
    }
    let whole = match (given.is_empty(), declares_host) {
        (true, true) => declared.to_owned(),
        (true, false) => {
            return Err(invalid(
                "the client has no base URL: pass one, such as https://host".into(),
            ));
        }
        (false, true) if is_origin(given) => {
            let declared = Url::parse(declared).map_err(not_a_url)?;
            format!("{}{}", given.trim_end_matches('/'), declared.path())
        }
        (false, true) => given.to_owned(),
        (false, false) => format!("{}{declared}", given.trim_end_matches('/')),
    };
    let url = Url::parse(&whole).map_err(not_a_url)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid(not_a_base(if given.is_empty() { &whole } else { given })));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("the base has a query or a fragment".into()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "the base has a user name or a password: send them as a header".into(),
        ));
    }
    if url.scheme() == "https" && !speaks_https() {
        return Err(invalid(
            "https needs a TLS backend: enable the feature `default-tls`, `rustls` or `native-tls`"
                .into(),
        ));
    }
    Ok(url)
}

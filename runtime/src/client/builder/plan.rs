//! The settings of a builder.

use std::sync::Arc;

use crate::ports::clock::Clock;
#[cfg(not(target_family = "wasm"))]
use crate::ports::connections::Make;
use crate::ports::spawn::Spawn;
use crate::ports::store::TokenStore;
use crate::ports::transport::Layers;
use crate::session::Session;
use crate::session::policy::{EventHook, LogoutHook, Settings};
use crate::session::renew::Renew;

/// The settings. They do not depend on the client's type, so that building is compiled once and not
/// for each client.
pub(super) struct Plan {
    pub(super) base: String,
    #[cfg(not(target_family = "wasm"))]
    pub(super) http: reqwest::ClientBuilder,
    /// Creates the same settings again, if possible.
    #[cfg(not(target_family = "wasm"))]
    pub(super) http_again: Option<Make>,
    #[cfg(all(feature = "cookies", not(target_family = "wasm")))]
    pub(super) cookies: Option<Arc<dyn reqwest::cookie::CookieStore>>,
    #[cfg(target_family = "wasm")]
    pub(super) http: crate::ports::browser::options::FetchOptions,
    pub(super) layers: Layers,
    pub(super) session: Option<Session>,
    pub(super) store: Option<Arc<dyn TokenStore>>,
    pub(super) realm: Option<String>,
    pub(super) refresh: Option<Arc<dyn Renew>>,
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) spawner: Option<Arc<dyn Spawn>>,
    pub(super) on_event: Option<EventHook>,
    pub(super) on_logout: Option<LogoutHook>,
    pub(super) settings: Settings,
    /// The most recently set option that belongs to the session, and so to the client that creates the session.
    pub(super) of_session: Option<&'static str>,
    pub(super) body_limit: usize,
    pub(super) hosts: Vec<(Box<str>, String)>,
    pub(super) values: http::Extensions,
    #[cfg(feature = "gzip-requests")]
    pub(super) gzip_from: Option<u64>,
}

impl Plan {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            http: Default::default(),
            #[cfg(not(target_family = "wasm"))]
            http_again: Some(Box::new(reqwest::Client::builder)),
            #[cfg(all(feature = "cookies", not(target_family = "wasm")))]
            cookies: None,
            layers: Layers::default(),
            session: None,
            store: None,
            realm: None,
            refresh: None,
            clock: None,
            spawner: None,
            on_event: None,
            on_logout: None,
            settings: Settings::default(),
            of_session: None,
            body_limit: 16 * 1024 * 1024,
            hosts: Vec::new(),
            values: http::Extensions::new(),
            #[cfg(feature = "gzip-requests")]
            gzip_from: None,
        }
    }
}

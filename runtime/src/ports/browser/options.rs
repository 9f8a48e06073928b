//! Settings of `fetch`.

/// Which cookies and client certificates `fetch` sends and accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FetchCredentials {
    /// No cookies and no certificates.
    Omit,
    /// Cookies and certificates of the page's own origin; the browser's default.
    #[default]
    SameOrigin,
    /// Cookies and certificates of every origin that is called: for an API on another origin that keeps its refresh
    /// token in a cookie. The API has to allow this with `Access-Control-Allow-Credentials: true`.
    Include,
}

/// The settings of the browser's `fetch`, for
/// [`ClientBuilder::fetch`](crate::ClientBuilder::fetch).
#[derive(Debug, Clone, Copy, Default)]
pub struct FetchOptions {
    pub(super) credentials: FetchCredentials,
    pub(super) http_cache: bool,
}

impl FetchOptions {
    /// Creates the default settings: cookies of the page's own origin, and no HTTP cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which cookies are sent and accepted; [`SameOrigin`](FetchCredentials::SameOrigin) by default.
    #[must_use]
    pub const fn credentials(mut self, credentials: FetchCredentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Sets whether the browser's HTTP cache may respond instead of the server; off by default, so that each call
    /// reaches the server, as on native targets.
    #[must_use]
    pub const fn http_cache(mut self, cache: bool) -> Self {
        self.http_cache = cache;
        self
    }
}

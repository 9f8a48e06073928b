//! One attempt of a call, as a layer sees it.

use super::endpoint::Endpoint;

/// One attempt of a call, in the extensions of each request that a layer sees.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt {
    /// The endpoint that is called.
    pub endpoint: &'static Endpoint,
    /// Identifies the call: all attempts of a call have the same number.
    pub call: u64,
    /// The number of this attempt within the call, from 1. Following a redirect is not a new attempt.
    pub number: u32,
}

impl Attempt {
    /// Creates an attempt, to test a layer.
    ///
    /// ```
    /// use perennial::{Result, api_client, http};
    /// use perennial::layer::{Attempt, HttpRequest};
    ///
    /// #[api_client]
    /// pub trait Shop {
    ///     #[get("/search")]
    ///     async fn search(&self) -> Result<String>;
    /// }
    ///
    /// /// Tells the server which attempt this is.
    /// fn numbered(mut request: HttpRequest) -> HttpRequest {
    ///     let number = request.extensions().get().map_or(0, |sent: &Attempt| sent.number);
    ///     request.headers_mut().insert("x-attempt", number.into());
    ///     request
    /// }
    ///
    /// let mut request = http::Request::new("".into());
    /// request.extensions_mut().insert(Attempt::new(&ShopClient::ENDPOINTS[0], 7, 2));
    /// assert_eq!(numbered(request).headers()["x-attempt"], "2");
    /// ```
    #[must_use]
    pub const fn new(endpoint: &'static Endpoint, call: u64, number: u32) -> Self {
        Self { endpoint, call, number }
    }
}

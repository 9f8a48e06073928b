//! reqwest's own way to send, and nothing around it: a request whose address and token are at hand, and the bytes of its
//! response. No client on reqwest can cost less.

use bytes::Bytes;
use reqwest::header::HeaderValue;
use reqwest::{Method, Request, Url};

use crate::Outcome;
use crate::server::TOKEN;

/// A client with a fixed token.
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
    token: HeaderValue,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, base: &str, token: &str) -> Outcome<Self> {
        let url = Url::parse(&format!("{base}/orders/1000"))?;
        Ok(Self { http, url, token: HeaderValue::from_str(token)? })
    }

    /// The same item every time: its address is not put together.
    pub(crate) async fn order(&self, _: u64) -> reqwest::Result<Bytes> {
        let mut request = Request::new(Method::GET, self.url.clone());
        request.headers_mut().insert(TOKEN, self.token.clone());
        self.http.execute(request).await?.bytes().await
    }
}

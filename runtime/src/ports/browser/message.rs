//! Requests and responses, with the part of reqwest's interface that the runtime uses.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;

use super::body::Body;
use super::error::FetchError;
use crate::types::url::Url;

/// Marks a request that carries a token or another secret: its redirects are not followed, since `fetch` would send
/// headers of any name to another origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secret;

/// A request to be sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    pub(super) is_secret: bool,
}

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, is_secret: false }
    }

    pub(crate) const fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    pub(crate) const fn body_mut(&mut self) -> &mut Option<Body> {
        &mut self.body
    }

    pub(crate) const fn keep_secret(&mut self, is_secret: bool) {
        self.is_secret = is_secret;
    }
}

impl TryFrom<http::Request<Body>> for Request {
    type Error = FetchError;

    fn try_from(request: http::Request<Body>) -> Result<Self, FetchError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|_| FetchError::Unsendable("a layer has made its address invalid".into()))?;
        let body = (body.as_bytes() != Some(&[])).then_some(body);
        let is_secret = parts.extensions.get::<Secret>().is_some();
        Ok(Self { method: parts.method, url, headers: parts.headers, body, is_secret })
    }
}

/// A response whose body is read chunk by chunk.
#[derive(Debug)]
pub(crate) struct Response(http::Response<Body>);

impl Response {
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        self.0.headers_mut()
    }

    /// The number of bytes that are left, if known.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.0.body().size_hint().exact()
    }

    /// The next chunk of the body; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        self.0.body_mut().chunk().await.map_err(FetchError::of_body)
    }
}

impl<T: Into<Body>> From<http::Response<T>> for Response {
    fn from(response: http::Response<T>) -> Self {
        Self(response.map(Into::into))
    }
}

impl From<Response> for http::Response<Body> {
    fn from(response: Response) -> Self {
        response.0
    }
}

/// The length of a body according to its headers. If a browser decompresses it, the headers stay unchanged.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

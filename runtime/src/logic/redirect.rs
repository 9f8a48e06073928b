//! The target of a redirect, and whether it is followed.
//!
//! A token is sent to its own origin and nowhere else (scheme, host and port: RFC 6454). A body is sent along only
//! with 307 and 308 (RFC 9110, section 15.4), and never to another origin. Whatever was dropped on the way stays
//! dropped, wherever later redirects lead.

use std::fmt;

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::mask;
use crate::types::url::Url;

/// The maximum number of redirects that are followed for one attempt.
const HOPS: usize = 10;

/// One request in a chain of redirects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    pub(crate) method: Method,
    /// Whether it takes the body along. A body that was dropped once is not sent to later targets either.
    pub(crate) keeps_body: bool,
    /// Whether the chain has never left the origin of the call. Another origin may have chosen the address that
    /// leads back, so coming back does not count.
    pub(crate) stays_home: bool,
}

impl Hop {
    /// The call itself.
    pub(crate) const fn first(url: Url, method: Method) -> Self {
        Self { url, method, keeps_body: true, stays_home: true }
    }
}

/// The `GET` into which a redirect has turned another method. The server may have processed the call itself, so only
/// this request is replayed or retried.
#[derive(Debug)]
pub(crate) struct Turned {
    pub(crate) hop: Hop,
    /// Whether it requests the result of a call that was processed (303; RFC 9110, section 15.4.4). A 301 or 302
    /// may also lead away from a call that was not processed, for example to a login page.
    pub(crate) is_result: bool,
}

/// Why a redirect is not followed. It names the origin and not the address, which may contain secrets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooMany,
    NoUrl,
    LeavesHttps,
    LeavesOrigin { to: String },
    TakesBodyAlong { to: String },
    BecomesGet,
    RepeatsBody,
    TwoPlaces,
}

/// Whether a response with this status and a `Location` leads elsewhere.
pub(crate) const fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The target of a response with this status and these headers; `None` if it is not a redirect. `crosses` says
/// whether the call may be followed to another origin, without any secret.
pub(crate) fn next(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Hop,
    crosses: bool,
    hops: usize,
) -> Result<Option<Hop>, Refusal> {
    let mut locations = headers.get_all(LOCATION).iter();
    let Some(location) = locations.next().filter(|_| is_redirect(status)) else {
        return Ok(None);
    };
    if locations.any(|other| other != location) {
        return Err(Refusal::TwoPlaces);
    }
    if hops >= HOPS {
        return Err(Refusal::TooMany);
    }
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| Refusal::NoUrl)?;
    let url = from.url.join(location).map_err(|_| Refusal::NoUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::NoUrl);
    }
    if from.url.scheme() == "https" && url.scheme() == "http" {
        return Err(Refusal::LeavesHttps);
    }
    let method = &from.method;
    let stays_home = from.stays_home && from.url.origin() == url.origin();
    if !crosses && !stays_home {
        return Err(Refusal::LeavesOrigin { to: url.origin().ascii_serialization() });
    }
    let keeps_method = matches!(status.as_u16(), 307 | 308)
        || method == Method::GET
        || method == Method::HEAD
        || (status != StatusCode::SEE_OTHER && method != Method::POST);
    if keeps_method && !stays_home && method != Method::GET && method != Method::HEAD {
        return Err(Refusal::TakesBodyAlong { to: url.origin().ascii_serialization() });
    }
    if !keeps_method && has_moved(status, from.url.path(), url.path()) {
        return Err(Refusal::BecomesGet);
    }
    let method = if keeps_method { method.clone() } else { Method::GET };
    let keeps_body = from.keeps_body && keeps_method && stays_home;
    Ok(Some(Hop { url, method, keeps_body, stays_home }))
}

/// Whether a redirect that turns a `POST` into a `GET` leads to the resource of the call at another address, for
/// example one with a trailing slash. A `GET` there would succeed without doing anything that the call asks for.
fn has_moved(status: StatusCode, from: &str, to: &str) -> bool {
    let (one, other) = (from.trim_end_matches('/'), to.trim_end_matches('/'));
    match status {
        StatusCode::MOVED_PERMANENTLY => one.rsplit('/').next() == other.rsplit('/').next(),
        StatusCode::FOUND => one == other && from != to,
        _ => false,
    }
}

/// Removes headers that describe a body that is not sent.
pub(crate) fn forget_body(headers: &mut HeaderMap) {
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        headers.remove(name);
    }
}

/// Removes headers that are meant for one origin only: those marked as sensitive, and those whose names denote a
/// secret.
pub(crate) fn forget_secrets(headers: &mut HeaderMap) {
    let is_secret = |(name, value): (&HeaderName, &HeaderValue)| {
        value.is_sensitive() || mask::is_secret_name(name.as_str())
    };
    let secrets: Vec<_> =
        headers.iter().filter(|it| is_secret(*it)).map(|(name, _)| name.clone()).collect();
    for name in secrets {
        headers.remove(name);
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "more than {HOPS} redirects"),
            Self::NoUrl => f.write_str("its `Location` is not an http(s) URL"),
            Self::LeavesHttps => f.write_str("it leads from https to http"),
            Self::LeavesOrigin { to } => {
                write!(f, "it leads to {to}, another origin than that of the call")
            }
            Self::TakesBodyAlong { to } => {
                write!(f, "it would send the body of the call to {to}, another origin")
            }
            Self::BecomesGet => f.write_str(
                "it leads to the same resource at another path, where the call would become a `GET`; declare the path \
                 of its `Location`",
            ),
            Self::RepeatsBody => {
                f.write_str("it would send the body again, which can be sent only once")
            }
            Self::TwoPlaces => f.write_str("it has two headers `Location` that differ"),
        }
    }
}

#[cfg(test)]
mod tests;

//! Where a redirect leads, and whether it is followed.
//!
//! A token goes to its own origin and nowhere else (scheme, host and port: RFC 6454). A body goes
//! along only with 307 and 308 (RFC 9110, section 15.4), and never to another origin.

use std::fmt;

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// How many redirects are followed for one attempt.
const HOPS: usize = 10;

/// The next request of a redirect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) keeps_body: bool,
    pub(crate) same_origin: bool,
}

/// Why a redirect is not followed. It names the origin and not the address, in which secrets may
/// travel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooMany,
    NoUrl,
    LeavesHttps,
    LeavesOrigin { to: String },
    TakesBodyAlong { to: String },
}

/// Where an answer with this status and these headers leads; `None` if it is no redirect.
pub(crate) fn next(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
    method: &Method,
    bears_token: bool,
    hops: usize,
) -> Result<Option<Hop>, Refusal> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    if hops >= HOPS {
        return Err(Refusal::TooMany);
    }
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| Refusal::NoUrl)?;
    let url = from.join(location).map_err(|_| Refusal::NoUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::NoUrl);
    }
    if from.scheme() == "https" && url.scheme() == "http" {
        return Err(Refusal::LeavesHttps);
    }
    let same_origin = from.origin() == url.origin();
    if bears_token && !same_origin {
        return Err(Refusal::LeavesOrigin { to: url.origin().ascii_serialization() });
    }
    let keeps_method = matches!(status.as_u16(), 307 | 308)
        || method == Method::GET
        || method == Method::HEAD
        || (status != StatusCode::SEE_OTHER && method != Method::POST);
    if keeps_method && !same_origin && method != Method::GET && method != Method::HEAD {
        return Err(Refusal::TakesBodyAlong { to: url.origin().ascii_serialization() });
    }
    let method = if keeps_method { method.clone() } else { Method::GET };
    Ok(Some(Hop { url, method, keeps_body: keeps_method && same_origin, same_origin }))
}

/// Removes what describes a body that is not sent.
pub(crate) fn forget_body(headers: &mut HeaderMap) {
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        headers.remove(name);
    }
}

/// Removes what is meant for one origin only.
pub(crate) fn forget_secrets(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
    let sensitive: Vec<_> = headers
        .iter()
        .filter(|(_, value)| value.is_sensitive())
        .map(|(name, _)| name.clone())
        .collect();
    for name in sensitive {
        headers.remove(name);
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "more than {HOPS} redirects"),
            Self::NoUrl => f.write_str("its `Location` is no http(s) URL"),
            Self::LeavesHttps => f.write_str("it leads from https to http"),
            Self::LeavesOrigin { to } => {
                write!(f, "it leads to {to}, and the call bears a token of another origin")
            }
            Self::TakesBodyAlong { to } => {
                write!(f, "it would send the body of the call to {to}, another origin")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::HeaderValue;

    use super::*;

    const HOME: &str = "https://shop.example/api/orders?page=1";

    fn headers(location: &str) -> HeaderMap {
        HeaderMap::from_iter([(LOCATION, HeaderValue::from_str(location).unwrap())])
    }

    fn follow(
        status: u16,
        to: &str,
        method: &Method,
        bears_token: bool,
    ) -> Result<Option<Hop>, Refusal> {
        let status = StatusCode::from_u16(status).unwrap();
        next(status, &headers(to), &Url::parse(HOME).unwrap(), method, bears_token, 0)
    }

    #[test]
    fn only_a_redirect_that_says_where_to_is_one() {
        for status in [200, 201, 300, 304, 305, 400] {
            assert_eq!(follow(status, "/", &Method::GET, true), Ok(None), "{status}");
        }
        let url = Url::parse(HOME).unwrap();
        let silent = next(StatusCode::FOUND, &HeaderMap::new(), &url, &Method::GET, true, 0);
        assert_eq!(silent, Ok(None));
    }

    #[test]
    fn a_token_stays_with_its_scheme_host_and_port() {
        for place in ["/x", "?page=2", "//shop.example/x", "https://SHOP.example:443/x"] {
            let hop = follow(302, place, &Method::GET, true).unwrap().unwrap();
            assert!(hop.same_origin, "{place}");
        }
        for place in [
            "https://shop.example:8443/x",
            "https://shop.example./x",
            "https://www.shop.example/x",
            "https://shop.example@evil.example/x",
            "//evil.example/x",
            "\\\\evil.example/x",
        ] {
            let refusal = follow(302, place, &Method::GET, true).unwrap_err();
            assert!(matches!(refusal, Refusal::LeavesOrigin { .. }), "{place}: {refusal}");
            let hop = follow(302, place, &Method::GET, false).unwrap().unwrap();
            assert!(!hop.same_origin && !hop.keeps_body, "{place}");
        }
    }

    #[test]
    fn nothing_falls_from_https_to_http_or_to_what_is_neither() {
        for bears_token in [true, false] {
            for place in ["http://shop.example/x", "http://evil.example/x"] {
                let refusal = follow(302, place, &Method::GET, bears_token);
                assert_eq!(refusal, Err(Refusal::LeavesHttps), "{place}");
            }
            for place in ["ftp://shop.example/x", "javascript:alert(1)", "http://", "file:///etc"] {
                let refusal = follow(302, place, &Method::GET, bears_token);
                assert_eq!(refusal, Err(Refusal::NoUrl), "{place}");
            }
        }
    }

    #[test]
    fn a_body_goes_along_with_307_and_308_and_at_home_alone() {
        for (status, method, follows, keeps) in [
            (301, Method::POST, Method::GET, false),
            (302, Method::POST, Method::GET, false),
            (303, Method::POST, Method::GET, false),
            (303, Method::PUT, Method::GET, false),
            (303, Method::HEAD, Method::HEAD, true),
            (301, Method::PUT, Method::PUT, true),
            (307, Method::POST, Method::POST, true),
            (308, Method::DELETE, Method::DELETE, true),
        ] {
            let hop = follow(status, "/x", &method, true).unwrap().unwrap();
            assert_eq!((hop.method, hop.keeps_body), (follows.clone(), keeps), "{status}");
            let away = follow(status, "https://other.example/x", &method, false);
            if follows == Method::GET || follows == Method::HEAD {
                assert!(!away.unwrap().unwrap().keeps_body, "{status}");
            } else {
                assert!(matches!(away, Err(Refusal::TakesBodyAlong { .. })), "{status}");
            }
        }
    }

    #[test]
    fn the_eleventh_hop_is_one_too_many() {
        let url = Url::parse(HOME).unwrap();
        let hop = |hops| next(StatusCode::FOUND, &headers("/x"), &url, &Method::GET, true, hops);
        assert!(hop(9).is_ok());
        assert_eq!(hop(10), Err(Refusal::TooMany));
    }

    #[test]
    fn a_refusal_shows_the_origin_and_not_the_address() {
        let place = "https://user:password@evil.example/x?token=secret";
        let shown = follow(307, place, &Method::POST, true).unwrap_err().to_string();
        assert!(shown.contains("https://evil.example"), "{shown}");
        assert!(!shown.contains("password") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn what_is_meant_for_one_origin_is_forgotten() {
        let mut secret = HeaderValue::from_static("t");
        secret.set_sensitive(true);
        let mut all = HeaderMap::new();
        for name in ["authorization", "cookie", "proxy-authorization", "accept"] {
            all.insert(name, HeaderValue::from_static("x"));
        }
        all.insert("x-token", secret);
        forget_secrets(&mut all);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["accept"]);
    }
}

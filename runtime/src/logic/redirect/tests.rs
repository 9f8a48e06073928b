//! Which redirects are followed, and what is sent along.

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
    next(status, &headers(to), &home(method), !bears_token, 0)
}

fn home(method: &Method) -> Hop {
    Hop::first(Url::parse(HOME).unwrap(), method.clone())
}

#[test]
fn only_a_redirect_with_a_location_is_one() {
    for status in [200, 201, 300, 304, 305, 400] {
        assert_eq!(follow(status, "/", &Method::GET, true), Ok(None), "{status}");
    }
    let silent = next(StatusCode::FOUND, &HeaderMap::new(), &home(&Method::GET), false, 0);
    assert_eq!(silent, Ok(None));
}

#[test]
fn of_two_locations_neither_is_followed_unless_they_are_the_same() {
    let to = |second: &'static str| {
        let mut both = headers("/x");
        both.append(LOCATION, HeaderValue::from_static(second));
        next(StatusCode::FOUND, &both, &home(&Method::GET), false, 0)
    };
    assert_eq!(to("/y"), Err(Refusal::TwoPlaces));
    assert_eq!(to("/x").unwrap().unwrap().url.path(), "/x");
}

#[test]
fn a_token_stays_with_its_scheme_host_and_port() {
    for place in ["/x", "?page=2", "//shop.example/x", "https://SHOP.example:443/x"] {
        let hop = follow(302, place, &Method::GET, true).unwrap().unwrap();
        assert!(hop.stays_home, "{place}");
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
        assert!(!hop.stays_home && !hop.keeps_body, "{place}");
    }
}

#[test]
fn nothing_is_redirected_from_https_to_http_or_to_another_scheme() {
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
fn a_body_is_sent_along_only_with_307_and_308_and_within_the_origin() {
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

/// The request with which a call of this method ends after these redirects.
fn walk(method: &Method, bears_token: bool, way: &[(u16, &str)]) -> Result<Hop, Refusal> {
    way.iter().enumerate().try_fold(home(method), |from, (hops, (status, to))| {
        let status = StatusCode::from_u16(*status).unwrap();
        next(status, &headers(to), &from, !bears_token, hops).map(Option::unwrap)
    })
}

#[test]
fn a_body_that_was_dropped_does_not_come_back() {
    let hop = walk(&Method::POST, true, &[(303, "/x"), (302, "/y"), (308, "/z")]).unwrap();
    assert_eq!((hop.method, hop.keeps_body, hop.stays_home), (Method::GET, false, true));
    let hop = walk(&Method::POST, true, &[(307, "/x"), (308, "/y")]).unwrap();
    assert_eq!((hop.method, hop.keeps_body), (Method::POST, true));
}

#[test]
fn a_call_that_has_left_its_origin_never_counts_as_back() {
    let away = "https://other.example/x";
    for back in ["/y", "https://third.example/y", HOME] {
        let hop = walk(&Method::GET, false, &[(302, away), (307, back), (302, "/z")]).unwrap();
        assert!(!hop.stays_home && !hop.keeps_body, "{back}");
    }
    let refusal = walk(&Method::GET, true, &[(302, "/x"), (302, away)]);
    assert!(matches!(refusal, Err(Refusal::LeavesOrigin { .. })), "{refusal:?}");
}

#[test]
fn the_eleventh_hop_is_one_too_many() {
    let from = home(&Method::GET);
    let hop = |hops| next(StatusCode::FOUND, &headers("/x"), &from, false, hops);
    assert!(hop(9).is_ok());
    assert_eq!(hop(10), Err(Refusal::TooMany));
}

#[test]
fn an_unfollowed_redirect_shows_the_origin_and_not_the_address() {
    let place = "https://user:password@evil.example/x?token=secret";
    let shown = follow(307, place, &Method::POST, true).unwrap_err().to_string();
    assert!(shown.contains("https://evil.example"), "{shown}");
    assert!(!shown.contains("password") && !shown.contains("secret"), "{shown}");
}

#[test]
fn headers_for_one_origin_are_removed() {
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

#[test]
fn headers_that_describe_a_body_are_removed_with_it() {
    let mut all = HeaderMap::new();
    for name in
        ["content-type", "content-length", "content-encoding", "transfer-encoding", "accept"]
    {
        all.insert(name, HeaderValue::from_static("x"));
    }
    forget_body(&mut all);
    assert_eq!(all.keys().collect::<Vec<_>>(), ["accept"]);
}

#[test]
fn a_post_does_not_become_a_get_of_the_address_to_which_its_resource_has_moved() {
    for (status, place, moved) in [
        (301, "/api/orders/", true),
        (302, "/api/orders/", true),
        (302, "/api/orders/?page=1", true),
        (301, "/api/orders", true),
        (301, "/v2/orders", true),
        (301, "/v2/orders/?page=2", true),
        (302, "/v2/orders", false),
        // The list that is shown after the form was accepted.
        (302, "/api/orders", false),
        (301, "/api/orders/7", false),
        (302, "/api/orders/7", false),
        (303, "/api/orders/", false),
        (307, "/api/orders/", false),
        (308, "/v2/orders", false),
    ] {
        let found = follow(status, place, &Method::POST, true);
        assert_eq!(found == Err(Refusal::BecomesGet), moved, "{status} {place}: {found:?}");
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            assert!(follow(status, place, &method, true).is_ok() || status == 303, "{place}");
        }
    }
}

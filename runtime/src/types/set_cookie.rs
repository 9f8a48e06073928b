//! The cookies that a response sets (RFC 6265, section 5.2).

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, SET_COOKIE};

use super::parse::http_date;

/// The beginning of 2026. An expiry before it is in the past, whatever the clock says.
const LONG_AGO: Duration = Duration::from_secs(1_767_225_600);

/// Whether these bytes end neither a cookie nor its value (RFC 6265, section 4.1.1).
pub(crate) fn can_be_a_cookie(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, b';' | b' ' | b'\t'))
}

/// The value to which a response sets a cookie; `None` if it deletes the cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A browser shows this header to no page.
    if cfg!(target_family = "wasm") {
        return None;
    }
    let date = headers.get(DATE).and_then(|date| http_date(date.to_str().ok()?));
    let now = date.unwrap_or(SystemTime::UNIX_EPOCH + LONG_AGO);
    let cookies = headers.get_all(SET_COOKIE).iter();
    let mut values = cookies.filter_map(|cookie| set_to(cookie.to_str().ok()?, name, now));
    values.next_back().flatten()
}

/// The value for the cookie of this name, if the header sets it. `now` is the server's time.
fn set_to<'a>(cookie: &'a str, name: &str, now: SystemTime) -> Option<Option<&'a str>> {
    let mut parts = cookie.split(';');
    let (own, value) = parts.next()?.split_once('=')?;
    if own.trim() != name {
        return None;
    }
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(value);
    Some(Some(value).filter(|value| !value.is_empty() && !is_deleted(parts, now)))
}

/// Servers delete a cookie with an expiry in the past, and some with a word as its value. `Max-Age` takes
/// precedence (RFC 6265, section 5.3).
fn is_deleted<'a>(attributes: impl Iterator<Item = &'a str>, now: SystemTime) -> bool {
    let (mut max_age, mut is_past) = (None, false);
    for (name, value) in attributes.filter_map(|it| it.split_once('=')) {
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => max_age = value.parse::<i64>().ok(),
            // Many servers write the date of HTTP with dashes.
            "expires" => {
                let date = http_date(value).or_else(|| http_date(&value.replace('-', " ")));
                is_past = date.is_some_and(|date| date <= now);
            }
            _ => {}
        }
    }
    max_age.map_or(is_past, |seconds| seconds <= 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn set(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SET_COOKIE, line.parse().unwrap());
        }
        cookie(&headers, "sid").map(str::to_owned)
    }

    #[test]
    fn the_last_value_of_a_cookie_is_used() {
        assert_eq!(set(&["sid=a; Path=/", "other=b", "sid=\"c\"; HttpOnly"]), Some("c".to_owned()));
        assert_eq!(set(&["sid = a=b "]), Some("a=b".to_owned()));
        assert_eq!(set(&["SID=a", "sid2=b", "sid"]), None);
        assert_eq!(set(&[]), None);
    }

    #[test]
    fn a_cookie_that_is_deleted_has_no_value() {
        for line in [
            "sid=; Path=/",
            "sid=\"\"",
            "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/",
            "sid=x; Max-Age=-1",
            "sid=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "sid=x; Expires=Thursday, 01-Jan-70 00:00:00 GMT",
            "sid=x; expires=Tue, 01-Jan-1980 00:00:01 GMT",
            "sid=x; expires=Wed, 31 Dec 2025 23:59:59 GMT",
        ] {
            assert_eq!(set(&[line]), None, "{line}");
            assert_eq!(set(&["sid=before", line]), None, "{line}");
        }
        for line in
            ["sid=x; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "sid=x; Max-Age=soon"]
        {
            assert_eq!(set(&[line]), Some("x".to_owned()), "{line}");
        }
    }

    #[test]
    fn an_expiry_is_compared_with_the_time_of_the_server() {
        let set = |date: &str, expires: &str| {
            let mut headers = HeaderMap::new();
            headers.append(DATE, date.parse().unwrap());
            headers.append(SET_COOKIE, format!("sid=x; Expires={expires}").parse().unwrap());
            cookie(&headers, "sid").map(str::to_owned)
        };
        let (before, after) = ("Sat, 03 Jul 2027 10:00:00 GMT", "Sun, 04-Jul-2027 10:00:00 GMT");
        assert_eq!(set("Sun, 04 Jul 2027 09:00:00 GMT", before), None);
        assert_eq!(set("Sun, 04 Jul 2027 09:00:00 GMT", after), Some("x".to_owned()));
        // The clock of this server is behind.
        assert_eq!(
            set("Thu, 01 Jan 2004 00:00:00 GMT", "Fri, 02 Jan 2004 00:00:00 GMT"),
            Some("x".to_owned())
        );
    }
}

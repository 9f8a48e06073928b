//! Patterns of requests.

use std::fmt;

use http::Method;

/// A pattern of requests: `"/orders/{id}"`, `"POST /orders"`, `"/files/{*rest}"`.
///
/// Without a method, it matches every method. The path is below the base of the server.
///
/// ```
/// use perennial::http::Method;
/// use perennial_test::Route;
///
/// let order = Route::from("GET /orders/{id}");
/// assert!(order.matches(&Method::GET, "/orders/7"));
/// assert!(!order.matches(&Method::POST, "/orders/7") && !order.matches(&Method::GET, "/orders"));
/// assert!(Route::from("/files/{*rest}").matches(&Method::PUT, "/files/a/b"));
/// assert!(Route::any().matches(&Method::GET, "/anything/at/all"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    method: Option<Method>,
    path: String,
}

impl Route {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self::from("/{*rest}")
    }

    /// No request.
    pub(crate) fn never() -> Self {
        Self::from("")
    }

    /// The path, as it was written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a request matches.
    #[must_use]
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|own| own != method) {
            return false;
        }
        let mut segments = path.split('/');
        for own in self.path.split('/') {
            if own.starts_with("{*") {
                return true;
            }
            match segments.next() {
                Some(segment) if own == segment || own.contains('{') => {}
                None if own.ends_with("?}") => return true,
                _ => return false,
            }
        }
        segments.next().is_none()
    }
}

impl From<&str> for Route {
    /// # Panics
    ///
    /// If the word before the path is not an HTTP method.
    fn from(text: &str) -> Self {
        match text.split_once(' ') {
            Some((method, path)) => Self {
                method: Some(method.parse().expect("a route reads `METHOD /path` or `/path`")),
                path: path.to_owned(),
            },
            None => Self { method: None, path: text.to_owned() },
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            Some(method) => write!(f, "{method} {}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

impl From<&Self> for Route {
    fn from(route: &Self) -> Self {
        route.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_matches_its_own_requests_and_no_others() {
        let order = Route::from("GET /orders/{id}");
        assert!(order.matches(&Method::GET, "/orders/7"));
        assert!(!order.matches(&Method::POST, "/orders/7"));
        assert!(!order.matches(&Method::GET, "/orders"));
        assert!(!order.matches(&Method::GET, "/orders/7/lines"));
        assert!(Route::from("/files/{*rest}").matches(&Method::PUT, "/files/a/b"));
        assert!(Route::from("/orders/{id?}").matches(&Method::GET, "/orders"));
        assert!(Route::any().matches(&Method::GET, "/orders/7"));
    }
}

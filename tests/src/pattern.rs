//! Which requests are meant.

use http::Method;

/// Which requests are meant: `"/orders/{id}"`, `"POST /orders"`, `"/files/{*rest}"`.
///
/// Without a method every method is meant. The path is the one below the base of the server.
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

    /// Its path, as it was written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a request is meant.
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
                Some(segment) if own == segment || own.starts_with('{') => {}
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

impl From<&Self> for Route {
    fn from(route: &Self) -> Self {
        route.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_means_its_own_requests_and_no_others() {
        let order = Route::from("GET /orders/{id}");
        assert!(order.matches(&Method::GET, "/orders/7"));
        assert!(!order.matches(&Method::POST, "/orders/7"));
        assert!(!order.matches(&Method::GET, "/orders"));
        assert!(!order.matches(&Method::GET, "/orders/7/lines"));
        assert!(Route::from("/files/{*rest}").matches(&Method::PUT, "/files/a/b"));
        assert!(Route::any().matches(&Method::GET, "/orders/7"));
    }
}

//! The response to a call, with its value.

use std::fmt;

use http::{HeaderMap, StatusCode};

/// A value, with the status and the headers of its response.
///
/// `Debug` shows the names of the headers but not their values, since a token may be among them.
#[derive(Clone, PartialEq)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    value: T,
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names)
            .field("value", &self.value)
            .finish()
    }
}

impl<T> Response<T> {
    /// Creates a response with this status, these headers and this value, for a fake of an API.
    #[must_use]
    pub const fn new(status: StatusCode, headers: HeaderMap, value: T) -> Self {
        Self { status, headers, value }
    }

    /// Returns the HTTP status, which is always a success.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    pub(crate) const fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Returns the value alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// Replaces the value, and keeps the status and the headers.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { status: self.status, headers: self.headers, value: change(self.value) }
    }
}

//! Adjustments of one call before it is sent.

use std::fmt::Display;

use http::{HeaderName, HeaderValue};

use super::draft::{argument, hidden_by_name, unfit};
use super::parts::Parts;
use crate::logic::encode;
use crate::types::endpoint::Retry;
use crate::types::error::{BoxError, Error, ErrorKind};

/// The same adjustments for everything that is a call: a `Call`, and the streams.
macro_rules! adjustments {
    ($call:ident) => {
        impl<T, E> $call<T, E> {
            /// Limits the whole call, including its wait for a refresh. With a limit of zero the call fails without
            /// being sent. Each page and each connection of a stream counts as one call.
            pub fn timeout(self, limit: ::std::time::Duration) -> Self {
                self.adjusted(|parts| parts.extras().timeout = Some(Some(limit)))
            }

            /// Removes the declared timeout of the whole call.
            pub fn without_timeout(self) -> Self {
                self.adjusted(|parts| parts.extras().timeout = Some(None))
            }

            /// Adds a header, or replaces a declared one of the same name. The header that carries the token
            /// cannot be replaced.
            pub fn header<N, V>(self, name: N, value: V) -> Self
            where
                N: TryInto<::http::HeaderName, Error: Into<$crate::types::error::BoxError>>,
                V: TryInto<::http::HeaderValue, Error: Into<$crate::types::error::BoxError>>,
            {
                self.adjusted(|parts| parts.set_header(name.try_into(), value.try_into()))
            }

            /// Adds a query value.
            pub fn query(self, name: &str, value: impl ::std::fmt::Display) -> Self {
                self.adjusted(|parts| parts.add_query(name, &value))
            }

            /// Adds a typed value for layers, to the extensions of each request.
            pub fn extension<V: Clone + Send + Sync + 'static>(self, value: V) -> Self {
                self.adjusted(|parts| {
                    parts.extras().extensions.insert(value);
                })
            }

            /// Sets how many times the call is retried at most after a transport failure, whatever was declared. A call
            /// that is not idempotent is still not retried.
            pub fn retry(self, limit: u32) -> Self {
                self.adjusted(|parts| parts.set_retry(limit))
            }

            /// Never retries the call after a transport failure, whatever was declared.
            pub fn without_retry(self) -> Self {
                self.adjusted(|parts| parts.extras().retry = Some(None))
            }

            /// Makes the call for another user, who is signed in to `session`: a session, or a client with its own.
            pub fn in_session<S: $crate::session::HasSession + ?Sized>(self, session: &S) -> Self {
                self.adjusted(|parts| parts.change_session(session.its_session()))
            }

            fn adjusted(mut self, adjust: impl FnOnce(&mut $crate::call::parts::Parts)) -> Self {
                if let Some(parts) = self.parts_mut() {
                    adjust(parts);
                }
                self
            }
        }
    };
}

pub(crate) use adjustments;

impl Parts {
    pub(super) fn set_header<N: Into<BoxError>, V: Into<BoxError>>(
        &mut self,
        name: Result<HeaderName, N>,
        value: Result<HeaderValue, V>,
    ) {
        match (name, value) {
            (Ok(name), Ok(value)) => {
                let value = hidden_by_name(name.as_str(), value);
                self.extras().headers.insert(name, value);
            }
            (Err(error), _) => {
                self.fail(argument(error).with_message("the name of a header is invalid"))
            }
            (Ok(name), Err(error)) => {
                self.fail(argument(error).with_message(unfit(name.as_str())));
            }
        }
    }

    pub(super) fn add_query(&mut self, name: &str, value: &dyn Display) {
        let Self { url, has_query, .. } = self;
        if encode::query(url, has_query, name, value).is_err() {
            self.fail(
                Error::of_kind(ErrorKind::Argument)
                    .with_message(format!("the `Display` of `{name}` failed")),
            );
        }
    }

    /// The declared retries, with this maximum.
    pub(super) fn set_retry(&mut self, limit: u32) {
        let declared = self.retry().unwrap_or(Retry::new(limit));
        self.extras().retry = Some(Some(Retry { limit, ..declared }));
    }
}

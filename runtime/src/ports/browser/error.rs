//! Why a `fetch` failed.

use std::fmt;

use js_sys::Error as JsError;
use wasm_bindgen::{JsCast, JsValue};

use crate::types::error::{BoxError, Error, ErrorKind, IntoError};

/// Why a `fetch` failed.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// The browser says only that it failed: offline, rejected by CORS, or interrupted.
    Failed(String),
    /// The body of the request or of the response failed.
    Body(BoxError),
    /// The server redirected a call that carries a token or declares `redirect`, and a browser does not say where
    /// to.
    Redirected,
    /// The request cannot be passed to `fetch`.
    Unsendable(String),
}

impl FetchError {
    /// The value that JavaScript threw.
    pub(super) fn thrown(value: &JsValue) -> Self {
        Self::Failed(said(value))
    }

    pub(super) fn unsendable(value: &JsValue) -> Self {
        Self::Unsendable(said(value))
    }

    /// The type of a failure that came through a body is not known here.
    pub(super) fn of_body(error: BoxError) -> Self {
        error.downcast::<Self>().map_or_else(Self::Body, |error| *error)
    }

    /// Time limits are enforced by the runtime, not by `fetch`.
    #[allow(clippy::unused_self)]
    pub(crate) const fn is_timeout(&self) -> bool {
        false
    }

    /// It contains no address.
    pub(crate) const fn without_url(self) -> Self {
        self
    }
}

pub(crate) fn said(value: &JsValue) -> String {
    match value.dyn_ref::<JsError>() {
        Some(error) => String::from(error.message()),
        None => value.as_string().unwrap_or_else(|| "the browser gives no reason".into()),
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(reason) => write!(f, "fetch failed: {reason}"),
            Self::Body(error) => write!(f, "the body failed: {error}"),
            Self::Redirected => f.write_str(
                "the server redirects, and in a browser a call that carries a token or declares `redirect` does not \
                 follow: call the address that it redirects to",
            ),
            Self::Unsendable(reason) => write!(f, "the request cannot be sent by fetch: {reason}"),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Body(error) => error.source(),
            _ => None,
        }
    }
}

impl IntoError for FetchError {
    fn into_error(self) -> Error {
        let kind = match &self {
            FetchError::Failed(_) | FetchError::Body(_) => ErrorKind::Transport,
            FetchError::Redirected => ErrorKind::Redirect,
            FetchError::Unsendable(_) => ErrorKind::Argument,
        };
        Error::of_kind(kind).with_source(self)
    }
}

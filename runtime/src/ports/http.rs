//! The types of the HTTP stack: reqwest's, and the runtime's own over `fetch` in a browser.

use std::iter::once;

#[cfg(not(target_family = "wasm"))]
use reqwest::Body;
#[cfg(not(target_family = "wasm"))]
pub(crate) use reqwest::{Client, Error as TransportError, Request, Response as Incoming};

#[cfg(target_family = "wasm")]
use super::browser::body::Body;
#[cfg(target_family = "wasm")]
pub(crate) use super::browser::{
    error::FetchError as TransportError,
    fetch::Client,
    message::{Request, Response as Incoming},
};

#[cfg(not(target_family = "wasm"))]
use crate::types::error::{Error, ErrorKind, IntoError, Phase};

/// The body of a request or response as layers see it: `reqwest::Body`, and in a browser a type with the
/// same constructors.
pub type HttpBody = Body;

/// Whether a body that has ended is shorter than its declared length. Over HTTP/2, hyper takes a stream that the server
/// resets without an error for one that has ended.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_cut(ended: &Incoming) -> bool {
    ended.content_length().is_some_and(|left| left > 0)
}

/// The browser checks it. Its length may be that of another encoding.
#[cfg(target_family = "wasm")]
pub(crate) const fn is_cut(_: &Incoming) -> bool {
    false
}

/// A transport failure. The address is left out, since it may contain a token.
#[cfg(not(target_family = "wasm"))]
#[diagnostic::do_not_recommend]
impl IntoError for TransportError {
    fn into_error(self) -> Error {
        let error = self;
        let kind = if error.is_timeout() {
            ErrorKind::Timeout(Phase::Attempt)
        } else if error.is_decode() {
            ErrorKind::Decode
        } else if error.is_builder() {
            ErrorKind::Build
        } else {
            ErrorKind::Transport
        };
        let unsent = error.is_connect() || error.is_builder();
        let error = error.without_url();
        Error::of_kind(kind).with_reason(reason(&error), error).with_unsent(unsent)
    }
}

/// The root cause of a failure: `connection refused (os error 111)`.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let said = chain.last().map(ToString::to_string).unwrap_or_default();
    // The text of rustls for a server that responds in plain text.
    if said.contains("InvalidContentType") {
        return format!(
            "{said}; the server may not speak TLS: try a base that begins with `http://`"
        );
    }
    let mut letters = said.chars();
    match (letters.next(), letters.clone().next()) {
        // A sentence begins with one upper-case letter, an abbreviation with several.
        (Some(first), Some(second)) if second.is_ascii_lowercase() => {
            // The tables for other alphabets would be a large part of a page.
            once(first.to_ascii_lowercase()).chain(letters).collect()
        }
        _ => said,
    }
}

//! The types of the HTTP stack: reqwest's, and the runtime's own over `fetch` in a browser.

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

/// The body of a request or response as layers see it: `reqwest::Body`, and in a browser a type with the
/// same constructors.
pub type HttpBody = Body;

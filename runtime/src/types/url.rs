//! Addresses, parsed as the WHATWG URL standard specifies: by the `url` crate, and in a browser by the browser
//! itself.
//!
//! The crate contains the Unicode tables for host names, which would be a fifth of a page.

#[cfg(not(target_family = "wasm"))]
pub(crate) use url::{Origin, ParseError, Url};

#[cfg(not(target_family = "wasm"))]
mod site;
#[cfg(not(target_family = "wasm"))]
pub(crate) use site::Site;

#[cfg(target_family = "wasm")]
mod browser;
#[cfg(target_family = "wasm")]
pub(crate) use browser::{Origin, ParseError, Url};

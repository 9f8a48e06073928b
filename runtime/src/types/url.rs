//! Addresses, read as the WHATWG's URL standard says: by the `url` crate, and in a browser by the browser itself.
//!
//! The crate brings the tables of Unicode for the names of hosts, which would be a fifth of a page.

#[cfg(not(target_family = "wasm"))]
pub(crate) use url::{Origin, ParseError, Url};

#[cfg(target_family = "wasm")]
mod browser;
#[cfg(target_family = "wasm")]
pub(crate) use browser::{Origin, ParseError, Url};

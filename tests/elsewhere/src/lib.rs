//! An API in a crate of the edition before, strict about lints, that knows the runtime by another
//! name. That it compiles is the test.

#![no_implicit_prelude]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use ::other::{api_client, Result, Tokens};

/// The body of a refresh.
#[derive(::std::fmt::Debug)]
pub struct Presented(::std::string::String);

impl ::std::convert::From<&Tokens> for Presented {
    fn from(tokens: &Tokens) -> Self {
        Self(::std::convert::From::from(tokens.access()))
    }
}

impl ::std::fmt::Display for Presented {
    fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        ::std::fmt::Display::fmt(&self.0, formatter)
    }
}

/// An API.
#[api_client(
    crate = ::other,
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(status = 403)),
    headers("Accept" = "application/json"),
    dyn
)]
pub trait Shop {
    /// Signs in.
    #[post("/login", login)]
    async fn login(&self, #[json] name: &str) -> Result<Tokens>;

    /// Renews the session.
    #[post("/refresh", refresh, rejected(code = [400, 401]))]
    async fn refresh(&self, #[query] token: Presented) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}/{part?}")]
    async fn order(
        &self,
        id: u64,
        part: ::std::option::Option<u8>,
        #[query] tags: &[&str],
    ) -> Result<::std::string::String>;

    /// Each order, one by one.
    #[get("/orders", page(offset = "skip"))]
    #[errors(404 => Missing, 5xx => Missing)]
    fn orders(&self) -> ::other::Pages<u64, Failure>;

    /// A recording, which can be sent once.
    #[expect(non_snake_case)]
    #[post("/recordings", replay = off)]
    async fn record(
        &self,
        #[query] trackId: u64,
        #[body] content: ::other::body::StreamBody,
    ) -> Result<()>;
}

/// The failures of the API.
#[derive(::std::fmt::Debug)]
pub enum Failure {
    /// There is nothing.
    Missing,
    /// Anything else.
    Other(::other::Error),
}

impl ::std::convert::From<::other::Error> for Failure {
    fn from(error: ::other::Error) -> Self {
        Self::Other(error)
    }
}

//! The interface for generated code. It is not meant to be used directly, and any of it may change with the next
//! version.

/// The traits through which the compiler selects an implementation, imported without their names.
pub mod kinds {
    pub use crate::call::decode::kinds::*;
    pub use crate::call::made::{FromBuilder, FromRefresh, FromSession};
}

/// The runtime side of the test of types against a document.
#[cfg(feature = "openapi")]
pub mod document {
    pub use crate::document::{Body, Method, Readable, Returns, Sends, Unreadable, check, returns};
}

/// The runtime side of `#[derive(Json)]`.
pub mod json {
    pub use crate::logic::object::{
        Absent, Deserialize, Deserializer, Entry, MapAccess, Object, Serialize, Serializer, Slot,
        object, read, read_all, read_closed, rest, to_value, unsettled, write, write_with,
    };
}

use http::StatusCode;

pub use crate::__served as served;
pub use crate::call::End;
pub use crate::call::api::Api;
pub use crate::call::body::PartOptions;
pub use crate::call::client::Client;
pub use crate::call::decode::{Decode, Probe, coded};
pub use crate::call::draft::{Draft, KeyPiece};
pub use crate::call::made::{Source, needs_tokens};
pub use crate::call::output::end;
pub use crate::call::renewal::{Renewal, RenewalCall};
pub use crate::call::sink::TokensDecoder;
pub use crate::client::{ApiClient, builder};
pub use crate::logic::values::{ListStyle, kinds as value_kinds, probe, probe_of};
pub use crate::ports::{MaybeSend, MaybeSync};
#[cfg(feature = "serve")]
pub use crate::serve;
pub use crate::types::auth::{Credential, Early, HeaderMatch, HeaderRule, Placement, Rule};
pub use crate::types::endpoint::{
    Access, Endpoint, FromTokens, Host, Page, PageCursor, PageParam, PagePlace, PageStep, Redirect,
    Replay, Retry, RetryAfter, Role, SentIn, Timeouts, TokenFields, TokenPart, TokenPlace,
    WaitPlace, WaitUnit,
};
pub use crate::types::envelope::{Envelope, Scalar};

use crate::call::{Call, Returned};
use crate::session::Session;
use crate::types::error::{Error, Result};

/// The server side of a trait, present with the feature `serve`.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "serve")]
macro_rules! __served {
    ({ $($missing:tt)* } $($code:tt)*) => { $($code)* };
}

/// The server side of a trait, present with the feature `serve`.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "serve"))]
macro_rules! __served {
    ({ $($missing:tt)* } $($code:tt)*) => { $($missing)* };
}

/// The return type of the client's method for the declared return type `R`.
pub type CallOf<R> = <R as Returned>::Call;

/// A future that is `Send`, except in a browser.
///
/// It is a single trait with this name: a mock library makes a trait object of it, which allows no second trait,
/// and recognizes by the name that it has to be pinned.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a future",
    label = "expected an `async fn`",
    note = "write `async fn`, as in the trait"
)]
pub trait Future: std::future::Future + MaybeSend {}

impl<F: std::future::Future + MaybeSend + ?Sized> Future for F {}

/// A call that can be sent. A return type that an endpoint cannot have is one error, at the type.
pub trait SendCall {
    /// Its future.
    type Future;
    /// Returns its future. It is not a method, so that the compiler never suggests it.
    fn future(call: Self) -> Self::Future;
}

impl<T: 'static, E> SendCall for Call<T, E> {
    type Future = Self;

    fn future(call: Self) -> Self {
        call
    }
}

/// The future of a call.
pub fn future<C: SendCall>(call: C) -> C::Future {
    C::future(call)
}

/// A typed client that shares a session.
///
/// # Errors
///
/// Those of [`ClientBuilder::build`](crate::ClientBuilder::build).
pub fn with_session<C: ApiClient>(base: &str, session: &Session) -> Result<C> {
    builder::<C>(base).session(session).build()
}

/// A parameter by value, with a span of its own.
pub const fn argument<T>(value: T) -> T {
    value
}

/// Finds the variant of the user's error into which a failed call is converted.
pub struct ErrorMap<E> {
    error: Error,
    found: Option<E>,
    /// Why the body does not match the value of a variant that the response names.
    mismatch: Option<String>,
}

/// Creates a variant from a failed call, or says why its body does not match the value of the variant.
type Variant<E> = fn(&Error) -> std::result::Result<E, String>;

impl<E> ErrorMap<E> {
    /// Nothing has been found yet.
    pub const fn new(error: Error) -> Self {
        Self { error, found: None, mismatch: None }
    }

    /// A status between `first` and `last` becomes this variant.
    #[must_use]
    pub fn status(mut self, first: u16, last: u16, variant: Variant<E>) -> Self {
        let matches = self.error.status().as_ref().map(StatusCode::as_u16);
        if self.found.is_none() && matches.is_some_and(|status| (first..=last).contains(&status)) {
            self.find(variant);
        }
        self
    }

    /// A code becomes this variant.
    #[must_use]
    pub fn code(mut self, code: Scalar, variant: Variant<E>) -> Self {
        if self.found.is_none() && self.error.has_code(code) {
            self.find(variant);
        }
        self
    }

    fn find(&mut self, variant: Variant<E>) {
        match variant(&self.error) {
            Ok(found) => self.found = Some(found),
            Err(why) => self.mismatch = Some(why),
        }
    }

    /// The variant that was found, or the original error.
    pub fn end(self, other: fn(Error) -> E) -> E {
        let Self { error, found, mismatch } = self;
        found.unwrap_or_else(|| {
            other(match mismatch {
                Some(why) => error.because(why),
                None => error,
            })
        })
    }
}

/// Opens an envelope as a call does, so that this can be measured alone.
pub fn open_envelope<T: serde::de::DeserializeOwned>(
    envelope: &Envelope,
    body: &[u8],
) -> Option<T> {
    use crate::logic::envelope::{Opened, decoding, open};
    let mut value = None;
    let opened = open(envelope, body, &mut decoding(|it| value = Some(it)));
    value.filter(|_| matches!(opened, Opened::Taken))
}

/// reqwest's builder for clients without a network, for tests that create very many of them: they need not read the
/// certificates of the system each time.
#[cfg(not(target_family = "wasm"))]
pub fn http_without_certificates() -> reqwest::ClientBuilder {
    let http = reqwest::Client::builder();
    #[cfg(any(feature = "default-tls", feature = "rustls", feature = "native-tls"))]
    let http = http.tls_certs_only([]);
    http
}

//! Names that the errors of other libraries have. The message of a bound that is never met says what to write.

use std::convert::Infallible;

use super::{Error, ErrorKind};
use crate::types::{never, never_by_reference, never_constants};

/// The bound of constructors from a text.
#[diagnostic::on_unimplemented(
    message = "an error is created from a status, a code or a kind",
    label = "write `of_status(404)`, `of_code(1234)` or `of_kind(ErrorKind::Transport)`",
    note = "`.with_message(\"..\")` adds a text"
)]
pub trait ErrorOfText {}

/// The bound of questions by the names of reqwest.
#[diagnostic::on_unimplemented(
    message = "the kind of an error says what failed",
    label = "compare `kind()`: no connection is `ErrorKind::Transport`, a redirect `ErrorKind::Redirect`, an \
             argument `ErrorKind::Argument`",
    note = "`is_rejected()` is a status or a code, and `has_status(404)` one of them",
    note = "`is_timeout()` and `is_decode()` have the same names as in reqwest"
)]
pub trait ErrorByItsKind<Instead> {
    /// Never returns.
    fn instead(&self) -> Instead;
}

/// The bound of looking for the cause as in anyhow.
#[diagnostic::on_unimplemented(
    message = "the cause of an error is behind `cause()`",
    label = "write `.cause().and_then(|it| it.downcast_ref::<..>())`, with the type that you look for"
)]
pub trait ErrorByItsCause<T> {
    /// Never returns.
    fn instead(&self) -> Option<&T>;
}

/// The bound of the address.
#[diagnostic::on_unimplemented(
    message = "an error names the endpoint that was called",
    label = "write `endpoint()`, which has the declared path; the text of the error contains the whole address"
)]
pub trait ErrorByItsEndpoint<Instead> {
    /// Never returns.
    fn instead(&self) -> Instead;
}

/// The bound of statuses as kinds.
#[diagnostic::on_unimplemented(
    message = "a status is not a kind of error",
    label = "write `error.has_status(404)`, without the kind",
    note = "with a status of its own, an error is of the kind `ErrorKind::Status`, or `ErrorKind::Api` if its response \
            has an envelope"
)]
pub trait KindByItsStatus {}

/// The bound of kinds by the names of other libraries.
#[diagnostic::on_unimplemented(
    message = "this kind of error has another name",
    label = "a connection or the network is `Transport`, JSON is `Decode`, a time limit `Timeout(_)`, a status `Status`"
)]
pub trait KindByAnotherName {}

#[diagnostic::do_not_recommend]
impl<T> ErrorByItsCause<T> for Infallible {
    fn instead(&self) -> Option<&T> {
        match *self {}
    }
}

impl Error {
    #[doc(hidden)]
    pub fn downcast_ref<T>(&self) -> Option<&T>
    where
        Self: ErrorByItsCause<T>,
    {
        self.instead()
    }
}

never_constants! {
    impl ErrorKind where KindByItsStatus {
        NotFound Unauthorized Forbidden Conflict BadRequest TooManyRequests InternalServerError NotModified
        StatusCode HttpStatus Http
    }
    impl ErrorKind where KindByAnotherName { Connect Connection Network Io Json Deserialize Decoding Serde }
}

never! {
    impl[] Error where ErrorOfText { new msg custom other string text }
}

never_by_reference! {
    impl Error where ErrorByItsKind<Instead> {
        is_connect() is_status() is_request() is_redirect() is_body() is_builder() is_upgrade()
    }
}

// An invocation of its own, since the compiler quotes it.
never_by_reference! {
    impl Error where ErrorByItsEndpoint<Instead> { url() uri() }
}

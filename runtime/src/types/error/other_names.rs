//! Names that the errors of other libraries have. The message of a bound that is never met says what to write.

use super::{Error, ErrorKind};
use crate::types::{never, never_constants, never_met};

/// The bound of constructors from a text.
#[diagnostic::on_unimplemented(
    message = "an error is created from a status, a code or a kind",
    label = "write `of_status(404)`, `of_code(1234)` or `of_kind(ErrorKind::Transport)`",
    note = "to add a text, write `.with_message(\"..\")`"
)]
pub trait ErrorOfText {}

/// The bound of questions by the names of reqwest.
#[diagnostic::on_unimplemented(
    message = "the kind of an error says what failed",
    label = "compare `kind()` with `ErrorKind::Transport`, `ErrorKind::Redirect` or `ErrorKind::Argument`",
    note = "for any rejected response, write `is_rejected()`, and for one status, `has_status(404)`",
    note = "`is_timeout()` and `is_decode()` have the same names as in reqwest"
)]
pub trait ErrorByItsKind<T> {}

/// The bound of questions about the status.
#[diagnostic::on_unimplemented(
    message = "`.has_status(..)` compares the status of an error with a number",
    label = "write `has_status(404)`",
    note = "`status()` is `None` for an error without a response"
)]
pub trait ErrorByItsStatus<T> {}

/// The bound of questions about the code.
#[diagnostic::on_unimplemented(
    message = "the code of an error comes from the server's envelope",
    label = "write `has_code(1234)`, or `code()` for its text"
)]
pub trait ErrorByItsCode<T> {}

/// The bound of the response.
#[diagnostic::on_unimplemented(
    message = "an error contains the parts of its response",
    label = "write `status()`, `headers()` and `bytes()`"
)]
pub trait ErrorByItsResponse<T> {}

/// The bound of the text.
#[diagnostic::on_unimplemented(
    message = "`.message()` returns the text that the server sent",
    label = "write `message()`, or `String::from_utf8_lossy(error.bytes())` for the whole body",
    note = "for a line in a log, with the endpoint and the reason, write `to_string()`"
)]
pub trait ErrorByItsText<T> {}

/// The bound of the body.
#[diagnostic::on_unimplemented(
    message = "`.body()` decodes the body of an error",
    label = "write `body::<..>()`, with the type of the body"
)]
pub trait ErrorByItsBody<T> {}

/// The bound of looking for the cause as in anyhow.
#[diagnostic::on_unimplemented(
    message = "`.cause()` returns the cause of an error",
    label = "write `.cause().and_then(|it| it.downcast_ref::<..>())`, with the type of the cause"
)]
pub trait ErrorByItsCause<T> {}

/// The bound of the address.
#[diagnostic::on_unimplemented(
    message = "an error names the endpoint that was called",
    label = "write `endpoint()` for the declared path, or `to_string()` for a text with the whole URL"
)]
pub trait ErrorByItsEndpoint<T> {}

/// The bound of kinds as variants of the error.
#[diagnostic::on_unimplemented(
    message = "an error is a struct, and its kind says what failed",
    label = "match `error.kind()`, with `ErrorKind::Status`, `ErrorKind::Transport` or another",
    note = "for one status, write `error.has_status(404)`, and for one code, `error.has_code(1234)`",
    note = "for `#[errors(404 => NotFound)]`, return `Result<T, Failure>` with your own enum `Failure`, which has the \
            variants and implements `From<perennial::Error>`"
)]
pub trait ErrorAsAnEnum {}

/// The bound of statuses as kinds.
#[diagnostic::on_unimplemented(
    message = "a status is not a kind of error",
    label = "write `error.has_status(404)`, without the kind",
    note = "a rejected response is of the kind `ErrorKind::Status`, or `ErrorKind::Api` if it has an envelope"
)]
pub trait KindByItsStatus {}

/// The bound of kinds by the names of other libraries.
#[diagnostic::on_unimplemented(
    message = "no kind of error has this name",
    label = "write `Transport` for the network, `Decode` for JSON, `Timeout(_)` for a timeout, or `Status` for a status"
)]
pub trait KindByAnotherName {}

never_met! {
    ErrorByItsKind ErrorByItsStatus ErrorByItsCode ErrorByItsResponse ErrorByItsText ErrorByItsBody ErrorByItsCause
    ErrorByItsEndpoint
}

never_constants! {
    impl ErrorKind where KindByItsStatus {
        NotFound Unauthorized Forbidden Conflict BadRequest TooManyRequests InternalServerError NotModified
        StatusCode HttpStatus Http
    }
    impl ErrorKind where KindByAnotherName { Connect Connection Network Io Json Deserialize Decoding Serde }
}

never_constants! {
    impl Error where ErrorAsAnEnum {
        Expired SignedOut SessionLost SessionChanged RefreshFailed QueueFull Timeout Transport Redirect Status Api
        Decode TooLarge Argument Build Store Http Network Connection Connect Io Json Serde Deserialize Reqwest Request
        Response NotFound Unauthorized Forbidden Conflict BadRequest TooManyRequests Server Client Other
    }
}

never! {
    impl[] Error where ErrorOfText { new msg custom other }
}

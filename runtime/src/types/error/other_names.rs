//! Names that the errors of other libraries have. The message of a bound that is never met says what to write.

use super::{Error, ErrorKind};
use crate::types::{never, never_constants, never_met};

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
pub trait ErrorByItsKind<T> {}

/// The bound of questions about the status.
#[diagnostic::on_unimplemented(
    message = "the status of an error is asked for by its number",
    label = "write `has_status(404)`",
    note = "`status()` is `None` for an error without a response"
)]
pub trait ErrorByItsStatus<T> {}

/// The bound of questions about the code.
#[diagnostic::on_unimplemented(
    message = "the code of an error is that of the server's envelope",
    label = "write `has_code(1234)`, or `code()`, which is a text"
)]
pub trait ErrorByItsCode<T> {}

/// The bound of the response.
#[diagnostic::on_unimplemented(
    message = "an error has the parts of its response",
    label = "write `status()`, `headers()` and `bytes()`"
)]
pub trait ErrorByItsResponse<T> {}

/// The bound of the text.
#[diagnostic::on_unimplemented(
    message = "the text of an error is what the server said, or its body",
    label = "write `message()`, or `String::from_utf8_lossy(error.bytes())` for the whole body",
    note = "`to_string()` is a line for a log, with the endpoint and the reason"
)]
pub trait ErrorByItsText<T> {}

/// The bound of the body.
#[diagnostic::on_unimplemented(
    message = "the body of an error is decoded by `body`",
    label = "write `body::<..>()`, with its type"
)]
pub trait ErrorByItsBody<T> {}

/// The bound of looking for the cause as in anyhow.
#[diagnostic::on_unimplemented(
    message = "the cause of an error is behind `cause()`",
    label = "write `.cause().and_then(|it| it.downcast_ref::<..>())`, with the type that you look for"
)]
pub trait ErrorByItsCause<T> {}

/// The bound of the address.
#[diagnostic::on_unimplemented(
    message = "an error names the endpoint that was called",
    label = "write `endpoint()`, which has the declared path; the text of the error contains the whole address"
)]
pub trait ErrorByItsEndpoint<T> {}

/// The bound of kinds as variants of the error.
#[diagnostic::on_unimplemented(
    message = "an error is a struct, whose kind says what failed",
    label = "match `error.kind()`, with `ErrorKind::Status`, `ErrorKind::Transport` or another",
    note = "`error.has_status(404)` asks for one status, and `error.has_code(1234)` for one code"
)]
pub trait ErrorAsAnEnum {}

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

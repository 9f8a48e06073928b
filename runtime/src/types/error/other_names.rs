//! Names that the errors of other libraries have. The message of a bound that is never met says what to write.

use super::Error;
use crate::types::{never, never_by_reference};

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

never! {
    impl[] Error where ErrorOfText { new msg custom other string text }
}

never_by_reference! {
    impl Error where ErrorByItsKind<Instead> {
        is_connect() is_status() is_request() is_redirect() is_body() is_builder() is_upgrade()
    }
}

//! Names that the requests of other libraries have. The message of a bound that is never met says what to write.

use super::Call;
use super::response::Response;
use crate::types::never;

/// The bound of sending by hand.
#[diagnostic::on_unimplemented(
    message = "a call is sent when it is awaited",
    label = "remove this",
    note = "the `.await` returns the decoded value, or the error: `.json()`, `.text()` and `.error_for_status()` are \
            not needed either"
)]
pub trait SentByHand {}

/// The bound of a result that is taken from a call.
#[diagnostic::on_unimplemented(
    message = "a call has no result before it is awaited",
    label = "write `.await` before this"
)]
pub trait NotAwaited {}

/// The bound of bodies that are given to a call.
#[diagnostic::on_unimplemented(
    message = "the trait declares what a call sends, and what it returns",
    label = "declare a parameter such as `#[json] order: &Order`, and the return type",
    note = "`#[form]`, `#[body]` and `#[part]` are the other bodies, and `Result<String>` is the text of a response"
)]
pub trait BodyOfACall {}

/// The bound of tokens that are given to a call.
#[diagnostic::on_unimplemented(
    message = "the session gives a call its token",
    label = "declare `auth(bearer)` in `#[api_client(..)]`, and remove this",
    note = "`client.session().login(tokens).await` takes tokens from elsewhere, and `.in_session(&session)` those of \
            another user"
)]
pub trait TokenOfACall {}

/// The bound of waiting for a call in code that is not async.
#[cfg(not(feature = "blocking"))]
#[diagnostic::on_unimplemented(
    message = "`.wait()` needs the feature `blocking`",
    label = "write `features = [\"blocking\"]` for perennial in `Cargo.toml`, or `.await` in async code"
)]
pub trait WaitedFor {}

/// The bound of reading a response a second time.
#[diagnostic::on_unimplemented(
    message = "the value of a response is already decoded",
    label = "write `.value()`, or `.into_value()`"
)]
pub trait DecodedBefore {}

never! {
    impl[T] Response<T> where DecodedBefore { json text bytes body into_body into_inner into_parts }
    impl[T, E] Call<T, E> where SentByHand { send execute fetch }
    impl[T, E] Call<T, E> where NotAwaited { unwrap expect unwrap_or_default is_ok is_err ok err iter }
    impl[T, E] Call<T, E> where BodyOfACall { json form body multipart text bytes }
    impl[T, E] Call<T, E> where TokenOfACall { bearer_auth basic_auth auth token with_token }
}

#[cfg(not(feature = "blocking"))]
never! {
    impl[T, E] Call<T, E> where WaitedFor { wait }
}

//! One use of an endpoint.

mod adjust;
pub(crate) mod api;
pub(crate) mod attempt;
pub(crate) mod body;
pub(crate) mod carrier;
pub(crate) mod client;
pub(crate) mod curl;
pub(crate) mod decode;
pub(crate) mod destination;
pub(crate) mod draft;
mod drive;
pub(crate) mod encoded;
mod execute;
mod follow;
mod from_tokens;
pub(crate) mod judge;
pub(crate) mod made;
pub(crate) mod other_names;
pub(crate) mod output;
pub(crate) mod parts;
mod proof;
pub(crate) mod renewal;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retries;
pub(crate) mod secrets;
pub(crate) mod sink;
pub(crate) mod stream;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(all(feature = "blocking", not(target_family = "wasm")))]
pub(crate) mod wait;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind};
use body::{Progress, ProgressEvents};
use draft::Draft;
use drive::Drive;
use parts::Parts;
use response::Response;
use sink::{ReadMode, Sink, Value, ValueVtable};

/// A call. It is a future, and sends its request when it is first polled.
///
/// Its arguments were encoded when it was created, so a call borrows nothing: pass it to `tokio::spawn`,
/// `tokio::time::timeout` or `join_all`, or store it. An argument that could not be encoded becomes the error of the
/// call. A call belongs to the user who was signed in when it was created: if another user signs in before it is sent,
/// it fails.
///
/// Dropping a call that waits for a refresh removes it from the queue; the refresh continues. Adjustments after its
/// first poll have no effect.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T, E = Error> {
    state: State,
    error: fn(Error) -> E,
    typed: PhantomData<fn() -> T>,
}

/// The progress of a call.
enum State {
    Unsent(Box<Parts>),
    Sent(Drive<'static, Box<Parts>>),
    Ended(&'static Endpoint),
}

/// The typed end of a call.
pub struct End<T, E> {
    value: &'static ValueVtable,
    error: fn(Error) -> E,
    typed: PhantomData<fn() -> T>,
}

/// The return types of an endpoint: a `Result`, or a stream.
#[diagnostic::on_unimplemented(
    message = "an endpoint cannot return `{Self}`",
    label = "expected a `Result`",
    note = "return `perennial::Result<{Self}>`, or `Result<{Self}, E>` with any `E: From<perennial::Error>`"
)]
pub trait Returned: Sized {
    /// The decoded value.
    type Value;
    /// The error of a failed call.
    type Error;
    /// The return type of the client's method.
    type Call;

    /// The return type of the trait's method for a stream.
    fn from_call(call: Self::Call) -> Self;
}

/// The error types of an endpoint.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an endpoint",
    label = "expected a type that implements `From<perennial::Error>`",
    note = "return `perennial::Result`, or implement `From<perennial::Error>` for your own error type"
)]
pub trait CallError {
    /// Creates the error.
    fn from_call(error: Error) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> CallError for E {
    fn from_call(error: Error) -> Self {
        error.into()
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> Returned for Result<T, E> {
    type Value = T;
    type Error = E;
    type Call = Call<T, E>;

    fn from_call(_: Call<T, E>) -> Self {
        unreachable!("a call is awaited, and only a stream is returned unchanged")
    }
}

impl<T, E> End<T, E> {
    const fn new(value: &'static ValueVtable, error: fn(Error) -> E) -> Self {
        Self { value, error, typed: PhantomData }
    }
}

impl<T, E> fmt::Debug for End<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("End")
    }
}

adjust::adjustments!(Call);

impl<T, E> Call<T, E> {
    /// Reports how many bytes of the body were sent; the server may have received slightly fewer.
    ///
    /// `watcher` runs for each chunk, on the task that sends it, and should be short. Each attempt starts from 0.
    pub fn on_upload(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.adjusted(|parts| parts.extras().on_upload = Some(Arc::new(watcher)))
    }

    /// Reports the same progress as [`on_upload`](Call::on_upload), as a stream of events that ends with the call.
    pub fn upload_events(self) -> (Self, ProgressEvents) {
        let (watcher, events) = ProgressEvents::new();
        (self.adjusted(|parts| parts.extras().on_upload = Some(watcher)), events)
    }

    /// Sends the body compressed with gzip. The server has to support it.
    #[cfg(feature = "gzip-requests")]
    pub fn gzip(self) -> Self {
        self.adjusted(|parts| parts.extras().gzip = true)
    }

    /// Returns the endpoint that is called.
    #[must_use]
    pub fn endpoint(&self) -> &'static Endpoint {
        match &self.state {
            State::Unsent(parts) => parts.endpoint,
            State::Sent(drive) => drive.endpoint(),
            State::Ended(endpoint) => endpoint,
        }
    }

    fn parts_mut(&mut self) -> Option<&mut Parts> {
        match &mut self.state {
            State::Unsent(parts) => Some(parts),
            State::Sent(..) | State::Ended(_) => None,
        }
    }
}

impl State {
    /// The call of a draft. It is not generic, so that it is compiled once.
    fn of(draft: Draft, value: &'static ValueVtable) -> Self {
        let mut parts = draft.complete();
        parts.sink = Sink::new(value);
        if parts.sink.reads == ReadMode::Stream {
            stream::accept_identity(&mut parts);
        }
        Self::Unsent(parts)
    }

    /// Drives the call. It is not generic, so that it is compiled once.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Value, Error>> {
        if let Self::Unsent(parts) = self {
            let endpoint = parts.endpoint;
            if let Self::Unsent(parts) = std::mem::replace(self, Self::Ended(endpoint)) {
                *self = Self::Sent(execute::execute(parts));
            }
        }
        let Self::Sent(drive) = self else {
            panic!("a call was polled after it had ended");
        };
        let (parts, ended) = ready!(Pin::new(drive).poll(context));
        *self = Self::Ended(parts.endpoint);
        Poll::Ready(ended.map(|mut value| {
            parts.sink.keep(&mut value, parts);
            value
        }))
    }
}

impl<T: 'static, E> Future for Call<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // It is compiled for each type, so it is spelled out: closures would be functions of their own.
        let error = match ready!(self.state.poll(context)) {
            Ok(value) => match value.downcast() {
                Ok(value) => return Poll::Ready(Ok(*value)),
                // The vtable of this type created the value, so it has this type.
                Err(_) => Error::of_kind(ErrorKind::Decode),
            },
            Err(error) => error,
        };
        Poll::Ready(Err((self.error)(error)))
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(self.endpoint()).finish()
    }
}

//! One use of an endpoint.

mod adjust;
pub(crate) mod api;
pub(crate) mod attempt;
pub(crate) mod body;
pub(crate) mod carrier;
pub(crate) mod client;
pub(crate) mod curl;
pub(crate) mod decode;
mod destination;
pub(crate) mod draft;
mod drive;
pub(crate) mod encoded;
mod execute;
pub(crate) mod judge;
pub(crate) mod made;
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

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, StatusCode};

use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind};
use crate::types::tokens::Tokens;
use body::{Progress, ProgressEvents};
use decode::Decode;
use judge::TokensOutcome;
use parts::Parts;
use response::Response;
use sink::{Decoded, ReadMode, Sink};

/// A call. It is a future, and sends its request when it is first polled.
///
/// Its arguments were encoded when it was made, so it borrows nothing: pass it to `tokio::spawn`,
/// `tokio::time::timeout` or `join_all`, or store it. An argument that could not be encoded becomes its error. A call
/// belongs to the user who was signed in when it was made: if another user signs in before it is sent, it fails.
///
/// Dropping a call that waits for a refresh removes it from the queue; the refresh continues. Adjustments after its
/// first poll have no effect.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T, E = Error> {
    state: State,
    error: fn(Error) -> E,
    typed: PhantomData<fn() -> T>,
}

/// How far a call has come.
enum State {
    Unsent(Box<Parts>, fn() -> ValueVtable),
    Sent(BoxFuture<'static, Result<Value, Error>>, &'static Endpoint),
    Ended(&'static Endpoint),
}

/// The typed end of a call.
pub struct End<T, E> {
    value: fn() -> ValueVtable,
    error: fn(Error) -> E,
    typed: PhantomData<fn() -> T>,
}

/// A value without its type, so that one executor serves all. The future of the call knows the type.
pub(crate) type Value = Box<dyn Any + Send>;

/// The operations of a value's type, behind one pointer, since very many calls may wait.
pub struct ValueVtable {
    reads: ReadMode,
    decode: for<'a> fn(&'static Endpoint, &'a mut Received, &mut Option<Value>) -> Decoded<'a>,
    without: fn(StatusCode, &HeaderMap) -> Option<Value>,
    keep: Option<fn(&mut Value, Box<Parts>)>,
    tokens: Option<fn(&'static Endpoint, &mut Received) -> TokensOutcome>,
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
    label = "expected a type that is created from `perennial::Error`",
    note = "implement `From<perennial::Error>` for `{Self}`, or return `perennial::Result`"
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
    fn new(value: fn() -> ValueVtable, error: fn(Error) -> E) -> Self {
        Self { value, error, typed: PhantomData }
    }
}

impl ValueVtable {
    fn of<T: Decode<K> + Send + 'static, K>() -> Self {
        Self {
            reads: T::READS,
            decode: |endpoint, received, kept| {
                T::decode(endpoint, received, &mut |value| *kept = Some(Box::new(value)))
            },
            without: |status, headers| T::without(status, headers).map(|it| Box::new(it) as Value),
            keep: T::KEEP.map(|_| keep::<T, K> as fn(&mut Value, Box<Parts>)),
            tokens: None,
        }
    }
}

fn keep<T: Decode<K> + 'static, K>(value: &mut Value, parts: Box<Parts>) {
    if let (Some(keep), Some(value)) = (T::KEEP, value.downcast_mut()) {
        keep(value, parts);
    }
}

impl<T, E> fmt::Debug for End<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("End")
    }
}

adjust::adjustments!(Call);

impl<T, E> Call<T, E> {
    pub(crate) fn new(mut parts: Box<Parts>, end: End<T, E>) -> Self {
        if (end.value)().reads == ReadMode::Stream {
            stream::accept_identity(&mut parts);
        }
        Self { state: State::Unsent(parts, end.value), error: end.error, typed: PhantomData }
    }

    /// Reports how many bytes of the body were sent; the server may have received a little less.
    ///
    /// It runs on the task that sends, for each chunk, and should be short. Each attempt starts from 0.
    pub fn on_upload(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.adjusted(|parts| parts.extras().on_upload = Some(Arc::new(watcher)))
    }

    /// The same as a stream of events, which ends with the call.
    pub fn upload_events(self) -> (Self, ProgressEvents) {
        let (watcher, events) = ProgressEvents::new();
        (self.adjusted(|parts| parts.extras().on_upload = Some(watcher)), events)
    }

    /// Sends the body in gzip. The server has to understand it.
    #[cfg(feature = "gzip-requests")]
    pub fn gzip(self) -> Self {
        self.adjusted(|parts| parts.extras().gzip = true)
    }

    /// The endpoint that is called.
    #[must_use]
    pub fn endpoint(&self) -> &'static Endpoint {
        match &self.state {
            State::Unsent(parts, _) => parts.endpoint,
            State::Sent(_, endpoint) | State::Ended(endpoint) => endpoint,
        }
    }

    fn parts_mut(&mut self) -> Option<&mut Parts> {
        match &mut self.state {
            State::Unsent(parts, _) => Some(parts),
            State::Sent(..) | State::Ended(_) => None,
        }
    }
}

impl State {
    /// Drives the call. It knows no types, so that it is compiled once.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Value, Error>> {
        if let Self::Unsent(parts, vtable) = self {
            let (endpoint, vtable) = (parts.endpoint, *vtable);
            if let Self::Unsent(parts, _) = std::mem::replace(self, Self::Ended(endpoint)) {
                *self = Self::Sent(run(parts, vtable), endpoint);
            }
        }
        let Self::Sent(running, endpoint) = self else {
            panic!("a call was polled after it had ended");
        };
        let ended = ready!(running.as_mut().poll(context));
        *self = Self::Ended(endpoint);
        Poll::Ready(ended)
    }
}

/// Makes a call, and lets its value keep what it needs of it. The future captures what it borrows, and
/// so has it once.
fn run(
    mut parts: Box<Parts>,
    vtable: fn() -> ValueVtable,
) -> BoxFuture<'static, Result<Value, Error>> {
    let mut sink = ValueSink { vtable, value: None, tokens: None };
    Box::pin(async move {
        execute::execute(&mut parts, &mut sink).await?;
        // The executor reports success only after the value was stored.
        let mut value = sink.value.take().ok_or_else(|| Error::new(ErrorKind::Decode))?;
        if let Some(keep) = (sink.vtable)().keep {
            keep(&mut value, parts);
        }
        Ok(value)
    })
}

impl<T: 'static, E> Future for Call<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(self.state.poll(context));
        // The value was made by the vtable of this type, so that it is of no other.
        let value = ended.and_then(|it| it.downcast().map_err(|_| Error::new(ErrorKind::Decode)));
        Poll::Ready(match value {
            Ok(value) => Ok(*value),
            Err(error) => Err((self.error)(error)),
        })
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(self.endpoint()).finish()
    }
}

/// Keeps the value of a call until its future returns it.
struct ValueSink {
    vtable: fn() -> ValueVtable,
    value: Option<Value>,
    /// Boxed, since only a login has any.
    tokens: Option<Box<Tokens>>,
}

impl Sink for ValueSink {
    fn reads(&self) -> ReadMode {
        (self.vtable)().reads
    }

    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a> {
        let vtable = (self.vtable)();
        if let Some(decode) = vtable.tokens {
            match decode(endpoint, received) {
                TokensOutcome::Tokens(tokens) => self.tokens = Some(Box::new(tokens)),
                TokensOutcome::Refused => {}
                TokensOutcome::Broken(error) => return Decoded::Broken(error),
            }
        }
        let landed = (vtable.decode)(endpoint, received, &mut self.value);
        if !matches!(landed, Decoded::Taken) {
            // A value may have come before the code that refuses it.
            self.value = None;
        }
        landed
    }

    fn lands_without(&mut self, status: StatusCode, headers: &HeaderMap) -> bool {
        self.value = ((self.vtable)().without)(status, headers);
        self.value.is_some()
    }

    fn take_tokens(&mut self) -> Option<Box<Tokens>> {
        self.tokens.take()
    }
}

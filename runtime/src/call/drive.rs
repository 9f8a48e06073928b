//! The rounds of a call, and the waits between them.
//!
//! An expiry under load parks very many calls, so the future that drives a call is a handwritten enum of the few things
//! that it can wait for. A round is boxed while it lasts, so that a call in the queue keeps nothing of the previous
//! round.

use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::execute::round;
use super::parts::Parts;
use super::sink::Value;
use crate::ports::BoxFuture;
use crate::session::Permit;
use crate::session::waiter::Waiting;
use crate::types::endpoint::Endpoint;
use crate::types::error::Result;

/// The step after a round.
pub(super) enum Next {
    Done(Value),
    Again,
    /// After a wait in the queue, before the first attempt or because the token has expired.
    Wait(Waiting),
    /// After a pause.
    After(BoxFuture<'static, ()>),
}

/// The parts of a call: its own, or those of a stream, which makes several calls.
pub(super) trait Held: DerefMut<Target = Parts> + Send + Unpin {}

impl<P: DerefMut<Target = Parts> + Send + Unpin> Held for P {}

/// Makes a call, one round after another.
pub(super) struct Drive<'a, P>(State<'a, P>);

enum State<'a, P> {
    Round {
        /// A round. It borrows the call, and returns it at the end.
        round: BoxFuture<'a, (P, Result<Next>)>,
        /// The permit, until the call pauses or ends, if the number of released calls that send at once is limited.
        permit: Option<Box<Permit>>,
        endpoint: &'static Endpoint,
    },
    Waits {
        parts: P,
        waiting: Waiting,
    },
    Pauses {
        parts: P,
        pause: BoxFuture<'static, ()>,
        /// The slot whose permit the call had and needs again.
        permit_of: Option<usize>,
    },
    /// A call with a timeout, or one that needs more than the plain case.
    Full {
        full: BoxFuture<'a, (P, Result<Value>)>,
        endpoint: &'static Endpoint,
    },
    Over(&'static Endpoint),
}

impl<'a, P: Held + 'a> Drive<'a, P> {
    pub(super) fn new(parts: P) -> Self {
        Self(State::round(parts, None))
    }

    /// A call that `full` makes.
    pub(super) fn full(
        endpoint: &'static Endpoint,
        full: BoxFuture<'a, (P, Result<Value>)>,
    ) -> Self {
        Self(State::Full { full, endpoint })
    }

    pub(super) fn endpoint(&self) -> &'static Endpoint {
        match &self.0 {
            State::Round { endpoint, .. }
            | State::Full { endpoint, .. }
            | State::Over(endpoint) => endpoint,
            State::Waits { parts, .. } | State::Pauses { parts, .. } => parts.endpoint,
        }
    }
}

/// Returns the call with its outcome.
impl<'a, P: Held + 'a> Future for Drive<'a, P> {
    type Output = (P, Result<Value>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            // Most polls are those of a round, which stays where it is.
            let step = if let State::Round { round, permit, endpoint } = &mut self.0 {
                let (parts, next) = ready!(poll_round(round, permit, context));
                let (permit, over) = (permit.take(), State::Over(endpoint));
                self.0 = over;
                match next {
                    Ok(next) => after(parts, next, permit),
                    Err(error) => Step::Ends(parts, Err(error)),
                }
            } else {
                let over = State::Over(self.endpoint());
                std::mem::replace(&mut self.0, over).step(context)
            };
            self.0 = match step {
                Step::Goes(state) => state,
                Step::Stays(state) => {
                    self.0 = state;
                    return Poll::Pending;
                }
                Step::Ends(parts, outcome) => {
                    let outcome = outcome.map_err(|error| parts.named(error));
                    return Poll::Ready((parts, outcome));
                }
            };
        }
    }
}

/// The next state.
enum Step<'a, P> {
    Goes(State<'a, P>),
    Stays(State<'a, P>),
    Ends(P, Result<Value>),
}

impl<'a, P: Held + 'a> State<'a, P> {
    fn round(mut parts: P, permit: Option<Box<Permit>>) -> Self {
        let endpoint = parts.endpoint;
        // In its place at once: `Box::pin` would copy the whole future, of which only `parts` has a value yet.
        let round = Box::into_pin(Box::write(Box::new_uninit(), async move {
            let next = round(&mut parts).await;
            (parts, next)
        }));
        Self::Round { round, permit, endpoint }
    }

    fn step(self, context: &mut Context<'_>) -> Step<'a, P> {
        match self {
            // It is polled in its place.
            Self::Round { .. } => Step::Goes(self),
            Self::Waits { mut parts, mut waiting } => match Pin::new(&mut waiting).poll(context) {
                Poll::Pending => Step::Stays(Self::Waits { parts, waiting }),
                Poll::Ready(woken) => {
                    let Parts { client, auth, progress, .. } = &mut *parts;
                    let over = waiting.is_after_expiry().then_some(progress.generation);
                    match client.session().resume(auth, waiting.slot(), over, woken) {
                        Ok(permit) => Step::Goes(Self::round(parts, permit)),
                        Err(error) => Step::Ends(parts, Err(error)),
                    }
                }
            },
            Self::Pauses { parts, mut pause, permit_of } => match pause.as_mut().poll(context) {
                Poll::Pending => Step::Stays(Self::Pauses { parts, pause, permit_of }),
                Poll::Ready(()) => Step::Goes(after_pause(parts, permit_of)),
            },
            Self::Full { mut full, endpoint } => match full.as_mut().poll(context) {
                Poll::Pending => Step::Stays(Self::Full { full, endpoint }),
                Poll::Ready((parts, outcome)) => Step::Ends(parts, outcome),
            },
            Self::Over(_) => panic!("a call was polled after it had ended"),
        }
    }
}

fn after<'a, P: Held + 'a>(mut parts: P, next: Next, permit: Option<Box<Permit>>) -> Step<'a, P> {
    match next {
        Next::Done(value) => Step::Ends(parts, Ok(value)),
        Next::Again => Step::Goes(State::round(parts, permit)),
        // A pause gives up the permit, so that others may send meanwhile.
        Next::After(pause) => {
            let permit_of = permit.map(|permit| permit.slot());
            Step::Goes(State::Pauses { parts, pause, permit_of })
        }
        Next::Wait(waiting) => {
            // The permit ends here: otherwise the call would wait for itself.
            drop(permit);
            parts.url.shrink_to_fit();
            Step::Goes(State::Waits { parts, waiting })
        }
    }
}

fn after_pause<'a, P: Held + 'a>(parts: P, permit_of: Option<usize>) -> State<'a, P> {
    let session = parts.client.session();
    match permit_of.map_or(Ok(None), |slot| session.take_permit(slot)) {
        Ok(permit) => State::round(parts, permit),
        Err(waiting) => State::Waits { parts, waiting },
    }
}

fn poll_round<T>(
    round: &mut BoxFuture<'_, T>,
    permit: &Option<Box<Permit>>,
    context: &mut Context<'_>,
) -> Poll<T> {
    match permit {
        Some(permit) => permit.poll(context, |context| round.as_mut().poll(context)),
        None => round.as_mut().poll(context),
    }
}

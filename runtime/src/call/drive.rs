//! The rounds of a call, and the waits between them.
//!
//! A storm parks very many calls, so the future that drives one is a hand-written enum of the few things
//! that it can wait for: a round is boxed for as long as it lasts, and a call that waits in the queue keeps
//! nothing of the previous round.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::execute::round;
use super::parts::Parts;
use super::sink::Sink;
use crate::ports::BoxFuture;
use crate::session::Permit;
use crate::session::waiter::Waiting;
use crate::types::error::Result;

/// The step after a round.
pub(super) enum Next {
    Done,
    Again,
    /// After a wait in the queue, for the first time or because the token has expired.
    Wait {
        waiting: Waiting,
        again: bool,
    },
    /// After a pause.
    After(BoxFuture<'static, ()>),
}

/// Makes a call, one round after another.
pub(super) struct Drive<'a>(State<'a>);

/// The call and its typed end. A round borrows them and gives them back at its end.
pub(super) type Hands<'a> = (&'a mut Parts, &'a mut dyn Sink);

enum State<'a> {
    Round {
        round: BoxFuture<'a, (Hands<'a>, Result<Next>)>,
        /// Until the call pauses or ends, where only some released calls may send at once.
        permit: Option<Box<Permit>>,
    },
    Waits {
        hands: Hands<'a>,
        waiting: Waiting,
        again: bool,
    },
    Pauses {
        hands: Hands<'a>,
        pause: BoxFuture<'static, ()>,
        /// The slot whose permit the call had, and needs again.
        permit_of: Option<u8>,
    },
    Over,
}

impl<'a> Drive<'a> {
    pub(super) fn new(parts: &'a mut Parts, sink: &'a mut dyn Sink) -> Self {
        Self(State::round((parts, sink), None))
    }
}

/// Gives the call back with what became of it.
impl<'a> Future for Drive<'a> {
    type Output = (&'a mut Parts, Result<()>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let state = std::mem::replace(&mut self.0, State::Over);
            self.0 = match state.step(context) {
                Step::Goes(state) => state,
                Step::Stays(state) => {
                    self.0 = state;
                    return Poll::Pending;
                }
                Step::Ends(parts, outcome) => return Poll::Ready((parts, outcome)),
            };
        }
    }
}

/// The next state.
enum Step<'a> {
    Goes(State<'a>),
    Stays(State<'a>),
    Ends(&'a mut Parts, Result<()>),
}

impl<'a> State<'a> {
    fn round(mut hands: Hands<'a>, permit: Option<Box<Permit>>) -> Self {
        let round = Box::pin(async move {
            let next = round(&mut hands).await;
            (hands, next)
        });
        Self::Round { round, permit }
    }

    fn step(self, context: &mut Context<'_>) -> Step<'a> {
        match self {
            Self::Round { mut round, permit } => match poll_round(&mut round, &permit, context) {
                Poll::Pending => Step::Stays(Self::Round { round, permit }),
                Poll::Ready((hands, next)) => {
                    drop(round);
                    match next {
                        Ok(next) => after(hands, next, permit),
                        Err(error) => Step::Ends(hands.0, Err(error)),
                    }
                }
            },
            Self::Waits { hands, mut waiting, again } => match Pin::new(&mut waiting).poll(context)
            {
                Poll::Pending => Step::Stays(Self::Waits { hands, waiting, again }),
                Poll::Ready(woken) => {
                    let Parts { client, auth, progress, .. } = &mut *hands.0;
                    let over = again.then_some(progress.generation);
                    match client.session().resume(auth, waiting.slot(), over, woken) {
                        Ok(permit) => Step::Goes(Self::round(hands, permit)),
                        Err(error) => Step::Ends(hands.0, Err(error)),
                    }
                }
            },
            Self::Pauses { hands, mut pause, permit_of } => match pause.as_mut().poll(context) {
                Poll::Pending => Step::Stays(Self::Pauses { hands, pause, permit_of }),
                Poll::Ready(()) => Step::Goes(after_pause(hands, permit_of)),
            },
            Self::Over => panic!("a call was polled after it had ended"),
        }
    }
}

fn after<'a>(hands: Hands<'a>, next: Next, permit: Option<Box<Permit>>) -> Step<'a> {
    match next {
        Next::Done => Step::Ends(hands.0, Ok(())),
        Next::Again => Step::Goes(State::round(hands, permit)),
        // A pause gives the permit up: meanwhile others may send.
        Next::After(pause) => {
            let permit_of = permit.map(|permit| permit.slot());
            Step::Goes(State::Pauses { hands, pause, permit_of })
        }
        Next::Wait { waiting, again } => {
            // Its permit ends: it would wait for itself otherwise.
            drop(permit);
            hands.0.url.shrink_to_fit();
            Step::Goes(State::Waits { hands, waiting, again })
        }
    }
}

fn after_pause<'a>(hands: Hands<'a>, permit_of: Option<u8>) -> State<'a> {
    let session = hands.0.client.session();
    match permit_of.map_or(Ok(None), |slot| session.take_permit(slot)) {
        Ok(permit) => State::round(hands, permit),
        Err(waiting) => State::Waits { hands, waiting, again: false },
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

//! The one executor of all calls. It is not generic: what it needs to know of a type it asks
//! through [`Land`].

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};

use super::attempt::attempt;
use super::judge::{Step, judge};
use super::land::Land;
use super::parts::Parts;
use super::retries::Retries;
use crate::session::hold::Turn;
use crate::session::{Asking, Passes, Session};
use crate::words::attempt::Attempt;
use crate::words::endpoint::Role;
use crate::words::error::{Error, ErrorKind, Phase, Result};
use crate::words::event::Event;
use crate::words::tokens::Tokens;

/// Makes a call: sends it, waits where it must, repeats it where it may.
pub(crate) async fn execute(parts: &mut Parts, landing: &mut dyn Land) -> Result<()> {
    let endpoint = parts.endpoint;
    let mut progress = Progress { attempts: 0, sending: false, asking: parts.asking };
    progress.asking.is_careful = !parts.body.is_repeatable();
    let fault = parts.fault.take();
    let driving = async {
        match (fault, parts.timeout()) {
            (Some(fault), _) => Err(fault),
            (None, None) => drive(parts, landing, &mut progress).await,
            (None, Some(limit)) => within(limit, parts, landing, &mut progress).await,
        }
    };
    #[cfg(feature = "tracing")]
    let driving = super::trace::traced(endpoint, driving);
    let outcome = driving.await;
    // What is sent later in the name of this call is bound to whoever it was sent for.
    parts.asking.keep_binding(&progress.asking);
    if endpoint.role == Role::Logout {
        parts.client.session().leave(&parts.asking).await;
    }
    let outcome =
        outcome.map_err(|error| error.with_endpoint(endpoint).with_attempts(progress.attempts));
    #[cfg(feature = "tracing")]
    super::trace::ended(endpoint, progress.attempts, outcome.as_ref().err());
    outcome
}

/// How far a call has come; its error tells it.
#[derive(Debug)]
struct Progress {
    attempts: u32,
    sending: bool,
    asking: Asking,
}

/// Boxed, so that a call without a time limit does not pay for the room of its timer.
async fn within(
    limit: Duration,
    parts: &Parts,
    landing: &mut dyn Land,
    progress: &mut Progress,
) -> Result<()> {
    let timer = parts.client.session().policy().clock.sleep(limit);
    let outcome = {
        let driving = Box::pin(drive(parts, landing, progress));
        match select(driving, timer).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    };
    outcome.unwrap_or_else(|| {
        let phase = if progress.sending { Phase::Attempt } else { Phase::Refresh };
        Err(Error::new(ErrorKind::Timeout(phase))
            .with_message(format!("the call was given {limit:?}")))
    })
}

async fn drive(parts: &Parts, landing: &mut dyn Land, progress: &mut Progress) -> Result<()> {
    if parts.endpoint.role == Role::Refresh {
        return refresh_by_hand(parts, landing).await;
    }
    let session = parts.client.session();
    let asked = asked(parts).await?;
    let mut retries = Retries::new(parts);
    // Held until the call has ended, where only some released calls may send at once.
    let mut turn: Option<Turn> = None;
    let mut before: Option<(u8, u64)> = None;
    loop {
        progress.sending = false;
        let passes = parts.client.passes(parts, &mut progress.asking, &mut turn).await?;
        progress.attempts += 1;
        progress.sending = true;
        let sent = Attempt { endpoint: parts.endpoint, call: parts.id, number: progress.attempts };
        if let Some(before) = before.take() {
            tell_replay(parts, &sent, before, &passes);
        }
        let step = match Box::pin(attempt(parts, &passes, sent, landing.reads())).await {
            Ok(received) => judge(parts, &passes, received, landing).within(session),
            Err(error) => Step::Unsent(error),
        };
        let pause = match step {
            Step::Taken(pushed) => {
                retries.succeeded();
                if let (Some(tokens), Some((slot, epoch, at))) = (landing.take_tokens(), asked) {
                    sign_in(parts, slot, tokens, (epoch, at)).await?;
                }
                adopt(session, &passes, pushed).await;
                return Ok(());
            }
            Step::Expired(slot, error) => {
                let Some(pass) = passes.of(slot) else { return Err(error) };
                before = Some((pass.slot, pass.ticket.generation));
                progress.sending = false;
                if session.expired(&mut progress.asking, pass, parts.replays(), &mut turn).await? {
                    continue;
                }
                return Err(parts.not_replayed(error));
            }
            Step::Lost(slot, error) => {
                let Some(pass) = passes.of(slot) else { return Err(error) };
                let reason = Arc::new(error);
                progress.sending = false;
                // What was said of an older token says nothing about the present one.
                let counted = session.revoke(slot, pass.ticket, &reason).await;
                let asking = &mut progress.asking;
                if !counted && session.expired(asking, pass, parts.replays(), &mut turn).await? {
                    before = Some((pass.slot, pass.ticket.generation));
                    continue;
                }
                return Err(Error::shared(reason));
            }
            Step::Refused(error, pushed) => {
                adopt(session, &passes, pushed).await;
                retries.after_answer(&error).ok_or(error)?
            }
            Step::Unsent(error) => retries.after_failure(&error).ok_or(error)?,
        };
        session.policy().clock.sleep(pause).await;
    }
}

/// The refresh method, called by hand, joins the flight and decodes the flight's answer.
async fn refresh_by_hand(parts: &Parts, landing: &mut dyn Land) -> Result<()> {
    let (client, endpoint) = (&parts.client, parts.endpoint);
    let slot = client.slot_of(endpoint.role_of)?;
    let answer = client.session().refresh_at(slot, parts.asking.bound(slot)).await?;
    match answer {
        Some(answer) => super::judge::land_refresh(endpoint, &answer, landing),
        None => super::judge::land_adopted(endpoint, client.session().tokens_at(slot), landing),
    }
}

/// Where, in which epoch and when a login is asked for; `None` for any other call.
async fn asked(parts: &Parts) -> Result<Option<(usize, u64, SystemTime)>> {
    if parts.endpoint.role != Role::Login {
        return Ok(None);
    }
    let session = parts.client.session();
    let slot = parts.client.slot_of(parts.endpoint.role_of)?;
    session.load_at(slot).await;
    let epoch = session.slot(slot).with(|state| state.gate.ticket().epoch);
    Ok(Some((slot, epoch, session.policy().clock.wall())))
}

/// Takes over the token that an answer has brought along.
async fn adopt(session: &Session, passes: &Passes, pushed: Option<(usize, String)>) {
    if let Some((slot, token)) = pushed
        && let Some(pass) = passes.of(slot)
    {
        session.adopt(slot, pass.ticket, &token).await;
    }
}

/// The answer to a login becomes the session's tokens.
async fn sign_in(
    parts: &Parts,
    slot: usize,
    tokens: Tokens,
    asked: (u64, SystemTime),
) -> Result<()> {
    if !tokens.is_usable() {
        return Err(Error::new(ErrorKind::Decode)
            .with_message("the answer to the login holds no usable token"));
    }
    parts.client.session().login_at(slot, tokens, Some(asked)).await
}

fn tell_replay(parts: &Parts, sent: &Attempt, before: (u8, u64), passes: &Passes) {
    let (slot, from_generation) = before;
    let session = parts.client.session();
    session.count_replay();
    session.policy().emit(&Event::Replayed {
        endpoint: sent.endpoint,
        attempt: sent.number,
        from_generation,
        to_generation: passes.of(slot.into()).map_or(0, |pass| pass.ticket.generation),
    });
}

impl Parts {
    fn not_replayed(&self, error: Error) -> Error {
        if self.body.is_repeatable() {
            error
        } else {
            Error::new(ErrorKind::ReplayImpossible).with_shared_source(Arc::new(error))
        }
    }
}

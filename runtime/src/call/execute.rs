//! The single executor of all calls. It is not generic; it reaches the response type through
//! [`Sink`](super::sink::Sink).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};

use sync_wrapper::SyncWrapper;

use super::attempt::attempt;
use super::destination::base_of;
use super::drive::{Drive, Held, Next};
use super::judge::{Judged, Verdict, judge, returned};
use super::parts::{Parts, Progress};
use super::proof::asks_for_nonce;
use super::retries;
use super::secrets;
use super::sink::{Gather, ReadMode, Sink, Value};
use crate::logic::gate::AfterExpiry;
use crate::ports::rare;
use crate::ports::transport::check_address;
use crate::session::{Admitted, AttemptToken, AttemptTokens, Leave};
use crate::types::attempt::Attempt;
use crate::types::endpoint::{Access, Endpoint, Role};
use crate::types::error::{Error, ErrorKind, Phase, Result};
use crate::types::event::EventKind;
use crate::types::span::Span;
use crate::types::tokens::Tokens;

/// The help for a token that has expired and that nothing can renew.
const NOTHING_RENEWS: &str = "sign in again: nothing renews this token, since no method is marked `refresh`, and the builder \
    has no `refresh(..)`";

/// Makes a call: sends it, waits where it must, and sends it again where it may.
///
/// An expiry under load parks very many of these futures, so state that few calls need is boxed.
pub(super) fn execute<'a, P: Held + 'a>(mut parts: P) -> Drive<'a, P> {
    // A stream makes several calls. They all belong to the same user.
    parts.progress = Progress::default();
    if let Some(extras) = &mut parts.extras {
        extras.login = None;
        extras.turned = None;
    }
    parts.auth.start_again();
    parts.auth.is_careful = !parts.body.is_repeatable();
    // Checked first, so that no refresh is made for a call that fails anyway.
    if let Err(error) = check_address(&parts.url) {
        parts.fail(error);
    }
    let is_plain = !parts.has_argument_error()
        && parts.timeout().is_none()
        && parts.endpoint.role != Role::Logout;
    if is_plain && !cfg!(feature = "tracing") {
        return Drive::new(parts);
    }
    Drive::full(
        parts.endpoint,
        Box::pin(async {
            #[cfg(not(feature = "tracing"))]
            let outcome = full(&mut parts).await;
            #[cfg(feature = "tracing")]
            let outcome = super::trace::traced(parts.endpoint, full(&mut parts)).await;
            #[cfg(feature = "tracing")]
            super::trace::ended(parts.endpoint, parts.progress.attempts, outcome.as_ref().err());
            (parts, outcome)
        }),
    )
}

async fn full(parts: &mut Parts) -> Result<Value> {
    let is_logout = parts.endpoint.role == Role::Logout;
    let leave = is_logout.then(|| Leave::new(parts.client.session(), parts.endpoint, &parts.auth));
    // The arguments of a refresh are created from the tokens; those of the caller are not sent.
    let unsendable = parts.take_argument_error().filter(|_| parts.endpoint.role != Role::Refresh);
    let outcome = match (unsendable, parts.timeout()) {
        (Some(error), _) => Err(error),
        (None, None) => Drive::new(&mut *parts).await.1,
        (None, Some(limit)) => within(limit, parts).await,
    };
    if let Some(leave) = leave {
        leave.leave().await;
    }
    outcome
}

async fn within(limit: Duration, parts: &mut Parts) -> Result<Value> {
    let over = |phase| {
        Error::of_kind(ErrorKind::Timeout(phase))
            .with_message(format!("the limit of the call is {}", Span(limit)))
    };
    // A timeout may be used up already. A fast server would respond before a timer can fire.
    if limit.is_zero() {
        return Err(over(Phase::Attempt));
    }
    let timer = parts.client.session().policy().clock.sleep(limit);
    let outcome = match select(Drive::new(&mut *parts), timer).await {
        Either::Left(((_, outcome), _)) => Some(outcome),
        Either::Right(_) => None,
    };
    outcome.unwrap_or_else(|| {
        let phase = if parts.progress.sending { Phase::Attempt } else { Phase::Refresh };
        Err(over(phase))
    })
}

/// Sends a call once, if it may be sent, and acts on the response.
pub(super) async fn round(parts: &mut Parts) -> Result<Next> {
    let endpoint = parts.endpoint;
    if endpoint.role == Role::Refresh {
        return rare(|| refresh_by_hand(parts)).await.map(Next::Done);
    }
    if endpoint.role == Role::Login && parts.extras().login.is_none() {
        parts.extras().login = Some(rare(|| asked(parts)).await?);
    }
    parts.progress.sending = false;
    let passes = if parts.is_bare() {
        AttemptTokens::default()
    } else {
        let Parts { client, auth, .. } = &mut *parts;
        let (session, credentials) = (client.session(), endpoint.credentials);
        let admitted = match session.any_store_may_have_changed(credentials) {
            true => rare(|| session.admit(endpoint, auth, credentials)).await?,
            false => session.admit_now(endpoint, auth, credentials)?,
        };
        match admitted {
            Admitted::Send(passes) => {
                parts.rebase(&passes)?;
                passes
            }
            Admitted::Wait(waiting) => return Ok(Next::Wait(waiting)),
        }
    };
    parts.progress.attempts += 1;
    parts.progress.sending = true;
    if let Some(slot) = parts.progress.expired.take() {
        tell_replay(parts, slot.into(), &passes);
    }
    let reads = parts.sink.reads;
    match attempt(parts, &passes, reads).await {
        Ok(received) if asks_for_nonce(parts, &passes, &received) => {
            parts.progress.sending = false;
            Ok(Next::Again)
        }
        Ok(received) => {
            let mut value =
                parts.extras.as_mut().and_then(|extras| extras.gathers.get_mut().take());
            let judged = judge(parts, &passes, received, &mut value);
            if value.is_some() {
                parts.extras().gathers = SyncWrapper::new(value);
            }
            match judged {
                Judged { verdict: Verdict::Taken(value), pushed: None, tokens: None } => {
                    retries::succeeded(parts);
                    Ok(Next::Done(value))
                }
                judged => rare(|| follow(parts, &passes, judged)).await,
            }
        }
        Err(error) => match retries::after_failure(parts, &error) {
            Some(pause) => Ok(Next::After(parts.client.session().policy().clock.sleep(pause))),
            // A layer may quote the request.
            None => Err(secrets::hide_deep(error, parts, &passes)),
        },
    }
}

/// The next step after a response.
async fn follow(
    parts: &mut Parts,
    passes: &AttemptTokens,
    Judged { verdict, pushed, tokens }: Judged,
) -> Result<Next> {
    let pause = match verdict {
        Verdict::Taken(value) => {
            retries::succeeded(parts);
            if let (Some(tokens), Some((slot, epoch, at))) = (tokens, parts.extras().login.take()) {
                Box::pin(sign_in(parts, slot, *tokens, (epoch, at))).await?;
            }
            if let Some(pushed) = pushed {
                Box::pin(adopt(parts, passes, pushed)).await;
            }
            return Ok(Next::Done(value));
        }
        Verdict::Expired(slot, error) => {
            let Some(pass) = passes.of(slot) else { return Err(error) };
            parts.progress.sending = false;
            // If the next token has arrived, nothing needs to be renewed.
            let has_next = match pushed {
                Some(pushed) => Box::pin(adopt(parts, passes, pushed)).await,
                None => false,
            };
            if has_next || parts.client.session().can_renew(slot) {
                return expired(parts, pass, &error)?
                    .ok_or_else(|| parts.not_replayed(returned(error, parts, passes)));
            }
            let error = error.into_kind(ErrorKind::SessionLost).or_help(NOTHING_RENEWS);
            return lost(parts, pass, returned(error, parts, passes)).await;
        }
        Verdict::Lost(slot, error) => {
            let Some(pass) = passes.of(slot) else { return Err(error) };
            parts.progress.sending = false;
            return lost(parts, pass, error).await;
        }
        Verdict::Given(slot, error, token) => {
            parts.progress.sending = false;
            if !parts.may_follow_again() {
                return Err(parts.not_replayed(error));
            }
            let session = parts.client.session();
            if !Box::pin(session.adopt_first(&mut parts.auth, slot, &token)).await {
                return Err(error);
            }
            parts.progress.expired = u8::try_from(slot).ok();
            return Ok(Next::Again);
        }
        Verdict::Rejected(error) => {
            if let Some(pushed) = pushed {
                Box::pin(adopt(parts, passes, pushed)).await;
            }
            retries::after_response(parts, &error).ok_or(error)?
        }
    };
    Ok(Next::After(parts.client.session().policy().clock.sleep(pause)))
}

/// Ends the session of the token, if that is still the current one.
async fn lost(parts: &mut Parts, pass: &AttemptToken, error: Error) -> Result<Next> {
    let session = parts.client.session();
    let slot = pass.slot;
    let reason = Arc::new(error.of_session(session.id(), session.policy_of(slot).name));
    // A response to an older token says nothing about the current one.
    if Box::pin(session.end_revoked(slot, pass.ticket, &reason)).await {
        return Err(Error::shared(reason));
    }
    expired(parts, pass, &reason)?.ok_or_else(|| Error::shared(reason))
}

/// The next step after a token has expired; `None` if the response is returned to the caller.
fn expired(parts: &mut Parts, pass: &AttemptToken, error: &Error) -> Result<Option<Next>> {
    let replays = parts.replays();
    let after =
        parts.client.session().expired(parts.endpoint, &mut parts.auth, pass, replays, error)?;
    parts.progress.expired = u8::try_from(pass.slot).ok();
    parts.progress.generation = pass.ticket.generation;
    Ok(match after {
        AfterExpiry::Replay => Some(Next::Again),
        AfterExpiry::Wait(waiting) => Some(Next::Wait(waiting)),
        AfterExpiry::GiveUp => None,
    })
}

/// A refresh method that the program calls joins the flight and decodes the flight's response.
async fn refresh_by_hand(parts: &Parts) -> Result<Value> {
    let client = &parts.client;
    let slot = client.slot_of(parts.endpoint.role_of)?;
    let response = Box::pin(client.session().refresh_at(slot, parts.auth.bound(slot))).await?;
    match response {
        Some(response) => super::judge::decode_refresh(parts, &response),
        None => super::judge::decode_adopted(parts, client.session().tokens_at(slot)),
    }
}

/// Records the slot, the epoch and the time of a login request.
async fn asked(parts: &Parts) -> Result<(usize, u32, SystemTime)> {
    let session = parts.client.session();
    let slot = parts.client.slot_of(parts.endpoint.role_of)?;
    let others = session.load_for(slot).await;
    let epoch = others.unwrap_or_else(|| session.epoch_at(slot));
    Ok((slot, epoch, session.policy().clock.wall()))
}

/// Adopts the token that a response carries. Returns whether it did.
async fn adopt(parts: &Parts, passes: &AttemptTokens, (slot, token): (usize, String)) -> bool {
    match passes.of(slot) {
        Some(pass) => parts.client.session().adopt(slot, pass.ticket, &token).await,
        None => false,
    }
}

/// The response to a login becomes the session's tokens.
async fn sign_in(
    parts: &Parts,
    slot: usize,
    tokens: Tokens,
    asked: (u32, SystemTime),
) -> Result<()> {
    if let Some(why) = parts.client.session().unusable(slot, &tokens) {
        return Err(Error::of_kind(ErrorKind::Decode)
            .with_message(format!("the response to the login has no usable token: {why}")));
    }
    if let Some(address) = tokens.base() {
        base_of(address, parts.client.base())
            .map_err(|error| error.into_kind(ErrorKind::Decode))?;
    }
    parts.client.session().login_at(slot, tokens, Some(asked)).await
}

fn tell_replay(parts: &Parts, slot: usize, passes: &AttemptTokens) {
    let sent = parts.sent();
    let session = parts.client.session();
    session.count_replay(slot);
    session.emit(
        slot,
        EventKind::Replayed {
            endpoint: sent.endpoint,
            attempt: sent.number,
            from_generation: parts.progress.generation.into(),
            to_generation: passes.of(slot).map_or(0, |pass| pass.ticket.generation.into()),
        },
    );
}

impl Parts {
    /// Makes the call for a value that collects parts of the response.
    pub(super) async fn gather<G: Gather>(&mut self, reads: ReadMode, gather: G) -> Result<G> {
        self.sink = Sink::gathering::<G>(reads);
        self.extras().gathers = SyncWrapper::new(Some(Box::new(gather)));
        let value = execute(&mut *self).await.1?;
        value.downcast().map(|gathered| *gathered).map_err(|_| Error::of_kind(ErrorKind::Decode))
    }

    /// Whether the call carries no token.
    pub(super) fn is_bare(&self) -> bool {
        let Endpoint { access, role, .. } = *self.endpoint;
        self.is_foreign || access == Access::Public || matches!(role, Role::Login | Role::Refresh)
    }

    /// The current attempt, as layers see it.
    pub(super) fn sent(&self) -> Attempt {
        Attempt::new(self.endpoint, self.id, self.progress.attempts)
    }

    /// A failure of this call.
    pub(super) fn named(&self, error: Error) -> Error {
        let error = error.with_endpoint(self.endpoint).with_attempts(self.progress.attempts);
        match error.kind() {
            // The address may be the cause.
            ErrorKind::Argument => error,
            _ => error.with_address(|| self.shown_address()),
        }
    }

    fn not_replayed(&self, error: Error) -> Error {
        if !self.may_follow_again() {
            error.with_help(
                "a redirect led from this call to the response: the call may have been processed, so it is not replayed",
            )
        } else if self.turned().is_some() || self.body.is_repeatable() {
            error
        } else {
            Error::of_kind(ErrorKind::ReplayImpossible).with_shared_source(Arc::new(error))
        }
    }
}

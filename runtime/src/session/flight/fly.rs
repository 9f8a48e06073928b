//! The steps of a flight: its requests to the store and the server, and the outcome of the response.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::revocable::{Outcome, Revocable};
use super::sent::abandoned;
use super::{Arrived, Flight, NoTokens};
use crate::logic::mask;
use crate::ports::BoxFuture;
use crate::session::persist::{Found, Holder};
use crate::session::refresh::nothing_renews;
use crate::session::renew::{FailureKind, RefreshFailure, Renewed};
use crate::session::slot::InstalledTokens;
use crate::types::cause::RefreshCause;
use crate::types::error::{Error, ErrorKind, Phase};
use crate::types::span::Span;
use crate::types::tokens::Tokens;

impl Flight {
    pub(super) async fn fly(&mut self) -> Result<Arrived, NoTokens> {
        let session = self.session.clone();
        let mut left = None;
        if let Some(store) = session.store_of(self.slot) {
            match store.acquire(&self.launch, &mut self.lock).await {
                None => {}
                Some(Found::Newer(stored)) if store.is_expired(&stored) => {
                    // The tokens that another process saved have expired as well, so they are the ones to renew.
                    self.replaces = Some(stored.version);
                    left = Some(stored.tokens);
                }
                Some(Found::Removed) if store.is_unattended() => {}
                Some(found) => return Err(NoTokens::Found(found)),
            }
            if let Some(lock) = self.lock.take() {
                store.persistence.hold_lock(Holder::Flight(self.launch.flight), lock);
            }
        }
        self.next_stage();
        // Read together: this flight must not present the tokens of a user who has signed out since.
        let own = session
            .slot(self.slot)
            .with(|state| state.gate.is_awaiting(&self.launch).then(|| state.installed.clone()));
        let Some(own) = own else {
            let error = Error::of_kind(ErrorKind::SessionChanged);
            return Err(NoTokens::Failure(RefreshFailure::passing(error)));
        };
        let old = left.or(own.map(|installed| installed.tokens));
        self.presented.clone_from(&old);
        match self.renew(old.clone()).await {
            Ok(renewed) => Ok(self.accept(renewed, old.as_ref())),
            Err(failure) if failure.kind.token_may_be_used() => {
                Err(self.found_or(failure, old.as_ref()).await)
            }
            Err(failure) => Err(NoTokens::Failure(failure)),
        }
    }

    /// One request, or two if the server continues to accept a used refresh token for a while.
    async fn renew(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        self.note_sent()?;
        let is_ambiguous = |result: &Result<_, RefreshFailure>| {
            result.as_ref().is_err_and(|failure| failure.kind.is_ambiguous())
        };
        let mut result = self.renew_once(old.clone()).await;
        let waits = result.as_ref().is_err_and(|failure| failure.error.retry_after().is_some());
        if is_ambiguous(&result) && self.may_follow() && !waits {
            result = self.renew_once(old).await;
        }
        if result.is_err() && !is_ambiguous(&result) {
            self.note_unused();
        }
        result
    }

    async fn renew_once(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        let policy = self.session.policy();
        let secrets = self.session.secrets(old.as_ref());
        let renewing = Revocable::new(self.request(old));
        let ambiguous = |error| Err(RefreshFailure::of(FailureKind::Ambiguous, error));
        let earlier = self
            .session
            .slot(self.slot)
            .with(|state| Some(state.awaited(&self.launch)?.request.replace(renewing.handle())));
        let Some(earlier) = earlier else { return ambiguous(abandoned()) };
        // From here on, a flight that was abandoned must not send the same token any more.
        if let Some(earlier) = earlier {
            earlier.revoke();
        }
        let requested = policy.clock.wall();
        let limit = policy.settings.refresh_timeout;
        match policy.clock.timeout(limit, renewing).await {
            Some(Some(Ok(Ok(renewed)))) => self.usable(renewed.requested_at(requested)),
            Some(Some(Ok(Err(RefreshFailure { kind, error })))) => {
                // The program's own code may quote what it was given.
                let error = mask::hide_deep(error, &secrets);
                Err(RefreshFailure { kind, error })
            }
            Some(Some(Err(_))) => ambiguous(
                Error::of_kind(ErrorKind::RefreshFailed).with_message("the refresh panicked"),
            ),
            Some(None) => ambiguous(abandoned()),
            None => {
                let error = Error::of_kind(ErrorKind::Timeout(Phase::Refresh));
                ambiguous(
                    error.with_message(format!("the refresh took longer than {}", Span(limit))),
                )
            }
        }
    }

    /// The request for new tokens. The user's code may panic after the server has rotated the token.
    fn request(&self, old: Option<Tokens>) -> BoxFuture<'static, Outcome> {
        let (session, slot, cause) = (self.session.clone(), self.slot, self.cause(old));
        let renewing = async move {
            match session.policy_of(slot).renew.get() {
                Some(renew) => {
                    session.slot(slot).with(|state| state.rare().counts.refreshes += 1);
                    renew.renew(&session, cause).await
                }
                None => Err(RefreshFailure::passing(nothing_renews())),
            }
        };
        Box::pin(AssertUnwindSafe(renewing).catch_unwind())
    }

    fn cause(&self, tokens: Option<Tokens>) -> RefreshCause {
        RefreshCause {
            tokens,
            why: self.why.clone(),
            key: self.session.key().filter(|(index, _)| *index == self.slot).map(|(_, key)| key),
            session: self.session.id(),
            trigger: self.launch.trigger,
        }
    }

    /// Completes the tokens from a refresh.
    fn accept(&self, renewed: Renewed, old: Option<&Tokens>) -> Arrived {
        let Renewed { mut tokens, response, requested } = renewed;
        if let Some(old) = old {
            tokens = tokens.completed_by(old);
        }
        self.session.report_unreadable(self.slot, &tokens);
        let wall = self.session.policy().clock.wall();
        let early = self.session.policy_of(self.slot).early;
        let installed = InstalledTokens::new(tokens, requested.unwrap_or(wall), wall, early);
        (installed, response)
    }

    /// Another process may have used the token, for example while this one was suspended; then the next token is in
    /// the store.
    async fn found_or(&self, mut failure: RefreshFailure, old: Option<&Tokens>) -> NoTokens {
        if let Some(store) = self.session.store_of(self.slot) {
            match store.compared(&self.launch).await {
                Ok(Some(Found::Newer(stored)))
                    if Some(stored.tokens.presented()) != old.map(Tokens::presented) =>
                {
                    return NoTokens::Found(Found::Newer(stored));
                }
                Ok(Some(found @ Found::Other(_))) => return NoTokens::Found(found),
                // While nobody knows whether another process has renewed the tokens, no rejection is final.
                Err(()) if failure.kind == FailureKind::Permanent => {
                    failure.kind = FailureKind::Rejected { retry_after: None };
                }
                _ => {}
            }
        }
        NoTokens::Failure(failure)
    }

    /// A refresh succeeds only with a usable token. Even if it returns none, the server may have rotated the refresh
    /// token.
    fn usable(&self, renewed: Renewed) -> Result<Renewed, RefreshFailure> {
        let Some(why) = self.session.unusable(self.slot, &renewed.tokens) else {
            return Ok(renewed);
        };
        let error = Error::of_kind(ErrorKind::RefreshFailed)
            .with_message(format!("the response to the refresh has no usable token: {why}"));
        Err(RefreshFailure::of(FailureKind::Unusable, error))
    }
}

//! The method that is marked `refresh`, as the session uses it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::call::attempt::attempt;
use crate::call::client::{Client, Core};
use crate::call::destination::base_of;
use crate::call::judge::{Refresh, refresh_outcome};
use crate::call::made::Renewing;
use crate::call::parts::Parts;
use crate::call::renewal::{Renewal, RenewalCall};
use crate::call::secrets;
use crate::call::sink::ReadMode;
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::session::renew::{FailureKind, RefreshFailure, Renew, Renewed};
use crate::session::{AttemptTokens, Session};
use crate::types::auth::Credential;
use crate::types::cause::RefreshCause;
use crate::types::endpoint::{Access, Role};
use crate::types::error::{Error, ErrorKind, Phase};
use crate::types::event::RefreshTrigger;
use crate::types::span::Span;
use crate::types::tokens::Tokens;

/// The help for a refresh that has no refresh token to send.
const NO_REFRESH_TOKEN: &str = "if the server sends one under another name, declare it with `tokens(refresh = \"..\")`; if the \
    refresh works without one, take an `Option<RefreshToken>`";

/// A declared refresh, and the client that sends it.
pub(crate) struct Declared {
    core: Arc<Core>,
    renewal: &'static Renewal,
    credential: &'static Credential,
    slot: usize,
}

impl Declared {
    pub(crate) fn new(
        core: Arc<Core>,
        renewal: &'static Renewal,
        credential: &'static Credential,
        slot: usize,
    ) -> Self {
        Self { core, renewal, credential, slot }
    }

    /// Whether a method of the API signs in with this credential.
    fn has_login(&self) -> bool {
        let first = self.core.api.credentials.first().map_or("", |first| first.name);
        self.core.api.endpoints.iter().any(|endpoint| {
            endpoint.role == Role::Login
                && endpoint.role_of.unwrap_or(first) == self.credential.name
        })
    }

    /// Builds the call. Its arguments and headers come from the program's own code, whose panic uses no token, unlike one
    /// after the request was sent.
    fn build(&self, client: &Client, renewing: &Renewing<'_>) -> Result<RenewalCall, Error> {
        let building = AssertUnwindSafe(|| (self.renewal.build)(client, renewing));
        catch_unwind(building).unwrap_or_else(|_| {
            Err(Error::of_kind(ErrorKind::RefreshFailed).with_message(
                "the code for an argument or a header of the refresh panicked; nothing was sent",
            ))
        })
    }

    /// Whether the request could be sent if the session had a refresh token. The error of an argument is a text, so this is
    /// found out with another token.
    fn lacks_the_refresh_token(&self, client: &Client, old: &Tokens, cause: &RefreshCause) -> bool {
        let tokens = old.clone().with_refresh("any");
        self.build(client, &Renewing { tokens: &tokens, cause })
            .is_ok_and(|mut call| call.parts.take_argument_error().is_none())
    }

    async fn send(
        &self,
        session: &Session,
        mut cause: RefreshCause,
    ) -> Result<Renewed, RefreshFailure> {
        let client = Client::new(Arc::clone(&self.core), session.clone());
        let requested = session.policy().clock.wall();
        let old = cause.tokens.clone();
        let previous = old.clone().unwrap_or_else(|| Tokens::new(""));
        // A refresh that needs no tokens may call a host where they must not be sent.
        cause.tokens = cause.tokens.filter(|_| !self.is_tokenless());
        let RenewalCall { mut parts, decode } = self
            .build(&client, &Renewing { tokens: &previous, cause: &cause })
            .map_err(RefreshFailure::passing)?;
        let endpoint = parts.endpoint;
        if let Some(error) = parts.take_argument_error() {
            let failure = match previous.refresh().unwrap_or_default() {
                "" if self.lacks_the_refresh_token(&client, &previous, &cause) => {
                    let missing = Error::of_kind(ErrorKind::RefreshFailed)
                        .with_message("the tokens of the session have no refresh token")
                        .with_help(NO_REFRESH_TOKEN);
                    // The session ends once the server no longer accepts the access token.
                    let kind = match cause.trigger {
                        RefreshTrigger::Expired => FailureKind::Permanent,
                        _ => FailureKind::Transient { retry_after: None },
                    };
                    RefreshFailure::of(kind, missing.with_endpoint(endpoint))
                }
                _ => RefreshFailure::passing(error.with_endpoint(endpoint)),
            };
            return Err(failure);
        }
        // No part of the old tokens is sent if only the other credentials are carried.
        let presented = old.as_ref().filter(|_| !self.is_tokenless());
        let own = match &old {
            Some(old) if endpoint.access != Access::Public && !parts.is_foreign => {
                AttemptTokens::of_refresh(self.slot, self.credential, old)
            }
            _ => AttemptTokens::default(),
        };
        let (mut received, passes) = self.exchange(session, &mut parts, &own, presented).await?;
        let refresh = Refresh {
            credential: self.credential,
            rejected: self.renewal.rejected,
            carries_token: own.iter().next().is_some(),
            is_unattended: self.is_unattended(),
        };
        let tokens = refresh_outcome(&parts, &refresh, &mut received, &previous, decode).map_err(
            |failure| {
                let error = secrets::hide_refresh(failure.error, &parts, &passes, &previous);
                RefreshFailure { error, ..failure }
            },
        )?;
        let tokens = with_usable_base(tokens, &previous, &client)
            .map_err(|it| RefreshFailure::of(FailureKind::Unusable, it.with_endpoint(endpoint)))?;
        Ok(Renewed { tokens, response: Some(Arc::new(received)), requested: Some(requested) })
    }

    /// Sends the request, again after each renewal of another token that it carries. Returns the response and the
    /// tokens that were sent.
    async fn exchange(
        &self,
        session: &Session,
        parts: &mut Parts,
        own: &AttemptTokens,
        presented: Option<&Tokens>,
    ) -> Result<(Received, AttemptTokens), RefreshFailure> {
        loop {
            let others = match &self.renewal.with {
                None => AttemptTokens::default(),
                Some(with) => (with.admit)(with.credentials, session, parts)
                    .await
                    .map_err(RefreshFailure::passing)?,
            };
            parts.rebase(&others).map_err(RefreshFailure::passing)?;
            if let Some(old) = presented {
                parts
                    .admit_token(self.credential.name, old.base())
                    .map_err(RefreshFailure::passing)?;
            }
            let passes = own.clone().with(&others);
            parts.progress.attempts += 1;
            let mut received = exchange_once(session, parts, &passes).await?;
            received.view(parts.endpoint.codec, false);
            let renews_another = match &self.renewal.with {
                None => false,
                Some(with) => (with.renew)(session, parts, &others, &received).await?,
            };
            if !renews_another {
                return Ok((received, passes));
            }
        }
    }
}

impl Renew for Declared {
    fn renew<'a>(
        &'a self,
        session: &'a Session,
        cause: RefreshCause,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>> {
        Box::pin(self.send(session, cause))
    }

    fn is_tokenless(&self) -> bool {
        (self.renewal.tokenless)()
    }

    fn is_unattended(&self) -> bool {
        self.is_tokenless() && !self.has_login()
    }
}

async fn exchange_once(
    session: &Session,
    parts: &mut Parts,
    passes: &AttemptTokens,
) -> Result<Received, RefreshFailure> {
    let limit = parts.timeout();
    let sending = attempt(parts, passes, ReadMode::Whole);
    let received = match limit {
        None => sending.await,
        Some(limit) => {
            let received = session.policy().clock.timeout(limit, Box::pin(sending)).await;
            received.unwrap_or_else(|| {
                Err(Error::of_kind(ErrorKind::Timeout(Phase::Attempt))
                    .with_message(format!("the limit of a refresh is {}", Span(limit))))
            })
        }
    };
    received.map_err(|error| {
        let error = error.with_endpoint(parts.endpoint);
        lost(error.with_address(|| parts.shown_address()), parts.turned().is_some())
    })
}

/// Removes an address of the API that no call can use: the server's mistake must not end the session if the
/// previous address is still valid.
fn with_usable_base(tokens: Tokens, previous: &Tokens, client: &Client) -> Result<Tokens, Error> {
    match tokens.base().map(|address| base_of(address, client.base())) {
        Some(Err(error)) if previous.base().is_none() => Err(error),
        Some(Err(_)) => Ok(tokens.without_base()),
        _ => Ok(tokens),
    }
}

/// A request that was sent without getting a response may have used the refresh token, and so may one from which a
/// redirect led to a `GET`. One that was never sent has not.
fn lost(error: Error, is_turned: bool) -> RefreshFailure {
    let unsent = error.is_unsent()
        || matches!(error.kind(), ErrorKind::Redirect | ErrorKind::Argument | ErrorKind::Build);
    if unsent && !is_turned {
        return RefreshFailure::passing(error);
    }
    RefreshFailure::of(FailureKind::Ambiguous, error)
}

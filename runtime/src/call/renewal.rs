//! A declared refresh.

use std::fmt;
use std::sync::Arc;

use super::client::Client;
use super::curl::admitted;
use super::judge::{Verdict, judge_others};
use super::made::Renewing;
use super::parts::Parts;
use super::sink::TokensDecoder;
use crate::logic::gate::AfterExpiry;
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::session::renew::RefreshFailure;
use crate::session::{AttemptTokens, Session};
use crate::types::auth::{Credential, Rule};
use crate::types::error::Result;
use crate::types::setters;

/// A declared refresh: how its call is made from the tokens.
pub struct Renewal {
    pub(crate) credential: &'static str,
    pub(crate) build: BuildRenewal,
    /// Whether it needs no old token: it carries none, and no argument is created from one.
    pub(crate) tokenless: fn() -> bool,
    /// The name of the first parameter type for which the builder was not given a value.
    pub(crate) missing: fn(&Client) -> Option<&'static str>,
    /// Responses that end the session, in addition to those that the credential declares.
    pub(crate) rejected: &'static [Rule],
    /// The other credentials that it carries, as a call does.
    pub(crate) with: Option<With>,
}

/// The other credentials that a refresh carries, and the code for them. It is reached through the declaration, so that
/// the linker drops it from programs that declare none.
pub(crate) struct With {
    pub(crate) credentials: &'static [Credential],
    pub(crate) admit: Admit,
    pub(crate) renew: RenewAnother,
}

type Admit = for<'a> fn(
    &'static [Credential],
    &'a Session,
    &'a mut Parts,
) -> BoxFuture<'a, Result<AttemptTokens>>;

type RenewAnother = for<'a> fn(
    &'a Session,
    &'a mut Parts,
    &'a AttemptTokens,
    &'a Received,
) -> BoxFuture<'a, Result<bool, RefreshFailure>>;

type BuildRenewal = fn(&Client, &Renewing<'_>) -> Result<RenewalCall>;

/// The call of a refresh, and how its response becomes tokens.
pub struct RenewalCall {
    pub(crate) parts: Box<Parts>,
    pub(crate) decode: TokensDecoder,
}

impl Renewal {
    /// A refresh of the credential with this name.
    #[must_use]
    pub const fn new(credential: &'static str, build: BuildRenewal) -> Self {
        Self {
            credential,
            build,
            tokenless: || false,
            missing: |_| None,
            rejected: &[],
            with: None,
        }
    }
}

setters!(Renewal {
    tokenless: fn() -> bool,
    missing: fn(&Client) -> Option<&'static str>,
    rejected: &'static [Rule],
});

impl Renewal {
    /// It carries these credentials as well.
    #[must_use]
    pub const fn with(mut self, credentials: &'static [Credential]) -> Self {
        self.with = Some(With {
            credentials,
            admit: |credentials, session, parts| {
                Box::pin(admitted(session, parts.endpoint, &mut parts.auth, credentials))
            },
            renew: |session, parts, others, received| {
                Box::pin(renews_another(session, parts, others, received))
            },
        });
        self
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// Waits for another token that the refresh carried and that has expired, as a call does. Returns whether the refresh
/// may be sent once more.
async fn renews_another(
    session: &Session,
    parts: &mut Parts,
    others: &AttemptTokens,
    received: &Received,
) -> Result<bool, RefreshFailure> {
    match judge_others(parts, others, received) {
        Some(Verdict::Expired(slot, error)) => {
            let Some(pass) = others.of(slot) else { return Ok(false) };
            let generation = pass.ticket.generation;
            let replays = parts.may_follow_again();
            match session
                .expired(parts.endpoint, &mut parts.auth, pass, replays, &error)
                .map_err(RefreshFailure::passing)?
            {
                AfterExpiry::Replay => Ok(true),
                AfterExpiry::Wait(waiting) => {
                    let woken = waiting.await;
                    let resumed =
                        session.resume(&mut parts.auth, pass.slot, Some(generation), woken);
                    resumed.map(|_| true).map_err(RefreshFailure::passing)
                }
                AfterExpiry::GiveUp => Ok(false),
            }
        }
        Some(Verdict::Lost(slot, error)) => {
            if let Some(pass) = others.of(slot) {
                let name = session.policy_of(slot).name;
                let reason = Arc::new(error.of_session(session.id(), name));
                session.end_revoked(slot, pass.ticket, &reason).await;
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

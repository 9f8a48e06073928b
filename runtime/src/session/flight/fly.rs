//! On its way: what a flight asks the store and the server, and what it makes of the response.

use std::sync::atomic::Ordering;

use futures_util::future::{Either, select};

use super::{Flight, FlightResult};
use crate::session::entry::nothing_renews;
use crate::session::persist::Found;
use crate::session::renew::{FailureKind, RefreshFailure, Renewed};
use crate::session::slot::InstalledTokens;
use crate::types::error::{Error, ErrorKind, Phase};
use crate::types::event::Event;
use crate::types::tokens::Tokens;

impl Flight {
    pub(super) async fn fly(&mut self) -> FlightResult {
        let session = self.session.clone();
        let mut left = None;
        match session.look_into_store(self.slot, &self.launch, &mut self.lock).await {
            Found::Nothing => {}
            Found::Newer(stored) if session.is_over(self.slot, &stored) => {
                // What another process has left is over as well, and is what can be renewed.
                self.over = Some(stored.version);
                left = Some(stored.tokens);
            }
            Found::Newer(stored) => return FlightResult::Stored(stored),
            Found::Other(stored) => return FlightResult::OtherLogin(stored),
            Found::SignedOut => return FlightResult::signed_out(),
        }
        // Asked together: the tokens of whoever signed in since are not this flight's to spend.
        let own = session
            .slot(self.slot)
            .with(|state| state.gate.is_awaiting(&self.launch).then(|| state.holding.clone()));
        let Some(own) = own else {
            let error = Error::new(ErrorKind::SessionChanged);
            return FlightResult::failure(FailureKind::Transient { retry_after: None }, error);
        };
        let old = left.or(own.map(|holding| holding.tokens));
        let cargo = match self.renew(old.clone()).await {
            Ok(renewed) => self.unload(renewed, old.as_ref()),
            Err(failure) => FlightResult::Failure(Box::new(failure)),
        };
        match cargo {
            FlightResult::Failure(failure) if failure.kind == FailureKind::Permanent => {
                self.second_look(*failure, old.as_ref()).await
            }
            cargo => cargo,
        }
    }

    /// One request, or two where the server goes on accepting a spent refresh token for a while.
    async fn renew(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        let credential = self.session.credential(self.slot);
        let clock = &self.session.policy().clock;
        let started = clock.now();
        let failure = match self.renew_once(old.clone()).await {
            Err(failure) if failure.kind == FailureKind::Ambiguous => failure,
            other => return other,
        };
        let (session, credential_name) = (self.session.id(), credential.name);
        let ambiguous = Event::RotationAmbiguous { session, credential: credential_name };
        self.session.policy().emit(&ambiguous);
        let elapsed = clock.now().saturating_sub(started);
        if credential.grace.is_some_and(|grace| elapsed <= grace) {
            self.renew_once(old).await
        } else {
            Err(failure)
        }
    }

    async fn renew_once(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        let credential = self.session.credential(self.slot);
        let policy = self.session.policy();
        let Some(renew) = credential.renew.get() else {
            let error = nothing_renews();
            return Err(RefreshFailure::new(FailureKind::Transient { retry_after: None }, error));
        };
        self.session.inner.counts.refreshes.fetch_add(1, Ordering::Relaxed);
        let asked = policy.clock.wall();
        let limit = policy.clock.sleep(policy.settings.refresh_timeout);
        match select(renew.renew(&self.session, old), limit).await {
            Either::Left((renewed, _)) => renewed.map(|renewed| renewed.asked_at(asked)),
            Either::Right(_) => Err(RefreshFailure::new(
                FailureKind::Ambiguous,
                Error::new(ErrorKind::Timeout(Phase::Refresh)).with_message(format!(
                    "the refresh took longer than {:?}",
                    policy.settings.refresh_timeout
                )),
            )),
        }
    }

    /// Looks at what the refresh has brought. What makes it a success is a usable token in it.
    fn unload(&self, renewed: Renewed, old: Option<&Tokens>) -> FlightResult {
        let Renewed { mut tokens, response, asked } = renewed;
        if !tokens.is_usable() {
            let error = Error::new(ErrorKind::RefreshFailed)
                .with_message("the response to the refresh holds no usable token");
            return FlightResult::failure(FailureKind::Transient { retry_after: None }, error);
        }
        if tokens.refresh().is_none()
            && let Some(refresh) = old.and_then(Tokens::refresh)
        {
            tokens = tokens.with_refresh(refresh);
        }
        self.session.tell_unreadable(self.slot, &tokens);
        let wall = self.session.policy().clock.wall();
        let early = self.session.credential(self.slot).early;
        let holding = InstalledTokens::new(tokens, asked.unwrap_or(wall), wall, early);
        FlightResult::Tokens(Box::new(holding), response)
    }

    /// What was rejected may have been spent by another process: its successor is in the store.
    async fn second_look(&self, failure: RefreshFailure, old: Option<&Tokens>) -> FlightResult {
        if let Some(persistence) = &self.session.slot(self.slot).persistence {
            match self.session.compare(self.slot, persistence, &self.launch).await {
                Found::Newer(stored)
                    if Some(stored.tokens.payment()) != old.map(Tokens::payment) =>
                {
                    return FlightResult::Stored(stored);
                }
                Found::Other(stored) => return FlightResult::OtherLogin(stored),
                _ => {}
            }
        }
        FlightResult::Failure(Box::new(failure))
    }
}

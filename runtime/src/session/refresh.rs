//! Refreshes that the program requests.

use std::sync::Arc;

use super::{Session, waiter};
use crate::logic::gate::{Refusal, Release, Ticket};
use crate::ports::response::Received;
use crate::types::cause::Why;
use crate::types::error::{Error, ErrorKind, Result};

impl Session {
    /// Renews the token of the user who was signed in at `bound`, and returns the response of the refresh if there
    /// was one.
    pub(crate) async fn refresh_at(
        &self,
        index: usize,
        bound: Option<u32>,
    ) -> Result<Option<Arc<Received>>> {
        let bound = bound.or(self.load_for(index).await);
        let Some(credential) = self.inner.policy.credentials.get(index) else {
            return Err(Error::of_kind(ErrorKind::Argument)
                .with_message("the API declares no `auth(..)`, so there is nothing to refresh"));
        };
        if credential.renew.get().is_none() {
            return Err(nothing_renews());
        }
        self.forbid_reentrance(index)?;
        let now = self.policy().clock.now();
        let (before, waiting, launch) = self.slot(index).with(|state| {
            let before = state.gate.ticket();
            if bound.is_some_and(|epoch| epoch != before.epoch) {
                return (before, Err(Refusal::SessionChanged), None);
            }
            let (waiting, launch) = state.gate.refresh(
                now,
                credential.tokenless(),
                &credential.limits,
                waiter::channel,
            );
            let waiting = waiting.map(|end| self.wait(index, state, end, launch.is_some()));
            (before, waiting, launch)
        });
        if let Some(launch) = launch {
            self.start_flight(index, launch, Why::default());
        }
        let woken = waiting.map_err(|refusal| self.refused(index, refusal))?.await;
        match woken.release {
            Release::Proceed => self.after_refresh(index, before).map(|()| woken.response),
            release => Err(self.not_released(index, release)),
        }
    }

    /// If a refresh fails while the token is still valid, waiting calls are released without an error. A caller who
    /// requested the refresh itself gets its error.
    fn after_refresh(&self, index: usize, before: Ticket) -> Result<()> {
        let now = self.policy().clock.now();
        let limits = &self.policy_of(index).limits;
        let refusal = self.slot(index).with(|state| {
            if state.gate.ticket() == before {
                Err(state.gate.refusal(now, limits))
            } else {
                Ok(())
            }
        });
        refusal.map_err(|refusal| match refusal {
            Some(refusal) => self.refused(index, refusal),
            None => aborted(),
        })
    }
}

pub(super) fn nothing_renews() -> Error {
    Error::of_kind(ErrorKind::RefreshFailed)
        .with_message("no method is marked `refresh`, and the client was built without a refresh")
}

pub(super) fn aborted() -> Error {
    Error::of_kind(ErrorKind::RefreshFailed)
        .with_message("the task of the refresh was dropped before it ended")
}

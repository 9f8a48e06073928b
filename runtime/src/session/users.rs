//! Who signs in and out, and whose tokens are the session's.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::oneshot;

use super::Session;
use super::slot::InstalledTokens;
use crate::logic::gate::Ticket;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::event::{AdoptedFrom, Event};
use crate::types::tokens::Tokens;

impl Session {
    /// Installs the tokens of a login; `asked` says when and in which epoch it was asked for. Whoever
    /// has signed in or out since goes before.
    pub(crate) async fn login_at(
        &self,
        index: usize,
        tokens: Tokens,
        asked: Option<(u64, SystemTime)>,
    ) -> Result<()> {
        if !tokens.is_usable() {
            return Err(Error::new(ErrorKind::Argument)
                .with_message("the access token is empty or cannot travel in a header"));
        }
        let policy = &self.inner.policy;
        let Some(credential) = policy.credentials.get(index) else {
            return Err(Error::new(ErrorKind::Argument).with_message(
                "the API declares no `auth(..)`, so there is nothing to sign in to",
            ));
        };
        self.tell_unreadable(index, &tokens);
        let wall = policy.clock.wall();
        let at = asked.map_or(wall, |(_, at)| at);
        let holding = InstalledTokens::new(tokens, at, wall, credential.early);
        self.skip_loading(index);
        let released = self.slot(index).with(|state| {
            if asked.is_some_and(|(epoch, _)| epoch != state.gate.ticket().epoch) {
                return Err(Error::new(ErrorKind::SessionChanged));
            }
            state.hold(Some(holding));
            Ok(state.gate.login())
        })?;
        self.wake(index, released, None);
        self.look_ahead(index);
        self.keep(index).await;
        Ok(())
    }

    /// Who is signed in, as a number that each login, logout and change of the user makes larger.
    pub(crate) fn epoch_at(&self, index: usize) -> u64 {
        self.slot(index).with(|state| state.gate.ticket().epoch)
    }

    /// Signs out of one credential, if its epoch is still the given one. Somebody who signs in while the
    /// store is read stays.
    pub(crate) async fn logout_at(&self, index: usize, epoch: Option<u64>) {
        let epoch = match epoch {
            Some(epoch) => Some(epoch),
            None => self.load_for(index).await,
        };
        if self.policy().credentials.get(index).is_none() {
            return;
        }
        let released = self.slot(index).with(|state| {
            if epoch.is_some_and(|epoch| epoch != state.gate.ticket().epoch) {
                return None;
            }
            state.hold(None);
            Some(state.gate.logout())
        });
        if let Some(released) = released {
            self.wake(index, released, None);
            self.keep(index).await;
        }
    }

    /// Takes over a token that came in the headers of a response to an attempt with `ticket`.
    pub(crate) async fn adopt(&self, index: usize, ticket: Ticket, access: &str) {
        let policy = &self.inner.policy;
        let credential = self.credential(index);
        let wall = policy.clock.wall();
        let adopted = self.slot(index).with(|state| {
            let old = state.holding.as_ref()?;
            if !state.gate.is_present(ticket) || old.tokens.access() == access {
                return None;
            }
            let mut tokens = Tokens::new(access);
            if let Some(refresh) = old.tokens.refresh() {
                tokens = tokens.with_refresh(refresh);
            }
            if !tokens.is_usable() || !state.gate.adopt() {
                return None;
            }
            state.hold(Some(InstalledTokens::new(tokens, wall, wall, credential.early)));
            Some(())
        });
        if adopted.is_some() {
            policy.emit(&Event::Adopted {
                session: self.id(),
                credential: credential.name,
                source: AdoptedFrom::RawResponse,
            });
            self.look_ahead(index);
            self.keep(index).await;
        }
    }

    /// Ends the session because a response to an attempt with `ticket` said so. A response to an older
    /// token says nothing about the present one. Says whether it counted.
    pub(crate) async fn revoke(&self, index: usize, ticket: Ticket, reason: &Arc<Error>) -> bool {
        let released = self.slot(index).with(|state| {
            let released = state.gate.revoked(ticket, Arc::clone(reason))?;
            state.hold(None);
            Some(released)
        });
        let counted = released.is_some();
        if let Some(released) = released {
            self.tell_lost(index, released, reason);
            self.keep(index).await;
        }
        counted
    }

    pub(crate) fn tell_unreadable(&self, index: usize, tokens: &Tokens) {
        if tokens.expiry_unreadable() {
            let credential = self.credential(index).name;
            self.policy().emit(&Event::LifetimeUnreadable { session: self.id(), credential });
        }
    }

    /// Writes what the session holds now. It has a task of its own: somebody who stops waiting for a
    /// login, a logout or a call must not leave the tokens of before in the store.
    async fn keep(&self, index: usize) {
        if self.slot(index).persistence.is_none() {
            return;
        }
        let (done, written) = oneshot::channel::<()>();
        let session = self.clone();
        let writing = async move {
            session.persist(index).await;
            drop(done);
        };
        match self.policy().spawner.spawn(Box::pin(writing)) {
            // It ends with the write, whatever became of that.
            Ok(()) => drop(written.await),
            Err(writing) => writing.await,
        }
    }
}

//! Who is signed in: login, logout, adopted tokens, and the end of a session.

use super::{Gate, Release, Released, Status, Ticket, WaiterId};

impl<W, E: Clone> Gate<W, E> {
    /// Installs the tokens of a new identity.
    pub(crate) fn login(&mut self) -> Released<W, E> {
        let waiters = self.end(Status::In);
        self.epoch += 1;
        self.generation += 1;
        Released { waiters, release: Release::SessionChanged }
    }

    /// Signs out.
    pub(crate) fn logout(&mut self) -> Released<W, E> {
        let waiters = self.end(Status::Out { left: true });
        self.epoch += 1;
        Released { waiters, release: Release::SignedOut }
    }

    /// Discards the tokens, as if no user had ever signed in: the next call fetches new ones. The waiting calls are
    /// released with the reason why the tokens were discarded.
    pub(crate) fn reset(&mut self, release: Release<E>) -> Released<W, E> {
        let waiters = self.end(Status::Out { left: false });
        self.epoch += 1;
        Released { waiters, release }
    }

    /// Makes the next call fetch a token although the login has ended, since it does not come from a user.
    pub(crate) fn reopen(&mut self) {
        if self.is_lost() {
            self.set_status(Status::Out { left: false });
            self.tidy();
        }
    }

    /// Installs tokens of the same identity that did not come from a flight. They are ignored while a flight is in
    /// progress: the flight brings newer tokens, and if refresh tokens rotate, the only valid ones.
    pub(crate) fn adopt(&mut self) -> bool {
        let adopts = self.is_signed_in() && self.flight().is_none();
        if adopts {
            let before = self.generation;
            self.install();
            let adopted = self.generation;
            if let Some(failures) = self.past_failures_mut() {
                failures.adopted(before, adopted);
            }
            self.tidy();
        }
        adopts
    }

    /// Ends the session because a response to an attempt with `ticket` said so.
    pub(crate) fn revoked(&mut self, ticket: Ticket, error: E) -> Option<Released<W, E>> {
        if ticket != self.ticket() || !self.is_signed_in() {
            return None;
        }
        let waiters = self.end(Status::Lost(error.clone()));
        Some(Released { waiters, release: Release::Fail(error) })
    }

    /// Ends everything that belongs to this epoch. The flight is discarded, so that its outcome is ignored.
    pub(super) fn end(&mut self, status: Status<E>) -> Vec<(WaiterId, W)> {
        self.set_status(status);
        self.expired = false;
        self.forget_failures();
        let waiters = self.drain();
        if let Some(traffic) = self.present_traffic_mut() {
            traffic.flight = None;
            traffic.expire_again = false;
        }
        self.tidy();
        waiters
    }
}

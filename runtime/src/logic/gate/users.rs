//! Who is signed in, and who was.

use super::{Gate, Release, Released, Status, Ticket};

impl<W, E: Clone> Gate<W, E> {
    /// Installs tokens of another identity.
    pub(crate) fn login(&mut self) -> Released<W, E> {
        let waiters = self.end(Status::In);
        self.epoch += 1;
        self.generation += 1;
        Released { waiters, word: Release::Changed }
    }

    /// Signs out.
    pub(crate) fn logout(&mut self) -> Released<W, E> {
        let waiters = self.end(Status::Out { left: true });
        self.epoch += 1;
        Released { waiters, word: Release::LoggedOut }
    }

    /// Installs tokens of the same identity that came another way than by a flight. While one is
    /// under way they are passed over: what the flight brings is newer, and with rotating refresh
    /// tokens the only one that counts.
    pub(crate) fn adopt(&mut self) -> bool {
        let adopts = self.is_signed_in() && self.flight().is_none();
        if adopts {
            self.install();
            self.failures = None;
        }
        adopts
    }

    /// Tells that the server called the session of `ticket` over.
    pub(crate) fn revoked(&mut self, ticket: Ticket, error: E) -> Option<Released<W, E>> {
        if ticket != self.ticket() || !self.is_signed_in() {
            return None;
        }
        let waiters = self.end(Status::Lost(error.clone()));
        Some(Released { waiters, word: Release::Failed(error) })
    }

    /// Ends what belongs to this epoch: the flight is forgotten, so that it lands on nothing.
    pub(super) fn end(&mut self, status: Status<E>) -> Vec<W> {
        self.status = status;
        self.over = false;
        self.failures = None;
        let waiters = self.drain();
        if let Some(traffic) = &mut self.traffic {
            traffic.flight = None;
        }
        self.tidy();
        waiters
    }
}

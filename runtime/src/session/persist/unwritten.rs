//! Sessions whose store does not have their tokens yet.

use std::sync::atomic::Ordering;

use super::Known;
use crate::session::{Session, registry};

/// Stands for a write from before it begins until it has succeeded. However it ends otherwise, even with its runtime, the
/// session outlives its last handle for a while: a client that opens the same location joins it, and the next call
/// writes again. A new session would find used tokens in the store, or the tokens of a user who has signed out.
#[must_use]
pub(in crate::session) struct Unwritten {
    session: Session,
    index: usize,
    is_settled: bool,
}

impl Unwritten {
    pub(in crate::session) fn new(session: &Session, index: usize) -> Self {
        let is_settled = session.slot(index).persistence.is_none();
        Self { session: session.clone(), index, is_settled }
    }

    /// The store has what was to be written. Another change may have come since, with a write of its own.
    pub(in crate::session) fn note_written(&mut self, known: &Known) {
        self.is_settled = true;
        let Self { session, index, .. } = self;
        let Some(persistence) = &session.slot(*index).persistence else { return };
        let is_present = session.slot(*index).with(|state| match state.gate.is_signed_in() {
            true => known.ticket == Some(state.gate.ticket()),
            false => known.version.is_none(),
        });
        if is_present && persistence.unwritten.swap(false, Ordering::AcqRel) {
            let mut others =
                (0..session.slots()).filter_map(|it| session.slot(it).persistence.as_ref());
            if !others.any(|other| other.unwritten.load(Ordering::Acquire)) {
                registry::release(session);
            }
        }
    }

    /// Nothing is to be written any more.
    pub(in crate::session) fn dismiss(&mut self) {
        self.is_settled = true;
    }

    /// Like [`dismiss`](Self::dismiss), for a store that has failed for too long.
    pub(super) fn give_up(mut self) {
        self.dismiss();
        registry::release(&self.session);
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        if let Some(persistence) = &self.session.slot(self.index).persistence {
            persistence.unwritten.store(true, Ordering::Release);
            // Nobody could join a session without a location.
            if persistence.store.location().is_some() {
                registry::keep(&self.session);
            }
        }
    }
}

//! Per-call authentication state, kept across attempts.

use super::Session;

/// Per-call authentication state, kept across attempts.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallAuth {
    /// The epoch to which the call is bound, plus one, for each credential; 0 if no user was signed in.
    bound: [u32; MOST],
    /// Credentials for which this call has started a refresh, and those for which it was replayed.
    pub(super) started: Slots,
    pub(super) replayed: Slots,
    /// Credentials for which a replay with another process's token was not counted.
    pub(super) forgiven: Slots,
    /// The call can be sent only once, so the expiry of its token is checked first, whatever was declared.
    pub(crate) is_careful: bool,
}

/// A bit of `bound`: the call went out without a token, since nobody was signed in.
const BARE: u32 = 1 << 31;

/// Building a client with more credentials than this fails.
pub(crate) const MOST: usize = 4;

/// A set of slots.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slots(u8);

impl Slots {
    pub(super) const fn contains(self, slot: usize) -> bool {
        self.0 >> slot & 1 == 1
    }

    pub(super) const fn insert(&mut self, slot: usize) {
        self.0 |= 1 << slot;
    }
}

impl CallAuth {
    pub(crate) fn new(session: &Session) -> Self {
        let mut auth = Self::default();
        for slot in 0..session.slots() {
            if let Some(epoch) = session.slot(slot).binding() {
                auth.bind(slot, epoch);
            }
        }
        auth
    }

    /// Resets everything but the epoch to which the call is bound.
    pub(crate) fn start_again(&mut self) {
        *self = Self { bound: self.bound, ..Self::default() };
    }

    /// Whether the call was replayed because the token of this credential had expired.
    pub(crate) const fn was_replayed(&self, slot: usize) -> bool {
        self.replayed.contains(slot)
    }

    /// Makes one replay not count, so that the call may start another refresh.
    pub(super) const fn forgive(&mut self, slot: usize) {
        self.forgiven.insert(slot);
        self.started.0 &= !(1 << slot);
    }

    pub(crate) fn bound(&self, slot: usize) -> Option<u32> {
        (self.bound.get(slot)? & !BARE).checked_sub(1)
    }

    pub(super) fn bind(&mut self, slot: usize, epoch: u32) {
        if let Some(bound) = self.bound.get_mut(slot) {
            *bound = epoch + 1;
        }
    }

    /// Binds a call that goes out without a token, unless it belongs to a user.
    pub(super) fn bind_bare(&mut self, slot: usize, epoch: u32) {
        if let Some(bound) = self.bound.get_mut(slot).filter(|bound| **bound == 0) {
            *bound = (epoch + 1) | BARE;
        }
    }

    /// Lets a call that went out without a token go on as the user who signs in. Returns whether it belonged to none.
    pub(super) fn leave_bare(&mut self, slot: usize) -> bool {
        let Some(bound) =
            self.bound.get_mut(slot).filter(|bound| **bound & BARE != 0 || **bound == 0)
        else {
            return false;
        };
        *bound = 0;
        true
    }
}

//! The knowledge of a session about the content of its store.

use crate::logic::gate::Ticket;
use crate::ports::random::random;
use crate::ports::store::{Stored, Version};
use crate::types::tokens::Tokens;

/// The content of the store, as far as this session knows.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::session) struct Known {
    pub(super) version: Option<Version>,
    /// The token set of this session that the store contains, if it contains one.
    pub(super) ticket: Option<Ticket>,
    /// The latest write of this session, if it has not succeeded. The store may have made it nevertheless, and lost its
    /// response; then the store contains this token set, or an earlier one of the same login.
    pub(super) tried: Option<(Version, Ticket)>,
}

impl Known {
    /// The store contains the token set with this ticket.
    pub(in crate::session) const fn of(version: Version, ticket: Ticket) -> Self {
        Self { version: Some(version), ticket: Some(ticket), tried: None }
    }

    /// The version for a write of the token set with this ticket. A write that is retried keeps its version, and each
    /// token set has its own.
    pub(super) fn version_of(&self, ticket: Ticket) -> Version {
        match self.tried {
            Some((version, tried)) if tried == ticket => version,
            _ => self.next_version(ticket),
        }
    }

    /// The version of a token set that was never written. A stored version may have any number: after the largest one,
    /// the login gets a new number, which other processes take for another login.
    pub(super) fn next_version(&self, ticket: Ticket) -> Version {
        let tried = self.tried.filter(|(_, tried)| tried.epoch == ticket.epoch);
        let is_renewal = tried.is_some() || self.has_stored(ticket);
        let latest = tried.map(|(version, _)| version).or(self.version);
        match (latest, latest.map_or(Some(1), |latest| latest.generation.checked_add(1))) {
            (Some(latest), Some(generation)) if is_renewal => {
                Version { login: latest.login, generation }
            }
            (_, generation) => Version { login: random(), generation: generation.unwrap_or(1) },
        }
    }

    /// Whether the store has had tokens of the login to which this ticket belongs.
    pub(super) fn has_stored(&self, ticket: Ticket) -> bool {
        self.ticket.is_some_and(|saved| saved.epoch == ticket.epoch)
    }

    /// Whether a stored login is the one to which this ticket belongs, as it was to be written.
    pub(super) fn has_tried(&self, ticket: Ticket, found: Version) -> bool {
        self.tried.is_some_and(|(version, tried)| {
            tried.epoch == ticket.epoch && version.login == found.login
        })
    }

    /// Whether a stored login is the one that was read or written here.
    pub(super) fn has_login(&self, found: Version) -> bool {
        let tried = self.tried.map(|(version, _)| version);
        [self.version, tried].into_iter().flatten().any(|own| own.login == found.login)
    }

    /// Whether a write of this session that seemed to fail may have stored this version.
    pub(super) fn may_have_written(&self, found: Version) -> bool {
        self.tried.is_some_and(|(tried, _)| {
            tried.login == found.login && found.generation <= tried.generation
        })
    }
}

/// Whether `found` belongs to the same login and is not older.
pub(super) const fn is_as_new(found: Version, than: Version) -> bool {
    found.login == than.login && found.generation >= than.generation
}

/// Whether a stored token set is the one that was to be written. Another process may have used the same number.
pub(super) fn is_same(found: &Stored, written: &Stored) -> bool {
    found.version == written.version && found.tokens.access() == written.tokens.access()
}

/// Whether a stored token set has the refresh token that `next` has replaced: another process has saved an access token
/// that a response pushed while this one refreshed.
pub(super) fn holds_used_token(found: &Stored, next: &Stored, used: Option<&Tokens>) -> bool {
    let used = used.and_then(Tokens::refresh);
    used.is_some() && found.tokens.refresh() == used && next.tokens.refresh() != used
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ticket(epoch: u32, generation: u32) -> Ticket {
        Ticket { epoch, generation }
    }

    const fn version(login: u64, generation: u64) -> Version {
        Version { login, generation }
    }

    #[test]
    fn each_token_set_has_its_own_version_whether_or_not_its_write_succeeded() {
        let mut known = Known::of(version(7, 4), ticket(1, 1));
        let second = known.version_of(ticket(1, 2));
        assert_eq!(second, version(7, 5));
        known.tried = Some((second, ticket(1, 2)));
        assert_eq!(known.version_of(ticket(1, 2)), second);
        assert_eq!(known.version_of(ticket(1, 3)), version(7, 6));
        assert_eq!(known.next_version(ticket(1, 2)), version(7, 6));
    }

    #[test]
    fn a_login_has_a_number_of_its_own_from_its_first_write() {
        let mut known = Known::of(version(7, 4), ticket(1, 1));
        let first = known.version_of(ticket(2, 1));
        assert_eq!(first.generation, 5);
        assert_ne!(first.login, 7);
        known.tried = Some((first, ticket(2, 1)));
        let second = known.version_of(ticket(2, 2));
        assert_eq!(second, version(first.login, 6));
        assert_ne!(known.version_of(ticket(3, 1)).login, first.login);
        assert!(known.has_login(version(7, 9)) && known.has_login(second));
    }

    #[test]
    fn after_the_largest_number_a_login_begins_again() {
        let known = Known::of(version(7, u64::MAX), ticket(1, 1));
        let next = known.version_of(ticket(1, 2));
        assert_eq!(next.generation, 1);
        assert_ne!(next.login, 7);
    }

    #[test]
    fn only_what_was_tried_may_have_been_written() {
        let mut known = Known::of(version(7, 4), ticket(1, 1));
        assert!(!known.may_have_written(version(7, 5)));
        known.tried = Some((version(7, 6), ticket(1, 3)));
        assert!([5, 6].iter().all(|it| known.may_have_written(version(7, *it))));
        assert!(!known.may_have_written(version(7, 7)));
        assert!(!known.may_have_written(version(8, 5)));
    }
}

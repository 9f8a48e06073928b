//! The settings of a client's sessions, and its limits.

use std::time::Duration;

use super::ClientBuilder;
use crate::client::ApiClient;
use crate::logic::backoff::Backoff;
use crate::session::{HasSession, Session};

impl<C: ApiClient> ClientBuilder<C> {
    /// Shares the session of another client, including its refresh, store, hooks and limits. These are set on the
    /// client that created the session, and [`build`](ClientBuilder::build) refuses them here. A
    /// [`refresh`](ClientBuilder::refresh) is accepted if the session has none yet.
    pub fn session<S: HasSession + ?Sized>(mut self, session: &S) -> Self {
        self.plan.session = Some(session.its_session().clone());
        self
    }

    /// Sets the maximum duration of one refresh; 10 seconds by default. After that, the waiting calls fail.
    ///
    /// While a refresh hangs, every call waits. Ten seconds is about as long as a user waits without losing attention.
    /// A token endpoint that starts up on demand may need more.
    pub const fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.plan.settings.refresh_timeout = limit;
        self.plan.of_session = Some("refresh_timeout");
        self
    }

    /// Sets the pause after a failed refresh, during which calls that need a new token fail at once: `first` after one
    /// failure, twice as long after each further consecutive failure, and at most `longest`. The defaults are 300
    /// milliseconds and one minute. Each pause is randomly extended by up to half, so that clients which failed
    /// together do not retry together. The server can extend a pause with `Retry-After`, up to five minutes.
    pub const fn cooldown(mut self, first: Duration, longest: Duration) -> Self {
        self.plan.settings.cooldown = Backoff::new(first, longest);
        self.plan.of_session = Some("cooldown");
        self
    }

    /// Ends the session after this many consecutive temporary rejections of a refresh; by default there is no limit.
    ///
    /// A rejection is temporary unless it is known to be final: a gateway's 403, a maintenance code, an empty body. Its
    /// cause may disappear within a minute, while a session that has ended requires the user to sign in again. Final
    /// rejections, by `rejected(..)`, `logout(..)`, or OAuth 2's `invalid_grant`, end the session at once. Timeouts,
    /// lost connections and 5xx statuses do not count.
    pub const fn give_up_after(mut self, rejections: u32) -> Self {
        self.plan.settings.give_up_after = Some(rejections);
        self.plan.of_session = Some("give_up_after");
        self
    }

    /// Sets the maximum number of calls that wait for a refresh; 100,000 by default. Further calls fail at once.
    pub const fn queue_limit(mut self, limit: usize) -> Self {
        self.plan.settings.queue_limit = limit;
        self.plan.of_session = Some("queue_limit");
        self
    }

    /// Sets how many waiting calls are sent at the same time after a refresh; all of them by default.
    pub const fn replay_concurrency(mut self, limit: usize) -> Self {
        self.plan.settings.replay_concurrency = if limit == 0 { 1 } else { limit };
        self.plan.of_session = Some("replay_concurrency");
        self
    }

    /// Sends calls that start during a refresh with the old token, as long as that token is not known to have expired.
    /// By default they wait for the new one.
    pub const fn send_during_refresh(mut self, send: bool) -> Self {
        self.plan.settings.send_during_refresh = send;
        self.plan.of_session = Some("send_during_refresh");
        self
    }

    /// Refreshes tokens in the background before they expire, even if no calls are made; off by default. This needs
    /// tokens with a stated lifetime, and stops when the last handle of the session is dropped.
    ///
    /// It is for long-running programs: one that exits during a refresh loses the new token.
    pub const fn refresh_ahead(mut self, ahead: bool) -> Self {
        self.plan.settings.refresh_ahead = if ahead { Some(Session::watch_expiry) } else { None };
        self.plan.of_session = Some("refresh_ahead");
        self
    }

    /// Compresses with gzip every body of at least this many bytes, and every body of unknown length. The server has to
    /// support this; only its documentation can tell. For a single call see [`Call::gzip`](crate::Call::gzip).
    #[cfg(feature = "gzip-requests")]
    pub const fn gzip_requests(mut self, from: u64) -> Self {
        self.plan.gzip_from = Some(from);
        self
    }

    /// Sets the maximum size of a response that is read into a value, a string or your own type, and of a line or event
    /// of a stream, in bytes after decompression; 16 MiB by default. A longer one fails with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    ///
    /// A successful response of the type `Bytes` has no limit. If the server might exhaust the memory of this
    /// process, use a [`Download`](crate::Download), which arrives in chunks.
    pub const fn body_limit(mut self, limit: usize) -> Self {
        self.plan.body_limit = limit;
        self
    }
}

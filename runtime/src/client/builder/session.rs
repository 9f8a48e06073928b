//! The settings of a client's sessions, and its limits.

use std::time::Duration;

use super::ClientBuilder;
use crate::client::ApiClient;
use crate::logic::backoff::Backoff;
use crate::session::{HasSession, Session};

impl<C: ApiClient> ClientBuilder<C> {
    /// Shares the session of another client, including the refresh, the store, the hooks and the limits. Those were
    /// set on the client that created the session, and [`build`](ClientBuilder::build) rejects them here. A
    /// [`refresh`](ClientBuilder::refresh) is used if nothing renews the session yet.
    pub fn session<S: HasSession + ?Sized>(mut self, session: &S) -> Self {
        self.plan.session = Some(session.its_session().clone());
        self
    }

    /// The maximum duration of one refresh; 10 seconds by default. The calls that wait for it then fail.
    ///
    /// Every call waits while a refresh hangs, so the default is about as long as users keep their attention on a
    /// task. A token endpoint that has to start up on demand may need more.
    pub const fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.plan.settings.refresh_timeout = limit;
        self.plan.of_session = Some("refresh_timeout");
        self
    }

    /// The pause after a failed refresh, during which calls that need a new token fail at once: `first` after one
    /// failure, twice as long after each further consecutive one, and at most `longest`. The defaults are 300
    /// milliseconds and one minute. Each pause is randomly extended by up to half, so that clients which failed
    /// together do not return together. A `Retry-After` of the server extends it, up to five minutes.
    pub const fn cooldown(mut self, first: Duration, longest: Duration) -> Self {
        self.plan.settings.cooldown = Backoff::new(first, longest);
        self.plan.of_session = Some("cooldown");
        self
    }

    /// Ends the session after this many consecutive temporary rejections of a refresh; by default no number ends
    /// it.
    ///
    /// A rejection is temporary unless the declaration says that it is final: a gateway's 403, a maintenance code,
    /// an empty body. Its cause may disappear within a minute, while a session that has ended requires the user to
    /// sign in again. Responses that are known to be final, by `rejected(..)`, `logout(..)`, or OAuth 2's
    /// `invalid_grant`, end the session at once. Timeouts, lost connections and 5xx statuses do not count.
    pub const fn give_up_after(mut self, rejections: u32) -> Self {
        self.plan.settings.give_up_after = Some(rejections);
        self.plan.of_session = Some("give_up_after");
        self
    }

    /// The maximum number of calls that wait for a refresh; 100,000 by default. Further calls fail at once.
    pub const fn queue_limit(mut self, limit: usize) -> Self {
        self.plan.settings.queue_limit = limit;
        self.plan.of_session = Some("queue_limit");
        self
    }

    /// The number of waiting calls that are sent at once after a refresh; all of them by default.
    pub const fn replay_concurrency(mut self, limit: usize) -> Self {
        self.plan.settings.replay_concurrency = if limit == 0 { 1 } else { limit };
        self.plan.of_session = Some("replay_concurrency");
        self
    }

    /// Sends calls that start during a refresh with the old token, as long as it is not known to have expired. By
    /// default they wait for the new one.
    pub const fn send_during_refresh(mut self, send: bool) -> Self {
        self.plan.settings.send_during_refresh = send;
        self.plan.of_session = Some("send_during_refresh");
        self
    }

    /// Renews tokens in the background before they expire, even if no calls are made; off by default. It needs
    /// tokens with a stated lifetime. It stops when the last handle of the session is dropped.
    ///
    /// It is for programs that continue to run: a program that exits during the refresh loses the new token.
    pub const fn refresh_ahead(mut self, ahead: bool) -> Self {
        self.plan.settings.refresh_ahead = if ahead { Some(Session::watch_expiry) } else { None };
        self.plan.of_session = Some("refresh_ahead");
        self
    }

    /// Compresses with gzip every body of at least this many bytes, and every body of unknown length. The server
    /// has to support it; only its documentation says whether it does. For a single call see
    /// [`Call::gzip`](crate::Call::gzip).
    #[cfg(feature = "gzip-requests")]
    pub const fn gzip_requests(mut self, from: u64) -> Self {
        self.plan.gzip_from = Some(from);
        self
    }

    /// The maximum size of a response that is read into a value, a text or your own type, and of a line or event of
    /// a stream, in bytes after decompression; 16 MiB by default. A longer one fails with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    ///
    /// A successful response of the type `Bytes` has no limit. If the server might exhaust the memory of this
    /// process, use a [`Download`](crate::Download), which arrives in chunks.
    pub const fn body_limit(mut self, limit: usize) -> Self {
        self.plan.body_limit = limit;
        self
    }
}

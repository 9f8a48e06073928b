//! The builder's settings for sessions.

use std::sync::Arc;
use std::time::Duration;

use super::ClientBuilder;
use crate::__private::{MaybeSend, MaybeSync};
use crate::client::ApiClient;
use crate::logic::backoff::Backoff;
use crate::ports::clock::Clock;
use crate::ports::spawn::Spawn;
use crate::ports::store::TokenStore;
use crate::session::Session;
use crate::session::renew::{ByHand, Refresh, Renew};
use crate::types::error::Error;
use crate::types::event::Event;

impl<C: ApiClient> ClientBuilder<C> {
    /// Sets where tokens are stored beyond the life of the session. By default they are kept in memory.
    ///
    /// If a session of this process already uses the same location, it is shared, as with
    /// [`session`](ClientBuilder::session), since two sessions would invalidate each other's tokens.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.plan.store = Some(Arc::new(store));
        self.plan.of_session = Some("store");
        self
    }

    /// Names the issuer of the tokens in the [`store`](ClientBuilder::store); by default it is the origin of
    /// the base URL.
    ///
    /// Stored tokens are bound to it. A client with another base URL on the same store neither sends nor overwrites
    /// them: it is signed out, and an [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) says so. If several
    /// base URLs accept the same tokens, such as the regions of one server, use one name for all of them.
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.plan.realm = Some(name.into());
        self.plan.of_session = Some("realm");
        self
    }

    /// Shares the session of another client, including the refresh, the store, the hooks and the limits. Those were
    /// set on the client that created the session, and [`build`](ClientBuilder::build) rejects them here. A
    /// [`refresh`](ClientBuilder::refresh) is used if nothing renews the session yet.
    pub fn session(mut self, session: &Session) -> Self {
        self.plan.session = Some(session.clone());
        self
    }

    /// Renews the first credential with your own code, instead of the method that is marked `refresh`.
    pub fn refresh(self, refresh: impl Refresh) -> Self {
        self.renew(Arc::new(ByHand(refresh)))
    }

    pub(crate) fn renew(mut self, renew: Arc<dyn Renew>) -> Self {
        self.plan.refresh = Some(renew);
        self
    }

    /// Called once per login, with the reason, when the session ends and the user has to sign in again. It is not
    /// called when the user signs out. If many sessions share the hook, [`Error::session`] says which one ended.
    ///
    /// It is called without holding any lock, and before the calls that waited for the refresh fail: when a caller
    /// gets [`ErrorKind::SessionLost`](crate::ErrorKind::SessionLost) after a wait, the hook has already run. A
    /// call that starts meanwhile does not wait for it. A hook that blocks delays the other calls for a second at
    /// most, if the runtime has another thread; its panic is caught.
    pub fn on_logout(mut self, hook: impl Fn(&Error) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_logout = Some(Box::new(hook));
        self.plan.of_session = Some("on_logout");
        self
    }

    /// Called for every refresh, every replay and all other events. It runs without holding any lock, on the task
    /// in which the event happens, and should be short; its panic is caught. [`Event::session`] says which session
    /// the event belongs to.
    ///
    /// Hooks live as long as the client and the sessions that were created from its own. A hook that holds a
    /// [`Session`] of its own client keeps that session alive forever: hold its [`id`](Session::id) instead.
    pub fn on_event(mut self, hook: impl Fn(&Event) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_event = Some(Box::new(hook));
        self.plan.of_session = Some("on_event");
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
    pub const fn give_up_after(mut self, refusals: u32) -> Self {
        self.plan.settings.give_up_after = Some(refusals);
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
    pub const fn refresh_ahead(mut self, ahead: bool) -> Self {
        self.plan.settings.refresh_ahead = ahead;
        self.plan.of_session = Some("refresh_ahead");
        self
    }

    /// Sets the source of time; the system clock by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.plan.clock = Some(Arc::new(clock));
        self.plan.of_session = Some("clock");
        self
    }

    /// Sets where refreshes run; the caller's tokio runtime by default.
    pub fn spawner(mut self, spawner: impl Spawn) -> Self {
        self.plan.spawner = Some(Arc::new(spawner));
        self.plan.of_session = Some("spawner");
        self
    }
}

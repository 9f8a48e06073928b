//! The settings and hooks that all sessions of a client share.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::Session;
use super::renew::Renew;
use crate::logic::backoff::Backoff;
use crate::logic::gate::{Limits, Window};
use crate::ports::clock::Clock;
use crate::ports::spawn::Spawn;
use crate::types::auth::{Credential, Early, Placement};
use crate::types::error::Error;
use crate::types::event::{Event, EventKind};
use crate::types::session_id::SessionId;
use crate::types::set_cookie::can_be_a_cookie;
use crate::types::tokens::Tokens;
use crate::types::url::Origin;

/// A token endpoint responds within a second, or after a cold start within a few. Ten seconds is about how long
/// people keep their attention on a task while they wait, and every call waits for the refresh.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(10);

/// A single failure often passes quickly: a call half a second later succeeds. After many consecutive failures, a
/// recovered server is detected within a minute.
const COOLDOWN: Backoff = Backoff::new(Duration::from_millis(300), Duration::from_secs(60));

pub(crate) type EventHook = Box<dyn Fn(&Event) + Send + Sync>;
pub(crate) type LogoutHook = Box<dyn Fn(&Error) + Send + Sync>;

/// Shared by a session and its siblings.
pub(crate) struct Policy {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawner: Arc<dyn Spawn>,
    pub(crate) on_event: Option<EventHook>,
    pub(crate) on_logout: Option<LogoutHook>,
    pub(crate) settings: Settings,
    /// The origin of the client for which the session was created. An address that comes with tokens is an address
    /// of its API.
    pub(crate) origin: Origin,
    /// The issuer of stored tokens.
    pub(crate) realm: Option<Arc<str>>,
    pub(crate) credentials: Box<[CredentialPolicy]>,
}

/// The builder's settings for sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How long one refresh may take.
    pub(crate) refresh_timeout: Duration,
    /// How many calls may wait.
    pub(crate) queue_limit: usize,
    /// The number of released calls that may send at once.
    pub(crate) replay_concurrency: usize,
    /// Whether calls are sent with the old token while it is renewed.
    pub(crate) send_during_refresh: bool,
    /// Starts the task that renews tokens in the background before they expire, if that is on. A pointer, so that the
    /// linker drops the task from programs that leave it off.
    pub(crate) refresh_ahead: Option<fn(&Session, usize)>,
    /// The number of consecutive temporary rejections of a refresh that ends the session, if any.
    pub(crate) give_up_after: Option<u32>,
    /// The pause after a failed refresh.
    pub(crate) cooldown: Backoff,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refresh_timeout: REFRESH_TIMEOUT,
            queue_limit: 100_000,
            replay_concurrency: usize::MAX,
            send_during_refresh: false,
            refresh_ahead: None,
            give_up_after: None,
            cooldown: COOLDOWN,
        }
    }
}

/// One credential of the session, and how it is renewed.
pub(crate) struct CredentialPolicy {
    pub(crate) name: &'static str,
    pub(crate) early: Early,
    /// Its token is a user name and a password in base64.
    pub(crate) basic: bool,
    /// Its token is the value of a cookie.
    cookie: bool,
    pub(crate) grace: Option<Duration>,
    /// It has a token for each key.
    pub(crate) keyed: bool,
    pub(crate) limits: Limits,
    /// The other credentials that its refresh carries. The tokens that it fetches belong to the user of those: they
    /// are discarded with that user, and are not stored.
    pub(crate) derived_from: Box<[usize]>,
    /// Set once, by the first client that can renew it.
    pub(crate) renew: OnceLock<Arc<dyn Renew>>,
}

impl CredentialPolicy {
    pub(crate) fn new(
        credential: &Credential,
        settings: &Settings,
        derived_from: Box<[usize]>,
    ) -> Self {
        let (refreshes, within) = credential.window;
        Self {
            name: credential.name,
            early: credential.early,
            basic: matches!(credential.placement, Placement::Header { scheme: Some("Basic"), .. }),
            cookie: matches!(credential.placement, Placement::Cookie { .. }),
            grace: credential.grace,
            keyed: credential.keyed,
            derived_from,
            limits: Limits {
                queue: settings.queue_limit,
                permits: settings.replay_concurrency,
                rejections: settings.give_up_after,
                cooldown: settings.cooldown,
                window: Window { refreshes, within },
            },
            renew: OnceLock::new(),
        }
    }

    /// Why calls cannot carry the access token, if they cannot.
    pub(super) fn unusable(&self, tokens: &Tokens) -> Option<&'static str> {
        let is_unfit = || self.cookie && !can_be_a_cookie(tokens.access().as_bytes());
        tokens
            .unusable()
            .or_else(|| is_unfit().then_some("the access token cannot be the value of a cookie"))
    }

    pub(crate) fn tokenless(&self) -> bool {
        self.renew.get().is_some_and(|renew| renew.is_tokenless())
    }

    /// Whether no user ever signs in with it.
    pub(super) fn unattended(&self) -> bool {
        self.renew.get().is_some_and(|renew| renew.is_unattended())
    }
}

impl Policy {
    /// Calls the user's hook, outside of all locks. Its panic is caught, and the session continues.
    fn emit(&self, event: &Event) {
        if let Some(hook) = &self.on_event {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(event)));
        }
        #[cfg(feature = "tracing")]
        super::trace::event(event);
    }

    pub(crate) fn has_hooks(&self) -> bool {
        self.on_event.is_some() || self.on_logout.is_some()
    }

    /// Calls the hooks for the end of a session.
    pub(super) fn lost(&self, session: SessionId, credential: &'static str, reason: &Arc<Error>) {
        let kind = EventKind::SessionLost { reason: Arc::clone(reason) };
        self.emit(&Event { session, credential, kind });
        if let Some(hook) = &self.on_logout {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(reason)));
        }
    }
}

impl Session {
    /// Reports an event. Call it without holding any lock: a hook may sign in or out.
    pub(crate) fn emit(&self, slot: usize, kind: EventKind) {
        let policy = self.policy();
        let credential = policy.credentials.get(slot).map_or("", |each| each.name);
        let event = Event { session: self.id(), credential, kind };
        if policy.on_event.is_some() {
            self.run_hooks(|| policy.emit(&event));
        } else {
            policy.emit(&event);
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::auth::Placement;
    use crate::types::endpoint::Retry;

    #[test]
    fn the_guide_states_the_defaults() {
        let page = include_str!("../../guide/defaults.md");
        let settings = Settings::default();
        let retry = Retry::new(1);
        let (refreshes, within) = Credential::new("main", Placement::Bearer).window;
        for row in [
            format!("| `refresh_timeout` | {} s |", settings.refresh_timeout.as_secs()),
            format!("| `queue_limit` | {} calls |", settings.queue_limit),
            format!("| `window` | {refreshes} in {} s |", within.as_secs()),
            format!("| `backoff` of `retry(..)` | {:?} to {:?} |", retry.shortest, retry.longest)
                .replace("ms", " ms")
                .replace("5s", "5 s"),
            format!("| `on` of `retry(..)` | {:?}, `connect` |", retry.statuses)
                .replace(['[', ']'], ""),
        ] {
            assert!(page.contains(&row), "the page has no `{row}`");
        }
        assert_eq!(COOLDOWN, Backoff::new(Duration::from_millis(300), Duration::from_secs(60)));
        assert!(page.contains("| `cooldown` | 300 ms to 60 s |"));
    }
}

//! What is the same for all sessions of a client.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::renew::Renew;
use crate::logic::gate::{Limits, Window};
use crate::ports::clock::Clock;
use crate::ports::spawn::Spawn;
use crate::types::auth::{Credential, Early};
use crate::types::error::Error;
use crate::types::event::Event;
use crate::types::session_id::SessionId;

pub(crate) type EventHook = Box<dyn Fn(&Event) + Send + Sync>;
pub(crate) type LogoutHook = Box<dyn Fn(&Error) + Send + Sync>;

/// Shared by a session and its siblings.
pub(crate) struct Policy {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawner: Arc<dyn Spawn>,
    pub(crate) on_event: Option<EventHook>,
    pub(crate) on_logout: Option<LogoutHook>,
    pub(crate) settings: Settings,
    pub(crate) credentials: Box<[CredentialPolicy]>,
}

/// What the builder of a client says about its sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How long one refresh may take.
    pub(crate) refresh_timeout: Duration,
    /// How many calls may wait.
    pub(crate) queue_limit: usize,
    /// How many released calls may send at once.
    pub(crate) replay_concurrency: usize,
    /// Whether calls go out with the old token while it is renewed.
    pub(crate) send_during_refresh: bool,
    /// Whether tokens are renewed in the background before they end.
    pub(crate) refresh_ahead: bool,
    /// How many unnamed rejections in a row end the session.
    pub(crate) rejections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refresh_timeout: Duration::from_secs(15),
            queue_limit: 100_000,
            replay_concurrency: usize::MAX,
            send_during_refresh: false,
            refresh_ahead: false,
            rejections: 3,
        }
    }
}

/// One credential of the session, and how it is renewed.
pub(crate) struct CredentialPolicy {
    pub(crate) name: &'static str,
    pub(crate) early: Early,
    pub(crate) grace: Option<Duration>,
    pub(crate) limits: Limits,
    /// Set once, by the first client that can renew it.
    pub(crate) renew: OnceLock<Arc<dyn Renew>>,
}

impl CredentialPolicy {
    pub(crate) fn new(credential: &Credential, settings: &Settings) -> Self {
        let (refreshes, within) = credential.window;
        Self {
            name: credential.name,
            early: credential.early,
            grace: credential.grace,
            limits: Limits {
                queue: settings.queue_limit,
                permits: settings.replay_concurrency,
                rejections: settings.rejections,
                window: Window { refreshes, within },
            },
            renew: OnceLock::new(),
        }
    }

    pub(crate) fn tokenless(&self) -> bool {
        self.renew.get().is_some_and(|renew| renew.is_tokenless())
    }
}

impl Policy {
    /// Tells the user's hook. Its panic is its own: the session goes on.
    pub(crate) fn emit(&self, event: &Event) {
        if let Some(hook) = &self.on_event {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(event)));
        }
        #[cfg(feature = "tracing")]
        super::trace::event(event);
    }

    pub(crate) fn has_hooks(&self) -> bool {
        self.on_event.is_some() || self.on_logout.is_some()
    }

    /// Tells the hooks that a session is over.
    pub(crate) fn lost(&self, session: SessionId, credential: &'static str, reason: &Arc<Error>) {
        self.emit(&Event::SessionLost { session, credential, reason: Arc::clone(reason) });
        if let Some(hook) = &self.on_logout {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(reason)));
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("settings", &self.settings).finish_non_exhaustive()
    }
}

//! Renewal in the background, before a token expires.

use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use super::{Inner, Session};
use crate::logic::backoff::Backoff;
use crate::logic::gate::Ticket;
use crate::ports::random::jitter;
use crate::types::cause::Why;

/// Timers do not notice that the machine was suspended, so the time of day is checked this often.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// The pauses between the attempts to renew one token in the background.
const SPACING: Backoff = Backoff::new(Duration::from_secs(2), HEARTBEAT);

impl Session {
    /// Starts the task that renews the current token of a credential before it expires, if the client was
    /// configured for that and the expiry is known. It ends with the token, or with the session.
    pub(super) fn renew_ahead(&self, slot: usize) {
        if let Some(watch) = self.policy().settings.refresh_ahead
            && self.can_renew(slot)
        {
            watch(self, slot);
        }
    }

    pub(crate) fn watch_expiry(&self, slot: usize) {
        let policy = self.policy();
        let early = self.policy_of(slot).early;
        let watched = self.slot(slot).with(|state| {
            let installed = state.installed.as_ref()?;
            let due = installed.lifetime(early).renewal(installed.issued(), jitter())?;
            let (alive, ended) = oneshot::channel();
            state.rare().ahead = Some(alive);
            Some((state.gate.ticket(), due, ended))
        });
        if let Some((ticket, due, ended)) = watched {
            let inner = Arc::downgrade(&self.inner);
            let task = watch(inner, slot, ticket, due, ended);
            // Without a runtime nothing is renewed in the background; the next call renews the token.
            let _ = policy.spawner.spawn(Box::pin(task));
        }
    }

    /// Starts a flight in the background, unless one is in progress or must not be started yet.
    fn refresh_ahead(&self, slot: usize, ticket: Ticket) {
        let now = self.policy().clock.now();
        let limits = &self.policy_of(slot).limits;
        let launch = self.slot(slot).with(|state| {
            if state.gate.is_present(ticket) { state.gate.refresh_ahead(now, limits) } else { None }
        });
        if let Some(launch) = launch {
            self.start_flight(slot, launch, Why::default());
        }
    }
}

async fn watch(
    inner: Weak<Inner>,
    slot: usize,
    ticket: Ticket,
    due: SystemTime,
    mut ended: oneshot::Receiver<Infallible>,
) {
    let mut attempts = 0;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let session = Session { inner };
        let clock = Arc::clone(&session.policy().clock);
        let wait = match due.duration_since(clock.wall()) {
            Ok(left) if !left.is_zero() => left.min(HEARTBEAT),
            _ => {
                session.refresh_ahead(slot, ticket);
                attempts += 1;
                SPACING.pause(attempts - 1, jitter())
            }
        };
        drop(session);
        if clock.timeout(wait, &mut ended).await.is_some() {
            return;
        }
    }
}

//! The events and logouts of a client, recorded.

use std::sync::{Arc, Mutex};

use perennial::{ClientBuilder, Event, EventKind};
use tokio::sync::watch;

/// How often each kind was reported.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    pub started: u64,
    pub finished: u64,
    pub replayed: u64,
    pub queued: u64,
    pub lost: u64,
    pub logouts: u64,
}

/// Records and counts what the hooks report, and waits for it.
#[derive(Clone)]
pub struct Told {
    counts: Arc<watch::Sender<Counts>>,
    events: Arc<Mutex<Vec<Event>>>,
    /// Which credential each call of `on_logout` was about.
    reasons: Arc<Mutex<Vec<Option<&'static str>>>>,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            counts: Arc::new(watch::Sender::new(Counts::default())),
            events: Arc::default(),
            reasons: Arc::default(),
        }
    }
}

impl Told {
    /// Listens to the hooks of a client.
    pub fn watch<C: perennial::__private::ApiClient>(
        &self,
        builder: ClientBuilder<C>,
    ) -> ClientBuilder<C> {
        let (events, logouts) = (self.clone(), self.clone());
        builder.on_event(move |event| events.note(event)).on_logout(move |why| {
            logouts.reasons.lock().unwrap().push(why.credential());
            logouts.change(|counts| counts.logouts += 1);
        })
    }

    fn note(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
        self.change(|counts| match event.kind {
            EventKind::RefreshStarted { .. } => counts.started += 1,
            EventKind::RefreshFinished { .. } => counts.finished += 1,
            EventKind::Replayed { .. } => counts.replayed += 1,
            EventKind::Queued { .. } => counts.queued += 1,
            EventKind::SessionLost { .. } => counts.lost += 1,
            _ => {}
        });
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        self.counts.send_modify(change);
    }

    pub fn counts(&self) -> Counts {
        self.counts.borrow().clone()
    }

    /// How many events are of a kind.
    pub fn count(&self, is: impl Fn(&EventKind) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| is(&event.kind)).count()
    }

    /// The events, in order.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// How many times `on_logout` was called.
    pub fn logouts(&self) -> u64 {
        self.counts().logouts
    }

    /// Which credential each call of `on_logout` was about.
    pub fn reasons(&self) -> Vec<Option<&'static str>> {
        self.reasons.lock().unwrap().clone()
    }

    pub async fn until(&self, holds: impl Fn(&Counts) -> bool) {
        // The sender is this one's own, so that it outlives the wait.
        let _ = self.counts.subscribe().wait_for(|counts| holds(counts)).await;
    }

    /// Waits until every refresh that was started has ended.
    pub async fn quiet(&self) {
        self.until(|counts| counts.started == counts.finished).await;
    }
}

//! Subscribes to the changes that other processes make.
//!
//! One connection serves all stores of one [`open`](super::RedisStore::open). Whenever a notification may have been
//! missed, it counts as received: when a subscription begins, after the connection was lost, and after the runtime
//! of the subscription has ended. No library reports all three.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use redis::aio::{PubSub, PubSubSink, PubSubStream};
use redis::{Msg, RedisResult, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::connection::limited;
use super::server::Server;
use crate::ports::store::Version;

/// The first word of a notification: tokens were saved (with their version) or removed (without one). The other
/// kind of notification says that the lock was released.
const SAVED: &str = "saved";

/// A silent connection is checked after this time.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// The pauses between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The changes to the tokens of one store.
#[derive(Default)]
pub(super) struct Changes {
    /// The number of changes that were notified, and the number that this store has loaded.
    notified: AtomicU64,
    loaded: AtomicU64,
    /// The version that this store last loaded or saved.
    known: Mutex<Option<Version>>,
    /// Wakes tasks that wait for a change or for the lock.
    wake: Notify,
    /// The subscription, once there is one, and its channel.
    subscribed: OnceLock<(Weak<Subscriptions>, String)>,
}

/// The subscriptions of all stores of one connection.
pub(super) struct Subscriptions {
    server: Arc<Server>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    channels: HashMap<String, Vec<Weak<Changes>>>,
    /// Sends commands to the task that listens.
    task: Option<UnboundedSender<Command>>,
}

enum Command {
    Subscribe(String),
    Unsubscribe(String),
}

/// The task that listens.
struct Listener {
    server: Arc<Server>,
    subscriptions: Weak<Subscriptions>,
    commands: UnboundedReceiver<Command>,
}

/// Why listening ended.
enum End {
    ConnectionLost,
    /// All stores were dropped.
    Unused,
}

impl Changes {
    pub(super) fn may_have_changed(&self) -> bool {
        self.notified() != self.loaded.load(Ordering::Acquire)
    }

    pub(super) fn notified(&self) -> u64 {
        self.notified.load(Ordering::Acquire)
    }

    /// `version` was loaded after this many notifications.
    pub(super) fn set_loaded(&self, notified: u64, version: Option<Version>) {
        *self.known() = version;
        self.loaded.store(notified, Ordering::Release);
    }

    /// `version` was saved by this store, which needs no notification of it.
    pub(super) fn set_saved(&self, version: Version) {
        *self.known() = Some(version);
    }

    /// Completes at the next notification of any kind. Enable it before relying on it.
    pub(super) fn next(&self) -> Notified<'_> {
        self.wake.notified()
    }

    fn receive(&self, message: &[u8]) {
        let known = self.known().map(|version| format!("{SAVED} {version}"));
        if message.starts_with(SAVED.as_bytes())
            && known.is_none_or(|known| known.as_bytes() != message)
        {
            self.notified.fetch_add(1, Ordering::Release);
        }
        self.wake.notify_waiters();
    }

    /// A notification may have been missed.
    fn receive_gap(&self) {
        self.receive(SAVED.as_bytes());
    }

    fn known(&self) -> MutexGuard<'_, Option<Version>> {
        // Each change is a single assignment.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        if let Some((subscriptions, channel)) = self.subscribed.take()
            && let Some(subscriptions) = subscriptions.upgrade()
        {
            subscriptions.unsubscribe(&channel);
        }
    }
}

impl Subscriptions {
    pub(super) fn new(server: Arc<Server>) -> Arc<Self> {
        Arc::new(Self { server, state: Mutex::default() })
    }

    /// Notifies `changes` of all messages on a channel. Repeating this is cheap, and replaces a task whose runtime
    /// has ended.
    pub(super) fn subscribe(self: &Arc<Self>, channel: &str, changes: &Arc<Changes>) {
        let state = &mut *self.state();
        let subscribers = state.channels.entry(channel.to_owned()).or_default();
        let is_known = subscribers.iter().any(|known| known.as_ptr() == Arc::as_ptr(changes));
        if !is_known {
            subscribers.push(Arc::downgrade(changes));
            // A store has one channel, so this is set once.
            let _ = changes.subscribed.set((Arc::downgrade(self), channel.to_owned()));
        }
        if let Some(task) = &state.task
            && !task.is_closed()
        {
            if !is_known {
                // If the task has just ended, the next `subscribe` starts another.
                let _ = task.send(Command::Subscribe(channel.to_owned()));
            }
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (task, commands) = unbounded_channel();
        let subscriptions = Arc::downgrade(self);
        runtime.spawn(Listener { server: Arc::clone(&self.server), subscriptions, commands }.run());
        state.task = Some(task);
    }

    /// Ends the subscription to a channel without subscribers.
    fn unsubscribe(&self, channel: &str) {
        let state = &mut *self.state();
        let Some(subscribers) = state.channels.get_mut(channel) else { return };
        subscribers.retain(|changes| changes.strong_count() > 0);
        if subscribers.is_empty() {
            state.channels.remove(channel);
            if let Some(task) = &state.task {
                // A task that has ended is subscribed to nothing.
                let _ = task.send(Command::Unsubscribe(channel.to_owned()));
            }
        }
    }

    fn channels(&self) -> Vec<String> {
        let channels = &mut self.state().channels;
        channels.retain(|_, subscribers| {
            subscribers.retain(|changes| changes.strong_count() > 0);
            !subscribers.is_empty()
        });
        channels.keys().cloned().collect()
    }

    fn receive(&self, message: &Msg) {
        for changes in self.subscribers(message.get_channel_name()) {
            changes.receive(message.get_payload_bytes());
        }
    }

    fn receive_gap(&self) {
        let all = alive(self.state().channels.values().flatten());
        all.iter().for_each(|changes| changes.receive_gap());
    }

    fn subscribers(&self, channel: &str) -> Vec<Arc<Changes>> {
        alive(self.state().channels.get(channel).into_iter().flatten())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `Arc` is used outside of the lock, since dropping the last one takes the same lock.
fn alive<'a>(subscribers: impl Iterator<Item = &'a Weak<Changes>>) -> Vec<Arc<Changes>> {
    subscribers.filter_map(Weak::upgrade).collect()
}

impl Listener {
    async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        for attempt in 0.. {
            if let Ok(connection) = self.connect(attempt).await {
                pause = FIRST_PAUSE;
                let (sink, stream) = connection.split();
                if let Ok(End::Unused) = self.listen(sink, stream).await {
                    return;
                }
            }
            // After the pause, all channels are subscribed at once.
            let unused = async { while self.commands.recv().await.is_some() {} };
            if let Either::Left(_) =
                select(std::pin::pin!(unused), std::pin::pin!(sleep(pause))).await
            {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self, attempt: usize) -> RedisResult<PubSub> {
        let client = self.server.client(attempt).await?;
        limited(client.get_async_pubsub()).await
    }

    async fn listen(&mut self, mut sink: PubSubSink, mut stream: PubSubStream) -> RedisResult<End> {
        let Some(subscriptions) = self.subscriptions.upgrade() else { return Ok(End::Unused) };
        let channels = subscriptions.channels();
        if !channels.is_empty() {
            limited(sink.subscribe(&channels)).await?;
        }
        subscriptions.receive_gap();
        drop(subscriptions);
        loop {
            let next = select(stream.next(), Box::pin(self.commands.recv()));
            match timeout(HEARTBEAT, next).await {
                Err(_) => drop(limited(sink.ping::<Value>()).await?),
                Ok(Either::Left((None, _))) => return Ok(End::ConnectionLost),
                Ok(Either::Left((Some(message), _))) => {
                    let Some(subscriptions) = self.subscriptions.upgrade() else {
                        return Ok(End::Unused);
                    };
                    subscriptions.receive(&message);
                }
                Ok(Either::Right((None, _))) => return Ok(End::Unused),
                Ok(Either::Right((Some(Command::Subscribe(channel)), _))) => {
                    limited(sink.subscribe(&channel)).await?;
                    let Some(subscriptions) = self.subscriptions.upgrade() else {
                        return Ok(End::Unused);
                    };
                    let subscribers = subscriptions.subscribers(&channel);
                    subscribers.iter().for_each(|changes| changes.receive_gap());
                }
                Ok(Either::Right((Some(Command::Unsubscribe(channel)), _))) => {
                    limited(sink.unsubscribe(&channel)).await?;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(subscriptions) = self.subscriptions.upgrade() {
            subscriptions.receive_gap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn dropped_stores_leave_no_subscription() {
        let server = Server::single("redis://127.0.0.1:1/").expect("it is a URL");
        let subscriptions = Subscriptions::new(Arc::new(server));
        let stays = Arc::default();
        subscriptions.subscribe("a", &stays);
        for _ in 0..100 {
            subscriptions.subscribe("a", &Arc::default());
            subscriptions.subscribe("b", &Arc::default());
        }
        let state = subscriptions.state();
        let left: Vec<_> = state.channels.iter().map(|(c, all)| (c.clone(), all.len())).collect();
        assert_eq!(left, [("a".to_owned(), 1)]);
    }
}

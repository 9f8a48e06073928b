//! What Redis tells of changes while nobody waits for them.
//!
//! One connection listens for all stores of a line. What may have been missed counts as told: when
//! listening begins, after the connection was lost, and when the runtime ended on which it was made.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Client, Msg, RedisResult, Value};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::KEPT;
use super::connection::{PAUSE, soon};
use crate::ports::store::Version;

/// A connection on which nothing is told for so long is asked whether it is still there.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A Redis that is not there is tried again ever later, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether somebody else has changed what one store keeps.
#[derive(Default)]
pub(super) struct Watch {
    /// How often something was told, and up to where that was looked at.
    told: AtomicU64,
    seen: AtomicU64,
    /// What this store has read or written last.
    known: Mutex<Option<Version>>,
    /// Who tells of it, once it is listened to.
    desk: OnceLock<(Weak<News>, String)>,
}

/// Listens to the channels of all stores of a line.
pub(super) struct News {
    client: Client,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    watches: HashMap<String, Vec<Weak<Watch>>>,
    /// Tells the task that listens what changes.
    task: Option<UnboundedSender<Wish>>,
}

/// What is listened to from now on, or no longer.
enum Wish {
    Listen(String),
    Forget(String),
}

/// The task that listens. However it ends, nothing is heard from then on.
struct Listener {
    client: Client,
    news: Weak<News>,
    wishes: UnboundedReceiver<Wish>,
}

/// Why listening ended.
enum End {
    /// The connection was lost.
    Lost,
    /// Nobody wants to know any more.
    Unwanted,
}

impl Watch {
    pub(super) fn may_have_changed(&self) -> bool {
        self.told() != self.seen.load(Ordering::Acquire)
    }

    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// What was read once so much had been told.
    pub(super) fn saw(&self, told: u64, version: Option<Version>) {
        *self.known() = version;
        self.seen.store(told, Ordering::Release);
    }

    /// What was written by this store is no news.
    pub(super) fn knows(&self, version: Version) {
        *self.known() = Some(version);
    }

    fn tell(&self, word: &[u8]) {
        let known =
            self.known().map(|version| format!("{KEPT} {} {}", version.login, version.generation));
        if known.is_none_or(|known| known.as_bytes() != word) {
            self.may_have_missed();
        }
    }

    fn may_have_missed(&self) {
        self.told.fetch_add(1, Ordering::Release);
    }

    fn known(&self) -> MutexGuard<'_, Option<Version>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((news, channel)) = self.desk.take()
            && let Some(news) = news.upgrade()
        {
            news.forget(&channel);
        }
    }
}

impl News {
    pub(super) fn new(client: Client) -> Arc<Self> {
        Arc::new(Self { client, desk: Mutex::default() })
    }

    /// Tells `watch` of what happens on a channel from now on. Asking again costs little.
    pub(super) fn listen(self: &Arc<Self>, channel: &str, watch: &Arc<Watch>) {
        let desk = &mut *self.desk();
        let watches = desk.watches.entry(channel.to_owned()).or_default();
        let is_known = watches.iter().any(|known| known.as_ptr() == Arc::as_ptr(watch));
        if !is_known {
            watches.push(Arc::downgrade(watch));
            // A watch listens to one channel all its life.
            let _ = watch.desk.set((Arc::downgrade(self), channel.to_owned()));
        }
        if let Some(task) = &desk.task
            && !task.is_closed()
        {
            if !is_known {
                // A task that has just ended is started again by the next one who asks.
                let _ = task.send(Wish::Listen(channel.to_owned()));
            }
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (sender, wishes) = unbounded_channel();
        let listener = Listener { client: self.client.clone(), news: Arc::downgrade(self), wishes };
        runtime.spawn(listener.run());
        desk.task = Some(sender);
    }

    /// Listens no longer to a channel on which nobody wants to know anything any more.
    fn forget(&self, channel: &str) {
        let desk = &mut *self.desk();
        let Some(watches) = desk.watches.get_mut(channel) else { return };
        watches.retain(|watch| watch.strong_count() > 0);
        if watches.is_empty() {
            desk.watches.remove(channel);
            if let Some(task) = &desk.task {
                // A task that has ended listens to nothing.
                let _ = task.send(Wish::Forget(channel.to_owned()));
            }
        }
    }

    /// Gives the channels to which somebody listens, and forgets the others.
    fn channels(&self) -> Vec<String> {
        let watches = &mut self.desk().watches;
        watches.retain(|_, watches| {
            watches.retain(|watch| watch.strong_count() > 0);
            !watches.is_empty()
        });
        watches.keys().cloned().collect()
    }

    /// Passes on what was told.
    fn tell(&self, told: &Msg) {
        let word = told.get_payload_bytes();
        if word.starts_with(KEPT.as_bytes()) {
            let watches = self.watches(told.get_channel_name());
            watches.iter().for_each(|watch| watch.tell(word));
        }
    }

    fn may_have_missed(&self) {
        let all = live(self.desk().watches.values().flatten());
        all.iter().for_each(|watch| watch.may_have_missed());
    }

    fn may_have_missed_on(&self, channel: &str) {
        self.watches(channel).iter().for_each(|watch| watch.may_have_missed());
    }

    fn watches(&self, channel: &str) -> Vec<Arc<Watch>> {
        live(self.desk().watches.get(channel).into_iter().flatten())
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Nothing that runs under this lock can panic.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those that are still there. The last of a watch must not end under the lock, which it takes then.
fn live<'a>(watches: impl Iterator<Item = &'a Weak<Watch>>) -> Vec<Arc<Watch>> {
    watches.filter_map(Weak::upgrade).collect()
}

impl Listener {
    async fn run(mut self) {
        let mut pause = PAUSE;
        loop {
            if let Ok(listening) = soon(self.client.get_async_pubsub()).await {
                pause = PAUSE;
                let (sink, stream) = listening.split();
                if let Ok(End::Unwanted) = self.listen(sink, stream).await {
                    return;
                }
            }
            // What is wished for meanwhile is listened to with all others.
            let waiting = async { while self.wishes.recv().await.is_some() {} };
            if let Either::Left(_) =
                select(std::pin::pin!(waiting), std::pin::pin!(sleep(pause))).await
            {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn listen(&mut self, mut sink: PubSubSink, mut stream: PubSubStream) -> RedisResult<End> {
        let Some(news) = self.news.upgrade() else { return Ok(End::Unwanted) };
        let channels = news.channels();
        if !channels.is_empty() {
            soon(sink.subscribe(&channels)).await?;
        }
        news.may_have_missed();
        drop(news);
        loop {
            let told = select(stream.next(), Box::pin(self.wishes.recv()));
            match timeout(HEARTBEAT, told).await {
                Err(_) => drop(soon(sink.ping::<Value>()).await?),
                Ok(Either::Left((None, _))) => return Ok(End::Lost),
                Ok(Either::Left((Some(told), _))) => {
                    let Some(news) = self.news.upgrade() else { return Ok(End::Unwanted) };
                    news.tell(&told);
                }
                Ok(Either::Right((None, _))) => return Ok(End::Unwanted),
                Ok(Either::Right((Some(Wish::Listen(channel)), _))) => {
                    soon(sink.subscribe(&channel)).await?;
                    let Some(news) = self.news.upgrade() else { return Ok(End::Unwanted) };
                    news.may_have_missed_on(&channel);
                }
                Ok(Either::Right((Some(Wish::Forget(channel)), _))) => {
                    soon(sink.unsubscribe(&channel)).await?;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(news) = self.news.upgrade() {
            news.may_have_missed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_kept_of_stores_that_are_gone() {
        let news = News::new(Client::open("redis://127.0.0.1:1/").expect("it is a URL"));
        let stays = Arc::default();
        news.listen("a", &stays);
        for _ in 0..100 {
            news.listen("a", &Arc::default());
            news.listen("b", &Arc::default());
        }
        let kept: Vec<_> = news.desk().watches.iter().map(|(c, w)| (c.clone(), w.len())).collect();
        assert_eq!(kept, [("a".to_owned(), 1)]);
    }
}

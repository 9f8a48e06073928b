//! One process of a fleet, as the tests of the stores start it and kill it.
//!
//! It reads commands from its standard input, line by line, and reports events on its standard
//! output. `WORKER_BASE` is the server, `WORKER_STORE` the store, `WORKER_PAUSE` where it waits for its
//! end, as `saving 60000`, and `WORKER_LIMIT` how many milliseconds a refresh may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perennial::store::{FileStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, Event, EventKind, Result, Tokens, api_client};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

/// The shop of the article, with a second credential.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    auth(name = "device", header = "X-Device", expired(code = 5678), logout(code = 5001))
)]
trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;

    #[get("/orders/{id}", auth(header = "X-Token", expired(code = 1234), logout(code = 1001)))]
    async fn order(&self, id: u64) -> Result<Order>;

    /// Carries both tokens.
    #[get("/both/{id}")]
    async fn both(&self, id: u64) -> Result<Order>;
}

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let staged = Staged::new()?;
    let store = Arc::clone(&staged.store);
    let mut shop = ShopClient::builder(&std::env::var("WORKER_BASE")?).store(staged).on_event(tell);
    if let Ok(limit) = std::env::var("WORKER_LIMIT") {
        shop = shop.refresh_timeout(Duration::from_millis(limit.parse()?));
    }
    let shop = shop.build()?;
    if std::env::var_os("WORKER_PAUSE").is_none() {
        // A call waits half a second for the first load, which a keychain on a busy machine may exceed.
        shop.session().load().await;
    }
    println!("ready");
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["login", token] => {
                shop.session().login(Tokens::new(token)).await?;
                println!("signed in");
            }
            ["login", credential, token] => {
                shop.session().credential(credential)?.login(Tokens::new(token)).await?;
                println!("signed in");
            }
            ["logout"] => {
                shop.session().logout().await?;
                println!("signed out");
            }
            // Waits until a change by another process is known here.
            ["notice"] => {
                while !store.may_have_changed() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                println!("noticed");
            }
            ["call", count] => call(count.parse()?, async |id| shop.order(id).await).await,
            ["both", count] => call(count.parse()?, async |id| shop.both(id).await).await,
            _ => return Err(format!("what is {line:?}?").into()),
        }
    }
    Ok(())
}

/// Makes calls, all at once.
async fn call(count: u64, send: impl AsyncFn(u64) -> Result<Order>) {
    let calls = (1..=count).map(async |id| (id, send(id).await));
    let (mut good, mut lost, mut bad) = (0, 0, 0);
    for (id, response) in futures::future::join_all(calls).await {
        match response {
            Ok(order) if order.id == id => good += 1,
            Err(error) if error.is_signed_out() => lost += 1,
            Ok(_) => bad += 1,
            Err(error) => {
                bad += 1;
                println!("error {error} {error:?}");
            }
        }
    }
    println!("called good={good} lost={lost} bad={bad}");
}

fn tell(event: &Event) {
    match &event.kind {
        EventKind::RefreshStarted { .. } => println!("event started"),
        EventKind::RefreshFinished { outcome, .. } => println!("event finished {outcome:?}"),
        EventKind::StoreFailed { reason, .. } => println!("event store-failed {reason}"),
        EventKind::Adopted { .. } => println!("event adopted"),
        EventKind::SessionLost { .. } => println!("event lost"),
        _ => {}
    }
}

/// A store that stops at a stage, so that something can happen to the process there.
struct Staged {
    store: Arc<dyn TokenStore>,
    pause: Option<(String, Duration)>,
    locked: AtomicBool,
}

impl Staged {
    fn new() -> std::result::Result<Self, Box<dyn std::error::Error>> {
        let pause = std::env::var("WORKER_PAUSE").ok();
        let pause = pause.as_deref().and_then(|pause| pause.split_once(' '));
        let pause = pause
            .map(|(stage, millis)| Ok((stage.to_owned(), Duration::from_millis(millis.parse()?))));
        let pause = pause.transpose().map_err(|error: std::num::ParseIntError| error)?;
        let store = open(&std::env::var("WORKER_STORE")?)?;
        Ok(Self { store, pause, locked: false.into() })
    }

    async fn reach(&self, stage: &str) {
        if let Some((wanted, pause)) = &self.pause
            && wanted == stage
        {
            println!("stage {stage}");
            tokio::time::sleep(*pause).await;
        }
    }
}

fn open(spec: &str) -> std::result::Result<Arc<dyn TokenStore>, Box<dyn std::error::Error>> {
    match spec.split(' ').collect::<Vec<_>>()[..] {
        ["file", path] => Ok(Arc::new(FileStore::at(path))),
        #[cfg(feature = "redis")]
        ["redis", url, key, lease] => {
            let lease = Duration::from_millis(lease.parse()?);
            Ok(Arc::new(perennial::store::RedisStore::open(url, key)?.lease(lease)))
        }
        #[cfg(feature = "redis")]
        ["sentinel", url, sentinel, key] => {
            Ok(Arc::new(perennial::store::RedisStore::open_sentinel(url, &[sentinel], key)?))
        }
        #[cfg(feature = "redis")]
        ["cluster", url, key] => {
            Ok(Arc::new(perennial::store::RedisStore::open_cluster(&[url], key)?))
        }
        #[cfg(feature = "keyring")]
        ["keyring", app, _] => Ok(Arc::new(perennial::store::KeyringStore::open(app)?)),
        _ => Err(format!("what store is {spec:?}?").into()),
    }
}

impl TokenStore for Staged {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            let loaded = self.store.load().await;
            if self.locked.load(Ordering::Relaxed) {
                self.reach("looked").await;
            }
            loaded
        })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.locked.load(Ordering::Relaxed) {
                self.reach("saving").await;
            }
            let saved = self.store.save(next, expected).await;
            self.reach("saved").await;
            saved
        })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.clear(expected)
    }

    fn lock(&self, timeout: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move {
            let lock = self.store.lock(timeout).await?;
            self.locked.store(true, Ordering::Relaxed);
            Ok(lock)
        })
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        self.store.changed()
    }

    fn may_have_changed(&self) -> bool {
        self.store.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let store = self.store.for_credential(name)?;
        Some(Arc::new(Self { store, pause: self.pause.clone(), locked: false.into() }))
    }

    fn location(&self) -> Option<String> {
        self.store.location()
    }
}

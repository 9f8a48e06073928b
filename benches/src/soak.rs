//! Makes calls for a given time, through expiries, kills, failures of the store and jumps of the clock.
//!
//! Each user has a "process": a runtime with a client on its own thread, and a store that outlives it. In each round
//! all processes start, make calls, and end: properly, or in the middle of their work. The server is strict: a refresh
//! token can be used once. Only if the server has never seen its successor, for example after a lost response, it
//! issues that successor again. So no login may ever be lost.

mod clock;
mod server;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use perennial::layer::{HttpRequest, HttpService};
use perennial::{Call, Error, Result, Session, Tokens, api_client};
use tokio::task::JoinSet;
use tower::layer::layer_fn;
use tower::service_fn;

use crate::heap::live;
use crate::{Outcome, progress, runtime};
use clock::SoakClock;
use server::Server;
use store::FlakyStore;

/// The protocol of the article.
#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001), early = "30s")
)]
pub(crate) trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// Returns the user.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<u64>;
}

const USERS: u64 = 4;
const CALLERS: u64 = 8;
/// No call takes longer than this, whatever happens.
const HANGS: Duration = Duration::from_secs(20);
/// The heap may differ by this much between two rounds.
const SPREAD: usize = 16 * 1024;

/// Numbers that look random (SplitMix64).
#[derive(Clone)]
pub(super) struct Random(Arc<AtomicU64>);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    pub(super) fn below(&self, limit: u64) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let mut word = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % limit
    }
}

/// The record of all rounds.
#[derive(Debug, Default)]
struct Seen {
    outcomes: BTreeMap<String, u64>,
    refreshes: u64,
    replays: u64,
    kills: u64,
    ended_before_a_save_was_repeated: u64,
}

/// Runs for this many minutes, and fails if a promise is broken.
pub(crate) fn run(minutes: u64, seed: u64) -> Outcome<()> {
    let (server, clock, random) = (Server::new(USERS), SoakClock::new(), Random::new(seed));
    let stores: Vec<_> = (0..USERS).map(|_| FlakyStore::new(random.clone())).collect();
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let (mut seen, mut heap, mut rounds) = (Seen::default(), Vec::with_capacity(100_000), 0_u64);
    while Instant::now() < end {
        progress::say(format_args!("round {rounds}, {} bytes", live()));
        let results = std::thread::scope(|scope| {
            let process = |user: u64| {
                let process = Process {
                    user,
                    server: server.clone(),
                    clock: clock.clone(),
                    random: random.clone(),
                    store: stores[user as usize].clone(),
                };
                scope.spawn(move || process.run())
            };
            let running: Vec<_> = (0..USERS).map(process).collect();
            running
                .into_iter()
                .map(|it| it.join().map_err(|_| "a process panicked"))
                .collect::<Vec<_>>()
        });
        for result in results {
            seen.add(result??);
        }
        rounds += 1;
        heap.push(live());
    }
    server.check()?;
    let warm = heap.len() / 5;
    let before = heap[..=warm].iter().max().copied().unwrap_or_default();
    let after = heap.last().copied().unwrap_or_default();
    let failures: u64 = stores.iter().map(FlakyStore::failures).sum();
    println!("{minutes} minutes, {rounds} rounds of {USERS} processes with {CALLERS} callers each");
    println!("{seen:#?}");
    println!("{failures} failures of the store, {} jumps of the clock", clock.jumps());
    println!(
        "heap between rounds: {before} bytes after {warm} rounds, {after} bytes after {rounds}"
    );
    if after > before + SPREAD {
        return Err("the heap grows".into());
    }
    Ok(())
}

impl Seen {
    fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.refreshes += other.refreshes;
        self.replays += other.replays;
        self.kills += other.kills;
        self.ended_before_a_save_was_repeated += other.ended_before_a_save_was_repeated;
    }
}

/// One process of a user, for one round.
struct Process {
    user: u64,
    server: Server,
    clock: SoakClock,
    random: Random,
    store: FlakyStore,
}

impl Process {
    fn run(self) -> Outcome<Seen> {
        let runtime = runtime()?;
        let mut seen = Seen::default();
        let refreshes = self.server.refreshes(self.user);
        let is_killed = self.random.below(2) == 0;
        let client = runtime.block_on(async { self.client(&mut seen).await })?;
        let session = client.session().clone();
        let stop = Arc::new(AtomicBool::new(false));
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let caller = Caller {
                user: self.user,
                client: client.clone(),
                random: self.random.clone(),
                stop: Arc::clone(&stop),
            };
            callers.spawn_on(caller.run(), runtime.handle());
        }
        drop(client);
        runtime.block_on(self.disturb());
        if is_killed {
            // Whatever is under way ends with the runtime.
            drop(callers);
            drop(runtime);
            seen.kills += 1;
        } else {
            stop.store(true, Ordering::SeqCst);
            runtime.block_on(finish(callers, &session, &mut seen))?;
        }
        let stats = session.stats();
        let wire = self.server.refreshes(self.user) - refreshes;
        // A killed process may have counted a refresh that it never sent.
        let is_equal = stats.refreshes == wire || is_killed && stats.refreshes == wire + 1;
        if !is_equal || stats.waiting > 0 || stats.refreshing {
            return Err(format!("{stats:?}, and {wire} refreshes on the wire").into());
        }
        seen.refreshes += wire;
        seen.replays += stats.replays;
        Ok(seen)
    }

    /// A client on the user's store. Its user signs in if the store holds no token that the server knows: one that
    /// could not be saved before the process was killed is lost.
    async fn client(&self, seen: &mut Seen) -> Outcome<ShopClient> {
        let (server, random) = (self.server.clone(), self.random.clone());
        let way = layer_fn(move |_: HttpService| {
            let (server, random) = (server.clone(), random.clone());
            service_fn(move |request: HttpRequest| server.clone().respond(random.clone(), request))
        });
        let client = ShopClient::builder("http://shop.example")
            .layer(way)
            .store(self.store.clone())
            .clock(self.clock.clone())
            .cooldown(Duration::from_millis(5), Duration::from_millis(50))
            .refresh_timeout(Duration::from_millis(500))
            .build()?;
        let stored = self.store.token();
        if !stored.as_deref().is_some_and(|token| self.server.is_renewable(self.user, token)) {
            seen.ended_before_a_save_was_repeated += u64::from(stored.is_some());
            let token = self.server.login(self.user);
            client.session().login(Tokens::new(token).expires_in(server::LIFETIME)).await?;
        }
        Ok(client)
    }

    /// Lets tokens expire and the clock jump for a while.
    async fn disturb(&self) {
        for _ in 0..5 + self.random.below(20) {
            tokio::time::sleep(Duration::from_millis(5 + self.random.below(50))).await;
            match self.random.below(8) {
                0..=3 => self.server.expire(self.user),
                4 => self.clock.jump(self.random.below(14_400) as i64 - 7_200),
                _ => {}
            }
        }
    }
}

/// Waits for all calls and for a refresh that is still under way.
async fn finish(
    mut callers: JoinSet<Outcome<BTreeMap<String, u64>>>,
    session: &Session,
    seen: &mut Seen,
) -> Outcome<()> {
    while let Some(caller) = callers.join_next().await {
        for (outcome, count) in caller?? {
            *seen.outcomes.entry(outcome).or_default() += count;
        }
    }
    let hangs = Instant::now() + HANGS;
    while session.stats().refreshing {
        if Instant::now() > hangs {
            return Err("a refresh hangs".into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

struct Caller {
    user: u64,
    client: ShopClient,
    random: Random,
    stop: Arc<AtomicBool>,
}

impl Caller {
    async fn run(self) -> Outcome<BTreeMap<String, u64>> {
        let mut outcomes = BTreeMap::new();
        while !self.stop.load(Ordering::SeqCst) {
            let call: Call<u64> = self.client.order(self.random.below(1_000));
            let limit = match self.random.below(6) {
                0 => Duration::from_millis(self.random.below(8)),
                _ => HANGS,
            };
            let outcome = match tokio::time::timeout(limit, call).await {
                Ok(Ok(user)) if user == self.user => "good".to_owned(),
                Ok(Ok(user)) => return Err(format!("user {} got that of {user}", self.user).into()),
                Ok(Err(error)) => {
                    // Some errors come at once: a loop that does not wait would hold the others up.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    self.judge(&error)?
                }
                Err(_) if limit < HANGS => "dropped".to_owned(),
                Err(_) => {
                    let stats = self.client.session().stats();
                    return Err(format!("a call of user {} hangs: {stats:?}", self.user).into());
                }
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
        Ok(outcomes)
    }

    /// A failed refresh and a token that expired twice are to be expected; the end of the session is not.
    fn judge(&self, error: &Error) -> Outcome<String> {
        use perennial::ErrorKind::{ExcessiveRefresh, Expired, RefreshFailed, SignedOut};
        match error.kind() {
            // The store could not be read when the process began: a later call reads it.
            kind @ (ExcessiveRefresh | Expired | RefreshFailed | SignedOut) => {
                Ok(format!("{kind:?}"))
            }
            kind => Err(format!("user {}: {kind:?}: {error}", self.user).into()),
        }
    }
}

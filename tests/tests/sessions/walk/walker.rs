//! One walk: a client, its users, a server and a clock, and a seed that says what happens next.

mod actions;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use perennial::layer::{HttpRequest, HttpService};
use perennial::store::{Stored, Version};
use perennial::{BoxFuture, ClientBuilder, Result, Tokens, api_client};
use tower::layer::layer_fn;
use tower::service_fn;

use crate::walk::executor::{Executor, HandClock, Role, Spawner};
use crate::walk::invariants;
use crate::walk::random::Random;
use crate::walk::store::SlowStore;
use crate::walk::world::{CallKind, Origin, Outcome, World};

/// The protocol of the article, with calls that say their number.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
pub(crate) trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;

    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;

    #[post("/orders")]
    async fn order(&self, #[header("X-Call")] call: usize) -> Result<u64>;

    #[get("/news", optional)]
    async fn news(&self, #[header("X-Call")] call: usize) -> Result<u64>;

    #[get("/health", public)]
    async fn health(&self, #[header("X-Call")] call: usize) -> Result<u64>;
}

/// The parts that a test injects between the client and the world.
#[derive(Default)]
pub(crate) struct Mutant {
    pub(crate) transport: Option<Plan<ClientBuilder<ShopClient>>>,
    pub(crate) store: Option<fn() -> SlowStore>,
    pub(crate) spawner: Option<fn(Spawner) -> Box<dyn perennial::system::Spawn>>,
    pub(crate) order: Option<Ordering>,
}

/// How a user makes a call.
pub(crate) type Ordering = fn(ShopClient, usize) -> BoxFuture<'static, Result<u64>>;

type Plan<T> = fn(T, World) -> T;

/// The outcome of a walk.
pub(crate) struct Report {
    pub(crate) faults: Vec<String>,
    pub(crate) trace: Vec<String>,
}

pub(crate) struct Walk {
    pub(crate) random: Random,
    pub(crate) world: World,
    executor: Executor,
    clock: HandClock,
    shop: ShopClient,
    store: Option<SlowStore>,
    /// A write may have been cut short with the task that made it.
    interrupted: bool,
    family: Option<usize>,
    gone: Vec<usize>,
    order: Option<Ordering>,
}

/// Remembers of each task what was known when it was spawned.
struct Witness {
    world: World,
    spawner: Box<dyn perennial::system::Spawn>,
}

impl perennial::system::Spawn for Witness {
    fn spawn(
        &self,
        task: BoxFuture<'static, ()>,
    ) -> std::result::Result<(), BoxFuture<'static, ()>> {
        let (world, origin) = (self.world.clone(), self.world.origin());
        self.spawner.spawn(Box::pin(Witnessed { world, origin, task: Some(task) }))
    }
}

struct Witnessed {
    world: World,
    origin: Origin,
    task: Option<BoxFuture<'static, ()>>,
}

impl Witnessed {
    fn run<T>(&mut self, act: impl FnOnce(&mut Option<BoxFuture<'static, ()>>) -> T) -> T {
        let outer = self.world.state().running.replace(self.origin.clone());
        let result = act(&mut self.task);
        self.world.state().running = outer;
        result
    }
}

impl Future for Witnessed {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.run(|task| task.as_mut().map_or(Poll::Ready(()), |task| task.as_mut().poll(context)))
    }
}

impl Drop for Witnessed {
    fn drop(&mut self) {
        // A flight that is dropped reports its start and its end.
        self.run(|task| drop(task.take()));
    }
}

/// Walks once.
pub(crate) fn walk(seed: u64, mutant: &Mutant) -> Report {
    let mut walk = Walk::new(seed, mutant);
    for _ in 0..70 {
        walk.action();
        walk.check();
    }
    walk.come_to_rest();
    walk.last_call();
    walk.world.leave();
    drop(walk.executor);
    drop(walk.shop);
    let mut state = walk.world.state();
    state.pending.clear();
    Report { faults: std::mem::take(&mut state.faults), trace: std::mem::take(&mut state.trace) }
}

impl Walk {
    fn new(seed: u64, mutant: &Mutant) -> Self {
        let mut random = Random::new(seed);
        let world = World::default();
        let executor = Executor::default();
        let clock = HandClock::new();
        let store = match mutant.store {
            Some(store) => Some(store()),
            None => random.once_in(2).then(SlowStore::default),
        };
        let spawner: Box<dyn perennial::system::Spawn> = match mutant.spawner {
            Some(spawner) => spawner(executor.spawner()),
            None => Box::new(executor.spawner()),
        };
        let builder = ShopClient::builder("http://shop.example")
            .http(perennial::__private::http_without_certificates())
            .clock(clock.clone())
            .spawner(Witness { world: world.clone(), spawner });
        let builder = dress(builder, &mut random, &world);
        let builder = match mutant.transport {
            Some(transport) => transport(builder, world.clone()),
            None => builder,
        };
        let way = world.clone();
        let builder = builder.layer(layer_fn(move |_: HttpService| {
            let world = way.clone();
            service_fn(move |request: HttpRequest| world.respond(&request))
        }));
        if random.once_in(2) {
            world.state().ttl = Some(1_000);
        }
        let builder = match &store {
            None => builder,
            Some(store) => {
                if random.once_in(2) {
                    let token = world.state().open().1;
                    let version = Version { login: 1, generation: 1 };
                    let issued = SystemTime::UNIX_EPOCH + Duration::from_secs(1_799_999_000);
                    store.put(Stored::new(version, Tokens::new(token), issued));
                }
                builder.store(store.clone())
            }
        };
        let shop = builder.build().unwrap();
        world.enter(shop.session());
        let order = mutant.order;
        Self {
            random,
            world,
            executor,
            clock,
            shop,
            store,
            interrupted: false,
            family: None,
            gone: Vec::new(),
            order,
        }
    }

    fn check(&mut self) {
        let family = invariants::between(&self.world, self.family, &self.gone);
        if self.family != family {
            self.gone.extend(self.family);
            self.family = family;
        }
    }

    /// From now on everything goes well, until nothing is left to do.
    fn come_to_rest(&mut self) {
        self.world.note("--- from now on everything goes well");
        for _ in 0..100 {
            self.settle();
            let busy = self.executor.roles().iter().any(|role| *role != Role::Spawned);
            if !busy && !self.shop.session().stats().refreshing {
                break;
            }
            self.clock.advance(Duration::from_secs(20));
        }
        self.settle();
        invariants::at_rest(&self.world);
        self.compare_store();
    }

    fn settle(&mut self) {
        for _ in 0..2_000 {
            let stepped = self.executor.step(&mut self.random).is_some();
            self.check();
            let answered = {
                let mut state = self.world.state();
                let any = !state.pending.is_empty();
                if any {
                    let at = self.random.below(state.pending.len());
                    if state.pending[at].response.is_none() {
                        state.process(at);
                    }
                    state.deliver(at);
                }
                any
            };
            let stored = self.store.as_ref().is_some_and(|store| {
                let any = store.waiting() > 0;
                if any {
                    store.go(0, true);
                }
                any
            });
            if !(stepped || answered || stored) {
                return;
            }
        }
        self.world.fault("rest", "it never comes to rest");
    }

    fn compare_store(&self) {
        let Some(store) = &self.store else { return };
        if store.is_behind() || self.interrupted {
            return;
        }
        let (kept, held) = (store.stored(), self.shop.session().tokens());
        let kept = kept.as_ref().map(|kept| kept.tokens.access());
        let held = held.as_ref().map(Tokens::access);
        // A store that nobody has asked yet keeps what was put there.
        if kept != held && !(self.family.is_none() && self.gone.is_empty()) {
            self.world.fault("store", format!("{kept:?} is kept, and {held:?} is held"));
        }
    }

    /// A session that is signed in and was not refused works.
    fn last_call(&mut self) {
        self.clock.advance(Duration::from_secs(400));
        self.settle();
        let signed_in = self.shop.session().is_signed_in();
        let healthy = self.family.is_some_and(|family| {
            let state = self.world.state();
            let family = &state.families[family];
            !family.void && !family.ambiguous
        });
        self.make(CallKind::Plain, false);
        self.come_to_rest();
        let outcome = self.world.state().calls.last().and_then(|call| call.outcome);
        if signed_in && healthy && outcome != Some(Outcome::Good) {
            self.world.fault("works", format!("the last call ends with {outcome:?}"));
        }
    }
}

fn dress(
    builder: ClientBuilder<ShopClient>,
    random: &mut Random,
    world: &World,
) -> ClientBuilder<ShopClient> {
    let events = world.clone();
    let logouts = world.clone();
    let during = random.once_in(6);
    let ahead = random.once_in(4);
    world.state().sends_during_refresh = during || ahead;
    let builder = builder
        .on_event(move |event| invariants::event(&events, event))
        .on_logout(move |_| logouts.state().told.logouts += 1)
        .send_during_refresh(during)
        .refresh_ahead(ahead);
    let builder = if random.once_in(4) { builder.replay_concurrency(1) } else { builder };
    if random.once_in(10) { builder.queue_limit(2) } else { builder }
}

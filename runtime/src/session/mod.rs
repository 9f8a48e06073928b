//! The session: what all clients of one signed-in user share.
//!
//! It owns a gate, the tokens and, if there is one, the store. The gate decides under a lock; what it
//! decides is done outside of it. The lock is never held over an await, and no hook, no store and no
//! refresh runs under it; only the clock is asked.

mod ahead;
mod flight;
pub(crate) mod hold;
mod lost;
mod pass;
mod persist;
pub(crate) mod policy;
mod registry;
pub(crate) mod renew;
mod slot;
#[cfg(feature = "tracing")]
mod trace;

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use crate::call::answer::Received;
use crate::decisions::gate::{Admission, Launch, Refusal, Release, Ticket, Trigger};
use crate::ports::store::TokenStore;
use crate::words::error::{Error, ErrorKind, Result};
use crate::words::event::{AdoptedFrom, Event};
use crate::words::session_id::SessionId;
use crate::words::tokens::Tokens;
use hold::Held;
pub(crate) use pass::{Admitted, AfterExpired, Asking, MOST, Pass, Passes};
use persist::Persistence;
pub(crate) use persist::{dice, random};
use policy::{CredentialPolicy, Policy};
use slot::{Holding, Slot};

/// One signed-in user: the tokens, the refresh that renews them, and the calls that wait for it.
///
/// It is cheap to clone, and all clones are the same session. Clients that share a session share its
/// refresh; two sessions never do.
///
/// A call whose token is called over is repeated once, whatever the server says to that. If the token of
/// the repeat was not renewed but found in a store that processes share, and is over as well, it is
/// renewed then, and the call is sent a third time, which is the last.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    id: SessionId,
    policy: Arc<Policy>,
    first: Slot,
    /// The second and further credentials. Few APIs have any, so that this is one word and not two.
    more: Option<Box<More>>,
    counts: Counts,
}

struct More(Box<[Slot]>);

#[derive(Default)]
struct Counts {
    refreshes: AtomicU64,
    held: AtomicU64,
    replays: AtomicU64,
}

/// What a session has done so far, and what it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Refreshes that were started.
    pub refreshes: u64,
    /// Calls that have waited for a refresh, or wait now.
    pub held: u64,
    /// Repeats that were sent.
    pub replays: u64,
    /// Calls that wait now.
    pub waiting: usize,
    /// Whether a refresh is under way.
    pub refreshing: bool,
}

impl Session {
    /// The session of this process on the place of the store, or a new one.
    pub(crate) fn open(policy: Arc<Policy>, store: Option<Arc<dyn TokenStore>>) -> Self {
        registry::only(store.clone().as_ref(), || Self::new(policy, store))
    }

    pub(crate) fn new(policy: Arc<Policy>, store: Option<Arc<dyn TokenStore>>) -> Self {
        let mut store = store;
        let mut slots = policy
            .credentials
            .iter()
            .map(|_| Slot::new(store.take().map(|store| Box::new(Persistence::new(store)))));
        let first = slots.next().unwrap_or_else(|| Slot::new(None));
        let more: Box<[Slot]> = slots.collect();
        let more = (!more.is_empty()).then(|| Box::new(More(more)));
        let id = next_id();
        Self { inner: Arc::new(Inner { id, policy, first, more, counts: Counts::default() }) }
    }

    /// Which one it is. Clones are the same session and have the same id; siblings have another.
    ///
    /// A client and the siblings of its session share their hooks; the id says which of them an
    /// [`Event`] or the error of `on_logout` is about:
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use perennial::{api_client, Result};
    /// # #[api_client]
    /// # pub trait Shop {
    /// #     #[get("/health")]
    /// #     async fn health(&self) -> Result<()>;
    /// # }
    /// # fn main() -> Result<()> {
    /// let over = Arc::new(Mutex::new(Vec::new()));
    /// let told = Arc::clone(&over);
    /// let shop = ShopClient::builder("http://127.0.0.1:8080")
    ///     .on_logout(move |why| told.lock().unwrap().extend(why.session()))
    ///     .build()?;
    /// let ann = shop.session().sibling();
    /// assert_ne!(ann.id(), shop.session().id());
    /// // When the server ends the session of Ann, `ann.id()` is in the list.
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.inner.id
    }

    /// Another session, signed out, that is renewed in the same way: one for each user of a server.
    ///
    /// It keeps its tokens in memory; see [`sibling_in`](Session::sibling_in) for a store of its own.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::new(Arc::clone(&self.inner.policy), None)
    }

    /// Another session, with the tokens that are kept in `store`, that is renewed in the same way.
    ///
    /// If a session of this process keeps its tokens in the same place, it is that session.
    #[must_use]
    pub fn sibling_in(&self, store: impl TokenStore) -> Self {
        Self::open(Arc::clone(&self.inner.policy), Some(Arc::new(store)))
    }

    /// Signs in with tokens that come from elsewhere. Calls of the user before fail with
    /// [`ErrorKind::SessionChanged`]; a refresh of theirs that is under way is discarded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the access token is empty or cannot travel in a header. A store that
    /// cannot be written is no error: it is told as an [`Event::StoreFailed`].
    pub async fn login(&self, tokens: Tokens) -> Result<()> {
        self.login_at(0, tokens, None).await
    }

    /// As [`login`](Session::login), for one of several credentials.
    ///
    /// # Errors
    ///
    /// As for [`login`](Session::login), and [`ErrorKind::Argument`] for a name that was not declared.
    pub async fn login_as(&self, credential: &str, tokens: Tokens) -> Result<()> {
        self.login_at(self.named(credential)?, tokens, None).await
    }

    /// Signs out: the tokens are gone from memory and from the store, and a refresh that is under way
    /// brings nothing back. It does not wait for the network.
    ///
    /// # Errors
    ///
    /// None today; a store that cannot be written is told as an [`Event::StoreFailed`].
    pub async fn logout(&self) -> Result<()> {
        for index in 0..self.slots() {
            self.logout_at(index, None).await;
        }
        Ok(())
    }

    /// As [`logout`](Session::logout), for one of several credentials; the others stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name that was not declared.
    pub async fn logout_as(&self, credential: &str) -> Result<()> {
        self.logout_at(self.named(credential)?, None).await;
        Ok(())
    }

    /// Renews the token now. Joins the refresh that is under way, if there is one.
    ///
    /// # Errors
    ///
    /// Why the token could not be renewed.
    pub async fn refresh(&self) -> Result<()> {
        self.refresh_at(0, None).await.map(drop)
    }

    /// Marks the present token as over: the next call renews it before it is sent.
    pub fn expire_now(&self) {
        self.inner.first.with(|state| state.gate.expire());
    }

    /// Whether somebody is signed in.
    ///
    /// A session with a store knows it only after its first call, or after [`load`](Session::load).
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.inner.first.with(|state| state.gate.is_signed_in())
    }

    /// The present tokens, for whoever has to hand them on.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        self.tokens_at(0)
    }

    pub(crate) fn tokens_at(&self, index: usize) -> Option<Tokens> {
        self.slot(index).with(|state| state.holding.as_ref().map(|holding| holding.tokens.clone()))
    }

    /// What the session has done so far, and what it is doing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counts = &self.inner.counts;
        let mut stats = Stats {
            refreshes: counts.refreshes.load(Ordering::Relaxed),
            held: counts.held.load(Ordering::Relaxed),
            replays: counts.replays.load(Ordering::Relaxed),
            waiting: 0,
            refreshing: false,
        };
        for index in 0..self.slots() {
            self.slot(index).with(|state| {
                stats.waiting += state.gate.held();
                stats.refreshing |= state.gate.flight().is_some();
            });
        }
        stats
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.inner.policy
    }

    pub(crate) fn slots(&self) -> usize {
        1 + self.inner.more.as_ref().map_or(0, |more| more.0.len())
    }

    pub(crate) fn slot(&self, index: usize) -> &Slot {
        match (index.checked_sub(1), &self.inner.more) {
            (Some(index), Some(more)) => &more.0[index],
            _ => &self.inner.first,
        }
    }

    /// Only a slot of a declared credential is ever asked for its policy.
    pub(crate) fn credential(&self, index: usize) -> &CredentialPolicy {
        &self.inner.policy.credentials[index]
    }

    /// Whether anything can renew this credential.
    pub(crate) fn can_renew(&self, index: usize) -> bool {
        self.credential(index).renew.get().is_some()
    }

    pub(crate) fn named(&self, credential: &str) -> Result<usize> {
        self.inner
            .policy
            .credentials
            .iter()
            .position(|policy| policy.name == credential)
            .ok_or_else(|| {
                Error::new(ErrorKind::Argument)
                    .with_message(format!("no credential named {credential:?} was declared"))
            })
    }

    /// Installs the tokens of a login; `asked` says when and in which epoch it was asked for. Whoever
    /// has signed in or out since goes before.
    pub(crate) async fn login_at(
        &self,
        index: usize,
        tokens: Tokens,
        asked: Option<(u64, SystemTime)>,
    ) -> Result<()> {
        if !tokens.is_usable() {
            return Err(Error::new(ErrorKind::Argument)
                .with_message("the access token is empty or cannot travel in a header"));
        }
        let policy = &self.inner.policy;
        let Some(credential) = policy.credentials.get(index) else {
            return Err(Error::new(ErrorKind::Argument).with_message(
                "the API declares no `auth(..)`, so there is nothing to sign in to",
            ));
        };
        self.tell_unreadable(index, &tokens);
        let wall = policy.clock.wall();
        let at = asked.map_or(wall, |(_, at)| at);
        let holding = Holding::new(tokens, at, wall, credential.early);
        self.skip_loading(index);
        let released = self.slot(index).with(|state| {
            if asked.is_some_and(|(epoch, _)| epoch != state.gate.ticket().epoch) {
                return Err(Error::new(ErrorKind::SessionChanged));
            }
            state.hold(Some(holding));
            Ok(state.gate.login())
        })?;
        self.wake(index, released, None);
        self.look_ahead(index);
        self.keep(index).await;
        Ok(())
    }

    /// Signs out of one credential, if its epoch is still the given one.
    pub(crate) async fn logout_at(&self, index: usize, epoch: Option<u64>) {
        if epoch.is_none() {
            self.load_at(index).await;
        }
        if self.policy().credentials.get(index).is_none() {
            return;
        }
        let released = self.slot(index).with(|state| {
            if epoch.is_some_and(|epoch| epoch != state.gate.ticket().epoch) {
                return None;
            }
            state.hold(None);
            Some(state.gate.logout())
        });
        if let Some(released) = released {
            self.wake(index, released, None);
            self.keep(index).await;
        }
    }

    /// Takes over a token that came in the headers of an answer to an attempt with `ticket`.
    pub(crate) async fn adopt(&self, index: usize, ticket: Ticket, access: &str) {
        let policy = &self.inner.policy;
        let credential = self.credential(index);
        let wall = policy.clock.wall();
        let adopted = self.slot(index).with(|state| {
            let old = state.holding.as_ref()?;
            if !state.gate.is_present(ticket) || old.tokens.access() == access {
                return None;
            }
            let mut tokens = Tokens::new(access);
            if let Some(refresh) = old.tokens.refresh() {
                tokens = tokens.with_refresh(refresh);
            }
            if !tokens.is_usable() || !state.gate.adopt() {
                return None;
            }
            state.hold(Some(Holding::new(tokens, wall, wall, credential.early)));
            Some(())
        });
        if adopted.is_some() {
            policy.emit(&Event::Adopted {
                session: self.id(),
                credential: credential.name,
                source: AdoptedFrom::Answer,
            });
            self.look_ahead(index);
            self.keep(index).await;
        }
    }

    /// Ends the session because an answer to an attempt with `ticket` said so. An answer to an older
    /// token says nothing about the present one. Says whether it counted.
    pub(crate) async fn revoke(&self, index: usize, ticket: Ticket, reason: &Arc<Error>) -> bool {
        let released = self.slot(index).with(|state| {
            let released = state.gate.revoked(ticket, Arc::clone(reason))?;
            state.hold(None);
            Some(released)
        });
        let counted = released.is_some();
        if let Some(released) = released {
            self.tell_lost(index, released, reason);
            self.keep(index).await;
        }
        counted
    }

    /// How long a flight takes at the most, with all that it waits for.
    pub(super) fn longest_flight(&self, index: usize) -> Duration {
        self.span_of_refresh(index).saturating_mul(2).saturating_add(persist::LIMIT * 4)
    }

    /// Renews the token of whoever was signed in at `bound`, and gives the answer of the refresh if
    /// there was one.
    pub(crate) async fn refresh_at(
        &self,
        index: usize,
        bound: Option<u64>,
    ) -> Result<Option<Arc<Received>>> {
        self.load_at(index).await;
        let Some(credential) = self.inner.policy.credentials.get(index) else {
            return Err(Error::new(ErrorKind::Argument)
                .with_message("the API declares no `auth(..)`, so there is nothing to renew"));
        };
        if credential.renew.get().is_none() {
            return Err(nothing_renews());
        }
        self.forbid_reentrance(index)?;
        let now = self.policy().clock.now();
        let (before, admission) = self.slot(index).with(|state| {
            let before = state.gate.ticket();
            if bound.is_some_and(|epoch| epoch != before.epoch) {
                return (before, Entry::Refused(Refusal::Changed));
            }
            let tokenless = credential.tokenless();
            let admission = state.gate.refresh(now, Trigger::Asked, tokenless, &credential.limits);
            (before, self.take_place(index, state, admission))
        });
        match admission {
            Entry::Held(held, launch) => {
                if let Some(launch) = launch {
                    self.take_off(index, launch);
                }
                let woken = held.await;
                match woken.release {
                    Release::Go => self.after_refresh(index, before).map(|()| woken.answer),
                    release => Err(self.not_released(release)),
                }
            }
            Entry::Full(launch) => {
                if let Some(launch) = launch {
                    self.take_off(index, launch);
                }
                Err(Error::new(ErrorKind::QueueFull))
            }
            Entry::Refused(refusal) => Err(self.refused(refusal)),
            Entry::Send(..) | Entry::Bare => Ok(None),
        }
    }

    /// Those who wait are released without an error when a refresh fails while the token is still good.
    /// Whoever asked for the refresh itself is told.
    fn after_refresh(&self, index: usize, before: Ticket) -> Result<()> {
        let now = self.policy().clock.now();
        let credential = self.credential(index);
        let refusal = self.slot(index).with(|state| {
            if state.gate.ticket() == before {
                Err(state.gate.rests(now, &credential.limits))
            } else {
                Ok(())
            }
        });
        refusal.map_err(|refusal| match refusal {
            Some(refusal) => self.refused(refusal),
            None => Error::new(ErrorKind::RefreshFailed)
                .with_message("the task that renewed the token was dropped before its end"),
        })
    }

    pub(crate) fn tell_unreadable(&self, index: usize, tokens: &Tokens) {
        if tokens.expiry_unreadable() {
            let credential = self.credential(index).name;
            self.policy().emit(&Event::LifetimeUnreadable { session: self.id(), credential });
        }
    }

    /// Writes what the session holds now. It has a task of its own: somebody who stops waiting for a
    /// login, a logout or a call must not leave the tokens of before in the store.
    async fn keep(&self, index: usize) {
        if self.slot(index).persistence.is_none() {
            return;
        }
        let (done, written) = oneshot::channel::<()>();
        let session = self.clone();
        let writing = async move {
            session.persist(index).await;
            drop(done);
        };
        match self.policy().spawner.spawn(Box::pin(writing)) {
            // It ends with the write, whatever became of that.
            Ok(()) => drop(written.await),
            Err(writing) => writing.await,
        }
    }

    /// Puts the call into the queue if that is what the gate said. The lock is held.
    fn take_place(
        &self,
        index: usize,
        state: &mut slot::State,
        admission: Admission<Arc<Error>>,
    ) -> Entry {
        match admission {
            Admission::Send(ticket) => Entry::Send(ticket),
            Admission::Bare => Entry::Bare,
            Admission::Refuse(refusal) => Entry::Refused(refusal),
            Admission::Hold(launch) => self.enqueue(index, state, launch),
        }
    }

    fn enqueue(&self, index: usize, state: &mut slot::State, launch: Option<Launch>) -> Entry {
        // A client has at most MOST credentials.
        let slot = index as u8;
        let (waiter, woken) = oneshot::channel();
        match state.gate.hold(waiter, &self.credential(index).limits) {
            Ok(place) => {
                self.inner.counts.held.fetch_add(1, Ordering::Relaxed);
                let flight = state.gate.flight().copied();
                let elsewhere = flight
                    .filter(|_| launch.is_none() && state.flies_on != hold::runtime())
                    .map(hold::Elsewhere::new);
                Entry::Held(Held::new(self.clone(), slot, place, woken, elsewhere), launch)
            }
            Err(_) => Entry::Full(launch),
        }
    }
}

/// What the gate said, with a place in the queue if it said to wait.
enum Entry {
    Send(Ticket),
    Bare,
    Held(Held, Option<Launch>),
    Full(Option<Launch>),
    Refused(Refusal<Arc<Error>>),
}

/// No number is given twice, so that what is said of a session that is gone is never taken for another.
fn next_id() -> SessionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    SessionId::new(NonZeroU64::new(number).expect("nobody opens 2^64 sessions"))
}

fn nothing_renews() -> Error {
    Error::new(ErrorKind::RefreshFailed)
        .with_message("no method is marked `refresh`, and the client was built without a refresh")
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id())
            .field("signed_in", &self.is_signed_in())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

//! The session: what all clients of one signed-in user share.
//!
//! It owns a gate, the tokens and, if there is one, the store. The gate decides under a lock; what it
//! decides is done outside of it. The lock is never held over an await, and no hook, no store and no
//! refresh runs under it; only the clock is asked.

mod admission;
mod call_auth;
mod entry;
mod flight;
mod lost;
mod persist;
pub(crate) mod policy;
mod refresh_ahead;
mod registry;
pub(crate) mod renew;
mod slot;
mod stats;
#[cfg(feature = "tracing")]
mod trace;
mod users;
pub(crate) mod waiter;

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ports::store::TokenStore;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::session_id::SessionId;
use crate::types::tokens::Tokens;
pub(crate) use admission::{Admitted, AfterExpired, AttemptToken, AttemptTokens};
pub(crate) use call_auth::{CallAuth, MOST};
use entry::Entry;
use persist::Persistence;
use policy::{CredentialPolicy, Policy};
use slot::Slot;
use stats::Counts;
pub use stats::Stats;

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

impl Session {
    /// The session of this process on the place of the store, or a new one.
    pub(crate) fn open(policy: Arc<Policy>, store: Option<Arc<dyn TokenStore>>) -> Self {
        registry::only(store.clone().as_ref(), || Self::new(policy, store))
    }

    pub(crate) fn new(policy: Arc<Policy>, store: Option<Arc<dyn TokenStore>>) -> Self {
        let mut slots = policy.credentials.iter().enumerate().map(|(index, credential)| {
            let store = match index {
                0 => store.clone(),
                _ => store.as_ref().and_then(|store| store.for_credential(credential.name)),
            };
            Slot::new(store.map(|store| Box::new(Persistence::new(store))))
        });
        let first = slots.next().unwrap_or_else(|| Slot::new(None));
        let more: Box<[Slot]> = slots.collect();
        let more = (!more.is_empty()).then(|| Box::new(More(more)));
        let id = next_id();
        Self { inner: Arc::new(Inner { id, policy, first, more, counts: Counts::default() }) }
    }

    /// Which one it is. Clones are the same session and have the same id; siblings have another.
    ///
    /// A client and the siblings of its session share their hooks; the id says which of them an
    /// [`Event`](crate::Event) or the error of `on_logout` is about:
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
    /// It keeps its tokens in memory; see [`sibling_in`](Session::sibling_in) for a store of its own. The
    /// hooks of the client are told of it too, with its [`id`](Session::id).
    ///
    /// Sessions of one client share its cookie store, if it was given one; see
    /// [`http`](crate::ClientBuilder::http).
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
    /// cannot be written is no error: it is told as an
    /// [`Event::StoreFailed`](crate::Event::StoreFailed).
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
    /// brings nothing back. It asks no server of the API, and waits only for the store, if there is one:
    /// for ten seconds at most with each question.
    ///
    /// # Errors
    ///
    /// None today; a store that cannot be written is told as an
    /// [`Event::StoreFailed`](crate::Event::StoreFailed).
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

    /// Renews the token now, of the first credential where there are several. Joins the refresh that is under way, if there is one.
    ///
    /// # Errors
    ///
    /// Why the token could not be renewed.
    pub async fn refresh(&self) -> Result<()> {
        self.refresh_at(0, None).await.map(drop)
    }

    /// As [`refresh`](Session::refresh), for one of several credentials.
    ///
    /// # Errors
    ///
    /// As for [`refresh`](Session::refresh), and [`ErrorKind::Argument`] for a name that was not declared.
    pub async fn refresh_as(&self, credential: &str) -> Result<()> {
        self.refresh_at(self.named(credential)?, None).await.map(drop)
    }

    /// Marks the present token as over, of the first credential where there are several: the next call
    /// renews it before it is sent.
    pub fn expire_now(&self) {
        self.expire_at(0);
    }

    /// As [`expire_now`](Session::expire_now), for one of several credentials.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name that was not declared.
    pub fn expire_now_as(&self, credential: &str) -> Result<()> {
        self.expire_at(self.named(credential)?);
        Ok(())
    }

    /// Whether somebody is signed in, with the first credential where there are several.
    ///
    /// A session with a store knows it only after its first call, or after [`load`](Session::load).
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.is_signed_in_at(0)
    }

    /// As [`is_signed_in`](Session::is_signed_in), for one of several credentials.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name that was not declared.
    pub fn is_signed_in_as(&self, credential: &str) -> Result<bool> {
        Ok(self.is_signed_in_at(self.named(credential)?))
    }

    /// The present tokens, of the first credential where there are several, for whoever has to hand them
    /// on.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        self.tokens_at(0)
    }

    /// As [`tokens`](Session::tokens), for one of several credentials.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name that was not declared.
    pub fn tokens_as(&self, credential: &str) -> Result<Option<Tokens>> {
        Ok(self.tokens_at(self.named(credential)?))
    }

    fn expire_at(&self, index: usize) {
        self.slot(index).with(|state| state.gate.expire());
    }

    fn is_signed_in_at(&self, index: usize) -> bool {
        self.slot(index).with(|state| state.gate.is_signed_in())
    }

    pub(crate) fn tokens_at(&self, index: usize) -> Option<Tokens> {
        self.slot(index).with(|state| state.holding.as_ref().map(|holding| holding.tokens.clone()))
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
}

/// No number is given twice, so that what is said of a session that is gone is never taken for another.
fn next_id() -> SessionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    SessionId::new(NonZeroU64::new(number).expect("nobody opens 2^64 sessions"))
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

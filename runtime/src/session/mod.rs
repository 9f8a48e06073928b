//! The session: state that all clients of one signed-in user share.
//!
//! It owns a gate, the tokens and, if there is one, the store. The gate decides under a lock; the session acts on
//! the decision outside of the lock. The lock is never held across an await, and no hook, store or refresh runs
//! under it; only the clock is read.

mod admission;
mod attempt_tokens;
mod call_auth;
mod credential;
mod flight;
mod has_session;
mod installed;
mod keyed;
mod leave;
mod lost;
pub(crate) mod other_names;
mod permit;
mod persist;
pub(crate) mod policy;
mod refresh;
mod refresh_ahead;
mod registry;
pub(crate) mod renew;
mod slot;
mod stats;
#[cfg(feature = "tracing")]
mod trace;
mod users;
mod wait;
pub(crate) mod waiter;

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::logic::mask;
use crate::ports::store::{StoreError, TokenStore};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::session_id::SessionId;
use crate::types::tokens::{IntoTokens, Tokens};
pub(crate) use admission::{Admitted, endpoint_id};
pub(crate) use attempt_tokens::{AttemptToken, AttemptTokens};
pub(crate) use call_auth::{CallAuth, MOST};
pub use credential::SessionCredential;
pub use has_session::HasSession;
use keyed::{Keys, OfKey};
pub(crate) use leave::Leave;
pub(crate) use permit::Permit;
use persist::Persistence;
use policy::{CredentialPolicy, Policy};
use slot::Slot;
pub use stats::Stats;

include!("never.rs");

/// One signed-in user: the tokens, the refresh that renews them, and the calls that wait for this refresh.
///
/// It is cheap to clone, and all clones are the same session. Clients that share a session share its refresh; two
/// sessions never do.
///
/// A call whose token has expired is replayed at most once, with one exception: if the replay carried a token from a
/// store that processes share, and that token has expired too, the token is refreshed, and the call is sent a third and
/// last time.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    id: SessionId,
    policy: Arc<Policy>,
    first: Slot,
    /// Further credentials, and tokens by key. Few APIs have any, so this takes one word instead of two.
    more: Option<Box<More>>,
}

struct More {
    slots: Box<[Slot]>,
    /// The tokens by key.
    keys: Option<Keys>,
    /// The key of which it is the session.
    of_key: Option<OfKey>,
}

impl Session {
    /// The session of this process for the location of the store, or a new one.
    ///
    /// # Errors
    ///
    /// The tokens there are in use under another key, or in plain text.
    pub(crate) fn of_location(
        policy: Arc<Policy>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Result<Self> {
        Self::opened(policy, store)
            .map_err(|it| Error::of_kind(ErrorKind::Build).with_message(other_key(&it.location)))
    }

    fn opened(
        policy: Arc<Policy>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Result<Self, registry::OtherKey> {
        let realm = policy.realm.clone();
        registry::only(store.clone().as_ref(), realm.as_deref(), || Self::of_policy(policy, store))
    }

    /// The name of the key of its store.
    fn encryption(&self) -> Option<String> {
        (0..self.slots()).find_map(|slot| self.slot(slot).persistence.as_ref()?.encryption())
    }

    pub(crate) fn of_policy(policy: Arc<Policy>, store: Option<Arc<dyn TokenStore>>) -> Self {
        let mut slots = policy.credentials.iter().enumerate().map(|(index, credential)| {
            let store = match index {
                _ if !credential.derived_from.is_empty() => None,
                0 => store.clone(),
                _ => store.as_ref().and_then(|store| store.for_credential(credential.name)),
            };
            let realm = policy.realm.as_ref();
            Slot::new(store.map(|store| Box::new(Persistence::new(store, realm, credential.name))))
        });
        let first = slots.next().unwrap_or_else(|| Slot::new(None));
        let more: Box<[Slot]> = slots.collect();
        let keys = policy.credentials.iter().any(|each| each.keyed).then(Keys::default);
        let has_more = !more.is_empty() || keys.is_some();
        let more = has_more.then(|| Box::new(More { slots: more, keys, of_key: None }));
        let id = next_id();
        Self { inner: Arc::new(Inner { id, policy, first, more }) }
    }

    /// The id of this session. Clones are the same session and have the same id; siblings have another.
    ///
    /// A client and the siblings of its session share their hooks; the id tells which session an
    /// [`Event`](crate::Event) or the error of `on_logout` belongs to:
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
    /// let ended = Arc::new(Mutex::new(Vec::new()));
    /// let ended_too = Arc::clone(&ended);
    /// let shop = ShopClient::builder("http://127.0.0.1:8080")
    ///     .on_logout(move |why| ended_too.lock().unwrap().extend(why.session()))
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

    /// Creates another session with the same settings, signed out: use one for each user of a server.
    ///
    /// It keeps its tokens in memory; see [`sibling_in`](Session::sibling_in) for a separate store. The hooks of
    /// the client are called for it too, with its [`id`](Session::id).
    ///
    /// The sessions of one client share its cookie store, if it has one; see [`http`](crate::ClientBuilder::http).
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::of_policy(Arc::clone(&self.inner.policy), None)
    }

    /// Creates another session with the same settings, which keeps its tokens in `store`.
    ///
    /// If a session of this process already uses the same location, that session is returned. If its store has another
    /// encryption key, or none, it keeps its own store and reports the difference as
    /// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed), since this method cannot fail;
    /// [`build`](crate::ClientBuilder::build) refuses such a store.
    #[must_use]
    pub fn sibling_in(&self, store: impl TokenStore) -> Self {
        let opened = Self::opened(Arc::clone(&self.inner.policy), Some(Arc::new(store)));
        opened.unwrap_or_else(|registry::OtherKey { session, location }| {
            session.emit_store_failed(0, StoreError::failed(other_key(&location)));
            session
        })
    }

    /// Signs in with tokens that do not come from a `login` method. Calls that the previous user started fail with
    /// [`ErrorKind::SessionChanged`]; a refresh of that user that is in progress is discarded.
    ///
    /// ```
    /// # use perennial::{Result, Session};
    /// # async fn run(session: Session) -> Result<()> {
    /// session.login("access-token").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the access token cannot be sent, since it is empty, for example. A store that cannot be
    /// written is not an error here: it is reported as [`EventKind::StoreFailed`](crate::EventKind::StoreFailed).
    pub fn login(&self, tokens: impl IntoTokens) -> impl Future<Output = Result<()>> + Send {
        let tokens = tokens.into_tokens();
        async move { self.login_at(0, tokens, None).await }
    }

    /// Signs out of all credentials: the tokens are removed from memory and from the store, and a refresh that is in
    /// progress does not restore them. No request is sent to the API. With a store, it waits for at most ten seconds
    /// per step: to load the tokens, and to remove them.
    ///
    /// # Errors
    ///
    /// Never fails today. A store that cannot be written is reported as
    /// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed).
    pub async fn logout(&self) -> Result<()> {
        self.logout_of((0..self.slots()).map(|index| (index, None))).await;
        Ok(())
    }

    /// Refreshes the token now, or joins the refresh that is in progress.
    ///
    /// # Errors
    ///
    /// The reason why the token could not be renewed.
    pub async fn refresh(&self) -> Result<()> {
        self.refresh_at(0, None).await.map(drop)
    }

    /// Marks the current token as expired, so that the next call refreshes it before sending. During a refresh, this
    /// also applies to the token that the refresh returns, which was requested earlier.
    pub fn expire_now(&self) {
        self.expire_at(0);
    }

    /// Whether a user is signed in.
    ///
    /// With a store this is false until the store is loaded, by the first call or by [`load`](Session::load), even if
    /// it has tokens from the last run. A program that signs in only if nobody is signed in loads it first:
    ///
    /// ```
    /// # use perennial::{Result, Session, Tokens};
    /// # async fn tokens_of_the_user() -> Result<Tokens> { Ok(Tokens::new("access")) }
    /// # async fn run(session: Session) -> Result<()> {
    /// session.load().await;
    /// if !session.is_signed_in() {
    ///     session.login(tokens_of_the_user().await?).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.is_signed_in_at(0)
    }

    /// The current tokens, for code that passes them on.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        self.tokens_at(0)
    }

    fn expire_at(&self, index: usize) {
        self.slot(index).with(|state| state.gate.expire());
    }

    fn is_signed_in_at(&self, index: usize) -> bool {
        self.slot(index).with(|state| state.gate.is_signed_in())
    }

    pub(crate) fn tokens_at(&self, index: usize) -> Option<Tokens> {
        self.slot(index)
            .with(|state| state.installed.as_ref().map(|installed| installed.tokens.clone()))
    }

    /// The tokens before the current ones, which a server may still quote.
    pub(crate) fn former_tokens_at(&self, index: usize) -> Option<Tokens> {
        self.slot(index).with(|state| state.former().cloned())
    }

    /// The texts that nothing may show: the current tokens, and these.
    fn secrets(&self, more: Option<&Tokens>) -> Vec<Vec<u8>> {
        let present = (0..self.slots()).filter_map(|slot| self.tokens_at(slot));
        let mut secrets = Vec::new();
        for tokens in present.chain(more.cloned()) {
            secrets.push(tokens.access().into());
            secrets.extend(tokens.refresh().map(Into::into));
            let extras = tokens.extras().filter(|(name, _)| mask::is_secret_name(name));
            secrets.extend(extras.map(|(_, value)| value.into()));
        }
        secrets
    }

    /// The current tokens, if they belong to this user; without a user, in any case.
    pub(crate) fn tokens_in(&self, index: usize, epoch: Option<u32>) -> Result<Tokens> {
        let (is_other, tokens) = self.slot(index).with(|state| {
            let is_other = epoch.is_some_and(|epoch| epoch != state.gate.ticket().epoch);
            (is_other, state.installed.as_ref().map(|installed| installed.tokens.clone()))
        });
        if is_other {
            return Err(self.changed(index));
        }
        tokens.ok_or_else(|| Error::of_kind(ErrorKind::SignedOut))
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.inner.policy
    }

    pub(crate) fn slots(&self) -> usize {
        1 + self.root().inner.more.as_ref().map_or(0, |more| more.slots.len())
    }

    pub(crate) fn slot(&self, index: usize) -> &Slot {
        let Some(more) = &self.inner.more else { return &self.inner.first };
        match (&more.of_key, index.checked_sub(1)) {
            (Some(of_key), _) => of_key.slot(index),
            (None, Some(index)) => &more.slots[index],
            (None, None) => &self.inner.first,
        }
    }

    /// The policy of a declared credential.
    pub(crate) fn policy_of(&self, index: usize) -> &CredentialPolicy {
        &self.inner.policy.credentials[index]
    }

    /// Why calls cannot carry an access token, if they cannot.
    pub(crate) fn unusable(&self, index: usize, tokens: &Tokens) -> Option<&'static str> {
        match self.policy().credentials.get(index) {
            Some(credential) => credential.unusable(tokens),
            None => tokens.unusable(),
        }
    }

    /// Whether anything can renew this credential.
    pub(crate) fn can_renew(&self, index: usize) -> bool {
        self.policy_of(index).renew.get().is_some()
    }

    pub(crate) fn named(&self, credential: &str) -> Result<usize> {
        self.inner
            .policy
            .credentials
            .iter()
            .position(|policy| std::ptr::eq(policy.name, credential) || policy.name == credential)
            .ok_or_else(|| {
                Error::of_kind(ErrorKind::Argument)
                    .with_message(format!("no credential named {credential:?} was declared"))
            })
    }
}

fn other_key(location: &str) -> String {
    format!(
        "another client of this process keeps the tokens of {location} under another key, or in plain text: use the same \
         `encrypted(..)` for all"
    )
}

/// No number is used twice, so that a late event of a session that no longer exists is never mistaken for
/// another's.
fn next_id() -> SessionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    SessionId::new(NonZeroU64::new(number).expect("a process opens fewer than 2^64 sessions"))
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

//! Binds stored tokens to the realm that issued them, and to their credential.

use std::ops::Deref;
use std::sync::Arc;

use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, Stored, TokenStore, Version};

/// A store whose tokens belong to one realm: the origin of the base URL, or a name that the user gave. Tokens of
/// another realm are neither loaded nor overwritten. Tokens of another credential, which an earlier version of the
/// trait declared first, are not loaded; this program looks for them elsewhere, so they may be overwritten.
pub(super) struct RealmStore {
    store: Arc<dyn TokenStore>,
    realm: Option<Arc<str>>,
    credential: &'static str,
}

impl RealmStore {
    pub(super) const fn new(
        store: Arc<dyn TokenStore>,
        realm: Option<Arc<str>>,
        credential: &'static str,
    ) -> Self {
        Self { store, realm, credential }
    }

    pub(super) fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            let loaded = self.store.load().await?;
            match loaded.as_ref().map(|stored| self.check(stored)) {
                Some(Err(error)) => Err(error),
                _ => Ok(loaded),
            }
        })
    }

    /// Records of earlier versions have no realm and no credential. The next save adds them.
    fn check(&self, stored: &Stored) -> Result<(), StoreError> {
        if let Some((stored, realm)) = stored.realm.as_deref().zip(self.realm.as_deref())
            && stored != realm
        {
            let (stored, expected) = (stored.to_owned(), realm.to_owned());
            return Err(StoreError::OtherRealm { stored, expected });
        }
        match stored.credential.as_deref() {
            Some(stored) if stored != self.credential => {
                let (stored, expected) = (stored.to_owned(), self.credential.to_owned());
                Err(StoreError::OtherCredential { stored, expected })
            }
            _ => Ok(()),
        }
    }

    /// The expected version was loaded here, so the tokens that are replaced belong to this realm and credential.
    /// Without an expected version, the store may contain tokens of another credential.
    pub(super) fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let saved = self.store.save(next, expected).await;
            if !matches!(saved, Err(StoreError::Conflict)) || expected.is_some() {
                return saved;
            }
            match self.store.load().await? {
                Some(found)
                    if matches!(self.check(&found), Err(StoreError::OtherCredential { .. })) =>
                {
                    self.store.save(next, Some(found.version)).await
                }
                _ => saved,
            }
        })
    }

    pub(super) const fn credential(&self) -> &'static str {
        self.credential
    }
}

/// Everything but loading and saving is left to the store.
impl Deref for RealmStore {
    type Target = dyn TokenStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

//! One of several credentials of a session.

use std::fmt;
use std::iter::once;

use super::Session;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::{IntoTokens, Tokens};

/// One credential of a session, for APIs that declare several; see
/// [`Session::credential`](Session::credential).
///
/// ```
/// use perennial::SessionCredential;
///
/// /// Signs out of the device, and stays signed in as the user.
/// async fn forget(device: SessionCredential) -> perennial::Result<()> {
///     assert_eq!(device.name(), "device");
///     device.logout().await
/// }
/// ```
#[derive(Clone)]
pub struct SessionCredential {
    session: Session,
    index: usize,
}

impl Session {
    /// Returns the credential with this name, for APIs that declare several. The methods of the session itself apply to
    /// the first credential, except [`logout`](Session::logout), which signs out of all.
    ///
    /// ```
    /// # use perennial::{api_client, Result};
    /// # #[api_client(
    /// #     auth(header = "X-Token", logout(status = 401)),
    /// #     auth(name = "device", header = "X-Device", logout(status = 403)),
    /// # )]
    /// # pub trait Fleet {
    /// #     #[get("/health")]
    /// #     async fn health(&self) -> Result<()>;
    /// # }
    /// # async fn run(fleet: FleetClient) -> Result<()> {
    /// let device = fleet.session().credential("device")?;
    /// if device.is_signed_in() {
    ///     device.logout().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a name that was not declared.
    pub fn credential(&self, name: &str) -> Result<SessionCredential> {
        Ok(SessionCredential { session: self.clone(), index: self.named(name)? })
    }
}

impl SessionCredential {
    /// Selects the token of one key, for a credential that is declared with `auth(key = ..)`. Without this, the methods
    /// apply to the empty key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a credential without keys.
    pub fn of_key(&self, key: &str) -> Result<Self> {
        if !self.session.policy_of(self.index).keyed {
            return Err(Error::of_kind(ErrorKind::Argument)
                .with_message(format!("the credential {:?} has no keys", self.name())));
        }
        Ok(Self { session: self.session.of_key(self.index, key), index: self.index })
    }

    /// The name of the credential; `""` if it was declared without one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.session.policy_of(self.index).name
    }

    /// Like [`Session::login`], but for this credential. The others are not affected.
    ///
    /// # Errors
    ///
    /// Those of [`Session::login`].
    pub fn login(&self, tokens: impl IntoTokens) -> impl Future<Output = Result<()>> + Send {
        let tokens = tokens.into_tokens();
        async move { self.session.login_at(self.index, tokens, None).await }
    }

    /// Like [`Session::logout`], but for this credential. The others are not affected.
    ///
    /// # Errors
    ///
    /// Those of [`Session::logout`].
    pub async fn logout(&self) -> Result<()> {
        self.session.logout_of(once((self.index, None))).await;
        Ok(())
    }

    /// Like [`Session::refresh`], but for this credential.
    ///
    /// # Errors
    ///
    /// Those of [`Session::refresh`].
    pub async fn refresh(&self) -> Result<()> {
        self.session.refresh_at(self.index, None).await.map(drop)
    }

    /// Like [`Session::expire_now`], but for this credential.
    pub fn expire_now(&self) {
        self.session.expire_at(self.index);
    }

    /// Like [`Session::is_signed_in`], but for this credential.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.session.is_signed_in_at(self.index)
    }

    /// Like [`Session::tokens`], but for this credential.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        self.session.tokens_at(self.index)
    }
}

impl fmt::Debug for SessionCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCredential")
            .field("name", &self.name())
            .field("session", &self.session.id())
            .field("signed_in", &self.is_signed_in())
            .finish_non_exhaustive()
    }
}

//! The tokens that a server issues.

use std::time::Duration;

use super::Server;
use crate::issued::Issued;
use crate::issuer::Issuer;

impl Server {
    /// The tokens of a credential, by its index in [`with_credentials`](Self::with_credentials); the first is 0.
    #[must_use]
    pub fn credential(&self, place: usize) -> Tokens<'_> {
        Tokens(&self.shared.issuers[place])
    }

    /// The tokens of the first credential; the methods below are short forms for it.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        self.credential(0)
    }

    /// Gives a user a first token set, as a login would; this does not count as a login.
    #[must_use]
    pub fn issue(&self, user: &str) -> Issued {
        self.first().open(user)
    }

    /// Expires all current access tokens.
    pub fn expire_all(&self) {
        self.first().expire_all();
    }

    /// Revokes all current tokens, including refresh tokens.
    pub fn revoke_all(&self) {
        self.first().revoke_all();
    }

    /// Sets how long tokens live that are issued from now on, on tokio's clock.
    pub fn live_for(&self, ttl: Duration) {
        self.first().live_for(Some(ttl));
    }

    /// Makes every access token expire after this many uses.
    pub fn expire_after_uses(&self, uses: u64) {
        self.first().expire_after_uses(Some(uses));
    }

    /// Sets whether every token counts as expired, however new it is, as on a server whose clock is broken.
    pub fn always_expired(&self, always: bool) {
        self.first().always_expired(always);
    }

    /// Allows the test to reuse a refresh token: dropping the server then does not panic.
    pub fn expect_reuse(&self) {
        self.shared.issuers.iter().for_each(Issuer::expect_reuse);
    }
}

/// The tokens of one credential.
///
/// ```
/// use perennial_test::Server;
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// # shop.login("ann").await?;
/// server.tokens().expire_after_uses(Some(1)); // each token is good for one call
/// shop.stock(7).await?;
/// shop.stock(7).await?;
/// assert_eq!((server.tokens().expiries(), server.tokens().newest()), (1, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Tokens<'a>(&'a Issuer);

impl Tokens<'_> {
    /// Gives a user a first token set; this does not count as a login.
    #[must_use]
    pub fn issue(&self, user: &str) -> Issued {
        self.0.open(user)
    }

    /// Expires all current access tokens.
    pub fn expire_all(&self) {
        self.0.expire_all();
    }

    /// Revokes all current tokens.
    pub fn revoke_all(&self) {
        self.0.revoke_all();
    }

    /// Sets how long tokens live that are issued from now on; with `None`, forever.
    pub fn live_for(&self, ttl: Option<Duration>) {
        self.0.live_for(ttl);
    }

    /// Sets the lifetime that responses state from now on. By default it is the real lifetime, or two hours for tokens
    /// that never expire.
    pub fn state_lifetime(&self, lifetime: Duration) {
        self.0.state_lifetime(lifetime);
    }

    /// Makes every access token expire after this many uses; with `None`, never.
    pub fn expire_after_uses(&self, uses: Option<u64>) {
        self.0.expire_after_uses(uses);
    }

    /// Sets whether every token counts as expired, however new it is.
    pub fn always_expired(&self, always: bool) {
        self.0.always_expired(always);
    }

    /// Refreshes that reached the issuer.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.0.tally().refreshes
    }

    /// Refreshes that returned new tokens.
    #[must_use]
    pub fn rotations(&self) -> usize {
        self.0.tally().rotations
    }

    /// Calls with an expired token.
    #[must_use]
    pub fn expiries(&self) -> usize {
        self.0.tally().expiries
    }

    /// The number of the newest token set of all users.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.0.newest_generation()
    }
}

impl std::fmt::Debug for Tokens<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tokens").field(&self.0.tally()).finish()
    }
}

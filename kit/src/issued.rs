//! Token sets that the server has issued, and its verdicts on the tokens that arrive.

use std::fmt;
use std::time::Duration;

/// A token set, as a login or a refresh returns it.
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
/// let issued = server.issue("ann"); // signed in, without a request
/// assert_eq!((&*issued.user, issued.generation), ("ann", 1));
/// shop.session().login(Tokens::new(issued.access)).await?;
/// assert_eq!(shop.stock(7).await?, 14);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Issued {
    /// The token that calls carry.
    pub access: String,
    /// The token that the next refresh presents, if it is not the access token itself.
    pub refresh: Option<String>,
    /// The lifetime that the response states.
    pub lifetime: Duration,
    /// When the token set was issued, by the server's clock, since 1970.
    pub at: Duration,
    /// The user who is signed in with the token set.
    pub user: String,
    pub(crate) is_lifetime_stated: bool,
    /// The number of the token set within its login, from 1.
    pub generation: u64,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, generation, lifetime, .. } = self;
        write!(f, "Issued({user}, generation {generation}, for {lifetime:?})")
    }
}

/// The server's verdict on the token of a request.
///
/// ```
/// use perennial_test::{Server, Verdict};
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
/// shop.login("ann").await?;
/// server.expire_all();
/// shop.stock(7).await?;
/// let calls = server.recorded_on("/stock/7");
/// assert!(matches!(calls[0].verdict, Verdict::Expired { generation: 1, .. }));
/// assert_eq!(calls[1].verdict, Verdict::Good { user: "ann".to_owned(), generation: 2 });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Not checked: the route is public, or the response was scripted.
    Unchecked,
    /// There was no token.
    Missing,
    /// The token was never issued, or its whole family was revoked.
    Unknown,
    /// The token has expired.
    Expired {
        /// Whose token it was.
        user: String,
        /// Which token set of the login.
        generation: u64,
        /// Whether a newer token set already existed.
        late: bool,
    },
    /// The token is valid.
    Good {
        /// Whose token it is.
        user: String,
        /// Which token set of the login.
        generation: u64,
    },
}

impl Verdict {
    /// Whose token it was, if it was ever issued.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Good { user, .. } | Self::Expired { user, .. } => Some(user),
            Self::Unchecked | Self::Missing | Self::Unknown => None,
        }
    }
}

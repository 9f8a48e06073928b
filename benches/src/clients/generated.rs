//! perennial.

use perennial::{Result, Tokens, api_client};

use super::Order;

/// The same API, declared.
#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub(crate) trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
    /// The same without a session: what the other is longer is the session's part.
    #[get("/open/{id}", public)]
    async fn open(&self, id: u64) -> Result<Order>;
}

/// A client that is signed in.
pub(crate) async fn client(
    http: reqwest::ClientBuilder,
    base: &str,
    token: &str,
) -> Result<ShopClient> {
    let shop = ShopClient::builder(base).http(http).build()?;
    shop.session().login(Tokens::new(token)).await?;
    Ok(shop)
}

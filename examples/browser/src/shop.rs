//! The article's API. The trait is the one that a native program would use.

use perennial::{Result, Tokens, api_client};
use serde::{Deserialize, Serialize};

/// Who signs in.
#[derive(Debug, Serialize)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

/// An order of the shop.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Order {
    pub id: u64,
    pub title: String,
}

/// The shop's API.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
pub trait Shop {
    /// Signs in. The tokens that come back become the session's.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;

    /// Renews the session. Carries the old token.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    /// The newest orders.
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32) -> Result<Vec<Order>>;
}

//! The API that most cases speak: the article's.

use perennial::{Bytes, Response, Result, Tokens, api_client};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Who {
    pub user: &'static str,
    pub password: &'static str,
}

impl Who {
    pub const fn named(user: &'static str) -> Self {
        Self { user, password: "right" }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    pub title: String,
}

/// The shop of the article.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    /// Signs in.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;

    /// Renews the session.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// Signs out.
    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    /// An order with its headers.
    #[get("/orders/{id}")]
    async fn order_response(&self, id: u64) -> Result<Response<Order>>;

    /// Places an order.
    #[post("/orders")]
    async fn place(&self, #[json] order: &Value) -> Result<Order>;

    /// Places an order that is not placed again, whatever happens.
    #[post("/orders", replay = off)]
    async fn place_once(&self, #[json] order: &Value) -> Result<Order>;

    /// Responds at once.
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;

    /// Responds after a delay.
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;

    /// Carries a token if there is one.
    #[get("/fast", optional)]
    async fn news(&self) -> Result<Value>;

    /// Needs no token.
    #[get("/health", public)]
    async fn health(&self) -> Result<()>;

    /// Tells what arrived.
    #[put("/echo/{place}")]
    async fn echo(
        &self,
        place: &str,
        #[query] tag: &[&str],
        #[header("X-Trace")] trace: &str,
        #[json] body: &Value,
    ) -> Result<Value>;

    /// Bytes, as they are.
    #[get("/download")]
    async fn download(&self, #[query] bytes: u64) -> Result<Bytes>;
}

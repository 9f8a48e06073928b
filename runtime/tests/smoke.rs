//! What a user writes compiles and runs.
#![allow(missing_docs, clippy::unwrap_used)]
use perennial::{Bytes, Response, Result, Tokens, api_client};

#[derive(serde::Serialize)]
pub struct Credentials {
    name: String,
}
#[derive(serde::Deserialize, Debug)]
pub struct Order {
    pub id: u64,
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> Result<Vec<Order>>;
    #[get("/raw")]
    async fn raw(&self) -> Result<Response<Bytes>>;
    #[get("/opt")]
    async fn opt(
        &self,
        #[query] q: Option<&str>,
        #[header("x-a")] a: Option<u8>,
    ) -> Result<Option<Order>>;
    #[get("/health", public)]
    async fn health(&self) -> Result<()>;
}

#[tokio::test]
async fn compiles() {
    let shop = ShopClient::builder("http://127.0.0.1:1").build().unwrap();
    let error = shop.order(1).await.unwrap_err();
    assert!(error.is_signed_out(), "{error}");
    let error = shop.health().await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    println!("{error}");
}

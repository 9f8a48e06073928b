#![deny(deprecated)]

use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "device", header = "Authorization", expired(status = 419))
)]
pub trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/device", refresh("device"))]
    async fn renew_device(&self) -> Result<Tokens>;
    #[get("/orders")]
    async fn orders(&self) -> Result<Vec<u64>>;
    #[get("/orders/count")]
    async fn count(&self) -> Result<u64>;
}

#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "device", header = "Authorization", expired(status = 419))
)]
pub trait Fleet {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/device", refresh("device"))]
    async fn renew_device(&self) -> Result<Tokens>;
    #[get("/orders", auth("device" = off))]
    async fn orders(&self) -> Result<Vec<u64>>;
    #[get("/telemetry", auth("" = off))]
    async fn telemetry(&self) -> Result<u64>;
}

fn main() {}

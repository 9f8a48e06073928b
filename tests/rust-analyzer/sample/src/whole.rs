//! A declaration without a mistake.

use perennial::{Result, Tokens, api_client};

/// A shop.
#[api_client(base = "/api", auth(bearer, expired(status = 401)))]
pub trait Shop {
    /// Refreshes.
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}", timeout = "5s")]
    async fn order(&self, id: u64) -> Result<String>;

    /// All orders.
    #[get("/orders")]
    async fn all_orders(&self, #[query] page: u32) -> Result<Vec<String>>;
}

pub async fn use_it(shop: ShopClient) -> Result<String> {
    let _orders = shop.all_orders(1).await?;
    let order = shop.order(1);
    order.await
}

//! A declaration with nothing wrong.

use perennial::{Result, api_client};

/// A shop.
#[api_client(base = "/api")]
pub trait Shop {
    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<String>;

    /// All orders.
    #[get("/orders")]
    async fn all_orders(&self, #[query] page: u32) -> Result<Vec<String>>;
}

pub async fn use_it(shop: ShopClient) -> Result<String> {
    let _orders = shop.all_orders(1).await?;
    shop.order(1).await
}

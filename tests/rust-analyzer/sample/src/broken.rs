//! A declaration with mistakes, while it is typed.

use perennial::{Result, api_client};

/// A shop.
#[api_client(timout = "10s")] // error: unknown option
pub trait Shop {
    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<String>;

    #[get("/users/{id")] // error: unclosed `{`
    async fn user(&self, id: u64) -> Result<String>;

    /// Half a method.
    #[get("/half/{id}")]
    async fn half(&self, id: ) -> Result<String>; // error: expected type

    /// All orders.
    #[get("/orders")]
    async fn all_orders(&self, #[qurey] page: u32) -> Result<Vec<String>>; // error: unknown role
}

pub async fn use_it(shop: ShopClient) -> Result<String> {
    let _orders = shop.all_orders(1).await?;
    shop.order(1).await
}

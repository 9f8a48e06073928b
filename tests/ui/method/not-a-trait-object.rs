use std::any::Any;

use perennial::{Result, api_client};
use serde::Serialize;

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn add(&self, #[json] order: &dyn Serialize) -> Result<()>;

    #[put("/orders")]
    async fn put(&self, #[json] order: Box<dyn serde::Serialize>) -> Result<()>;

    #[get("/orders")]
    async fn any(&self) -> Result<Box<dyn Any>>;
}

async fn use_it(shop: ShopClient) -> Result<()> {
    shop.add(&1).await
}

fn main() {}
